"""Which light blocks lead from a trusted header to a height."""

from collections.abc import Callable
from fractions import Fraction
from functools import cache

from sogdia.client.light.blocks import LightBlock, LightBlockRefused
from sogdia.client.light.chain import TRUST_LEVEL, Known, TooFewTrusted, advance, known


def bridge(
    fetch: Callable[[int], LightBlock],
    start: LightBlock | Known,
    target_height: int,
    level: Fraction = TRUST_LEVEL,
) -> tuple[LightBlock, ...]:
    """The blocks above `start` up to the target, which is the last, that skipping verification needs.

    From each, the farthest that can be reached is found by bisection: about log2 of the distance in fetches for each
    block, and none but the target where one skip is enough. They are the fewest as long as validators that have left
    stay away, but for one more where a trusted set leaves all at once. Whatever `fetch` raises goes through; a block
    that does not hold raises LightBlockRefused.
    """
    here = known(start) if isinstance(start, LightBlock) else start
    if target_height < here.header.height:
        raise LightBlockRefused(f"height {target_height} lies before the trusted height {here.header.height}")
    fetched, found = cache(fetch), list[LightBlock]()
    while here.header.height < target_height:
        block = _farthest(fetched, here, target_height, level)
        advance(here, block, level)
        found.append(block)
        here = known(block)
    return tuple(found)


def _farthest(fetch: Callable[[int], LightBlock], here: Known, target: int, level: Fraction) -> LightBlock:
    # Invariant: `near` can be reached, and gone on from unless it is the next block; `far` cannot.
    if _leads(fetch(target), here, level):
        return fetch(target)
    near, far = here.header.height + 1, target
    while far - near > 1:
        middle = (near + far) // 2
        block = fetch(middle)
        if _leads(block, here, level) and known(block).next_validators is not None:
            near = middle
        else:
            far = middle
    return fetch(near)


def _leads(block: LightBlock, here: Known, level: Fraction) -> bool:
    try:
        advance(here, block, level)
    except TooFewTrusted:
        return False
    return True
