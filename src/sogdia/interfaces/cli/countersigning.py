"""`sogdia countersign`: one more signature under a transaction that others have signed already.

The file is the transaction itself, as `--sign-only` prints it and as a console's "Sign and hand over" saves it.
"""

from collections.abc import Sequence
from pathlib import Path

from sogdia.core.codec import from_base64url, json_bytes
from sogdia.core.refusal import Refusal
from sogdia.core.transaction import Codec, Envelope, Transaction, sign
from sogdia.interfaces.cli import keyrings, registry
from sogdia.interfaces.cli.terminal import Failure, decode_json, note, read_input, reply_text


def countersign(file: str, names: Sequence[str], folder: Path | None) -> None:
    """Say on standard error what the bytes say, and print the transaction with these signatures added."""
    raw = read_input(file).strip()
    found = _parsed(raw)
    pens = keyrings.pens(names, folder)
    if not pens:
        raise Failure("key_missing")
    before = [one.kid for one in found.signatures]
    twice = [pen.kid for pen in pens if pen.kid in before]
    if twice:
        raise Failure("countersigned_already", file=file, keys=twice)
    whole = Envelope(**decode_json(raw, file))
    payload = from_base64url(str(whole.payload))
    said = found.payload
    note("countersign_says", network=said.network, until_ms=said.valid_until_ms, keys=before)
    note("countersign_messages", messages=json_bytes(said.messages).decode())
    added = Envelope(**decode_json(sign(payload, pens), file))
    print(json_bytes({"payload": whole.payload, "signatures": [*whole.signatures, *added.signatures]}).decode())


def _parsed(raw: bytes) -> Transaction:
    kinds = [kind for domain in registry.domain_names() for kind in registry.messages_of(domain).values()]
    try:
        return Codec(kinds).parse(raw)
    except Refusal as no:
        raise Failure("countersign_unreadable", problem=reply_text(no.code, no.fields)) from None
