"""Which encoding a file is in, judged from all of its bytes and not from its first lines.

Order: a byte order mark; UTF-8 when the lines that are not ASCII are UTF-8 for the greater part (the few others are
set aside, row by row); GB18030 when the whole file decodes and its high bytes come in pairs as Chinese text has them;
else Windows-1252, or Latin-1 when it holds bytes that Windows-1252 leaves open.
"""

from __future__ import annotations

import codecs
import re

import msgspec

_HIGH = re.compile(rb"[\x80-\xff]+")
_HANZI = re.compile(rb"(?:[\xb0-\xf7][\xa1-\xfe]|[\xa1-\xa9][\xa1-\xfe])+")
_OPEN_IN_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r")
_BREAK = re.compile(rb"[\r\n]")
_SAMPLE_LINES = 20_000
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_KINDS = (
    (b"PK\x03\x04", "is_zip"),
    (b"\xd0\xcf\x11\xe0", "is_old"),
    (b"%PDF", "is_pdf"),
    (b"SQLite format 3", "is_database"),
    (b"\x1f\x8b", "is_gzip_twice"),
    (b"\x89PNG", "is_picture"),
    (b"\x7fELF", "is_program"),
)


class EncodingGuess(msgspec.Struct, frozen=True):
    """`codec` and `errors` for decoding; `name` is what a person is told."""

    name: str
    codec: str
    errors: str

    def raw_bytes(self, text: str) -> bytes:
        """The bytes that `text` stood for in the file (without its byte order mark)."""
        return text.encode("utf-8" if self.codec == "utf-8-sig" else self.codec, self.errors)

    def damaged(self, text: str) -> bool:
        """True when `text` holds bytes that are not of this encoding."""
        if self.errors == "replace":
            return "\ufffd" in text
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            return True
        return False


class Evidence:
    """What is gathered about a file's bytes, chunk by chunk, in bounded memory.

    `kind` is what it is when it is no text: the code of the refusal.
    """

    def __init__(self) -> None:
        self.kind: str | None = None
        self.longest_line = 0
        self.has_nul = False
        self._mark = ""
        self._started = False
        self._line = 0
        self._tail = b""
        self._utf8_lines = self._other_lines = 0
        self._high_bytes = self._paired_bytes = 0
        self._left_open = False
        self._decoders = {name: codecs.getincrementaldecoder(name)("strict") for name in ("utf-8", "gb18030")}

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the decompressed file."""
        if not self._started:
            self._started = True
            self._look_at_head(chunk)
        self._measure(chunk)
        if self._mark.startswith("utf-16"):
            return
        self.has_nul = self.has_nul or b"\0" in chunk
        self._try_decoders(chunk)
        if chunk.isascii() and self._tail.isascii():
            self._tail = b""
        else:
            self._look_at_high_lines(chunk)

    def guess(self) -> EncodingGuess:
        """The verdict once every byte was fed."""
        if self._mark.startswith("utf-16"):
            return EncodingGuess(f"{self._mark} with BOM", self._mark, "replace")
        self._judge(self._tail)
        self._try_decoders(b"", final=True)
        if self._mark:
            return EncodingGuess("utf-8 with BOM", "utf-8-sig", "surrogateescape")
        if "utf-8" in self._decoders or self._utf8_lines > self._other_lines:
            return EncodingGuess("utf-8", "utf-8", "surrogateescape")
        if self._is_gb18030():
            return EncodingGuess("gb18030", "gb18030", "strict")
        if self._left_open:
            return EncodingGuess("latin-1", "latin-1", "strict")
        return EncodingGuess("cp1252", "cp1252", "strict")

    def _look_at_head(self, chunk: bytes) -> None:
        for mark, name in _MARKS:
            if chunk.startswith(mark):
                self._mark = name
        for start, kind in _KINDS:
            if chunk.startswith(start):
                self.kind = kind
        head = chunk[:4096]
        if not self._mark and len(head.translate(None, _CONTROLS)) * 20 < len(head) * 19:
            self.kind = "is_binary"

    def _measure(self, chunk: bytes) -> None:
        parts = _BREAK.split(chunk)
        self.longest_line = max(self.longest_line, self._line + len(parts[0]), *map(len, parts[1:]))
        self._line = self._line + len(chunk) if len(parts) == 1 else len(parts[-1])

    def _try_decoders(self, chunk: bytes, final: bool = False) -> None:
        for name, decoder in tuple(self._decoders.items()):
            try:
                decoder.decode(chunk, final)
            except UnicodeDecodeError:
                del self._decoders[name]

    def _is_gb18030(self) -> bool:
        """Latin text also decodes as GB18030 at times; its high bytes stand alone, those of Chinese in pairs."""
        return "gb18030" in self._decoders and self._paired_bytes * 10 >= self._high_bytes * 9

    def _look_at_high_lines(self, chunk: bytes) -> None:
        text = self._tail + chunk
        cut = max(text.rfind(b"\n"), text.rfind(b"\r")) + 1
        if cut == 0 and len(text) > 1_000_000:
            cut = len(text)
        self._judge(text[:cut])
        self._tail = text[cut:]

    def _judge(self, text: bytes) -> None:
        if text.isascii():
            return
        self._left_open = self._left_open or _OPEN_IN_1252.search(text) is not None
        for line in _BREAK.split(text):
            if self._utf8_lines + self._other_lines > _SAMPLE_LINES:
                return
            if not line.isascii():
                self._judge_line(line)

    def _judge_line(self, line: bytes) -> None:
        try:
            line.decode("utf-8")
            self._utf8_lines += 1
        except UnicodeDecodeError:
            self._other_lines += 1
        for run in _HIGH.findall(line):
            self._high_bytes += len(run)
            self._paired_bytes += sum(map(len, _HANZI.findall(run)))
