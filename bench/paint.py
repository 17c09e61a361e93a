"""The console in a real browser, 100,000 orders behind it: how long until a page's rows are on the screen.

A node of its own, with customs, a platform and a seller on record, serves the application over a mirror that is filled
as in `bench.pages`. Its ledger holds no more than the founding, so the log's page is measured without blocks. Each role
signs in with password and code and looks at each page some times. Useful paint is the later of two instants: the first
contentful paint, and the last of the main rows being in the document.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from playwright.sync_api import BrowserContext, CDPSession, Page, sync_playwright
from pyotp import TOTP

from bench.figures import Figure
from bench.pages import ASKERS, CODE, NOW_MS, NUMBER, QUICK_NUMBER, Made, fill, key_of, party
from sogdia.app import TABLES, NetworkInfo, Node
from sogdia.core.keys import key_id
from sogdia.domains.identity.messages import NewKey, Register, Role
from sogdia.insight.moment import moment_of
from sogdia.insight.orders import Filter, search
from sogdia.interfaces.console import passwords, users
from sogdia.interfaces.console.room import Console
from sogdia.interfaces.http.server import Server, configure
from sogdia.mirror.picture import SqlPicture

INFO: Final = NetworkInfo("sogdia-bench", CODE, "sogdia.example/bench")
ROLES: Final[Mapping[Role, int]] = {"customs": 0, "platform": 1, "seller": 7}
"""Who looks, each the party of this number (`bench.pages.ASKERS`)."""
TARGET_MS: Final = 1_000
ROUNDS: Final = 7
MISSING: Final = "no chromium on PATH or named by SOGDIA_CHROMIUM (Debian: apt-get install chromium)"
_FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
_PASSWORD: Final = "grey heron over the bridge"
_READY_SECONDS: Final = 30
_ROWS: Final = "main tbody tr, main .troubles li, main dl > div, main .card"
_WATCH: Final = """
new MutationObserver(() => {
  const rows = document.querySelectorAll(%r).length;
  if (rows !== window.rowsSeen) { window.rowsSeen = rows; window.rowsAt = performance.now(); }
}).observe(document, {childList: true, subtree: true});
"""
_MEASURED: Final = """async () => {
  const painted = await new Promise((done) => new PerformanceObserver((list) => {
    for (const one of list.getEntriesByName("first-contentful-paint")) done(one.startTime);
  }).observe({type: "paint", buffered: true}));
  const [page] = performance.getEntriesByType("navigation");
  const others = performance.getEntriesByType("resource").reduce((sum, one) => sum + one.transferSize, 0);
  return {painted, rows: window.rowsSeen || 0, rows_at: window.rowsAt || painted,
          answered: page.responseStart, bytes: page.transferSize, other_bytes: others};
}"""


class Painted(msgspec.Struct, frozen=True):
    """One look at a page; `_at` and `painted` in milliseconds from its beginning.

    `cpu` and `browser_cpu` are processor time of the server and of all of the browser's processes, in milliseconds.
    """

    painted: float
    rows: int
    rows_at: float
    answered: float
    bytes: int
    other_bytes: int
    cpu: float = 0
    browser_cpu: float = 0

    @property
    def useful(self) -> float:
        """When there was something to read and all of the rows."""
        return max(self.painted, self.rows_at)


def measure(ceiling: float, number: int = NUMBER) -> list[Figure]:
    """Milliseconds until each page is painted with its rows, for each role."""
    program = _chromium()
    if program is None:
        print(f"paint: NOT MEASURED. {MISSING}", file=sys.stderr)
        return []
    with tempfile.TemporaryDirectory(prefix="sogdia-bench-") as name:
        url = str(Path(name) / "mirror.sqlite")
        fill(url, number)
        print(f"paint: {number:,} orders are in the mirror", file=sys.stderr)
        return list(measured(Path(name) / "node", url, number, program))


def measure_quick(ceiling: float) -> list[Figure]:
    """The same with few orders, to see that it runs."""
    return measure(ceiling, QUICK_NUMBER)


def measured(folder: Path, url: str, number: int, program: str) -> Iterator[Figure]:
    """The figures over this mirror; the node is made in the folder."""
    picture = SqlPicture(url, TABLES)
    try:
        with _serving(folder, picture) as (server, address), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
            try:
                for role in ROLES:
                    visited = browser.new_context()
                    _come_in(visited, server.application.state.console, address, party(role, ROLES[role]))
                    for what, path in paths(picture, role, number).items():
                        yield _figure(f"paint, {what}, {role}", _looks(visited, address + path))
                    visited.close()
            finally:
                browser.close()
    finally:
        picture.close()


def paths(picture: SqlPicture, role: Role, number: int) -> dict[str, str]:
    """The pages by what they are called, for a role."""
    asker, orders = ASKERS[role], "/console/orders"
    made = next(one for one in map(Made, range(number // 3, number)) if party(role, ROLES[role]) in _readers(one))
    ends = search(picture, asker, moment_of(picture, asker, NOW_MS), Filter(), "oldest", limit=30).rows
    one = urlencode({"platform": made.platform, "order": made.order})
    found = {
        "tower": "/console/tower",
        "orders": orders,
        "orders in one state": f"{orders}?state=declared",
        "orders of a lane": f"{orders}?ship_from=CN&ship_to=FR",
        "orders in trouble": f"{orders}?trouble=any",
        "orders by number typed": f"{orders}?{urlencode({'text': made.order[:-2]})}",
        "orders, last page": f"{orders}?{urlencode({'after': ends[-1].place})}",
        "one order": f"{orders}/order?{one}",
        "exceptions": "/console/tower/exceptions?kind=late_parcel",
        "parties": "/console/parties",
        "log": "/console/network/log",
    }
    desk = {"customs desk": "/console/customs", "decisions on many": "/console/customs/bulk?decision=release"}
    return found | desk if role == "customs" else found


def _readers(made: Made) -> tuple[str, ...]:
    return party("customs"), made.platform, made.seller


# --- the node --------------------------------------------------------------------------------------------------------


@contextmanager
def _serving(folder: Path, picture: SqlPicture) -> Iterator[tuple[Server, str]]:
    """The application of a node over this picture, in a thread; it looks at the record at `NOW_MS`."""
    registrar = party("registrar")
    founding = [_registered("registrar", 0, registrar), *(_registered(*one, registrar) for one in ROLES.items())]
    node, ready = Node.create(folder, INFO, founding), list[str]()
    server = configure(node, picture, on_ready=ready.append)
    began, console = time.time(), server.application.state.console
    console.clock = lambda: NOW_MS / 1_000 + time.time() - began
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        until = time.monotonic() + _READY_SECONDS
        while not ready:
            assert thread.is_alive(), "the node has stopped"
            assert time.monotonic() < until, "the node does not answer"
            time.sleep(0.01)
        yield server, ready[0]
    finally:
        server.should_exit = True
        thread.join()
        node.close()


def _registered(role: Role, number: int, registrar: str) -> Register:
    did, key = party(role, number), key_of(role, number)
    keys = (NewKey(id=key_id(did), public=key.public.hex()),)
    return Register(
        party=did, name=f"{role} {number}", country="CN", registration="91330782MA28DEMO0X", roles=(role,), keys=keys,
        agreement="77" * 32, registrar=registrar,
    )  # fmt: skip


def _come_in(visited: BrowserContext, console: Console, address: str, did: str) -> None:
    """Sign in as a new user of this party."""
    now_ms, name = console.now_ms(), f"Bench {did[-6:]}"
    token = users.invite(console.notebook, did, "", now_ms)
    invitation = users.invitation_of(console.notebook, token, now_ms)
    assert invitation is not None
    user = users.new_user(invitation, name, now_ms, password=passwords.hashed(_PASSWORD))
    assert users.accept(console.notebook, token, user, None, users.new_codes())
    page = visited.new_page()
    page.goto(f"{address}/console/sign-in")
    code = str(TOTP(invitation.totp).at(int(console.clock())))
    for field, value in (("#name", name), ("#password", _PASSWORD), ("#code", code)):
        page.fill(field, value)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/")


# --- the browser -----------------------------------------------------------------------------------------------------


def _looks(visited: BrowserContext, url: str) -> list[Painted]:
    """Go there some times, first with a browser that has kept nothing but the session."""
    browser, cookies = visited.browser, visited.storage_state()
    assert browser is not None
    fresh = browser.new_context(viewport={"width": 1280, "height": 900}, storage_state=cookies)
    page = fresh.new_page()
    page.add_init_script(_WATCH % _ROWS)
    system = browser.new_browser_cdp_session()
    looks = [_look(page, url, system) for _ in range(ROUNDS + 1)]
    system.detach()
    fresh.close()
    return looks


def _look(page: Page, url: str, system: CDPSession) -> Painted:
    """Go there and wait until it is painted. The driver works in this thread, the server in the others."""
    spent, others = _spent(system), time.process_time() - time.thread_time()
    answer = page.goto(url)
    assert answer is not None, url
    assert answer.status == 200, f"{url} was answered {answer.status}"
    found = msgspec.convert(page.evaluate(_MEASURED), Painted, strict=False)
    cpu = (time.process_time() - time.thread_time() - others) * 1_000
    return msgspec.structs.replace(found, cpu=cpu, browser_cpu=(_spent(system) - spent) * 1_000)


def _spent(system: CDPSession) -> float:
    """Seconds of processor time of the browser so far."""
    return sum(float(one["cpuTime"]) for one in system.send("SystemInfo.getProcessInfo")["processInfo"])


def _figure(name: str, looks: Sequence[Painted]) -> Figure:
    first, *others = looks
    notes: dict[str, Any] = {
        "first_ms": round(first.useful),
        "worst_ms": round(max(one.useful for one in others)),
        "paint_ms": round(statistics.median(one.painted for one in others)),
        "answer_ms": round(statistics.median(one.answered for one in others)),
        "server_cpu_ms": round(statistics.median(one.cpu for one in others)),
        "browser_cpu_ms": round(statistics.median(one.browser_cpu for one in others)),
        "rows": others[-1].rows,
        "page_kb": round(others[-1].bytes / 1_000, 1),
        "other_kb": round(first.other_bytes / 1_000, 1),
        "runs": len(others),
    }
    value = statistics.median(one.useful for one in others)
    return Figure(name, value, "ms", TARGET_MS, higher_is_better=False, notes=notes)


def _chromium() -> str | None:
    named = os.environ.get("SOGDIA_CHROMIUM", "")
    return shutil.which(named) if named else shutil.which("chromium") or shutil.which("chromium-browser")
