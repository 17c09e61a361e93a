"""What the pages say is so: links, files, numbers, tags, first command. That their commands run: tests/docs."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest
import tidy

from sogdia import app
from sogdia.client import evidence
from sogdia.core import machine, receipt, transaction
from sogdia.core.module import tag_of
from sogdia.engines import embedded
from sogdia.interfaces.http.application import ROUTES
from tests.docs.pages import ROOT, WRITTEN, blocks, prose

README, DOCS = ROOT / "README.md", ROOT / "docs"
WORKED = DOCS / "add-a-transaction-type.md"
ADRS = sorted((DOCS / "adr").glob("[0-9]*.md"))
TAGS = {tag_of(kind) for module in app.MODULES for kind in (*module.messages, *module.events)}
NAMES = TAGS | set(app.TABLES)
DOMAINS = {module.name for module in app.MODULES}

every_page = pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))


def quoted(page: Path) -> set[str]:
    """What stands in backticks in a page's prose."""
    return set(re.findall(r"`([^`\n]+)`", prose(page)))


def flat(page: Path) -> str:
    """A page with every break between words made one space."""
    return re.sub(r"\s+", " ", page.read_text(encoding="utf-8"))


# --- any page -------------------------------------------------------------------------------------------------------


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if not target.startswith(("http://", "https://", "#")):
            assert (page.parent / target.partition("#")[0]).exists(), f"{page.name}: {target}"


@every_page
def test_every_file_that_is_named_is_there(page: Path) -> None:
    rooted = re.compile(r"(?:src|tests|docs|tools|bench|requirements|changes)/[\w./-]*")
    bare = re.compile(r"[\w-]+\.(?:py|toml|md)")
    written_here = set(re.findall(r"^cat > (\S+)|^# (\S+)$", page.read_text(encoding="utf-8"), re.MULTILINE))
    made = {name for pair in written_here for name in pair if name}
    for name in quoted(page):
        if rooted.fullmatch(name) and name not in made:
            assert (ROOT / name).exists(), f"{page.name}: {name}"
        elif bare.fullmatch(name) and name not in made and "NNNN" not in name:
            assert any(ROOT.glob(name)) or any(ROOT.glob(f"*/**/{name}")), f"{page.name}: {name}"


@every_page
def test_every_tag_and_table_that_is_named_exists(page: Path) -> None:
    own = set(re.findall(r'"(orders\.confirm\w*)"', page.read_text(encoding="utf-8")))
    for name in quoted(page):
        if re.fullmatch(r"[a-z]+\.[a-z_]+", name) and name.partition(".")[0] in DOMAINS:
            assert name in NAMES | own or name.endswith((".py", ".toml")), f"{page.name}: {name}"


@every_page
def test_no_page_names_a_path_of_a_machine_or_a_registry(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not tidy.MACHINE_PATH.search(text)
    assert not tidy.REGISTRY.search(text)


# --- the README -----------------------------------------------------------------------------------------------------


def test_the_first_command_stands_by_line_25() -> None:
    lines = README.read_text(encoding="utf-8").splitlines()
    assert next(number for number, line in enumerate(lines, 1) if line.startswith("make ")) <= 25
    assert next(line for line in lines if line.startswith("make ")) == "make demo"


def test_the_readme_names_the_test_command_where_it_is_looked_for() -> None:
    named = [line for block in blocks(README, "") for line in block.splitlines() if line.startswith("make test")]
    assert len(named) == 1


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in WRITTEN:
        named = set(re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
        assert named <= targets, page.name


# --- decisions ------------------------------------------------------------------------------------------------------


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(page.name[:4]) for page in ADRS] == list(range(len(ADRS)))


@pytest.mark.parametrize("page", ADRS, ids=lambda page: page.stem)
def test_a_decision_says_why_what_and_what_follows(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {page.name[:4]}: ")
    assert re.search(r"^Date: \S+\. Status: (proposed|decided|replaced by)", text, re.MULTILINE)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


# --- pages against the code -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "struct",
    [evidence.Evidence, evidence.LoggedTransaction, evidence.ProvedRecord, evidence.EarlierCheckpoint, receipt.Receipt],
)
def test_the_page_on_evidence_names_every_field(struct: type[msgspec.Struct]) -> None:
    named = set(re.findall(r"[`.\]]([a-z_]+)(?:\[\])?`", (DOCS / "evidence.md").read_text(encoding="utf-8")))
    assert set(struct.__struct_fields__) - {"proof"} <= named


def test_the_limits_that_the_pages_tell_are_those_of_the_code() -> None:
    consensus, security = (flat(DOCS / name) for name in ("consensus.md", "security.md"))
    assert f"envelope ({transaction.ENVELOPE_LIMIT_BYTES // 1024} KiB)" in consensus
    assert f"messages ({transaction.MESSAGES_LIMIT})" in consensus
    assert f"signatures ({transaction.SIGNATURES_LIMIT})" in consensus
    assert f"({transaction.VALIDITY_LIMIT_MS // 3_600_000} hours beyond the block)" in consensus
    assert f"{embedded.WAITING_LIMIT:,} waiting" in security
    assert f"{embedded.BLOCK_LIMIT:,} or {embedded.BLOCK_LIMIT_BYTES >> 20} MiB for a block" in security


def test_the_letters_of_store_keys_are_those_of_the_machine() -> None:
    told = set(re.findall(r"^\| ([A-Z]) \|", (DOCS / "architecture.md").read_text(encoding="utf-8"), re.MULTILINE))
    sentence = (machine.__doc__ or "").partition("Store keys:")[2]
    assert told == set(re.findall(r"\b([A-Z]) (?:\w|\()", sentence))


def test_the_order_of_domains_is_that_of_the_contract() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (layers,) = (one["layers"] for one in contracts if one.get("containers") == ["sogdia.domains"])
    assert " > ".join(layer.replace("(", "").replace(")", "") for layer in layers) in flat(DOCS / "architecture.md")


def test_every_route_that_a_page_names_exists() -> None:
    routes = {(method, path) for handler in ROUTES for method in handler.http_methods for path in handler.paths}
    for page in WRITTEN:
        for method, path in re.findall(r"`(GET|POST|DELETE) (/[a-z/]+)", page.read_text(encoding="utf-8")):
            assert (method, path) in routes, f"{page.name}: {method} {path}"


def test_refusal_numbers_begin_where_the_page_says() -> None:
    told = flat(DOCS / "architecture.md")
    for module in app.MODULES:
        assert f"{module.name} {module.number}" in told


# --- the worked example ---------------------------------------------------------------------------------------------


def spliced(text: str, hunk: str) -> str:
    """The text after one hunk of the page: context must stand there, and once."""
    lines = hunk.splitlines()
    old = "\n".join(line[1:] for line in lines if not line.startswith("+"))
    new = "\n".join(line[1:] for line in lines if not line.startswith("-"))
    at = [found.start() for found in re.finditer(f"^{re.escape(old)}", text, re.MULTILINE)] if old else []
    if len(at) == 1:
        return text[: at[0]] + new + text[at[0] + len(old) :]
    raise AssertionError(f"{WORKED.name}: this context stands {len(at)} times in the code:\n{old}")


def appended(text: str, words: str) -> str:
    """The catalogue with these words behind the last number before theirs."""
    before = int(words.partition(" ")[0]) - 1
    return re.sub(rf"^{before} = .*\n", lambda found: found[0] + words, text, flags=re.MULTILINE)


def change(path: Path, block: str) -> None:
    """Do to a file what a block of the page says: hunks between its lines, or words among its words."""
    text = path.read_text(encoding="utf-8")
    for part in block.rstrip("\n").split("\n@@\n"):
        text = appended(text, block) if path.suffix == ".toml" else spliced(text, part)
    path.write_text(text, encoding="utf-8")


def test_the_worked_transaction_type_works(tmp_path: Path) -> None:
    for name in ("src/sogdia", "tests/domains"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path / "tests")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for block in (*blocks(WORKED, "diff"), *blocks(WORKED, "toml")):
        name, _, rest = block.partition("\n")
        change(tmp_path / name.removeprefix("# "), rest)
    (test,) = blocks(WORKED, "python")
    name = test.partition("\n")[0].removeprefix("# ")
    (tmp_path / name).write_text(test, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", name]
    environment = {"PYTHONPATH": str(tmp_path / "src"), "PATH": "", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout
