"""Lists, customs' answers and the yearly quota on record, and the only functions that write them."""

from typing import Literal

from msgspec.structs import astuple

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.core.state import Record, Table, View
from sogdia.core.values import day_of
from sogdia.domains.customs.messages import Answer, DeclareExport, DeclareImport, ListLine, Refused, Transport
from sogdia.domains.logistics import state as logistics
from sogdia.domains.orders import state as orders
from sogdia.domains.payments import state as payments
from sogdia.domains.tax.state import ShareName
from sogdia.primitives import lots, rulebooks
from sogdia.primitives.rulebooks import RuleRow

LIMITS_BOOK = "customs.cn.retail_import.limits"
LEGAL_DAY_OFFSET_HOURS = 8
"""China's legal day and year, by which limits and quotas count, are those of UTC+8."""

DECIDED = ("rejected", "released", "returned", "closed")
"""The phases in which a list no longer waits for customs."""


class ImportList(Record, frozen=True, array_like=True):
    """An import list as it was declared (the fields of `DeclareImport`), and what follows from it.

    `value_fen` is the customs value that counts against both limits: goods, freight and insurance. `share` says
    whether the tax is that within the limits or the full one.
    """

    broker: str
    list_no: str
    seller: str
    platform: str
    order: str
    carrier: str
    waybill: str
    assurer: str
    mode: str
    district: str
    port: str
    declared_at_ms: int
    buyer_name: str
    buyer_id_number: str
    buyer_telephone: str
    consignee_address: str
    country: str
    currency: str
    freight_minor: int
    insured_minor: int
    packages: int
    gross_weight_grams: int
    net_weight_grams: int
    transport: Transport
    ems_no: str
    area_code: str
    area_name: str
    lines: tuple[ListLine, ...]
    value_fen: int
    share: ShareName


class ExportList(Record, frozen=True, array_like=True):
    """An export list as it was declared (the fields of `DeclareExport`); `value_minor` is the sum of its lines."""

    broker: str
    list_no: str
    seller: str
    platform: str
    order: str
    carrier: str
    waybill: str
    mode: str
    statistics: str
    district: str
    port: str
    declared_at_ms: int
    country: str
    currency: str
    freight_minor: int
    insured_minor: int
    packages: int
    gross_weight_grams: int
    net_weight_grams: int
    transport: Transport
    lines: tuple[ListLine, ...]
    value_minor: int


class Declaration(Record, frozen=True, array_like=True):
    """The list that an order was declared by last."""

    platform: str
    order: str
    subject: Literal["import_list", "export_list"]
    broker: str
    list_no: str
    seller: str


class Standing(Record, frozen=True, array_like=True):
    """Customs' latest answer on one message of a trade; what has no standing was not answered yet.

    `phase` is what the code means (see `rules/receipts.py`); numbers that customs gave stay with later answers.
    """

    subject: str
    party: str
    number: str
    code: int
    phase: str
    note: str
    answered_at_ms: int
    pre_no: str
    invt_no: str
    parties: tuple[str, ...]


class QuotaUse(Record, frozen=True, array_like=True):
    """What an accepted import list takes of a person's yearly quota, in fen; `day` is the legal day of acceptance."""

    broker: str
    list_no: str
    person: str
    year: str
    amount_fen: int
    day: str


class Released(Record, frozen=True, array_like=True):
    """The list that was released under a number of customs', at the time that customs states."""

    invt_no: str
    subject: str
    broker: str
    list_no: str
    platform: str
    order: str
    seller: str
    released_at_ms: int


class Numbered(Record, frozen=True, array_like=True):
    """The list that a number of customs' was given to; pre-entry and list numbers differ in form."""

    number: str
    subject: str
    broker: str
    list_no: str


_SEEN_BY = ("broker", "seller", "platform", "carrier")

IMPORT_LISTS = Table("customs.import_list", ImportList, key=("broker", "list_no"), seen_by=_SEEN_BY, roles=("customs",))
EXPORT_LISTS = Table("customs.export_list", ExportList, key=("broker", "list_no"), seen_by=_SEEN_BY, roles=("customs",))
DECLARATIONS = Table(
    "customs.declaration",
    Declaration,
    key=("platform", "order"),
    seen_by=("platform", "broker", "seller"),
    roles=("customs",),
)
STANDINGS = Table(
    "customs.standing", Standing, key=("subject", "party", "number"), seen_by=("parties",), roles=("customs",)
)
RELEASED = Table(
    "customs.released",
    Released,
    key=("invt_no",),
    seen_by=("platform", "broker", "seller"),
    roles=("customs", "tax_authority"),
)
NUMBERED = Table("customs.numbered", Numbered, key=("number",), seen_by=("broker",), roles=("customs",))
QUOTA_USES = Table("customs.quota_use", QuotaUse, key=("broker", "list_no"), roles=("customs",))
QUOTAS = lots.table("customs.quota", roles=("customs",))
"""One lot of fen per person and year; its size is the yearly limit on the day of the first use in that year."""

RULEBOOK = rulebooks.shelves("customs.rulebook")


def legal_day(ledger: Ledger) -> str:
    """The day of this block in China, YYYY-MM-DD."""
    return day_of(ledger.time_ms, LEGAL_DAY_OFFSET_HOURS)


def limit(ledger: Ledger, key: str) -> RuleRow:
    """The row of the limits that holds today."""
    return rulebooks.answer(ledger.state, RULEBOOK, LIMITS_BOOK, key, legal_day(ledger))


def check_row(row: RuleRow) -> None:
    """Refuse a row of the limits whose value cannot be used."""
    if row.book != LIMITS_BOOK:
        return
    if row.key == "over_limit_single_item":
        fit, expected = row.value in ("allowed", "refused"), "allowed or refused"
    else:
        fit, expected = _is_amount(row.value), "whole fen, 1 to 10^15"
    if not fit:
        raise Refusal(Refused.ROW_VALUE_WRONG, book=row.book, key=row.key, value=row.value, expected=expected)


def _is_amount(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 16 and 0 < int(text) <= 10**15


def list_on_record(
    ledger: Ledger, subject: Literal["import_list", "export_list"], broker: str, list_no: str
) -> ImportList | ExportList:
    """The list, or refusal LIST_UNKNOWN."""
    found: ImportList | ExportList | None
    if subject == "import_list":
        found = IMPORT_LISTS.get(ledger.state, broker, list_no)
    else:
        found = EXPORT_LISTS.get(ledger.state, broker, list_no)
    if found is None:
        raise Refusal(Refused.LIST_UNKNOWN, subject=subject, broker=broker, list_no=list_no)
    return found


def standing_of(ledger: Ledger, subject: str, party: str, number: str) -> Standing | None:
    """Customs' latest answer on this message, or None."""
    return STANDINGS.get(ledger.state, subject, party, number)


def declaration_of_order(ledger: Ledger, platform: str, order: str) -> Declaration | None:
    """The list by which this order is declared and not rejected, or None."""
    declared = DECLARATIONS.get(ledger.state, platform, order)
    if declared is None:
        return None
    standing = standing_of(ledger, declared.subject, declared.broker, declared.list_no)
    return None if standing is not None and standing.phase == "rejected" else declared


def records_of_trade(view: View, platform: str, order: str) -> list[tuple[str, ...]]:
    """Table and key fields of everything on record about one order: its payment, parcels, lists, answers and bill.

    The payment is the one through the institution that the order names; what others attest is not of this trade.
    """
    found: list[tuple[str, ...]] = [("orders.order", platform, order)]
    found += [
        ("orders.cancellation", platform, order, c.cancellation)
        for c in orders.CANCELLATIONS.under(view, platform, order)
    ]
    subjects = [("order", platform, order)]
    placed = orders.ORDERS.get(view, platform, order)
    paid = payments.PAID_ORDERS.get(view, platform, order, (placed and placed.institution) or "")
    if paid is not None:
        found.append(("payments.payment", paid.institution, paid.payment))
        refunds = payments.REFUNDS.under(view, paid.institution, paid.payment)
        found += [("payments.refund", paid.institution, paid.payment, refund.refund) for refund in refunds]
        subjects.append(("payment", paid.institution, paid.payment))
    parcels = logistics.PARCELS.get(view, platform, order)
    for carrier, waybill in parcels.waybills if parcels else ():
        found.append(("logistics.waybill", carrier, waybill))
        subjects += [("waybill", carrier, waybill), ("delivery", carrier, waybill)]
    declared = DECLARATIONS.get(view, platform, order)
    if declared is not None:
        found += _records_of_list(declared)
        subjects.append((declared.subject, declared.broker, declared.list_no))
    return found + [("customs.standing", *subject) for subject in subjects]


def _records_of_list(declared: Declaration) -> list[tuple[str, ...]]:
    return [
        ("customs.declaration", declared.platform, declared.order),
        (f"customs.{declared.subject}", declared.broker, declared.list_no),
        ("tax.bill", declared.broker, declared.list_no),
        ("identity.delegation", declared.seller, declared.broker),
    ]


def put_import_list(ledger: Ledger, asked: DeclareImport, value_fen: int, share: ShareName) -> None:
    """Put an import list on record, and that its order is declared."""
    IMPORT_LISTS.put(ledger.state, ImportList(*(*astuple(asked), value_fen, share)))
    _put_declaration(ledger, "import_list", asked)


def put_export_list(ledger: Ledger, asked: DeclareExport, value_minor: int) -> None:
    """Put an export list on record, and that its order is declared."""
    EXPORT_LISTS.put(ledger.state, ExportList(*(*astuple(asked), value_minor)))
    _put_declaration(ledger, "export_list", asked)


def _put_declaration(
    ledger: Ledger, subject: Literal["import_list", "export_list"], asked: DeclareImport | DeclareExport
) -> None:
    DECLARATIONS.put(
        ledger.state, Declaration(asked.platform, asked.order, subject, asked.broker, asked.list_no, asked.seller)
    )


def put_standing(ledger: Ledger, asked: Answer, phase: str, before: Standing | None, parties: tuple[str, ...]) -> None:
    """Put customs' answer in the place of the one before it."""
    STANDINGS.put(
        ledger.state,
        Standing(
            asked.subject,
            asked.party,
            asked.number,
            asked.code,
            phase,
            asked.note,
            asked.answered_at_ms,
            asked.pre_no or (before.pre_no if before else ""),
            asked.invt_no or (before.invt_no if before else ""),
            parties,
        ),
    )


def put_number(ledger: Ledger, field: str, number: str, asked: Answer) -> None:
    """Put on record that a number is this list's; NUMBER_TAKEN when it is another's."""
    other = NUMBERED.get(ledger.state, number)
    given = Numbered(number, asked.subject, asked.party, asked.number)
    if other is None:
        NUMBERED.put(ledger.state, given)
    elif other != given:
        raise Refusal(
            Refused.NUMBER_TAKEN,
            field=field,
            value=number,
            subject=other.subject,
            broker=other.broker,
            list_no=other.list_no,
        )


def put_released(ledger: Ledger, asked: Answer, invt_no: str, released: ImportList | ExportList) -> None:
    """Put a release number on record; `put_number` saw to it that it is no other list's."""
    named = (released.broker, released.list_no, released.platform, released.order, released.seller)
    RELEASED.put(ledger.state, Released(invt_no, asked.subject, *named, asked.answered_at_ms))


# -- the yearly quota ------------------------------------------------------------------------------------------------


def reserve_quota(ledger: Ledger, person: str, accepted: ImportList) -> QuotaUse:
    """Reserve an import list's value in the person's quota of this year; OVER_YEARLY_LIMIT says what is left."""
    day = legal_day(ledger)
    use = QuotaUse(accepted.broker, accepted.list_no, person, day[:4], accepted.value_fen, day)
    key = (person, use.year)
    if QUOTAS.get(ledger.state, *key) is None:
        size = int(limit(ledger, "yearly_fen").value)
        lots.create(ledger, QUOTAS, key, "fen CNY", size, person)
    left = lots.total(lots.lot_on_record(ledger, QUOTAS, key), "free")
    if use.amount_fen > left:
        raise Refusal(Refused.OVER_YEARLY_LIMIT, rule="R10", asked_fen=use.amount_fen, left_fen=left, year=use.year)
    if use.amount_fen:
        lots.reserve(ledger, QUOTAS, key, person, use.amount_fen, purpose=_purpose(use))
    QUOTA_USES.put(ledger.state, use)
    return use


def consume_quota(ledger: Ledger, released: ImportList) -> QuotaUse:
    """Use up what an import list reserved; it was accepted before, so it has."""
    use = QUOTA_USES.get(ledger.state, released.broker, released.list_no)
    assert use is not None, "released without having been accepted"
    if use.amount_fen:
        lots.commit(ledger, QUOTAS, (use.person, use.year), purpose=_purpose(use))
    return use


def return_quota(ledger: Ledger, broker: str, list_no: str) -> None:
    """Give back what an import list reserved, if it had come to that."""
    use = QUOTA_USES.get(ledger.state, broker, list_no)
    if use is None:
        return
    if use.amount_fen:
        lots.release(ledger, QUOTAS, (use.person, use.year), purpose=_purpose(use))
    QUOTA_USES.delete(ledger.state, broker, list_no)


def _purpose(use: QuotaUse) -> str:
    return f"{use.broker}/{use.list_no}"
