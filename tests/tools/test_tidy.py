"""Every rule of tools/tidy.py says no on a made-up tree, and is quiet on a good one."""

import subprocess
import sys
from pathlib import Path

import pytest
import tidy

PROMISE = (
    '"""Orders: what a buyer asked for.\n\n' + "\n".join(f"Line {n} of the promise." for n in range(3, 12)) + '\n"""\n'
)
GOOD = {
    "src/sogdia/__init__.py": '"""Sogdia."""\n',
    "src/sogdia/core/__init__.py": '"""What a ledger is."""\n',
    "src/sogdia/core/values.py": (
        '"""Values."""\n\n\n'
        "def total_minor(lines: list[int]) -> int:\n"
        '    """Sum in minor units; refuses a float."""\n'
        "    if any(isinstance(line, float) for line in set(lines)):\n"
        "        raise TypeError\n"
        "    return sum(lines)\n"
    ),
    "src/sogdia/domains/__init__.py": '"""The parts of a trade."""\n',
    "src/sogdia/domains/orders/__init__.py": PROMISE,
    "src/sogdia/domains/orders/messages.py": '"""Messages."""\n',
    "src/sogdia/domains/orders/state.py": '"""State."""\n',
    "src/sogdia/domains/orders/rules/__init__.py": '"""Rules."""\n',
    "src/sogdia/domains/orders/queries.py": '"""Queries."""\n',
    "src/sogdia/interfaces/__init__.py": '"""Interfaces."""\n\nprint("hello")\n',
    "tests/core/test_values.py": "def test_sum():\n    assert 1 + 1 == 2\n",
    "Makefile": "all:\n\ttrue\n",
    "README.md": "# Sogdia\n",
}


def findings(root: Path, files: dict[str, str]) -> list[tidy.Finding]:
    """What tidy says of a tree with these files."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tidy.check(root)[0]


def module(body: str) -> str:
    """A module that has its docstring."""
    return f'"""A module."""\n\n{body}\n'


def documented(body: str) -> str:
    """A module with one documented function of this body."""
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    return module(f'def rule(held: set[str], rows: list[str]):\n    """Do."""\n{lines}'.rstrip())


def long_function(lines: int) -> str:
    """A module with one function of so many lines."""
    return documented("\n".join(["pass"] * (lines - 2)))


CORE = "src/sogdia/core/more.py"
APP = "src/sogdia/app.py"
TEST = "tests/core/test_more.py"
CLOCK = "import time\n\n\ndef test_speed():\n    begun = time.perf_counter()\n    took = time.perf_counter() - begun\n"

REFUSED = [
    ("file-size", "tests/core/sample.py", "pass\n" * 501),
    ("function-size", "tests/core/sample.py", long_function(71)),
    ("name", "src/sogdia/core/utils.py", module("")),
    ("name", "src/sogdia/core/helpers/__init__.py", module("")),
    ("name", "tests/common.py", ""),
    ("layout", "README.md", "# Sogdia \n"),
    ("layout", "docs/page.md", "a\tb\n"),
    ("layout", "docs/page.md", "no newline"),
    ("machine-path", "docs/page.md", "see /home/ann/notes\n"),
    ("machine-path", "docs/page.md", "see `/root/notes`\n"),
    ("machine-path", "tests/vectors.json", '"/work/main"\n'),
    ("registry", "package-lock.json", '"https://registry.npmjs.org/x"\n'),
    ("registry", "requirements/base.lock", "--index-url https://pypi.org/simple\n"),
    ("todo", APP, module("x = 1  # TODO later")),
    ("todo", "web/page.js", "// XXX odd\n"),
    ("secret", APP, module('PASSWORD = "correct-horse"')),
    ("private-key", "tests/key.pem", "-----BEGIN EC PRIVATE KEY-----\n"),
    ("mutable-default", APP, module('def f(rows=[]):\n    """Do."""')),
    ("mutable-default", APP, module('def f(*, rows=dict()):\n    """Do."""')),
    ("docstring", APP, "x = 1\n"),
    ("docstring", APP, module("def price():\n    return 1")),
    ("docstring", APP, module("class Price:\n    pass")),
    ("docstring", APP, module('class Price:\n    """A."""\n\n    def f(self):\n        x = 1\n        return x')),
    ("print", APP, module('print("x")')),
    ("float", CORE, module("x = 0.5")),
    ("float", CORE, module("x: float")),
    ("float", CORE, documented("return float(rows[0])")),
    ("clock-or-chance", CORE, module("import random")),
    ("clock-or-chance", CORE, module("from time import time_ns")),
    ("clock-or-chance", CORE, module("import secrets as s")),
    ("clock-or-chance", CORE, module("import socket, locale")),
    ("clock-or-chance", CORE, documented("return datetime.now(UTC)")),
    ("clock-or-chance", CORE, documented("return datetime.datetime.now()")),
    ("clock-or-chance", CORE, documented('return os.environ["A"]')),
    ("clock-or-chance", CORE, documented('return open("a")')),
    ("clock-or-chance", CORE, documented("return hash(rows)")),
    ("clock-or-chance", CORE, documented("return id(rows)")),
    ("set-order", CORE, documented("for row in set(rows):\n    pass")),
    ("set-order", CORE, documented("return [row for row in {1, 2}]")),
    ("set-order", CORE, documented("for row in held:\n    pass")),
    ("set-order", CORE, documented("seen = {row for row in rows}\nreturn list(seen)")),
    ("set-order", CORE, documented("for key in a.keys() - b.keys():\n    pass")),
    ("set-order", CORE, documented('return ",".join(held | {"x"})')),
    ("set-order", CORE, documented("return [*held]")),
    ("set-order", CORE, documented("return held.pop()")),
    ("set-order", CORE, documented("return sorted([c for c in rows for d in [x for x in held]])")),
    ("assert", TEST, "def test_nothing():\n    pass\n"),
    ("timed", TEST, CLOCK + "    assert took < 1\n"),
    ("timed", TEST, CLOCK + "    assert time.monotonic() - begun < 1\n"),
    ("timed", TEST, "import time\n\n\ndef test_it():\n    time.sleep(1)\n    assert True\n"),
    ("syntax", APP, "def\n"),
    ("package", "src/sogdia/core/lost/found.py", module("")),
    ("domain", "src/sogdia/domains/orders/extra.py", module("")),
    ("domain", "src/sogdia/domains/orders/rules.py", module("")),
    ("domain", "src/sogdia/domains/orders/__init__.py", '"""Too short a promise."""\n'),
    ("domain", "src/sogdia/domains/orders/__init__.py", '"""Long.\n' + "Line.\n" * 25 + '"""\n'),
]

ACCEPTED = [
    ("tests/core/sample.py", long_function(70)),
    (APP, module("import random\n\nx = random.random() * 0.5")),
    (APP, module('class Price:\n    """A."""\n\n    def minor(self):\n        return 1')),
    (APP, module("def _hidden():\n    x = 1\n    return x")),
    (APP, module('@total.setter\ndef total(value):\n    """Not ours."""')),
    (CORE, documented("return sorted(held), len(set(rows)), {row for row in held}")),
    (CORE, documented("return sum(1 for row in held), any([row for row in held])")),
    (CORE, documented("held = sorted(held)\nfor row in held:\n    pass")),
    (CORE, documented("for key in rows.keys():\n    pass")),
    ("src/sogdia/primitives/__init__.py", module("XXX = 'ISO 4217: no currency'")),
    (TEST, CLOCK + "    assert begun\n".replace("begun", "True")),
    (TEST, "import time\n\n\ndef test_it():\n    while not done():\n        time.sleep(1)\n    assert done()\n"),
    (TEST, "import pytest\n\n\ndef test_it():\n    with pytest.raises(ValueError):\n        int('x')\n"),
    ("tests/login.py", 'password = "correct-horse"\n'),
    ("tests/samples/order.csv", "a\tb "),
    ("docs/page.md", "GET https://example.org/home/page and /usr/lib/postgresql\n"),
    ("tests/image.bin", "\0/home/ann\n"),
]


def test_a_good_tree_has_nothing_to_mend(tmp_path: Path):
    assert findings(tmp_path, GOOD) == []


@pytest.mark.parametrize(("rule", "path", "text"), REFUSED, ids=[f"{rule}-{n}" for n, (rule, *_) in enumerate(REFUSED)])
def test_each_rule_says_no(tmp_path: Path, rule: str, path: str, text: str):
    assert {
        (found.rule, found.path.startswith(path.split("/")[0])) for found in findings(tmp_path, GOOD | {path: text})
    } == {(rule, True)}


@pytest.mark.parametrize(("path", "text"), ACCEPTED)
def test_what_only_looks_wrong_is_let_through(tmp_path: Path, path: str, text: str):
    assert findings(tmp_path, GOOD | {path: text}) == []


def test_every_rule_has_a_bad_example():
    every = {*tidy.ANY_FILE, *tidy.ANY_PYTHON, *tidy.CONSENSUS, *tidy.TESTS}
    assert every <= {rule for rule, *_ in REFUSED}


@pytest.mark.parametrize("missing", ["messages.py", "state.py", "queries.py", "rules/__init__.py", "__init__.py"])
def test_a_domain_has_all_its_files(tmp_path: Path, missing: str):
    files = {name: text for name, text in GOOD.items() if name != f"src/sogdia/domains/orders/{missing}"}
    assert "domain" in {found.rule for found in findings(tmp_path, files)}


def test_a_domain_of_two_subjects_is_refused_and_a_large_one_noted(tmp_path: Path):
    filler = {f"src/sogdia/domains/orders/rules/r{n}.py": module("x = 1\n" * 390) for n in range(4)}
    assert findings(tmp_path, GOOD | filler) == []
    assert any("orders has 15" in note for note in tidy.check(tmp_path)[1])
    more = {f"src/sogdia/domains/orders/rules/s{n}.py": module("x = 1\n" * 490) for n in range(2)}
    assert {found.rule for found in findings(tmp_path, more)} == {"domain"}


def test_the_median_file_stays_short(tmp_path: Path):
    files = {f"src/sogdia/core/m{n}.py": module("x = 1\n" * 160) for n in range(20)}
    assert [found.rule for found in findings(tmp_path, GOOD | files)] == ["median"]


def test_the_median_function_stays_short(tmp_path: Path):
    files = {f"src/sogdia/core/m{n}.py": long_function(13) for n in range(3)}
    assert [found.rule for found in findings(tmp_path, GOOD | files)] == ["median"]


def test_an_exception_holds_for_the_file_it_names_and_no_other(tmp_path: Path):
    drawing = {"src/sogdia/primitives/__init__.py": module(""), "src/sogdia/primitives/sealed/__init__.py": module("")}
    named = {"src/sogdia/primitives/sealed/envelope.py": module("import secrets")}
    other = {"src/sogdia/primitives/sealed/salts.py": module("import secrets")}
    assert findings(tmp_path, GOOD | drawing | named) == []
    assert [found.path for found in findings(tmp_path, other)] == list(other)


def test_every_exception_gives_its_reason():
    assert all(len(reason) > 10 for _, _, reason in tidy.EXCEPTIONS)


def test_git_decides_what_belongs_to_the_tree(tmp_path: Path):
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    assert findings(tmp_path, GOOD | {".gitignore": "built/\n", "built/page.md": "a\tb\n"}) == []
    assert [found.path for found in findings(tmp_path, {".ci/run.sh": "true \n"})] == [".ci/run.sh"]


def test_a_large_tree_is_checked_side_by_side_with_the_same_answer(tmp_path: Path):
    files = {f"src/sogdia/core/m{n}.py": module("x = 0.5") for n in range(120)}
    assert [found.path for found in findings(tmp_path, GOOD | files)] == sorted(files)


def test_the_command_names_the_place_and_the_remedy_and_fails(tmp_path: Path):
    findings(tmp_path, GOOD | {CORE: module("x = 0.5")})
    ran = subprocess.run([sys.executable, tidy.__file__, str(tmp_path)], capture_output=True, text=True)
    assert ran.returncode == 1
    assert f"{CORE}:3: the float 0.5; use an integer" in ran.stdout
    assert "note: 11 files" in ran.stdout
    assert ran.stdout.endswith("tidy: 1 to mend\n")


def test_the_command_ends_well_on_a_good_tree(tmp_path: Path):
    findings(tmp_path, GOOD)
    ran = subprocess.run([sys.executable, tidy.__file__, str(tmp_path)], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "tidy: nothing to mend")
