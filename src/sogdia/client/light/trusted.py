"""The file that a person begins with: a header that is believed, and the validators of the height after it.

What is believed comes from somebody's word, by another way than the evidence; people compare `fingerprint`. Nothing
else in the file can make a verifier accept what the network did not decide: the chain and the validators stand under
the header's hash, and a wrong network or origin makes true evidence fail.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from sogdia.client.light.blocks import BlockHeader, LightBlock, LightBlockRefused, Validator, Validators, set_hash
from sogdia.client.light.chain import Known, check_itself

FORMAT: Final = "sogdia-trusted/1"
SIZE_LIMIT_BYTES: Final = 4 * 1024 * 1024


class TrustedUnreadable(ValueError):
    """The file holds no trusted header; the message says what was expected where."""


class Trusted(msgspec.Struct, frozen=True):
    """A trusted header of a network. Byte values are base64 in JSON."""

    format: Literal["sogdia-trusted/1"]
    network: Annotated[str, Meta(min_length=1, max_length=64)]
    chain: str
    origin: str
    """First line of the network's checkpoints."""
    header: BlockHeader
    next_validators: Validators

    @property
    def fingerprint(self) -> str:
        """The block's hash in hexadecimal, as every node of the network shows it for that height."""
        return self.header.hash().hex().upper()

    def known(self) -> Known:
        """The header as a place to go on from."""
        return Known(self.header, self.next_validators)


_trusted = msgspec.json.Decoder(Trusted).decode


def trust(network: str, origin: str, block: LightBlock, next_validators: tuple[Validator, ...] = ()) -> Trusted:
    """The file for whoever believes this block; without a next set, the block's own must stay.

    LightBlockRefused when the block does not hold by itself or the set is not the one that it names.
    """
    check_itself(block)
    made = Trusted(FORMAT, network, block.header.chain, origin, block.header, next_validators or block.validators)
    _check(made)
    return made


def read_trusted(raw: bytes) -> Trusted:
    """The trusted header in these bytes; TrustedUnreadable says what is wrong with them."""
    if len(raw) > SIZE_LIMIT_BYTES:
        raise TrustedUnreadable(f"{len(raw)} bytes; a trusted header has at most {SIZE_LIMIT_BYTES}")
    try:
        found = _trusted(raw)
        _check(found)
    except (ValueError, RecursionError) as wrong:
        raise TrustedUnreadable(f"not a trusted header: {wrong}") from None
    return found


def _check(trusted: Trusted) -> None:
    if trusted.chain != trusted.header.chain:
        raise LightBlockRefused(f"the file is of chain {trusted.chain}, its header of {trusted.header.chain}")
    if set_hash(trusted.next_validators) != trusted.header.next_validators_hash:
        raise LightBlockRefused(f"the validators are not those that the header names for {trusted.header.height + 1}")
