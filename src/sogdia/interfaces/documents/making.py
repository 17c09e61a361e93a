"""All messages of one trade, in the order in which customs wants them: made, validated, signed.

Import: 311, 411, 511, then 621, after release 513 and 816. Export: 303, 505, then 603 (receipts 403 are no longer asked
for, GAC 167/2024). Each is followed by customs' receipt on it, as far as customs has answered.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from sogdia.domains.customs.state import ExportList, ImportList
from sogdia.interfaces.documents import ceb
from sogdia.interfaces.documents.dossier import Dossier, Source, read_dossier
from sogdia.interfaces.documents.sheet import Around, Drafted, Terms
from sogdia.interfaces.documents.shortfalls import Named, shortfall
from sogdia.interfaces.documents.signing import DocumentKey
from sogdia.standards.ceb import MESSAGES, BuildRefused, build, validate

if TYPE_CHECKING:
    from sogdia.app import Node


class Made(NamedTuple):
    """One message: its file name, its bytes (none when it could not be made), and every problem with it."""

    name: str
    xml: bytes
    problems: list[Named]


def documents(
    source: "Source | Node",
    platform: str,
    order: str,
    persons: Mapping[str, str] | None = None,
    sign_with: DocumentKey | None = None,
    *,
    secret: bytes | None = None,
    receipts: bool = True,
    terms: Terms = Terms(),
) -> list[Made]:
    """Every message of an order's trade, numbered in customs' order; what is expected and not on record is named too.

    `persons` are plain values under the names of the order's fields (see `open_persons`); with `secret` each is held
    against its commitment. Unsigned, a list is a draft (appStatus 1); `sign_with` signs all that an enterprise sends.
    Raises `OrderUnknown`.
    """
    dossier = read_dossier(source, platform, order)
    around = Around.of(dossier, persons, secret, sign_with is not None, terms)
    drafts = (_import if dossier.imported else _export)(dossier, around) if dossier.crosses else iter(())
    wanted = [one for one in drafts if receipts or not _is_receipt(one.number)]
    return [_made(place, drafted, sign_with) for place, drafted in enumerate(wanted, 1)]


def _is_receipt(number: int) -> bool:
    return number in (*ceb.EXPORT_RECEIPTS.values(), *ceb.IMPORT_RECEIPTS.values())


def _export(dossier: Dossier, around: Around) -> Iterator[Drafted]:
    order = dossier.order
    yield ceb.export_order(around, order)
    yield from _answered(dossier, around, "order", order.platform, order.order)
    for waybill in dossier.waybills:
        yield ceb.export_waybill(around, waybill)
        yield from _answered(dossier, around, "waybill", waybill.carrier, waybill.waybill)
    if not dossier.waybills:
        yield _absent(dossier, 505, "a carrier")
    if isinstance(dossier.declared, ExportList):
        yield ceb.export_list(around, dossier.declared)
        yield from _answered(dossier, around, "export_list", dossier.declared.broker, dossier.declared.list_no)
    else:
        yield _absent(dossier, 603, "the seller's broker")


def _import(dossier: Dossier, around: Around) -> Iterator[Drafted]:
    order, payment = dossier.order, dossier.payment
    yield ceb.import_order(around, order, payment)
    yield from _answered(dossier, around, "order", order.platform, order.order)
    if payment is None:
        yield _absent(dossier, 411, "a payment institution")
    else:
        yield ceb.import_payment(around, payment)
        yield from _answered(dossier, around, "payment", payment.institution, payment.payment)
    for waybill in dossier.waybills:
        yield ceb.import_waybill(around, waybill)
        yield from _answered(dossier, around, "waybill", waybill.carrier, waybill.waybill)
    if not dossier.waybills:
        yield _absent(dossier, 511, "a carrier")
    if isinstance(dossier.declared, ImportList):
        yield from _import_declared(dossier, around, dossier.declared)
    else:
        yield _absent(dossier, 621, "the seller's broker")


def _import_declared(dossier: Dossier, around: Around, declared: ImportList) -> Iterator[Drafted]:
    yield ceb.import_list(around, declared)
    yield from _answered(dossier, around, "import_list", declared.broker, declared.list_no)
    for waybill in dossier.waybills:
        if waybill.status == "delivered":
            yield ceb.import_delivery(around, waybill)
            yield from _answered(dossier, around, "delivery", waybill.carrier, waybill.waybill)
    if dossier.bill is not None:
        yield ceb.tax_bill(around, dossier.bill, declared)


def _answered(dossier: Dossier, around: Around, *subject: str) -> Iterator[Drafted]:
    kind, party, number = subject
    standing = dossier.standings.get((kind, party, number))
    drafted = ceb.receipt(around, standing, dossier.imported, dossier.order.seller) if standing else None
    if drafted is not None:
        yield drafted


def _absent(dossier: Dossier, number: int, holder: str) -> Drafted:
    """A message that customs will ask for and that nobody has given the words for."""
    missing = shortfall(
        "not_on_record", number, MESSAGES[number].title, fields={"order": dossier.order.order, "holder": holder}
    )
    return Drafted(number, None, (missing,))


def _made(place: int, drafted: Drafted, sign_with: DocumentKey | None) -> Made:
    name = f"{place:02d}-CEB{drafted.number}-{MESSAGES[drafted.number].title.replace(' ', '-')}.xml"
    document = drafted.document
    if document is None:
        return Made(name, b"", list(drafted.shortfalls))
    try:
        xml = build(document)
    except BuildRefused as refused:
        return Made(
            name, b"", [*validate(document), shortfall("unwritable", drafted.number, "", fields={"problem": refused})]
        )
    if sign_with is not None and document.transfer is not None:
        xml = sign_with.sign(xml)
    return Made(name, xml, list(validate(xml)))
