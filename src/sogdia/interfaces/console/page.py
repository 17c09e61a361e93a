"""What a template sees of who asks and where they are."""

import secrets
from collections.abc import Sequence
from urllib.parse import urlencode

from sogdia.core.query import PUBLIC, Asker, Picture
from sogdia.core.receipt import Seal
from sogdia.domains.identity.state import Party
from sogdia.interfaces.console.names import Place
from sogdia.interfaces.console.room import FRONT, ROOT, Console, Entry
from sogdia.interfaces.console.sessions import UserSession
from sogdia.interfaces.console.users import User
from sogdia.interfaces.http.problems import busy


class Page:
    """One request's page. `user`, `party` and `session` are None for visitors, who ask as the public."""

    def __init__(self, console: Console, place: Place, path: str, query: Sequence[tuple[str, str]] = ()) -> None:
        self.console, self.place, self.path, self.query = console, place, path, tuple(query)
        self.user: User | None = None
        self.party: Party | None = None
        self.session: UserSession | None = None
        self.asker: Asker = PUBLIC
        self.language = "en"
        self.theme = "auto"
        self.visit = ""
        """What binds the forms of a visitor; drawn for the first page that has one, and kept in a cookie."""
        self.session_token = ""
        self.has_ended = False
        """Whether there was a session that counts no longer."""
        self.is_new_visit = False

    def __repr__(self) -> str:
        return f"Page({self.path})"

    @property
    def roles(self) -> tuple[str, ...]:
        """The party's roles on record now."""
        return self.asker.roles

    @property
    def picture(self) -> Picture:
        """The SQL picture of the record; `Problem` 503 on a node without a mirror."""
        found = self.console.desk.picture
        if found is None:
            raise busy("no_picture")
        return found

    @property
    def binding(self) -> str:
        """What the token of this page's forms is bound to."""
        return f"session {self.session_token}" if self.session_token else f"visit {self.visit}"

    @property
    def token(self) -> str:
        """What each form of this page carries."""
        if not self.session_token and not self.visit:
            self.visit, self.is_new_visit = secrets.token_urlsafe(24), True
        return self.console.form_token(self.binding)

    @property
    def network(self) -> str:
        """The name of the network."""
        return self.console.desk.node.info.network

    @property
    def seal(self) -> Seal:
        """The last block's seal."""
        return self.console.desk.node.machine.seal

    @property
    def checkpoint_age_seconds(self) -> int:
        """How long ago the last block was sealed."""
        return max(0, (self.console.now_ms() - self.seal.time_ms) // 1000)

    @property
    def entries(self) -> list[Entry]:
        """The navigation, as far as the party's roles go."""
        if self.user is None:
            return []
        return [one for one in self.console.entries if not one.roles or set(one.roles) & set(self.roles)]

    def here(self, **changed: str | int | None) -> str:
        """The address of this page with other parameters; None leaves one out. For filters, tabs, further rows."""
        kept = [(name, value) for name, value in self.query if name not in changed]
        told = urlencode([*kept, *((name, value) for name, value in changed.items() if value is not None)])
        return f"{self.path}?{told}" if told else self.path

    @property
    def entry(self) -> Entry | None:
        """The place in the navigation to which this page belongs: of those above it the nearest."""
        path = FRONT if self.path.rstrip("/") == ROOT else self.path
        above = [one for one in self.entries if f"{path}/".startswith(f"{ROOT}{one.path}/")]
        return max(above, key=lambda one: len(one.path), default=None)
