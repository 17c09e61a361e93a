"""One node and one browser for all tests of a file; each test has users of its own."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from sogdia.interfaces.console.attempts import Attempts
from tests.interfaces.console.chromium import Visit, launched
from tests.interfaces.console.house import House
from tests.interfaces.console.verify.node_runner import Runner, started
from tests.interfaces.http.town import Town

expect.set_options(timeout=20_000)  # milliseconds: what is there is seen at once, a busy machine gets its time


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with Town(tmp_path_factory.mktemp("house")) as town:
        yield House(town)


@pytest.fixture(autouse=True)
def nobody_has_failed(request: pytest.FixtureRequest) -> None:
    """All tests come from one address: none begins with the failures of another."""
    if "house" in request.fixturenames:
        console = request.getfixturevalue("house").console
        console.attempts = Attempts(console.clock)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Makes visits; at the end none of them may have met an error or asked another host."""
    made: list[Visit] = []

    def visiting(**given: object) -> Visit:
        made.append(Visit(browser, **given))  # type: ignore[arg-type]
        return made[-1]

    yield visiting
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def node() -> Iterator[Runner]:
    """The page's verifier, run by node."""
    with started() as runner:
        yield runner
