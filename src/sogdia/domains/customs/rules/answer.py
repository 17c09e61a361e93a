"""Customs answers on one message of a trade; for an import list that moves quota and tax as well."""

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.core.values import CLOCK_TOLERANCE_MS
from sogdia.domains.customs import state
from sogdia.domains.customs.messages import Answer, Answered, Refused
from sogdia.domains.customs.rules.receipts import phase_after, receipt_of
from sogdia.domains.customs.state import EXPORT_LISTS, IMPORT_LISTS, ExportList, ImportList, Standing
from sogdia.domains.identity.state import require_role
from sogdia.domains.logistics.state import WAYBILLS
from sogdia.domains.orders.state import ORDERS, order_on_record, quantities_left
from sogdia.domains.payments.state import PAYMENTS
from sogdia.domains.tax.state import Assessment, Taxed, TaxedLine, assess, put_bill

CHINA = "CN"
PRE_NO: Final = re.compile(r"B[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{9}")
INVT_NO: Final = {
    "import_list": (re.compile(r"[0-9]{8}I[0-9]{9}"), "4 digits of the district, 4 of the year, I, 9 digits"),
    "export_list": (re.compile(r"[0-9]{8}E[0-9]{9,11}"), "4 digits of the district, 4 of the year, E, 9 to 11 digits"),
}


class Answerable(NamedTuple):
    """A message that customs may answer: whom the answer concerns, whether it is import, and the list if it is one."""

    parties: tuple[str, ...]
    imported: bool
    declared: ImportList | ExportList | None = None


def answer(ledger: Ledger, asked: Answer) -> None:
    """The answer becomes the message's standing, when its code may stand there; a list's quota and tax follow it."""
    require_role(ledger, asked.customs, "customs", "customs.answer")
    subject = FIND[asked.subject](ledger, asked.party, asked.number)
    if subject is None:
        raise Refusal(Refused.SUBJECT_UNKNOWN, subject=asked.subject, party=asked.party, number=asked.number)
    before = state.standing_of(ledger, asked.subject, asked.party, asked.number)
    _check_time(ledger, asked, before)
    receipt = receipt_of(asked.subject, subject.imported)
    phase = phase_after(receipt, asked.code, before.code if before else None)
    if subject.declared is not None:
        _number(ledger, asked, before)
        _move(ledger, asked, phase, subject.declared)
    state.put_standing(ledger, asked, phase, before, subject.parties)
    ledger.announce(
        Answered(
            subject=asked.subject,
            party=asked.party,
            number=asked.number,
            code=asked.code,
            note=asked.note,
            parties=subject.parties,
            roles=("customs",),
        )
    )


# -- what may be answered --------------------------------------------------------------------------------------------


def _order(ledger: Ledger, platform: str, number: str) -> Answerable | None:
    order = ORDERS.get(ledger.state, platform, number)
    if order is None:
        return None
    return Answerable(_each_once(platform, order.seller, *order.shared_with), order.ship_to == CHINA)


def _payment(ledger: Ledger, institution: str, number: str) -> Answerable | None:
    payment = PAYMENTS.get(ledger.state, institution, number)
    if payment is None:
        return None
    return Answerable(_each_once(institution, payment.platform, *payment.shared_with), True)


def _waybill(ledger: Ledger, carrier: str, number: str) -> Answerable | None:
    waybill = WAYBILLS.get(ledger.state, carrier, number)
    if waybill is None:
        return None
    return Answerable(_each_once(carrier, waybill.platform, *waybill.shared_with), waybill.ship_to == CHINA)


def _delivery(ledger: Ledger, carrier: str, number: str) -> Answerable | None:
    waybill = WAYBILLS.get(ledger.state, carrier, number)
    delivered = waybill is not None and waybill.status == "delivered"
    return _waybill(ledger, carrier, number) if delivered else None


def _import_list(ledger: Ledger, broker: str, number: str) -> Answerable | None:
    return _list(IMPORT_LISTS.get(ledger.state, broker, number), True)


def _export_list(ledger: Ledger, broker: str, number: str) -> Answerable | None:
    return _list(EXPORT_LISTS.get(ledger.state, broker, number), False)


def _list(found: ImportList | ExportList | None, imported: bool) -> Answerable | None:
    if found is None:
        return None
    return Answerable(_each_once(found.broker, found.seller, found.platform, found.carrier), imported, found)


def _each_once(*parties: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(parties))


FIND: Final[Mapping[str, Callable[[Ledger, str, str], Answerable | None]]] = {
    "order": _order,
    "payment": _payment,
    "waybill": _waybill,
    "delivery": _delivery,
    "import_list": _import_list,
    "export_list": _export_list,
}
"""Where each subject stands on record. A delivery is a waybill that was delivered."""


# -- when, and under which numbers -----------------------------------------------------------------------------------


def _check_time(ledger: Ledger, asked: Answer, before: Standing | None) -> None:
    if asked.answered_at_ms > ledger.time_ms + CLOCK_TOLERANCE_MS:
        raise Refusal(Refused.STATED_IN_FUTURE, answered_at_ms=asked.answered_at_ms, time_ms=ledger.time_ms)
    if before is not None and asked.answered_at_ms < before.answered_at_ms:
        raise Refusal(
            Refused.ANSWER_OLD,
            answered_at_ms=asked.answered_at_ms,
            latest_ms=before.answered_at_ms,
            latest=before.code,
        )


def _number(ledger: Ledger, asked: Answer, before: Standing | None) -> None:
    """A list's numbers are there when they are due, look as they must, do not change and are no other list's."""
    pre_no, invt_no = (before.pre_no, before.invt_no) if before else ("", "")
    form, expected = INVT_NO[asked.subject]
    _check_number("pre_no", asked.pre_no, pre_no, PRE_NO, "B, yyyymmdd, 9 digits", asked.code == 120)
    _check_number("invt_no", asked.invt_no, invt_no, form, expected, asked.code == 800)
    for field, given in (("pre_no", asked.pre_no), ("invt_no", asked.invt_no)):
        if given:
            state.put_number(ledger, field, given, asked)


def _check_number(field: str, given: str, standing: str, form: re.Pattern[str], expected: str, due: bool) -> None:
    if (given or (due and not standing)) and not form.fullmatch(given):
        raise Refusal(Refused.NUMBER_FORMAT, field=field, value=given, expected=expected)
    if given and standing and given != standing:
        raise Refusal(Refused.NUMBER_CONFLICT, field=field, value=given, on_record=standing)


# -- what follows for quota and tax ----------------------------------------------------------------------------------


def _move(ledger: Ledger, asked: Answer, phase: str, declared: ImportList | ExportList) -> None:
    if phase == "released":
        _check_still_sold(ledger, declared)
        invt_no = _invt_no(ledger, asked)
        state.put_released(ledger, asked, invt_no, declared)
        if isinstance(declared, ImportList):
            _release(ledger, declared, invt_no)
    elif isinstance(declared, ImportList):
        if phase == "accepted":
            _accept(ledger, asked, declared)
        elif phase in ("rejected", "returned"):
            state.return_quota(ledger, declared.broker, declared.list_no)


def _check_still_sold(ledger: Ledger, declared: ImportList | ExportList) -> None:
    """What was cancelled since a list was declared does not cross: the list says what is left, or falls."""
    listed = {line.line: line.quantity for line in declared.lines}
    order = order_on_record(ledger, declared.platform, declared.order)
    for number, left in enumerate(quantities_left(order), 1):
        if listed.get(number, 0) != left:
            raise Refusal(
                Refused.ORDER_CHANGED,
                order=declared.order,
                list_no=declared.list_no,
                line=number,
                declared=listed.get(number, 0),
                left=left,
            )


def _accept(ledger: Ledger, asked: Answer, declared: ImportList) -> None:
    """Reserve the quota; and see that the tax can be told, so that release cannot fail for want of a rate."""
    if asked.person is None:
        raise Refusal(Refused.PERSON_NEEDED, broker=declared.broker, list_no=declared.list_no)
    use = state.reserve_quota(ledger, asked.person, declared)
    _assessment(ledger, declared, use.day)


def _release(ledger: Ledger, declared: ImportList, invt_no: str) -> None:
    """Use up the quota and write the tax bill, at the rates of the day of acceptance (certainty: memory)."""
    use = state.consume_quota(ledger, declared)
    put_bill(
        ledger,
        Taxed(
            declared.broker,
            declared.list_no,
            declared.seller,
            declared.platform,
            declared.order,
            declared.assurer,
            invt_no,
        ),
        _assessment(ledger, declared, use.day),
    )


def _assessment(ledger: Ledger, declared: ImportList, day: str) -> Assessment:
    lines = [TaxedLine(line.line, line.hs_code, line.total_minor, line.legal_quantity_e5) for line in declared.lines]
    return assess(ledger.state, day, lines, declared.share, declared.freight_minor + declared.insured_minor)


def _invt_no(ledger: Ledger, asked: Answer) -> str:
    if asked.invt_no:
        return asked.invt_no
    standing = state.standing_of(ledger, asked.subject, asked.party, asked.number)
    assert standing is not None, "a release without a number was checked to have one on record"
    return standing.invt_no
