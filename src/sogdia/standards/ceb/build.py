"""Plain data to bytes: writes one CEB message, every element in the order of the table.

Written as text, not as a tree: it is the faster way by far, and what is written is all that there is.
"""

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

import msgspec

from sogdia.standards.ceb.document import Document, Extension, Node, Record
from sogdia.standards.ceb.errors import BuildRefused
from sogdia.standards.ceb.facts import MESSAGES
from sogdia.standards.ceb.fields import BASE_SUBSCRIBE, BASE_TRANSFER, NAMESPACE, Field, Message
from sogdia.standards.ceb.values import is_absent, is_writable, write

_MARKUP = re.compile("[&<>\r]")
_TEXT = {"\r": "&#13;"}
_ATTRIBUTE = {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;", '"': "&quot;"}


def build(document: Document) -> bytes:
    """The message as UTF-8 XML, unsigned. Absent and blank values are left out, amounts keep up to 5 decimals.

    Writes what a document says, also where it breaks a rule: call `validate` first. Raises `BuildRefused` for what
    no XML of this message could carry: an unknown element, a number that its field cannot hold, a control character.
    """
    message = MESSAGES.get(document.number)
    if message is None:
        raise BuildRefused("no_message", f"there is no CEB{document.number} in the table", number=document.number)
    head = f'<ceb:{message.root} xmlns:ceb="{NAMESPACE}" guid="{_attribute(document.guid)}"'
    parts = [f'<?xml version="1.0" encoding="UTF-8"?>\n{head} version="{_attribute(document.version)}">']
    for node in document.nodes:
        parts.extend(_node(message, node))
    parts.extend(_envelope(document))
    parts.append(f"</ceb:{message.root}>")
    return "".join(parts).encode("utf-8")


def _node(message: Message, node: Node) -> Iterator[str]:
    if node.lines and message.line_element is None:
        raise BuildRefused("unknown_element", f"CEB{message.number} has no lines", element="lines")
    yield f"<ceb:{message.node_element}>"
    yield from _record(message.head_element, message.head, node.head)
    for line in node.lines:
        yield from _record(message.line_element, message.lines, line)
    yield f"</ceb:{message.node_element}>"


def _record(name: str | None, fields: tuple[Field, ...], record: Record) -> Iterator[str]:
    """The fields that have a value, in order, inside their element if there is one around them."""
    written = 0
    if name is not None:
        yield f"<ceb:{name}>"
    for field in fields:
        value = record.get(field.name)
        if value is None:
            continue
        written += 1
        if not is_absent(value):
            yield f"<ceb:{field.name}>{_escaped(write(field, value))}</ceb:{field.name}>"
    if written != len(record):
        _refuse_unknown(fields, record)
    if name is not None:
        yield f"</ceb:{name}>"


def _refuse_unknown(fields: tuple[Field, ...], record: Record) -> None:
    names = {field.name for field in fields}
    for name, value in record.items():
        if name not in names and value is not None:
            raise BuildRefused("unknown_element", f"{name} has no place here", element=name)


def _envelope(document: Document) -> Iterator[str]:
    """BaseTransfer, BaseSubscribe, ExtendMessage; `sign` puts the signature where the flow wants it."""
    if document.transfer is not None:
        yield from _record("BaseTransfer", BASE_TRANSFER, msgspec.to_builtins(document.transfer))
    for subscribe in document.subscribes:
        yield from _record("BaseSubscribe", BASE_SUBSCRIBE, msgspec.to_builtins(subscribe))
    if document.extension is not None:
        yield from _extension(document.extension)


def _extension(extension: Extension) -> Iterator[str]:
    yield "<ceb:ExtendMessage>"
    for name, text in (("name", extension.name), ("version", extension.version), ("Message", extension.message)):
        yield f"<ceb:{name}>{_escaped(_writable(name, text))}</ceb:{name}>"
    yield "</ceb:ExtendMessage>"


def _escaped(text: str) -> str:
    """Most values need nothing: one search is cheaper than four replacements."""
    return escape(text, _TEXT) if _MARKUP.search(text) else text


def _attribute(text: str) -> str:
    return escape(_writable("attribute", text), _ATTRIBUTE)


def _writable(element: str, text: str) -> str:
    if not is_writable(text):
        raise BuildRefused("illegal_character", f"{element} holds a character that XML cannot carry", element=element)
    return text
