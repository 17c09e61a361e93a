"""A real browser for the console's tests: Debian's Chromium, driven by Playwright, that talks to this machine alone."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Page,
    Request,
    Route,
    sync_playwright,
)

MISSING = "no chromium on PATH or named by SOGDIA_CHROMIUM (Debian: apt-get install chromium fonts-noto-cjk)"
_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
LOOPBACK = ("127.0.0.1", "localhost")
SLOWLY = os.environ.get("SOGDIA_SLOW_BROWSER", "")
"""Milliseconds that each answer takes longer (1 to 5,000), and comes in bit by bit; none: as fast as it goes.

A test that reads the page before it is there passes by luck on a fast machine; made slow, it fails every time."""


def chromium() -> str:
    """The path of the program; the test is skipped, with the reason, when there is none."""
    named = os.environ.get("SOGDIA_CHROMIUM", "")
    found = shutil.which(named) if named else shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip(f"SOGDIA_CHROMIUM names {named}, which is no program" if named else MISSING)
    return str(found)


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser without a window."""
    program = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Held:
    """Requests that wait until they are let go: a test sees what the page shows meanwhile."""

    def __init__(self, page: Page, url: str | re.Pattern[str]) -> None:
        self._page = page
        self._routes: list[Route] = []
        page.route(url, lambda route: self._routes.append(route))

    def let_go(self, within_ms: int = 15_000) -> None:
        """The next of them goes on, once it was asked."""
        for _ in range(0, within_ms, 20):
            if self._routes:
                self._routes.pop(0).continue_()
                return
            self._page.wait_for_timeout(20)
        raise AssertionError("the page did not ask")


def _slowed(session: CDPSession, delay_ms: int) -> None:
    session.send("Network.enable")
    conditions = {"offline": False, "latency": delay_ms, "downloadThroughput": 100_000, "uploadThroughput": 100_000}
    session.send("Network.emulateNetworkConditions", conditions)


class Visit:
    """One person at a browser, with what went wrong in it: errors, violations of the policy, requests to elsewhere."""

    def __init__(
        self, browser: Browser, width: int = 1280, language: str = "en", dark: bool = False, scripts: bool = True
    ) -> None:
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": 900 if width > 500 else 844},
            locale={"en": "en-GB", "zh": "zh-CN"}[language],
            color_scheme="dark" if dark else "light",
            has_touch=width < 500,
            java_script_enabled=scripts,
        )
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.said: list[str] = []
        self.elsewhere: list[str] = []
        if SLOWLY:
            _slowed(self.context.new_cdp_session(self.page), int(SLOWLY))
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.context.on("request", self._asked)

    def close(self) -> None:
        """Leave; nothing may have gone wrong meanwhile."""
        self.context.close()
        assert self.said == []
        assert self.elsewhere == []

    def authenticator(self, transport: str = "internal") -> CDPSession:
        """Plug in a device that keeps passkeys and knows its user (Chromium's virtual authenticator)."""
        session = self.context.new_cdp_session(self.page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": transport,
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return session

    def _heard(self, message: ConsoleMessage) -> None:
        refused = "Failed to load resource: the server responded with a status of 4"
        if message.type in ("error", "warning") and not message.text.startswith(refused):
            self.said.append(message.text)

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.hostname not in LOOPBACK:
            self.elsewhere.append(request.url)
