"""The pages of the domains are what the code says, and they are up to date."""

from pathlib import Path

import pytest

from sogdia import app
from sogdia.core.module import Module, tag_of
from sogdia.interfaces.cli.docs import page, pages
from tests.interfaces.cli.conftest import Terminal

FOLDER = Path(__file__).parents[3] / "docs" / "domains"


@pytest.mark.parametrize("name", sorted(pages()))
def test_the_committed_page_is_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == pages()[name], "write it again: sogdia docs docs/domains"


def test_there_is_no_page_of_a_domain_that_is_gone() -> None:
    assert {path.name for path in FOLDER.glob("*.md")} == set(pages())


@pytest.mark.parametrize("module", app.MODULES, ids=lambda module: str(module.name))
def test_a_page_shows_everything_of_its_domain(module: Module) -> None:
    made = page(module)
    for kind in (*module.messages, *module.events):
        assert tag_of(kind) in made
    for refusal in module.refusals:
        assert f"| {int(refusal)} | {refusal.name} | " in made
    for queries in app.QUERIES:
        assert all(f"`{module.name}/{name}(" in made for name in queries.answers if queries.domain == module.name)


def test_every_row_of_a_table_has_as_many_cells_as_its_heading() -> None:
    for name, made in pages().items():
        width = 0
        for line in made.splitlines():
            cells = line.replace("\\|", "").count("|")
            if line.startswith("|"):
                width = width or cells
                assert cells == width, f"{name}: {line}"
            else:
                width = 0


def test_pages_are_written_and_checked(sogdia: Terminal, tmp_path: Path) -> None:
    assert sogdia("docs", tmp_path).status == 0
    assert sogdia("docs", tmp_path, "--check").status == 0
    (tmp_path / "orders.md").write_text("older")
    said = sogdia("docs", tmp_path, "--check")
    assert said.status == 1
    assert "orders.md" in said.out
    assert (tmp_path / "orders.md").read_text() == "older"
