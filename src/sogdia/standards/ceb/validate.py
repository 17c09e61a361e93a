"""Judges a message against the table: every broken rule at once, each with its place and its remedy.

Where XSD and PDF differ the XSD decides. What customs checks across messages (order against payment against waybill)
is not here: it belongs to the customs rules, which see all three.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice

import msgspec

from sogdia.standards.ceb.document import Document, Node, Record, Value
from sogdia.standards.ceb.facts import MESSAGES
from sogdia.standards.ceb.fields import (
    BASE_SUBSCRIBE,
    BASE_TRANSFER,
    GUID,
    NODES_MAX,
    PDF_MISPRINTS,
    SUBSCRIBES_MAX,
    Condition,
    Field,
    Message,
    must,
)
from sogdia.standards.ceb.parse import parse
from sogdia.standards.ceb.problems import Layer, Problem, problem
from sogdia.standards.ceb.receipts import PERMITTED, permits
from sogdia.standards.ceb.values import fault, is_absent

PROBLEMS_MAX = 10_000
_VERSION = must("version", "C..10")
_RETURN_STATUS = must("returnStatus", "C1..10", format="status")


def validate(source: Document | bytes, *, to_send: bool | None = None) -> list[Problem]:
    """All problems of a message; an empty list means that customs' format check has nothing to say.

    `to_send` asks for the signature too, and is on for bytes: a Document is judged before it is signed. At most
    `PROBLEMS_MAX` come back: a message with more is broken as a whole. Raises `XmlRefused` as `parse` does.
    """
    document = parse(source) if isinstance(source, bytes) else source
    message = MESSAGES.get(document.number)
    if message is None:
        return [problem("no_message", document.number, "", value=document.number, expected=_known())]
    signature = _signature(message, document) if (isinstance(source, bytes) if to_send is None else to_send) else ()
    nodes = (_node(message, node, place) for place, node in enumerate(document.nodes, 1))
    found = chain(document.findings, signature, _envelope(message, document), chain.from_iterable(nodes))
    return list(islice(found, PROBLEMS_MAX))


def _known() -> str:
    return ", ".join(str(number) for number in MESSAGES)


def _envelope(message: Message, document: Document) -> Iterator[Problem]:
    yield from _value(message, GUID, document.guid, None, None)
    yield from _value(message, _VERSION, document.version, None, None)
    if not document.nodes:
        yield problem("no_nodes", message.number, message.node_element)
    elif len(document.nodes) > NODES_MAX:
        yield _too_many(message, message.node_element, len(document.nodes), NODES_MAX)
    if document.transfer is not None:
        yield from _fields(message, BASE_TRANSFER, msgspec.to_builtins(document.transfer), None, None)
    elif not message.from_customs:
        yield problem("missing", message.number, "BaseTransfer", expected="once")
    if len(document.subscribes) > SUBSCRIBES_MAX:
        yield _too_many(message, "BaseSubscribe", len(document.subscribes), SUBSCRIBES_MAX)
    for subscribe in document.subscribes:
        yield from _fields(message, BASE_SUBSCRIBE, msgspec.to_builtins(subscribe), None, None)


def _too_many(message: Message, element: str, count: int, most: int) -> Problem:
    return problem("too_many_nodes", message.number, element, value=count, expected=most)


def _node(message: Message, node: Node, place: int) -> Iterator[Problem]:
    yield from _fields(message, message.head, node.head, place, None)
    yield from _lines(message, node, place)
    for condition in message.conditions:
        if node.head.get(condition.element) == condition.value:
            yield from _condition(message, condition, node, place)
    if message.number in PERMITTED:
        yield from _status(message, node.head, place)


def _lines(message: Message, node: Node, place: int) -> Iterator[Problem]:
    if message.line_element is None:
        if node.lines:
            yield problem("unknown_element", message.number, "lines", node=place)
        return
    if not node.lines:
        yield problem("no_lines", message.number, message.line_element, node=place)
    if message.lines_max is not None and len(node.lines) > message.lines_max:
        count, most = len(node.lines), message.lines_max
        yield problem("too_many_lines", message.number, message.line_element, node=place, value=count, expected=most)
    for index, line in enumerate(node.lines, 1):
        yield from _fields(message, message.lines, line, place, _gnum(line, index))
    yield from _repeated(message, node, place)


def _gnum(line: Record, place: int) -> int:
    gnum = line.get("gnum")
    return gnum if isinstance(gnum, int) else place


def _repeated(message: Message, node: Node, place: int) -> Iterator[Problem]:
    """Customs answers -621027 when a gnum comes twice."""
    counts = Counter(line["gnum"] for line in node.lines if isinstance(line.get("gnum"), int))
    for gnum, count in counts.items():
        if count > 1 and isinstance(gnum, int):
            yield problem("repeated_gnum", message.number, "gnum", node=place, line=gnum, value=gnum, layer="business")


def _fields(
    message: Message, fields: tuple[Field, ...], record: Record, node: int | None, line: int | None
) -> Iterator[Problem]:
    """Every field against its fact: hot, so a value without fault costs two calls."""
    seen = 0
    for field in fields:
        value = record.get(field.name)
        if value is not None:
            seen += 1
        if is_absent(value):
            if field.required:
                yield _missing(message, field, node, line)
        elif value is not None and fault(field, value) is not None:
            yield from _value(message, field, value, node, line)
    if seen != len(record):
        yield from _unknown(message, fields, record, node, line)


def _missing(message: Message, field: Field, node: int | None, line: int | None) -> Problem:
    certainty = field.certainty
    return problem(
        "missing", message.number, field.name, node=node, line=line, expected=field.type, certainty=certainty
    )


def _value(message: Message, field: Field, value: Value, node: int | None, line: int | None) -> Iterator[Problem]:
    """One value that must be there."""
    if is_absent(value):
        yield _missing(message, field, node, line)
        return
    found = fault(field, value)
    if found is not None:
        yield problem(
            found.code,
            message.number,
            field.name,
            node=node,
            line=line,
            value=value,
            expected=found.expected,
            layer=found.layer,
            certainty=found.certainty,
        )


def _unknown(
    message: Message, fields: tuple[Field, ...], record: Record, node: int | None, line: int | None
) -> Iterator[Problem]:
    names = {field.name for field in fields}
    for name, value in record.items():
        if name not in names and value is not None:
            expected = PDF_MISPRINTS.get(name, "")
            code = "misprinted_element" if expected else "unknown_element"
            yield problem(code, message.number, name, node=node, line=line, value=value, expected=expected)


def _condition(message: Message, condition: Condition, node: Node, place: int) -> Iterator[Problem]:
    when = f"{condition.element} = {condition.value}"
    for name in condition.needs:
        if is_absent(node.head.get(name)):
            yield _needed(message, condition, name, place, None)
    for name, wanted in condition.fixed:
        value = node.head.get(name)
        if not is_absent(value) and value != wanted:
            yield problem(
                "condition_value",
                message.number,
                name,
                node=place,
                value=value,
                expected=f"{wanted} ({when})",
                layer="business",
                certainty=condition.certainty,
            )
    for index, line in enumerate(node.lines, 1):
        for name in condition.line_needs:
            if is_absent(line.get(name)):
                yield _needed(message, condition, name, place, _gnum(line, index))


def _needed(message: Message, condition: Condition, name: str, node: int, line: int | None) -> Problem:
    return problem(
        "condition_missing",
        message.number,
        name,
        node=node,
        line=line,
        expected=f"{condition.element} = {condition.value}",
        layer="business",
        certainty=condition.certainty,
    )


def _status(message: Message, head: Record, place: int) -> Iterator[Problem]:
    """Whether this receipt may carry its returnStatus; one that is no integer was named already."""
    value = head.get("returnStatus")
    if not isinstance(value, str) or fault(_RETURN_STATUS, value) is not None:
        return
    if not permits(message.number, int(value)):
        expected = " / ".join(str(each) for each in sorted(PERMITTED[message.number]))
        yield problem(
            "status_not_permitted",
            message.number,
            _RETURN_STATUS.name,
            node=place,
            value=value,
            expected=expected,
            layer="business",
        )


def _signature(message: Message, document: Document) -> Iterator[Problem]:
    """Once appStatus is 2: by the XSD on 621, by the PDF's word on 603."""
    declared = any(node.head.get("appStatus") == "2" for node in document.nodes)
    if declared and not document.signed and message.signature != "optional":
        layer: Layer = "schema" if message.signature == "xsd" else "business"
        yield problem("unsigned", message.number, "Signature", layer=layer)
