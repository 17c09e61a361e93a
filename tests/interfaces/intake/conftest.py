"""A network in memory with the rehearsal's parties, and files of orders to bring onto it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sogdia.interfaces.demo.cast import Cast
from sogdia.standards.orders import Format
from sogdia.standards.orders.examples import encoded, example
from tests.interfaces.intake.harbour import Brought, Harbour


@pytest.fixture(scope="session")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Cast:
    """The parties of the rehearsal with their keys."""
    made = Cast(tmp_path_factory.mktemp("cast"))
    made.assemble()
    return made


@pytest.fixture
def harbour(cast: Cast, tmp_path: Path) -> Iterator[Harbour]:
    made = Harbour(cast, tmp_path)
    yield made
    made.close()


@pytest.fixture
def run(harbour: Harbour, tmp_path: Path) -> Iterator[Callable[[], Brought]]:
    """Starts a run of the intake beside the notes of the runs before it."""
    started: list[Brought] = []

    def start() -> Brought:
        for earlier in started:
            earlier.close()
        started.clear()
        started.append(Brought(harbour, tmp_path / "notes"))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a look-alike file of a format: so many orders, compressed or with other columns first if asked."""

    def write(format: Format, orders: int, *, seed: int = 7, packed: bool = False, columns: int | None = None) -> Path:
        made = example(format, orders, seed=seed)
        path = tmp_path / f"{format}-{orders}-{seed}{'.gz' if packed else ''}"
        path.write_bytes(encoded(made.text(column_seed=columns), compressed=packed))
        return path

    return write
