"""Customs' receipts into `customs.answer`: with it the true gateway takes the place of our authority.

Receipts: 304, 506, 604 and 312, 412, 512, 514, 622. Customs signs the answers; the rules decide whether each code may
stand. A tax bill (816) is no answer: the rules write it at release.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from sogdia.domains.customs.messages import Answer
from sogdia.interfaces.documents.registry import Directory
from sogdia.interfaces.documents.shortfalls import Named, shortfall
from sogdia.interfaces.documents.slip import Given, Slip
from sogdia.standards.ceb import Document, parse, validate

ACCEPTED = 120

PersonOf = Callable[[str, str], str | None]
"""The yearly pseudonym of the buyer of an import list (broker, list number), or None where it cannot be told."""


class ReadAnswer(msgspec.Struct, frozen=True):
    """One receipt: the answer, unless a value kept it from being made, and all its problems."""

    node: int | None
    answer: Answer | None
    problems: tuple[Named, ...]


def read_answers(
    xml: bytes,
    directory: Directory,
    customs: str,
    *,
    broker: str = "",
    person_of: PersonOf = lambda broker, list_no: None,
) -> list[ReadAnswer]:
    """The answers that a receipt message gives, in the order of its nodes, to be signed by `customs`.

    `broker` declared the lists, where the receipt does not say (agentCode). `person_of` is asked for the buyer of each
    import list that is accepted (120): only customs can compute that pseudonym. Raises `XmlRefused` for hostile bytes.
    """
    document = parse(xml)
    subject = SUBJECTS.get(document.number)
    if subject is None:
        numbers = ", ".join(str(number) for number in SUBJECTS)
        unread = shortfall(
            "no_message_for", document.number, "", fields={"value": document.number, "expected": numbers}
        )
        return [ReadAnswer(None, None, (unread,))]
    problems = validate(document)
    whole = tuple(problem for problem in problems if problem.node is None)
    read = []
    for place in range(1, len(document.nodes) + 1):
        slip, answer = _read(document, place, subject, directory, customs, broker, person_of)
        own = [problem for problem in problems if problem.node == place]
        read.append(ReadAnswer(place, answer, (*own, *slip.shortfalls)))
    return [ReadAnswer(None, None, whole), *read] if whole else read


def _read(
    document: Document,
    place: int,
    subject: tuple[str, Callable[[Slip, str], tuple[str, str]]],
    directory: Directory,
    customs: str,
    broker: str,
    person_of: PersonOf,
) -> tuple[Slip, Answer | None]:
    slip = Slip(document.number, place, document.nodes[place - 1], directory, Given())
    name, find = subject
    party, number = find(slip, broker)
    code = _code(slip)
    fields: dict[str, Any] = {
        "customs": customs,
        "subject": name,
        "party": party,
        "number": number,
        "code": code,
        "note": slip.text("returnInfo", ""),
        "answered_at_ms": slip.time("returnTime"),
        "pre_no": slip.text("preNo", ""),
        "invt_no": slip.text("invtNo", ""),
    }
    if name == "import_list" and code == ACCEPTED and not slip.shortfalls:
        fields["person"] = _person(slip, person_of, party, number)
    return slip, slip.message(Answer, fields)


def _code(slip: Slip) -> int:
    text = slip.text("returnStatus")
    try:
        return int(text)
    except ValueError:
        if text:
            slip.note("unreadable", "returnStatus", value=text, expected="an integer")
        return 0


def _person(slip: Slip, person_of: PersonOf, broker: str, list_no: str) -> str | None:
    person = person_of(broker, list_no)
    if person is None:
        slip.note("person_needed", "person", value=list_no)
    return person


# -- what each receipt answers ---------------------------------------------------------------------------------------


def _order(slip: Slip, broker: str) -> tuple[str, str]:
    return slip.party("ebp", "platform"), slip.text("orderNo")


def _payment(slip: Slip, broker: str) -> tuple[str, str]:
    return slip.party("pay", "payment_institution"), slip.text("payTransactionId")


def _waybill(slip: Slip, broker: str) -> tuple[str, str]:
    return slip.party("logistics", "carrier"), slip.text("logisticsNo")


def _list(slip: Slip, broker: str) -> tuple[str, str]:
    named = slip.head.get("agentCode") or not broker
    return (slip.party("agent", "broker") if named else broker), slip.text("copNo")


SUBJECTS: Final[Mapping[int, tuple[str, Callable[[Slip, str], tuple[str, str]]]]] = {
    304: ("order", _order),
    312: ("order", _order),
    412: ("payment", _payment),
    506: ("waybill", _waybill),
    512: ("waybill", _waybill),
    514: ("delivery", _waybill),
    604: ("export_list", _list),
    622: ("import_list", _list),
}
"""The subject of each receipt, and where it says which one."""
