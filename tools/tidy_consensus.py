"""Tidy's rules for `core`, `primitives` and `domains`: the same bytes in the same order give the same state.

So no float, no clock, no chance, no environment, no file, and nothing whose order a hash seed decides. What is imported
from where is import-linter's business; these rules see what is done with it.
"""

import ast
from collections.abc import Iterator

from tidy_source import Function, Said, Source, called, functions

FORBIDDEN_MODULES = frozenset({"random", "secrets", "time", "locale", "socket", "uuid", "tempfile"})
FORBIDDEN_CALLS = {
    "open": "reads a file; take the bytes as an argument",
    "hash": "differs between two runs of Python; use SHA-256",
    "id": "is an address in memory; compare values",
    "input": "asks a terminal; take an argument",
}
FORBIDDEN_ATTRIBUTES = frozenset(
    {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("os", "environ")}
    | {("os", "getenv"), ("os", "urandom"), ("uuid", "uuid4")}
)
ORDER_FREE = frozenset({"sorted", "min", "max", "sum", "len", "any", "all", "set", "frozenset", "Counter"})
ORDERED_COPIES = frozenset({"list", "tuple", "enumerate", "iter", "zip", "map", "dict"})
SET_TYPES = frozenset({"set", "frozenset", "Set", "AbstractSet", "MutableSet"})


def floats(source: Source) -> Said:
    """No float, except to refuse one: `isinstance(value, float)`."""
    refused = {
        id(name)
        for node in source.nodes
        if isinstance(node, ast.Call) and called(node) == "isinstance"
        for name in ast.walk(node)
    }
    for node in source.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield node.lineno, f"the float {node.value}; use an integer of minor units, a Decimal or a fraction"
        if isinstance(node, ast.Name) and node.id == "float" and id(node) not in refused:
            yield node.lineno, "a float; use an integer of minor units, a Decimal or a fraction"


def clock_or_chance(source: Source) -> Said:
    """No clock, randomness, environment, file or memory address."""
    for node in source.nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            for name in [module] if module else [alias.name for alias in node.names]:
                if name.split(".")[0] in FORBIDDEN_MODULES:
                    yield node.lineno, f"imports {name}; time is the block's, and nothing here is left to chance"
        elif isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if (owner, node.attr) in FORBIDDEN_ATTRIBUTES:
                told = f"{owner}.{node.attr} differs between two nodes"
                yield node.lineno, f"{told}; time is the block's, all else an argument"
        elif isinstance(node, ast.Call) and called(node) in FORBIDDEN_CALLS:
            yield node.lineno, f"{called(node)}() {FORBIDDEN_CALLS[called(node)]}"


def set_order(source: Source) -> Said:
    """Nothing walks a set in the order that this run's hash seed gives it (a heuristic: local names and literals)."""
    for scope in [source.tree, *functions(source.nodes)]:
        nodes = list(within(scope))
        unordered = local_sets(scope, nodes)
        for node in nodes:
            for walked in walks(node):
                if is_set(walked, unordered):
                    yield walked.lineno, "walks a set, whose order differs between two runs; put sorted() around it"


def within(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope without those of the functions in it; order-free consumers hide their generator."""
    waiting = [scope]
    while waiting:
        node = waiting.pop()
        children = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.Call) and called(node) in ORDER_FREE:
            generators = [arg for arg in node.args if isinstance(arg, ast.GeneratorExp | ast.ListComp)]
            children = [child for child in children if child not in generators]
            children += [part for generator in generators for part in inside(generator)]
        yield node
        waiting += [child for child in children if not isinstance(child, Function)]


def inside(generator: ast.GeneratorExp | ast.ListComp) -> Iterator[ast.AST]:
    """What a generator is made of, without itself."""
    yield generator.elt
    for comprehension in generator.generators:
        yield from ast.iter_child_nodes(comprehension)


def local_sets(scope: ast.AST, nodes: list[ast.AST]) -> frozenset[str]:
    """Names of the scope that always hold a set."""
    held: dict[str, bool] = {}
    if isinstance(scope, Function):
        for arg in (*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs):
            held[arg.arg] = is_set_type(arg.annotation)
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    held[target.id] = held.get(target.id, True) and is_set(node.value, frozenset())
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            held[node.target.id] = is_set_type(node.annotation)
    return frozenset(name for name, holds in held.items() if holds)


def is_set_type(annotation: ast.expr | None) -> bool:
    """Whether an annotation reads set[...] or a kin of it."""
    outer = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return isinstance(outer, ast.Name) and outer.id in SET_TYPES


def is_set(node: ast.AST, unordered: frozenset[str]) -> bool:
    """Whether an expression can be seen to be a set."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr | ast.BitXor | ast.Sub):
        sides = (node.left, node.right)
        keys = any(isinstance(side, ast.Call) and is_method(side, "keys") for side in sides)
        return keys or any(is_set(side, unordered) for side in sides)
    if isinstance(node, ast.Call):
        return called(node) in {"set", "frozenset"}
    return isinstance(node, ast.Set | ast.SetComp) or (isinstance(node, ast.Name) and node.id in unordered)


def walks(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions whose order a node makes visible."""
    if isinstance(node, ast.For):
        yield node.iter
    elif isinstance(node, ast.ListComp | ast.DictComp | ast.GeneratorExp):
        yield from (generator.iter for generator in node.generators)
    elif isinstance(node, ast.Starred):
        yield node.value
    elif isinstance(node, ast.Call):
        if is_method(node, "join") or called(node) in ORDERED_COPIES:
            yield from node.args
        if isinstance(node.func, ast.Attribute) and node.func.attr == "pop" and not node.args:
            yield node.func.value


def is_method(node: ast.Call, name: str) -> bool:
    """Whether a call is of a method with this name."""
    return isinstance(node.func, ast.Attribute) and node.func.attr == name
