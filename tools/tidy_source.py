"""What tidy's rules look at: one text file, parsed once, and what a rule says about it."""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong, where, and what to do about it."""

    path: str
    line: int
    sentence: str
    rule: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence} [{self.rule}]"


@dataclass(frozen=True)
class Source:
    """One text file of the tree, its path relative to the root."""

    path: PurePosixPath
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.text.split("\n")[: None if self.text[-1:] != "\n" else -1]

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree; a SyntaxError where there is none."""
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node, parents before children."""
        return list(ast.walk(self.tree))

    @property
    def room(self) -> str:
        """`core` for src/sogdia/core/x.py, `app` for src/sogdia/app.py, empty outside src."""
        parts = self.path.parts
        return PurePosixPath(parts[2]).stem if parts[:2] == ("src", "sogdia") and len(parts) > 2 else ""

    @property
    def is_test(self) -> bool:
        """Whether pytest collects it."""
        return self.path.parts[0] == "tests" and self.path.name.startswith("test_") and self.path.suffix == ".py"


Said = Iterator[tuple[int, str]]
Rule = Callable[[Source], Said]
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(nodes: Iterable[ast.AST]) -> list[Function]:
    """The functions and methods among the nodes."""
    return [node for node in nodes if isinstance(node, Function)]


def length(node: Function) -> int:
    """Lines from `def` to the last one."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def called(node: ast.Call) -> str:
    """The plain name that is called; empty for a method."""
    return node.func.id if isinstance(node.func, ast.Name) else ""
