"""What a page is judged by: axe-core (WCAG 2.2 AA), no scrolling sideways; and pictures of it, when asked for."""

import os
from pathlib import Path
from typing import Any, Final

from tests.interfaces.console.chromium import Visit

AXE: Final = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
WITHOUT: Final = "axe-core is not there: run npm ci in tests/interfaces/console"
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS: Final = (390, 1280)
LOOKS: Final = [(language, dark) for language in ("en", "zh") for dark in (False, True)]
CONTRAST: Final = {"type": "rule", "values": ["color-contrast"]}


def judged(one: Visit, axe: str, within: str = "html") -> list[str]:
    """What axe finds that is serious or critical, and where."""
    one.page.evaluate(axe)
    return found_by(one, {"type": "tag", "values": RULES}, within)


def found_by(one: Visit, rules: dict[str, Any], within: str = "html") -> list[str]:
    """What these rules find in a page that has axe already."""
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found = one.page.evaluate("([within, options]) => axe.run(within, options)", [within, options])
    return [
        f"{violation['id']}: {node['html'][:150]} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def keep(one: Visit, name: str, language: str, dark: bool, width: int) -> None:
    """The page as a picture, when asked for."""
    folder = os.environ.get("SOGDIA_SCREENSHOTS", "")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        theme = "dark" if dark else "light"
        one.page.screenshot(path=str(Path(folder) / f"{name}-{width}-{language}-{theme}.png"), full_page=True)


def is_wider_than_its_window(one: Visit) -> bool:
    """Whether a person would have to scroll sideways."""
    return bool(one.page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def flaws(one: Visit, axe: str, name: str, language: str, width: int) -> list[str]:
    """What is wrong with the page that is open: by all rules in light, by that of contrast in dark, too wide anywhere.

    In the other of the two widths only the lengths of words differ: there it is asked whether the page fits.
    """
    found = judged(one, axe)
    one.page.emulate_media(color_scheme="dark")
    found += [f"dark: {flaw}" for flaw in found_by(one, CONTRAST)]
    keep(one, name, language, True, width)
    one.page.emulate_media(color_scheme="light")
    for size in (WIDTHS[0] + WIDTHS[1] - width, width):
        one.page.set_viewport_size({"width": size, "height": 900})
        keep(one, name, language, False, size)
        found += [f"wider than its window of {size} px"] if is_wider_than_its_window(one) else []
    return found
