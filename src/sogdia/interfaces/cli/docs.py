"""`sogdia docs`: one page per domain, derived from its prose, types, rules, refusals and answers."""

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from sogdia import app
from sogdia.core.module import Module, tag_of
from sogdia.core.state import Table
from sogdia.interfaces import words
from sogdia.interfaces.cli import registry
from sogdia.interfaces.cli.message_options import nested_types, notes_of, type_name
from sogdia.interfaces.cli.terminal import NO, stop, tell

HEADING = "<!-- Derived by `sogdia docs`; do not edit. -->\n"
_COUNTED = re.compile(r"\{(\w+)#[^|}]*\|([^}]*)\}")  # `{n#order|orders}`; a table has bars of its own


def write_pages(folder: Path, check: bool) -> None:
    """Write the pages, or with `check` say which are not up to date."""
    made = pages()
    if check:
        stale = [name for name, page in made.items() if _standing(folder / name) != page]
        if stale:
            tell("docs_stale", folder=folder, pages=stale)
            stop(NO)
        tell("docs_fresh", folder=folder, pages=len(made))
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in made.items():
        (folder / name).write_text(page, encoding="utf-8")
    tell("docs_written", folder=folder, pages=len(made))


def pages() -> dict[str, str]:
    """Every page by file name."""
    return {f"{module.name}.md": page(module) for module in app.MODULES}


def page(module: Module) -> str:
    """The page of one domain."""
    parts = [
        HEADING,
        f"# {module.name}\n",
        inspect.cleandoc(registry.promise(module.name)) + "\n",
        *_section("Messages", map(_message, module.messages)),
        *_section("Parts of messages", map(_part, _parts(module))),
        *_section("Events", map(_event, module.events)),
        *_section("Records", map(_table, _tables(module))),
        *_section("Refusals", [_refusals(module)]),
        *_section("Queries", map(_query, *_answers(module.name))),
    ]
    return "\n".join(parts)


def _section(title: str, parts: Iterable[str]) -> Iterator[str]:
    found = [part for part in parts if part]
    if found:
        yield f"## {title}\n"
        yield from found


def _standing(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


# --- one thing each -------------------------------------------------------------------------------------------------


def _message(kind: type[Any]) -> str:
    tag = tag_of(kind)
    example = msgspec.json.format(msgspec.json.encode(registry.example_of(tag)), indent=2).decode()
    name = tag.partition(".")[2].replace("_", "-")
    command = f"`sogdia {tag.partition('.')[0]} {name} --help` does it from a terminal.\n"
    return "\n".join([f"### {tag}\n", _doc(kind), _fields(kind), f"```json\n{example}\n```\n", command])


def _part(kind: type[Any]) -> str:
    return "\n".join([f"### {kind.__name__}\n", _doc(kind), _fields(kind)])


def _event(kind: type[Any]) -> str:
    told = [one.name for one in msgspec.structs.fields(kind) if one.name not in ("parties", "roles")]
    return f"- `{tag_of(kind)}`: {_first(kind)} Fields: {_names(told)}.\n"


def _table(table: Table[Any]) -> str:
    who = "anyone" if table.public else " and ".join(filter(None, [_names(table.seen_by), _roles(table.roles)]))
    proof = "Presence and absence can be proved." if table.proved else "A working note, outside the state tree."
    lines = [f"### {table.name}\n", f"{_doc(table.record)}"]
    lines.append(f"Key: {_names(table.key)}. May be read by {who or 'nobody outside'}. {proof}\n")
    lines.append(_fields(table.record, needed=False))
    return "\n".join(lines)


def _refusals(module: Module) -> str:
    english = words.catalogue("en")
    said = [(one, _COUNTED.sub(r"{\1} \2", english.get(f"refusal.{int(one)}", ""))) for one in module.refusals]
    rows = [(str(int(one)), one.name, text) for one, text in said]
    return _grid(("number", "name", "in words"), rows)


def _query(name: str, answer: Callable[..., Any]) -> str:
    given = list(inspect.signature(answer, eval_str=True).parameters.values())[2:]
    shown = [one.name if one.default is one.empty else f"{one.name}={one.default!r}" for one in given]
    return f"- `{name}({', '.join(shown)})`: {_flowing(answer)}\n"


def _answers(domain: str) -> tuple[list[str], list[Callable[..., Any]]]:
    found = {name: answer for one in app.QUERIES if one.domain == domain for name, answer in one.answers.items()}
    return [f"{domain}/{name}" for name in found], list(found.values())


def _tables(module: Module) -> list[Table[Any]]:
    """The domain's own tables; a module also lists those that its state asks of others."""
    return [table for table in module.tables if table.name.startswith(f"{module.name}.")]


def _parts(module: Module) -> list[type[Any]]:
    """The structs within the messages, each once, in the order in which they are met."""
    found: dict[type[Any], None] = {}
    waiting: list[type[Any]] = list(module.messages)
    while waiting:
        for one in msgspec.structs.fields(waiting.pop(0)):
            fresh = [kind for kind in nested_types(one.type) if kind not in found]
            found.update(dict.fromkeys(fresh))
            waiting += fresh
    return list(found)


# --- pieces ---------------------------------------------------------------------------------------------------------


def _fields(kind: type[Any], needed: bool = True) -> str:
    given = msgspec.structs.fields(kind)
    columns = {
        "field": [f"`{one.name}`" for one in given],
        "type": [type_name(one.type) for one in given],
        "unit, limits, source": [_clean(notes_of(one.type)) for one in given],
        "needed": [_need(one) for one in given] if needed else [],
    }
    filled = {heading: column for heading, column in columns.items() if any(column)}
    return _grid(list(filled), list(zip(*filled.values(), strict=True)))


def _need(one: Any) -> str:
    if one.required:
        return "yes"
    return "no" if one.default in (None, "", ()) or one.default is msgspec.NODEFAULT else f"no: `{one.default}`"


def _grid(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _doc(kind: type[Any]) -> str:
    return (inspect.getdoc(kind) or "") + "\n"


def _first(kind: type[Any]) -> str:
    return _flowing(kind).partition("\n\n")[0]


def _flowing(thing: Any) -> str:
    return " ".join((inspect.getdoc(thing) or "").split())


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _roles(roles: Sequence[str]) -> str:
    return f"the role{'s' if len(roles) > 1 else ''} {_names(roles)}" if roles else ""


def _clean(text: str) -> str:
    """Text that stands in a cell: its bars would end the cell."""
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]), "--check" in sys.argv)
