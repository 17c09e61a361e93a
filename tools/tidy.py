"""Say no to what a reviewer would have to: sizes, names, the shape of a domain, what consensus code must not do.

`python tools/tidy.py [ROOT]` prints `file:line: what is wrong; what to do` and ends with 1 when there is any. Lines
that begin with `note:` do not count. Imports between rooms are import-linter's business, style within a line is ruff's.
Standard library only, and under two seconds for the whole tree.
"""

import ast
import gc
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from statistics import median

from tidy_consensus import clock_or_chance, floats, set_order
from tidy_source import Finding, Function, Rule, Said, Source, called, functions, length

FILE_LINES_LIMIT = 500
FILE_LINES_MEDIAN = 150
FUNCTION_LINES_LIMIT = 70
FUNCTION_LINES_MEDIAN = 12
DOMAIN_LINES_AIM = 1500
DOMAIN_LINES_LIMIT = 2000
DOMAIN_PROMISE_LINES = range(10, 26)
TESTS_RATIO = (1.0, 1.6)
TEXT_BYTES_LIMIT = 2_000_000  # larger files are data, not prose or code

EXCEPTIONS: tuple[tuple[str, str, str], ...] = (
    # rule, files, why it does not hold for them
    ("clock-or-chance", "src/sogdia/primitives/sealed/envelope.py", "the client draws salts and keys with it, no rule"),
    ("todo", "tools/tidy.py", "names what it forbids"),
    ("registry", "tools/tidy.py", "names what it forbids"),
    ("*", "tests/tools/test_tidy.py", "shows each rule on a bad example"),
    ("*", "LICENSE", "not ours to lay out"),
    ("*", "*_pb2.py*", "written by a program"),
)

ROOMS_OF_CONSENSUS = ("core", "primitives", "domains")
ROOMS_THAT_PRINT = ("interfaces",)
DOMAIN_FILES = frozenset({"__init__.py", "messages.py", "state.py", "queries.py"})
FORBIDDEN_NAMES = frozenset(
    name + plural for name in ("util", "common", "helper", "service", "manager", "workflow") for plural in ("", "s")
)
CLOCK_NAMES = ("perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns", "process_time", "time_ns")
CLOCK_CALLS = frozenset({*CLOCK_NAMES, *(f"time.{name}" for name in CLOCK_NAMES), "time.time"})

LAID_OUT = frozenset({"", ".py", ".pyi", ".md", ".toml", ".sh", ".html", ".js", ".css", ".sql", ".yml", ".proto"})
COUNTED = frozenset({".py", ".js", ".html", ".css"})
CODE = LAID_OUT - {".md", ".html"}
SILENT_DECORATORS = (".setter", ".deleter", "overload", "override")

MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:work|home|root|Users)/[\w.]")
REGISTRY = re.compile(
    r"\b(?:pypi\.org|pythonhosted\.org|npmjs\.org|crates\.io|(?:proxy|sum)\.golang\.org|repo1?\.maven)"
)
TODO = re.compile(r"\b(?:TODO|FIXME)\b|(?:#|//|/\*|<!--)\s*XXX\b")
KEY_SHAPE = re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}")
SECRET = re.compile(r"""(?i)\b\w*(?:password|passwd|secret|api_?key|access_?token)\s*[:=]\s*["'][^"'\s{}<>]{8,}["']""")
ASSERTS = re.compile(r"^\s+assert\b|\braises\(|\bassert_\w+\(", re.MULTILINE)


@dataclass
class FileReport:
    """What one file adds to the whole: its findings and its sizes in lines."""

    path: str
    findings: list[Finding] = field(default_factory=list)
    lines: int = 0
    function_lines: list[int] = field(default_factory=list)


# --- any file --------------------------------------------------------------------------------------------------------


def file_size(source: Source) -> Said:
    """No file over the limit."""
    if source.path.suffix in COUNTED and len(source.lines) > FILE_LINES_LIMIT:
        yield len(source.lines), f"{len(source.lines)} lines, {FILE_LINES_LIMIT} at most; split it by subject"


def names(source: Source) -> Said:
    """No folder or module whose name says nothing of its subject."""
    for part in source.path.parts:
        if PurePosixPath(part).stem in FORBIDDEN_NAMES and source.path.suffix == ".py":
            yield 1, f"'{part}' says nothing about what is in it; name it after its subject, in the trade's words"


def layout(source: Source) -> Said:
    """No trailing blanks, no tabs, a newline at the end."""
    if source.path.suffix not in LAID_OUT or not source.text:
        return
    for number, line in enumerate(source.lines, 1):
        if line != line.rstrip():
            yield number, "blanks at the end of the line; remove them"
        if "\t" in line and source.path.name != "Makefile":
            yield number, "a tab; use spaces, or \\t inside a string"
    if not source.text.endswith("\n"):
        yield len(source.lines), "no newline at the end of the file; add one"


def matches(pattern: re.Pattern[str], sentence: str, suffixes: frozenset[str] | None = None) -> Rule:
    """A rule that refuses each line in which the pattern is found."""

    def rule(source: Source) -> Said:
        if suffixes is None or source.path.suffix in suffixes:
            for match in pattern.finditer(source.text):
                yield source.text.count("\n", 0, match.start()) + 1, sentence.format(match.group().strip())

    return rule


def secrets(source: Source) -> Said:
    """No literal that looks like a password; tests have published ones."""
    if source.path.suffix in CODE and source.path.parts[0] != "tests":
        yield from matches(SECRET, "looks like a secret in clear; take it from the outside")(source)


# --- Python ----------------------------------------------------------------------------------------------------------


def function_size(source: Source) -> Said:
    """No function over the limit."""
    for node in functions(source.nodes):
        if length(node) > FUNCTION_LINES_LIMIT:
            yield (
                node.lineno,
                f"{node.name} has {length(node)} lines, {FUNCTION_LINES_LIMIT} at most; give its parts names",
            )


def mutable_default(source: Source) -> Said:
    """No default value that calls would share."""
    for node in functions(source.nodes):
        for default in (*node.args.defaults, *node.args.kw_defaults):
            made = isinstance(default, ast.Call) and called(default) in {"list", "dict", "set"}
            if default and (made or isinstance(default, ast.List | ast.Dict | ast.Set)):
                yield default.lineno, f"{node.name} has a default that all calls share; use () or None"


def docstrings(source: Source) -> Said:
    """Each public module, class and function says what it is; a method of one statement may be silent."""
    if not source.room:
        return
    if ast.get_docstring(source.tree) is None:
        yield 1, "the module has no docstring; say in one line what it is"
    yield from undocumented(source.tree.body, in_class=False)


def undocumented(body: list[ast.stmt], in_class: bool) -> Said:
    """The public definitions of a body, and of the classes in it, that say nothing."""
    for node in body:
        if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
            continue
        silent = isinstance(node, Function) and (
            (in_class and len(node.body) == 1)
            or any(ast.unparse(d).endswith(SILENT_DECORATORS) for d in node.decorator_list)
        )
        if ast.get_docstring(node) is None and not silent:
            yield node.lineno, f"{node.name} has no docstring; the first line says what, the rest why, units, errors"
        if isinstance(node, ast.ClassDef):
            yield from undocumented(node.body, in_class=True)


def printing(source: Source) -> Said:
    """No print but at a terminal."""
    if source.room and source.room not in ROOMS_THAT_PRINT:
        for node in source.nodes:
            if isinstance(node, ast.Call) and called(node) == "print":
                yield node.lineno, "print outside interfaces; return it, raise it or log it"


# --- tests -----------------------------------------------------------------------------------------------------------


def asserts(source: Source) -> Said:
    """Each test file can fail."""
    if not ASSERTS.search(source.text):
        yield 1, "a test file that asserts nothing; assert what must be true, or delete it"


def timed(source: Source) -> Said:
    """No test that passes or fails by the speed of the machine; waiting for a process in a loop is fine."""
    if not any(word in source.text for word in ("time.time", "time.sleep", *CLOCK_NAMES)):
        return
    looped = {id(n) for loop in source.nodes if isinstance(loop, ast.While | ast.For) for n in ast.walk(loop)}
    for node in source.nodes:
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep" and id(node) not in looped:
            yield node.lineno, "sleeps and hopes; wait in a loop for what must become true"
    for function in functions(source.nodes):
        measured = readings(function)
        for node in ast.walk(function):
            if isinstance(node, ast.Assert) and reads_clock(node.test, measured):
                yield node.lineno, "asserts a duration, which a busy machine breaks; measure it in bench/"


def readings(function: Function) -> set[str]:
    """Names in a function that hold a clock's reading or are made of one."""
    measured: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and reads_clock(node.value, measured):
            measured |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return measured


def reads_clock(expression: ast.AST, measured: set[str]) -> bool:
    """Whether an expression calls one of the `time` module's clocks or names a reading of it."""
    return any(
        (isinstance(node, ast.Name) and node.id in measured)
        or (isinstance(node, ast.Call) and ast.unparse(node.func) in CLOCK_CALLS)
        for node in ast.walk(expression)
    )


# --- the whole tree --------------------------------------------------------------------------------------------------

ANY_FILE: dict[str, Rule] = {
    "file-size": file_size,
    "name": names,
    "layout": layout,
    "machine-path": matches(MACHINE_PATH, "'{}...' is a path of one machine; make it relative or an argument"),
    "registry": matches(REGISTRY, "names the host of a package registry; leave it to the client's settings"),
    "todo": matches(TODO, "'{}' is work left lying; do it, or file an issue and delete the line", LAID_OUT),
    "secret": secrets,
    "private-key": matches(KEY_SHAPE, "looks like a private key; make one when it is needed"),
}
ANY_PYTHON: dict[str, Rule] = {
    "function-size": function_size,
    "mutable-default": mutable_default,
    "docstring": docstrings,
    "print": printing,
}
CONSENSUS: dict[str, Rule] = {"float": floats, "clock-or-chance": clock_or_chance, "set-order": set_order}
TESTS: dict[str, Rule] = {"assert": asserts, "timed": timed}


def excepted(rule: str, path: str) -> bool:
    """Whether the table of exceptions names this rule for this file."""
    return any(fnmatch(rule, named) and fnmatch(path, files) for named, files, _ in EXCEPTIONS)


def check_file(root: Path, path: PurePosixPath) -> FileReport | None:
    """Hold one file against the rules of its kind; None for what is not text."""
    try:
        raw = (root / path).read_bytes()
        source = Source(path, raw.decode("utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    if len(raw) > TEXT_BYTES_LIMIT or b"\0" in raw:
        return None
    report = FileReport(str(path), lines=len(source.lines))
    rules = dict(ANY_FILE)
    if path.suffix == ".py":
        try:
            report.function_lines = [length(node) for node in functions(source.nodes)]
        except SyntaxError as error:
            report.findings.append(Finding(report.path, error.lineno or 1, f"is not Python: {error.msg}", "syntax"))
            return report
        rules |= ANY_PYTHON
        rules |= CONSENSUS if source.room in ROOMS_OF_CONSENSUS else {}
        rules |= TESTS if source.is_test else {}
    for name, rule in rules.items():
        if not excepted(name, report.path):
            report.findings += [Finding(report.path, line, sentence, name) for line, sentence in rule(source)]
    return report


def domain_shape(root: Path) -> Iterator[Finding]:
    """Each domain is the same five files, and says first what it promises."""
    for domain in sorted((root / "src/sogdia/domains").glob("*/")):
        if not domain.is_dir() or domain.name.startswith(("_", ".")):
            continue
        path = domain.relative_to(root).as_posix()
        found = {child.name for child in domain.iterdir() if child.name != "__pycache__"}
        rules = found & {"rules", "rules.py"}
        for name in sorted(DOMAIN_FILES - found | ({"rules.py"} if len(rules) != 1 else set())):
            yield Finding(path, 1, f"needs exactly one {name}, or rules/ for rules.py; every domain has it", "domain")
        for name in sorted(found - DOMAIN_FILES - rules):
            yield Finding(f"{path}/{name}", 1, "a domain has no such file; put it into one of its five", "domain")
        if "__init__.py" in found:
            promise = ast.get_docstring(ast.parse((domain / "__init__.py").read_text(encoding="utf-8"))) or ""
            if len(promise.splitlines()) not in DOMAIN_PROMISE_LINES:
                told = f"{len(promise.splitlines())} lines of docstring, 10 to 25 are due"
                yield Finding(f"{path}/__init__.py", 1, f"{told}: what it promises, who signs what", "domain")


def packages(paths: Iterable[PurePosixPath]) -> Iterator[Finding]:
    """Each folder of src that holds modules is a package, or import-linter would not see it."""
    modules = {path for path in paths if path.parts[0] == "src" and path.suffix == ".py"}
    for folder in sorted(
        {path.parent for path in modules} - {path.parent for path in modules if path.stem == "__init__"}
    ):
        yield Finding(str(folder), 1, "has modules and no __init__.py; add one that says what the folder is", "package")


def totals(reports: list[FileReport]) -> Iterator[Finding | str]:
    """Medians, the size of each domain, and how much test there is for the code; a str is only a note."""
    code = [report for report in reports if report.path.startswith("src/") and report.path.endswith(".py")]
    tests = sum(report.lines for report in reports if report.path.startswith("tests/") and report.path.endswith(".py"))
    if not code:
        return
    lines = sum(report.lines for report in code)
    file_median = median(report.lines for report in code)
    function_median = median([size for report in code for size in report.function_lines] or [0])
    yield f"{len(code)} files, {lines} lines; median file {file_median:g} lines, median function {function_median:g}"
    if file_median > FILE_LINES_MEDIAN:
        yield Finding("src", 1, f"the median file has {file_median:g} lines, {FILE_LINES_MEDIAN} at most", "median")
    if function_median > FUNCTION_LINES_MEDIAN:
        sizes = f"{function_median:g} lines, {FUNCTION_LINES_MEDIAN} at most"
        yield Finding("src", 1, f"the median function has {sizes}", "median")
    yield from domain_sizes(code)
    aim = TESTS_RATIO[0] <= tests / max(lines, 1) <= TESTS_RATIO[1]
    yield f"tests are {tests / max(lines, 1):.2f} times the code" + ("" if aim else "; 1.0 to 1.6 are aimed at")


def domain_sizes(code: list[FileReport]) -> Iterator[Finding | str]:
    """The lines of each domain against its budget."""
    sizes: dict[str, int] = {}
    for report in code:
        parts = PurePosixPath(report.path).parts
        if parts[2:3] == ("domains",) and len(parts) > 4:
            sizes["/".join(parts[:4])] = sizes.get("/".join(parts[:4]), 0) + report.lines
    for path, size in sizes.items():
        if size > DOMAIN_LINES_LIMIT:
            yield Finding(path, 1, f"{size} lines, {DOMAIN_LINES_LIMIT} at most; two subjects live here", "domain")
        elif size > DOMAIN_LINES_AIM:
            yield f"{path} has {size} lines, about {DOMAIN_LINES_AIM} are aimed at"


def tracked(root: Path) -> list[PurePosixPath]:
    """The files that git has or would take; outside a repository, all that are not hidden."""
    asked = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, capture_output=True, text=True)
    if listed.returncode == 0:
        found = {PurePosixPath(name) for name in listed.stdout.split("\0") if name}
    else:
        found = {PurePosixPath(path.relative_to(root).as_posix()) for path in root.rglob("*")}
        found = {path for path in found if not any(part.startswith((".", "__pycache__")) for part in path.parts)}
    return sorted(path for path in found if (root / path).is_file())


def check(root: Path) -> tuple[list[Finding], list[str]]:
    """Everything that is wrong in a tree, and the notes."""
    paths = tracked(root)
    if len(paths) < 100:
        reports = [check_file(root, path) for path in paths]
    else:
        with ProcessPoolExecutor(min(os.cpu_count() or 1, 8), initializer=gc.disable) as pool:
            reports = list(pool.map(check_file, [root] * len(paths), paths, chunksize=8))
    texts = [report for report in reports if report is not None]
    findings = [finding for report in texts for finding in report.findings]
    summed = list(totals(texts))
    findings += [*domain_shape(root), *packages(paths), *(each for each in summed if isinstance(each, Finding))]
    return sorted(findings), [each for each in summed if isinstance(each, str)]


def main(arguments: list[str]) -> int:
    """Check the tree given or the one this file lies in; 1 when there is anything to mend."""
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    findings, notes = check(root)
    for finding in findings:
        print(finding)
    for note in notes:
        print(f"note: {note}")
    print(f"tidy: {len(findings)} to mend" if findings else "tidy: nothing to mend")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
