"""The events in a file of JSON, however it is put together: a document, an answer, a list, one event, one a line.

The text is cut at its events without reading them. What broken JSON was meant to be is not guessed: in lines of JSON
it costs its own line, elsewhere the file.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from sogdia.standards.epcis.checks import judge_fields, part
from sogdia.standards.epcis.contexts import NONE, STANDARD_CONTEXT, ContextRefused, Prefixes, read_context
from sogdia.standards.epcis.faults import Fault, shown
from sogdia.standards.epcis.master_data import VOCABULARY_LIST, read_vocabularies
from sogdia.standards.epcis.model import EVENT_TYPES, Vocabulary
from sogdia.standards.epcis.reading import UNREADABLE, plain_json, unreadable
from sogdia.standards.epcis.repairing.names import folded
from sogdia.standards.epcis.repairing.told import Repair

Raws = dict[str, msgspec.Raw]
Part = tuple[bytes, Prefixes, Fault | None]
"""The text of one event, the prefixes that hold before its own, and what is wrong where it cannot be read at all."""

_as_object: Final = msgspec.json.Decoder(Raws).decode
_as_list: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_BOM: Final = b"\xef\xbb\xbf"
_HEAD_BYTES: Final = 1 << 20
_HEAD_LINES: Final = 10
_BLANKS: Final = b" \t\r\n"
_DOCUMENTS: Final = ("epcisdocument", "epcisquerydocument")
_PATHS: Final = (
    ("epcisBody", "eventList"),
    ("epcisBody", "queryResults", "resultsBody", "eventList"),
    ("queryResults", "resultsBody", "eventList"),
    ("resultsBody", "eventList"),
    ("eventList",),
)
_LIST_HOLDERS: Final = frozenset(path[0].casefold() for path in _PATHS)
_TYPES: Final = {str(name).casefold(): str(name) for name in EVENT_TYPES}
_HEADER: Final = {
    "epcisHeader": part({"epcisMasterData": part({"vocabularyList": VOCABULARY_LIST}, is_open=True)}, is_open=True)
}


class Opened:
    """A file of JSON: its events one after the other; what else it says is known when they are over.

    `faults` and `repairs` concern the document; `vocabularies` are its master data.
    """

    def __init__(self, content: bytes) -> None:
        self.repairs: list[Repair] = []
        self.faults: list[Fault] = []
        self.vocabularies: list[Vocabulary] = []
        self._content = self._without_mark(content)

    def __iter__(self) -> Iterator[Part]:
        """Every event."""
        try:
            top = _top(self._content)
        except UNREADABLE as wrong:
            if _is_of_lines(self._content):
                yield from self._lines()
            else:
                self.faults.append(unreadable(0, wrong))
            return
        yield from self._within(top, self._content)

    def _without_mark(self, content: bytes) -> bytes:
        for mark, encoding in _MARKS:
            if content.startswith(mark):
                self._put("", f"{encoding} with a byte-order mark", "UTF-8")
                plain = content[len(mark) :]
                if encoding == "utf-8":
                    return plain
                try:
                    return plain.decode(encoding).encode()
                except UnicodeDecodeError as wrong:
                    self.faults.append(unreadable(0, wrong))
                    return b"[]"
        return content

    def _put(self, field: str, old: str, new: str) -> None:
        told = Repair(0, field, old, new, "document")
        if told not in self.repairs:
            self.repairs.append(told)

    def _lines(self) -> Iterator[Part]:
        self._put("", "one event on each line", "a list of events")
        content, start = self._content, 0
        while start < len(content):
            end = content.find(b"\n", start)
            end = len(content) if end < 0 else end
            line = content[start:end].strip(_BLANKS).removeprefix(_BOM)
            start = end + 1
            if not line:
                continue
            try:
                top = _top(line)
            except UNREADABLE as wrong:
                yield line, NONE, unreadable(1, wrong)
                continue
            yield from self._within(top, line)

    def _within(self, top: Raws | list[msgspec.Raw], text: bytes) -> Iterator[Part]:
        if isinstance(top, list):
            self._put("", "a list of events", "a document")
            yield from ((bytes(raw), NONE, None) for raw in top)
            return
        for name, inner in top.items():
            if folded(name) in _DOCUMENTS and len(top) == 1:
                self._put(name, "the document stands in it", "a document")
                yield from self._within(_top(inner), bytes(inner))
                return
        found = self._found(top)
        if found is None:
            yield text, NONE, None
            return
        prefixes = self._prefixes(top)
        self._read_header(top)
        if not self.faults:
            yield from ((event, prefixes, None) for event in self._listed(found))

    def _found(self, top: Raws) -> msgspec.Raw | None:
        """The list of events, None where the object is no document."""
        if not _LIST_HOLDERS.intersection(map(folded, top)):
            return None
        for path in _PATHS:
            names, inner = _followed(top, path)
            if inner is not None:
                if names != _PATHS[0] and names != _PATHS[1]:
                    self._put(".".join(path), ".".join(names), ".".join(path))
                return inner
        if "epcisbody" in map(folded, top):
            self.faults.append(Fault(0, "epcisBody.eventList", "", "is missing", "add it, in square brackets"))
            return msgspec.Raw(b"[]")
        return None

    def _prefixes(self, top: Raws) -> Prefixes:
        if "@context" not in top:
            self._put("@context", "", STANDARD_CONTEXT)
            return NONE
        try:
            return read_context(plain_json(top["@context"]))
        except ContextRefused as wrong:
            self.faults.append(Fault(0, wrong.field, wrong.value, wrong.wrong, wrong.remedy))
            return NONE

    def _read_header(self, top: Raws) -> None:
        if "epcisHeader" not in top:
            return
        header = {"epcisHeader": plain_json(top["epcisHeader"])}
        before = len(self.faults)

        def told(field: str, value: Any, wrong: str, remedy: str) -> None:
            self.faults.append(Fault(0, field, "" if value is None else shown(value), wrong, remedy))

        judge_fields(header, _HEADER, (), "", told, is_open=True)
        if len(self.faults) == before:
            held = header["epcisHeader"].get("epcisMasterData") or {}
            self.vocabularies += read_vocabularies(held.get("vocabularyList", ()))

    def _listed(self, raw: msgspec.Raw) -> Iterator[bytes]:
        top = _top(raw)
        if isinstance(top, list):
            yield from map(bytes, top)
            return
        if not top or any(name.casefold() not in _TYPES for name in top):
            self._put("eventList", "one event", "a list of one event")
            yield bytes(raw)
            return
        self._put("eventList", "events under the names of their types", "a list of events")
        for name, inner in top.items():
            found = _top(inner)
            for one in found if isinstance(found, list) else [inner]:
                yield _with_type(bytes(one), _TYPES[name.casefold()])


def _top(text: bytes | msgspec.Raw) -> Raws | list[msgspec.Raw]:
    """An object's or a list's parts; raises one of UNREADABLE for anything else."""
    try:
        return _as_object(text)
    except msgspec.ValidationError:
        return _as_list(text)


def _is_of_lines(content: bytes) -> bool:
    """Whether at least half of the first lines are an object for themselves."""
    lines = [line.strip(_BLANKS) for line in content[:_HEAD_BYTES].split(b"\n", _HEAD_LINES)[:_HEAD_LINES]]
    whole = [line for line in lines if line]
    return len(whole) > 1 and 2 * sum(map(_is_object, whole)) >= len(whole)


def _is_object(text: bytes) -> bool:
    try:
        _as_object(text)
    except UNREADABLE:
        return False
    return len(text) > 2


def _followed(top: Raws, path: tuple[str, ...]) -> tuple[tuple[str, ...], msgspec.Raw | None]:
    """The names under which the text has a path, and what is at its end."""
    names: list[str] = []
    found: msgspec.Raw | None = None
    here: Raws | list[msgspec.Raw] = top
    for name in path:
        if found is not None:
            here = _top(found)
        given = None if isinstance(here, list) else next((one for one in here if folded(one) == name.casefold()), None)
        if given is None or isinstance(here, list):
            return (), None
        names.append(given)
        found = here[given]
    return tuple(names), found


def _with_type(text: bytes, kind: str) -> bytes:
    try:
        top = _as_object(text)
    except UNREADABLE:
        return text
    if any(folded(name) in ("type", "isa", "@type") for name in top):
        return text
    return msgspec.json.encode({"type": kind, **top})
