"""`sogdia documents` and `sogdia answer`: customs' messages out of the record, and customs' receipts onto it.

    sogdia documents DIR --order PLATFORM ORDER -o FOLDER     every message of one trade as a file of XML
    sogdia answer FILE.xml --to URL --key customs             a receipt of customs' as a signed `customs.answer`

What was not sealed to the key that asks (--key) is named and its document not made. Exit status: 0 all is made and
accepted; 1 something was not made, has a problem or was refused; 2 the command could not do its work.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, cast

import typer

from sogdia.interfaces.cli import folders, keyrings, places
from sogdia.interfaces.cli.terminal import FAILED, NO, guarded, language, mark, read_input, reply_text, stop, text

if TYPE_CHECKING:
    from sogdia.client.http import HttpConnection
    from sogdia.client.keyring import Keys
    from sogdia.interfaces.documents import DocumentKey, Made, Named, ReadAnswer
    from sogdia.interfaces.documents.dossier import Source

To = Annotated[str, typer.Option("--to", help="URL of a node, or its folder.", show_default=False)]
Key = Annotated[str, typer.Option("--key", help="Name of the key that asks, or signs.")]
KeysFolder = Annotated[Path | None, typer.Option("--keys", help="Folder of the keyring; the node's own unless given.")]


def documents(
    order: Annotated[tuple[str, str], typer.Option("--order", help="PLATFORM ORDER.", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the files.", show_default=False)],
    folder: Annotated[str, typer.Argument(help="The node's folder; or give --to.", show_default=False)] = "",
    to: To = "",
    key: Key = "",
    keys: KeysFolder = None,
    party: Annotated[str, typer.Option("--as", help="Party to ask as, in a folder whose node is not running.")] = "",
    sign_key: Annotated[Path | None, typer.Option(help="RSA key in PEM to sign for customs with.")] = None,
    certificate: Annotated[Path | None, typer.Option(help="Its certificate in PEM.")] = None,
    dxp_id: Annotated[str, typer.Option(help="The sender's id on customs' data exchange platform.")] = "",
    no_receipts: Annotated[bool, typer.Option("--no-receipts", help="Leave out what customs has answered.")] = False,
) -> None:
    """Write China Customs' messages of one order's trade as XML files, each checked; what is missing is named."""
    where = to or folder or _fail("no_place")
    sign_with = _document_key(sign_key, certificate)
    held = _keys(key, keys or folders.keys_beside(where))
    asker = party or ("" if held else order[0])
    with places.opened(where, _pen(held), asker) as place:
        made = _made(_source(place, asker or _did(held)), order, held, sign_with, dxp_id, not no_receipts)
    _write(output, made)
    if sign_with is None:
        print(_said("draft"))
    if any(one.problems for one in made):
        stop(NO)


def answer(
    file: Annotated[str, typer.Argument(help="A receipt of customs' (CEB312, 622, 604 ...); - for standard input.")],
    to: To,
    key: Annotated[str, typer.Option("--key", help="Name of customs' key.", show_default=False)],
    keys: KeysFolder = None,
    broker: Annotated[str, typer.Option(help="Who declared the list, where the receipt does not say.")] = "",
    person_key: Annotated[Path | None, typer.Option(help="Customs' own key for the buyers' pseudonyms.")] = None,
) -> None:
    """Put customs' receipt on the record: each of its answers signed with customs' key and sent."""
    held = _keys(key, keys or folders.keys_beside(to))
    raw = read_input(file)
    with places.opened(to, _pen(held)) as place:
        read = _answers(place, file, raw, held, broker, person_key)
        refused = _send(place, read, held)
    if refused or any(one.answer is None for one in read):
        stop(NO)


def add(root: typer.Typer) -> None:
    """Give the command line these commands."""
    root.command("documents")(guarded(documents))
    root.command("answer")(guarded(answer))


# -- documents -------------------------------------------------------------------------------------------------------


def _made(
    source: "Source",
    order: tuple[str, str],
    held: "Keys | None",
    sign_with: "DocumentKey | None",
    dxp_id: str,
    receipts: bool,
) -> "list[Made]":
    from sogdia.interfaces.documents import OrderUnknown, Terms
    from sogdia.interfaces.documents import documents as make

    persons, secret = _persons(source, order, held)
    terms = Terms(dxp_id=dxp_id) if dxp_id else Terms()
    try:
        return make(source, *order, persons, sign_with, secret=secret, receipts=receipts, terms=terms)
    except OrderUnknown:
        _fail("no_order", platform=order[0], order=order[1])


def _source(place: places.Place, party: str) -> "Source":
    """The place as records are looked up in it: a connection as it is, a folder's node as the party may see it."""
    from sogdia.interfaces.documents.dossier import NodeSource

    node = getattr(place, "node", None)
    if node is not None:
        return NodeSource(node, party)
    return cast("HttpConnection", place)


def _persons(
    source: "Source", order: tuple[str, str], held: "Keys | None"
) -> tuple[dict[str, str] | None, bytes | None]:
    """What was sealed to the asker; a folder whose node is not running keeps no envelopes."""
    from sogdia.interfaces.documents.persons import SealedShelf, open_persons
    from sogdia.primitives.sealed.errors import BrokenEnvelope

    if held is None or not isinstance(source, SealedShelf):
        return None, None
    record = source.lookup([("orders.order", *order)])[0]
    if record is None:
        return None, None
    try:
        return open_persons(source, record, held.identity.did, held.agreement_private)
    except BrokenEnvelope as broken:
        _fail("unfit_file", file=record["sealed"], problem=broken)


def _write(folder: Path, made: "Sequence[Made]") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for one in made:
        whole = bool(one.xml)
        key = "written" if whole else "not_made"
        if whole:
            (folder / one.name).write_bytes(one.xml)
        print(f"{mark(not one.problems)} {_said(key, name=one.name, bytes=len(one.xml), problems=len(one.problems))}")
        _explain(one.problems)
    whole_count = sum(bool(one.xml) for one in made)
    counts = {"made": whole_count, "missing": len(made) - whole_count, "problems": sum(len(m.problems) for m in made)}
    print(_said("summary", folder=folder, **counts))


def _explain(problems: "Sequence[Named]") -> None:
    for problem in problems:
        print(f"    {problem.explain('zh' if language() == 'zh' else 'en')}")


def _document_key(key: Path | None, certificate: Path | None) -> "DocumentKey | None":
    if key is None and certificate is None:
        return None
    if key is None or certificate is None:
        _fail("sign_pair")
    from sogdia.interfaces.documents.signing import UnfitKey, load_key

    phrase = keyrings.passphrase()
    try:
        return load_key(key, certificate, phrase.encode() if phrase else None)
    except UnfitKey as wrong:
        _fail("unfit_file", file=key, problem=wrong)


# -- answers ---------------------------------------------------------------------------------------------------------


def _answers(
    place: places.Place, file: str, raw: bytes, held: "Keys | None", broker: str, person_key: Path | None
) -> "list[ReadAnswer]":
    from sogdia.interfaces.documents.answers import read_answers
    from sogdia.interfaces.documents.registry import directory_of
    from sogdia.standards.ceb import XmlRefused

    assert held is not None, "--key is always asked for"
    source = _source(place, held.identity.did)
    people = _PersonOf(source, held, _person_key(person_key))
    directory = directory_of(source, place.query)
    try:
        return read_answers(raw, directory, held.identity.did, broker=broker, person_of=people)
    except XmlRefused as wrong:
        _fail("unfit_file", file=file, problem=wrong)


def _person_key(path: Path | None) -> bytes:
    if path is None:
        return b""
    try:
        return bytes.fromhex(path.read_text().strip())
    except ValueError:
        _fail("unfit_file", file=path, problem="no key in hexadecimal digits")


class _PersonOf:
    """A list's buyer under customs' pseudonym, as far as customs' key opens the buyer's sealed values."""

    def __init__(self, source: "Source", held: "Keys", person_key: bytes) -> None:
        self._source, self._held, self._person_key = source, held, person_key

    def __call__(self, broker: str, list_no: str) -> str | None:
        import time

        from sogdia.core.values import day_of
        from sogdia.interfaces.authority.persons import pseudonym

        listed = self._source.lookup([("customs.import_list", broker, list_no)])[0]
        if listed is None or not self._person_key:
            return None
        values, _ = _persons(self._source, (listed["platform"], listed["order"]), self._held)
        number = (values or {}).get("buyer_id_number")
        year = day_of(time.time_ns() // 1_000_000, 8)[:4]
        return pseudonym(self._person_key, year, number) if number else None


def _send(place: places.Place, read: "Sequence[ReadAnswer]", held: "Keys | None") -> int:
    """Send what could be read and say what became of each; how many were refused."""
    import secrets
    import time

    from sogdia.client.connection import signed

    refused, pen, now = 0, _pen(held), time.time_ns() // 1_000_000
    for one in read:
        _explain(one.problems)
        if one.answer is None or pen is None:
            continue
        raw = signed(place.network, now, secrets.token_hex(8), [one.answer], [pen])
        reply = place.submit([raw])[0]
        told = {"node": one.node, "code": one.answer.code, "subject": one.answer.subject, "number": one.answer.number}
        why = {} if reply.accepted else {"refusal": reply.code, "why": reply_text(reply.code, reply.fields)}
        print(f"{mark(reply.accepted)} {_said('answered' if reply.accepted else 'refused', **told, **why)}")
        refused += not reply.accepted
    return refused


# -- keys and words --------------------------------------------------------------------------------------------------


def _keys(name: str, folder: Path | None) -> "Keys | None":
    if not name:
        return None
    from sogdia.client.keyring import Keyring
    from sogdia.interfaces.cli.terminal import Failure

    if folder is None:
        raise Failure("no_keys_folder", names=[name])
    return Keyring(keyrings.directory_of(folder)).load(name, keyrings.passphrase())


def _did(held: "Keys | None") -> str:
    return "" if held is None else held.identity.did


def _pen(held: "Keys | None") -> keyrings.Pen | None:
    return None if held is None else keyrings.Pen(held.kid, held.identity.did, held.signer)


def _said(key: str, **fields: Any) -> str:
    from sogdia.interfaces.documents.words import COMMANDS, in_words

    return in_words(COMMANDS, key, language(), **fields)


def _fail(key: str, **fields: Any) -> NoReturn:
    print(text("failed", sentence=_said(key, **fields)), file=sys.stderr)
    stop(FAILED)
