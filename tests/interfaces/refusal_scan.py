"""Reads from the source with which fields refusals are raised, so that no sentence asks for one that never comes."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from types import ModuleType

import sogdia.core
import sogdia.domains
import sogdia.primitives


def fields_passed() -> dict[int, set[str]]:
    """For each number that the code gives out, the fields that it carries wherever it is raised."""
    found: dict[int, set[str]] = {}
    for module in _modules():
        for code, fields in _File(module).calls():
            found[code] = found[code] & fields if code in found else fields
    return found


def _modules() -> Iterator[ModuleType]:
    for package in (sogdia.core, sogdia.primitives, sogdia.domains):
        for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not info.name.endswith(".queries"):
                yield importlib.import_module(info.name)


class _File:
    """One module's calls that carry a refusal's number."""

    def __init__(self, module: ModuleType) -> None:
        self.names = vars(module)
        self.tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
        self.functions = {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)}

    def calls(self) -> Iterator[tuple[int, set[str]]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and self._name(node) not in ("int", "IntEnum"):
                for code in filter(None, map(self._code, node.args)):
                    yield code, self._fields(node)

    def _fields(self, call: ast.Call) -> set[str]:
        """The call's own fields, and those that a helper of this module adds on the way to the refusal."""
        own = {keyword.arg for keyword in call.keywords if keyword.arg}
        helper = self.functions.get(self._name(call))
        inner = [n for n in ast.walk(helper) if isinstance(n, ast.Call)] if helper else []
        refusing = [one for one in inner if self._name(one).lower().lstrip("_") in ("refusal", "refuse_unless")]
        return own.union(*(self._fields(one) for one in refusing))

    def _code(self, node: ast.expr) -> IntEnum | None:
        if not isinstance(node, ast.Attribute):
            return None
        try:
            value = eval(ast.unparse(node), dict(self.names))
        except (NameError, AttributeError):
            return None
        return value if isinstance(value, IntEnum) else None

    def _name(self, call: ast.Call) -> str:
        return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
