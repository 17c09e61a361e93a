"""`sogdia send`: signed transactions out of a file, one a line, and what became of each in words."""

from collections.abc import Iterator, Sequence

from sogdia.client.connection import Reply
from sogdia.interfaces.cli import places
from sogdia.interfaces.cli.terminal import (
    NO,
    Failure,
    emit_json,
    mark,
    progress,
    read_input,
    reply_text,
    stop,
    tell,
    text,
)

GROUP = 500
"""Lines that travel together; a report comes after each group."""


def send(file: str, to: str, as_json: bool) -> None:
    """Send every line and print its answer; exit status 1 if any was refused."""
    lines = [line.strip() for line in read_input(file).split(b"\n")]
    raws = [(number, line) for number, line in enumerate(lines, 1) if line]
    if not raws:
        raise Failure("nothing_to_send", file=file)
    refused = 0
    with places.opened(to) as place, progress("sending", len(raws)) as done:
        for start in range(0, len(raws), GROUP):
            group = raws[start : start + GROUP]
            refused += report(place.submit([raw for _, raw in group]), [number for number, _ in group], as_json)
            done(start + len(group))
    if not as_json:
        tell("sent", accepted=len(raws) - refused, refused=refused)
    if refused:
        stop(NO)


def report(replies: Sequence[Reply], lines: Sequence[int], as_json: bool) -> int:
    """Print these answers; how many were refused."""
    for line, reply in zip(lines, replies, strict=True):
        if as_json:
            said = "" if reply.accepted else reply_text(reply.code, reply.fields)
            told = {"line": line, "code": reply.code, "fields": reply.fields, "text": said, "receipt": reply.receipt}
            emit_json(told, compact=True)
        else:
            print("\n".join(_in_words(line, reply)))
    return sum(not reply.accepted for reply in replies)


def _in_words(line: int, reply: Reply) -> Iterator[str]:
    receipt = reply.receipt
    if reply.accepted and receipt is not None:
        place = {"height": receipt.height, "index": receipt.index, "time_ms": receipt.time_ms}
        yield f"{mark(True)} {text('accepted', line=line, transaction=receipt.transaction, **place)}"
        return
    yield f"{mark(False)} {text('refused', line=line, code=reply.code)} {reply_text(reply.code, reply.fields)}"
    if receipt is not None:
        yield "  " + text("refused_on_record", transaction=receipt.transaction, height=receipt.height)
