"""A process's log: what it prints goes to a file that is begun anew when it has grown large."""

import io
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import IO, Final

SIZE_BYTES: Final = 10 * 1024 * 1024
KEPT: Final = 3
"""How many full files are kept beside the one that is written: .1 is the newest."""
TAIL_BYTES: Final = 64 * 1024
TAIL_LINES: Final = 12
TAIL_LINE_LENGTH: Final = 400


class LogFile:
    """Lines of one process, in files of bounded size.

    `alarm` is a text by which the process says that it lives on but works no more; `alarmed` is set when it comes.
    """

    def __init__(self, path: Path, size_bytes: int = SIZE_BYTES, kept: int = KEPT, alarm: bytes = b"") -> None:
        self.path = path
        self.alarmed = Event()
        self._alarm = alarm
        self._size_bytes = size_bytes
        self._kept = kept

    def follow(self, stream: IO[bytes]) -> Thread:
        """Write what comes out of the stream until it ends, in a thread of its own."""
        thread = Thread(target=self._write_all, args=(stream,), name=f"log {self.path.name}", daemon=True)
        thread.start()
        return thread

    def tail(self) -> str:
        """The last lines that say something, long ones cut: what a Go program writes below its panic is its stack."""
        lines = [line[:TAIL_LINE_LENGTH] for line in self._end().decode(errors="replace").splitlines()]
        panics = [number for number, line in enumerate(lines) if line.startswith("panic:")]
        shown = lines[panics[-1] :][:TAIL_LINES] if panics else lines[-TAIL_LINES:]
        return "\n".join(shown).strip()

    def _end(self) -> bytes:
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, file.seek(0, io.SEEK_END) - TAIL_BYTES))
                return file.read()
        except FileNotFoundError:
            return b""

    def _write_all(self, stream: IO[bytes]) -> None:
        file: io.FileIO | None = None
        try:
            with stream:
                for line in stream:
                    with suppress(OSError):  # on a full disk the line is lost; who says it must still be heard
                        file = self._room_for(line, file)
                        file.write(line)
                    if self._alarm and self._alarm in line:
                        self.alarmed.set()
        finally:
            if file is not None:
                file.close()

    def _room_for(self, line: bytes, file: io.FileIO | None) -> io.FileIO:
        if file is not None and not file.closed and file.tell() and file.tell() + len(line) > self._size_bytes:
            file.close()
            self._put_aside()
        return self._open() if file is None or file.closed else file

    def _open(self) -> io.FileIO:
        return self.path.open("ab", buffering=0)

    def _put_aside(self) -> None:
        for number in range(self._kept, 0, -1):
            older = self.path if number == 1 else self._named(number - 1)
            if older.exists():
                older.replace(self._named(number))

    def _named(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")
