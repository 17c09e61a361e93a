"""What the commands share towards a person: language, sentences, tables, progress, and failures in one clear sentence.

Exit status: 0 all is well; 1 the answer is no (refused, a check failed, the replay differs); 2 the command could not do
its work, with one sentence on standard error that says what, where, what was expected and what to do.
"""

import functools
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, NoReturn, ParamSpec

from sogdia.interfaces import words

P = ParamSpec("P")

NO: Final = 1
FAILED: Final = 2


class Failure(Exception):
    """A command cannot go on; `key` names its sentence in the catalogue under `[cli]`."""

    def __init__(self, key: str, /, **fields: Any) -> None:
        super().__init__(key, fields)
        self.key = key
        self.fields = fields


class _Chosen:
    language = ""


def choose_language(wanted: str) -> None:
    """Speak this language from now on; an empty one means what the environment asks for."""
    _Chosen.language = words.language_of(wanted) if wanted else words.language_of_environment()


def language() -> str:
    """The language to speak."""
    return _Chosen.language or words.language_of_environment()


def text(key: str, /, **fields: Any) -> str:
    """The sentence `[cli] key` in the chosen language."""
    return words.say(f"cli.{key}", language(), **fields)


def tell(key: str, /, **fields: Any) -> None:
    """Print a sentence of the catalogue on standard output."""
    print(text(key, **fields), flush=True)


def note(key: str, /, **fields: Any) -> None:
    """Print a sentence of the catalogue on standard error: what a machine that reads the output should not see."""
    print(text(key, **fields), file=sys.stderr)


def emit_json(value: Any, *, compact: bool = False) -> None:
    """Print a value as JSON, one line when compact."""
    import msgspec

    raw = msgspec.json.encode(value)
    print(raw.decode() if compact else msgspec.json.format(raw, indent=2).decode())


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table on a terminal, lines with tabs elsewhere; headings are keys under `[term]`."""
    lines = [[words.shown(cell) for cell in row] for row in rows]
    titles = [words.say(f"term.{name}", language()) for name in headings]
    if not sys.stdout.isatty():
        print("\n".join("\t".join(line) for line in [titles, *lines]))
        return
    from rich.console import Console
    from rich.table import Table

    made = Table(box=None, header_style="bold", pad_edge=False)
    for title in titles:
        made.add_column(title, overflow="fold")  # an identifier that is cut short is of no use
    for line in lines:
        made.add_row(*line)
    Console().print(made, markup=False)


def mark(holds: bool) -> str:
    """A tick or a cross, in colour on a terminal."""
    sign, colour = ("✓", "32") if holds else ("✗", "31")
    return f"\x1b[{colour}m{sign}\x1b[0m" if sys.stdout.isatty() else sign


@contextmanager
def progress(key: str, total: int, /, **fields: Any) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal, nothing elsewhere; call what is given with the work done so far."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(text(key, **fields), total=total)
        yield lambda done: bar.update(task, completed=done)


def stop(status: int) -> NoReturn:
    """End the command with this exit status."""
    import typer

    raise typer.Exit(status)


# Raised by other rooms for a person's mistake or a machine's trouble; each says in words what to do. By name, because
# importing them all would make every command slow.
_SPEAKING: Final = frozenset(
    "KeyringError NodeExists NoNode HttpProblem NodeUnreachable EvidenceUnreadable JournalDamaged SealMismatch "
    "MirrorError MalformedNote MalformedIdentifier EngineStopped Busy CorruptLog CorruptTree OrderFileRefused "
    "DidNotStart NetworkError CometbftMissing KeepsEnding RpcError RpcUnreachable RpcRefused LightBlockRefused "
    "NoHeader AddressUnusable UnknownRules".split()
)


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """A command whose expected failures end in one sentence and status 2; anything else is a bug and shows as one."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except BrokenPipeError:
            sys.stdout = None  # nobody reads any more: not worth a word at exit
            stop(NO)
        except Exception as error:
            sentence = explained(error)
            if sentence is None:
                raise
            print(text("failed", sentence=sentence), file=sys.stderr)
            stop(FAILED)

    return run


def explained(error: BaseException) -> str | None:
    """What an expected failure says to a person; None for a bug."""
    if isinstance(error, Failure):
        return text(error.key, **error.fields)
    if isinstance(error, OSError):
        where = error.filename if isinstance(error.filename, str) else ""
        return text("file", file=where or "?", problem=error.strerror or str(error))
    if any(kind.__name__ in _SPEAKING for kind in type(error).__mro__):
        sentence = getattr(error, "sentence", None)
        return str(sentence(language())) if callable(sentence) else str(error)
    return None


def reply_text(code: int, fields: Mapping[str, Any]) -> str:
    """A refusal in the chosen language."""
    return words.refusal_text(code, fields, language())


def pairs(given: Sequence[str], option: str) -> dict[str, str]:
    """`name=value` options as a dict."""
    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise Failure("not_a_pair", option=option, given=one)
        found[name] = value
    return found


def read_input(path: str) -> bytes:
    """The bytes of a file, or of standard input for `-`."""
    if path == "-":
        return sys.stdin.buffer.read()
    with open(path, "rb") as file:
        return file.read()


def decode_json(raw: bytes, where: str) -> Any:
    """The JSON value in these bytes; `where` names the file or option in the failure."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as wrong:
        raise Failure("not_json", where=where, problem=str(wrong)) from None
