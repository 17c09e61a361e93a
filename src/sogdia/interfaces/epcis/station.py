"""What every resource of EPCIS works with: the desk of the node, the notebook, the thread that captures."""

from collections.abc import Callable, Iterable
from typing import Any

from sogdia.app import Node
from sogdia.interfaces.epcis.accepting import Acceptance
from sogdia.interfaces.epcis.callers import Callers
from sogdia.interfaces.epcis.capturing import Capturing
from sogdia.interfaces.epcis.company_prefixes import CompanyPrefixes
from sogdia.interfaces.epcis.deliveries import Deliveries
from sogdia.interfaces.epcis.jobs import Jobs
from sogdia.interfaces.epcis.named_queries import NamedQueries
from sogdia.interfaces.epcis.notebook import Notebook
from sogdia.interfaces.epcis.page_tokens import PageTokens
from sogdia.interfaces.epcis.problems import EpcisProblem
from sogdia.interfaces.epcis.settings import FILE as SETTINGS_FILE
from sogdia.interfaces.epcis.settings import Settings
from sogdia.interfaces.epcis.signing import Agent
from sogdia.interfaces.epcis.subscriptions import Subscriptions
from sogdia.interfaces.epcis.watching import Watch
from sogdia.interfaces.http.desk import Desk, aside
from sogdia.interfaces.http.settings_files import read_settings
from sogdia.mirror.picture import SqlPicture


class Station:
    """One node's side of EPCIS. Opens the notebook, so there is one for each folder."""

    def __init__(self, desk: Desk, settings: Settings | None = None) -> None:
        self.desk = desk
        self.node: Node = desk.node
        self.settings = settings or read_settings(desk.node.folder / SETTINGS_FILE, Settings)
        self.notebook = Notebook(desk.node.folder)
        self.jobs = Jobs(self.notebook)
        name = self.settings.capture_as
        agent = Agent.of(name, self.node.folder, self.node.info.network) if name else None
        self.capturing = Capturing(self.node, self.jobs, agent)
        self.acceptance = Acceptance(self.node, self.jobs, self.capturing, self.settings)
        self.queries = NamedQueries(self.notebook)
        self.subscriptions = Subscriptions(self.notebook)
        self.callers = Callers(desk, self.notebook, self.settings)
        self.deliveries = Deliveries(self)
        self.watch = Watch(self)
        self.page_tokens = PageTokens(self.notebook.secret("pages"))
        self.prefixes = CompanyPrefixes(self.settings.company_prefixes)
        for (prefix,) in self.notebook.rows("SELECT prefix FROM prefix"):
            self.prefixes.tell(prefix)

    def capture_as(self, name: str) -> None:
        """Capture under this name of the keyring instead of the one in the settings; KeyringError says why not."""
        self.capturing.agent = Agent.of(name, self.node.folder, self.node.info.network)

    async def start(self) -> None:
        """Go on with what is unfinished."""
        self.capturing.start()
        self.deliveries.start()

    async def close(self) -> None:
        """Stop the work and let go of the notebook."""
        await self.deliveries.stop()
        await aside(self.capturing.stop)
        self.notebook.close()

    @property
    def picture(self) -> SqlPicture:
        """The picture that queries read; EpcisProblem 501 for a node that runs without one."""
        found: Any = self.desk.picture
        if found is None:
            raise EpcisProblem(501, "http.no_picture")
        return found  # type: ignore[no-any-return]

    def see(self, uris: Iterable[str]) -> None:
        """Learn company prefixes from EPC URNs, and keep them."""
        known = len(self.prefixes)
        urns = [uri for uri in uris if uri.startswith("urn:epc:")]
        for urn in urns:
            self.prefixes.see(urn)
        if len(self.prefixes) > known:
            with self.notebook.writing() as connection:
                found = {urn.split(":")[4].partition(".")[0] for urn in urns if urn.count(":") >= 4}
                rows = [(prefix,) for prefix in found if self.prefixes.knows(prefix)]
                connection.executemany("INSERT OR IGNORE INTO prefix VALUES (?)", rows)


def capturing_as(name: str) -> Callable[[Node, Any], None]:
    """What a server is told before it runs, so that it captures under this name; an empty one is left to settings."""

    def told(_: Node, server: Any) -> None:
        if name:
            server.application.state.epcis.capture_as(name)

    return told
