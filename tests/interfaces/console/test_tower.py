"""The control tower: every number leads to its rows, every kind and field has words, and the map is true to area."""

import re
from collections.abc import Callable, Mapping
from math import cos, radians
from pathlib import Path
from typing import Any, Final, get_args

import pytest
from playwright.sync_api import expect

from sogdia.app.answers import Decision
from sogdia.core.transaction import Event
from sogdia.domains.customs import messages as customs
from sogdia.domains.customs.rules.receipts import PHASES
from sogdia.domains.logistics.messages import Status
from sogdia.domains.orders import messages as orders
from sogdia.domains.payments import messages as payments
from sogdia.insight.figures import Day
from sogdia.insight.lanes import Lane
from sogdia.insight.orders import EXPORTED, Filter
from sogdia.insight.queue import RISKS
from sogdia.insight.tower import SOURCES
from sogdia.interfaces import words
from sogdia.interfaces.console import lanes_map, order_drawn, orders_asked, tower
from sogdia.interfaces.console.lanes_labels import labels_of
from sogdia.interfaces.console.tower_charts import HEIGHT, chart_of
from tests.interfaces.console.axe import AXE, WITHOUT, is_wider_than_its_window, judged
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.desks_town import answered, come_in, declared
from tests.interfaces.console.house import House
from tests.interfaces.http.town import CARRIER, CUSTOMS, PLATFORM

Visiting = Callable[..., Visit]
MATCH: Final = Path(customs.__file__).parent / "rules" / "match.py"

# --- words ----------------------------------------------------------------------------------------------------------


def fields_compared() -> set[str]:
    """The names of all fields that the match compares, from its own text."""
    text = MATCH.read_text(encoding="utf-8")
    plain = re.findall(r'(?:_same|_alike|Point)\(f?"([a-z._\[\]{}]+)"', text)
    lines = re.findall(r"fields = \(([^)]*)\)", text)[0].replace('"', "").split(", ")
    names = [one.replace("{number}", "1").replace("{line.line}", "1") for one in plain if "{field}" not in one]
    return {order_drawn._name(one)[0] for one in [*names, *(f"lines[1].{field}" for field in lines)]}


def needed() -> Mapping[str, Any]:
    """Every key that a page makes of a value, by the section that it stands in."""
    kinds = [*SOURCES, "any"]
    return {
        "desks_trouble": kinds, "desks_means": kinds, "desks_item": SOURCES, "desks_column": orders_asked.COLUMNS,
        "desks_field": EXPORTED, "desks_filter": orders_asked._READERS, "desks_sort": orders_asked.SORTS,
        "desks_state": (*orders_asked.STAGES, "placed", "returned", "cancelled"),
        "desks_phase": {*PHASES.values(), "declared"}, "desks_parcel": (*get_args(Status), "issued"),
        "desks_document": get_args(customs.Subject), "desks_compared": fields_compared(),
        "desks_rule": [f"R{n}" for n in range(1, 10)] + ["F1", "C1", "W1"], "desks_risk": RISKS,
        "desks_decision": get_args(Decision), "desks_decides": get_args(Decision),
        "desks_event": [
            one.__struct_config__.tag
            for module in (orders, payments, customs)
            for one in vars(module).values()
            if isinstance(one, type) and issubclass(one, Event) and one is not Event
            if one is not customs.LimitsPublished
        ],
    }  # fmt: skip


@pytest.mark.parametrize("section", needed())
def test_whatever_a_page_can_show_has_words_in_both_languages(section: str) -> None:
    assert needed()[section]
    for language in words.LANGUAGES:
        missing = [one for one in needed()[section] if not words.has_words(f"{section}.{one}", language)]
        assert missing == []


def test_both_languages_say_the_same_things_with_the_same_fields() -> None:
    english, chinese = (
        {k: v for k, v in words.catalogue(one).items() if k.startswith("desks_")} for one in ("en", "zh")
    )
    assert set(english) == set(chinese)
    for key, sentence in english.items():
        assert set(re.findall(r"\{(\w+)", sentence)) == set(re.findall(r"\{(\w+)", chinese[key])), key


# --- drawings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("north", [0, 20, 45, 60, 80])
@pytest.mark.parametrize("east", [-150, 0, 100])
def test_the_projection_keeps_areas(north: float, east: float) -> None:
    """Equal Earth: a small square of the sphere keeps its area, whatever the latitude."""
    step = 0.01
    at, right, up = (lanes_map._projected((north + a, east + b), 0) for a, b in ((0, 0), (0, step), (step, 0)))
    area = (right[0] - at[0]) * (at[1] - up[1]) - (up[0] - at[0]) * (at[1] - right[1])
    true = (radians(step) * lanes_map.SCALE) ** 2 * cos(radians(north + step / 2))
    assert area == pytest.approx(true, rel=2e-3)


def lane(begin: tuple[float, float] | None, end: tuple[float, float] | None, trades: int = 1) -> Lane:
    return Lane("AA", "BB", trades, 0, 0, 1, None, None, begin, end, Filter(), Filter())


def test_every_line_stays_within_the_map_and_begins_anew_at_its_edge() -> None:
    found = lanes_map.map_of([lane((33, 110), (39, -95)), lane((33, 110), (48, 2), 100), lane((0, 0), (0, 5))])
    for one in found.lanes:
        for x, y in re.findall(r"[ML](-?[\d.]+),(-?[\d.]+)", one.path):
            assert -1 <= float(x) <= lanes_map.WIDTH + 1
            assert -1 <= float(y) <= lanes_map.HEIGHT + 1
    far = lanes_map.map_of([lane((0, 170), (0, -170)), lane((0, 0), (0, 1)), lane((0, 0), (0, -1))])
    assert [one.path.count("M") for one in far.lanes] == [2, 1, 1]
    assert lanes_map.map_of([lane(None, (0, 0))]).lanes == ()


@pytest.mark.parametrize("size", [lanes_map.TYPE, lanes_map.TYPE_ON_PHONES])
def test_no_name_of_a_place_stands_over_another_or_over_a_place_or_leaves_the_map(size: float) -> None:
    ends = {
        "GB": (54, -2),
        "FR": (46, 2),
        "DE": (51, 9),
        "NL": (52, 5),
        "BE": (50, 4),
        "CN": (35, 105),
        "NZ": (-41, 174),
    }
    spots = {code: lanes_map._projected(at, 50) for code, at in ends.items()}
    found = labels_of(spots, size, lanes_map.WIDTH, lanes_map.HEIGHT)
    assert {one.text for one in found} == set(ends), "there is room for all of them"
    boxes = [(float(one.x), float(one.y) - 0.75 * size, float(one.x) + 1.4 * size, float(one.y)) for one in found]
    for at, box in enumerate(boxes):
        assert 0 <= box[0] < box[2] <= lanes_map.WIDTH
        assert 0 <= box[1] < box[3] <= lanes_map.HEIGHT
        apart = [
            other[0] >= box[2] or other[2] <= box[0] or other[1] >= box[3] or other[3] <= box[1] for other in boxes
        ]
        assert apart.count(False) == 1, f"{found[at].text} meets itself alone"
        assert not any(box[0] < x < box[2] and box[1] < y < box[3] for x, y in spots.values())
    assert any(one.leader for one in found), "those in a crowd stand apart, with a line to their place"


def test_bars_are_as_high_as_their_share_of_the_highest() -> None:
    days = [Day("2026-01-01", n, 0, 0, 0, done, 0, 0, 0, Filter()) for n, done in ((200, 50), (100, 100), (0, 0))]
    assert [(one.height, one.done_height) for one in chart_of(days).bars] == [(HEIGHT, 25), (50, 50), (0, 0)]
    assert chart_of([]).bars == ()


def test_each_role_has_its_own_section_first_and_all_of_them() -> None:
    for role, first in tower.FIRST.items():
        found = tower._sections([role])
        assert found[0] == first
        assert sorted(found) == sorted(tower.SECTIONS)


# --- with a node ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "heads"),
    [
        ("en", ["Orders, last 14 days", "From declaration to release, all on record", "Lanes, all orders on record"]),
        ("zh", ["最近 14 天订单", "申报至放行用时（全部已登记清单）", "线路（全部已登记订单）"]),
    ],
)
def test_every_section_of_figures_says_over_which_time_it_counts(house: House, language: str, heads: list[str]) -> None:
    with house.signed_in(house.person(CUSTOMS)) as client:
        page = client.get("/console/tower", headers={"accept-language": language}).text
    told = re.findall(r"<h2[^>]*>([^<]+)</h2>", page)
    assert [one for one in heads if one not in told] == []


@pytest.mark.browser
def test_from_a_number_to_its_rows_is_one_click(house: House, visit: Visiting) -> None:
    listed = declared(house.town)
    answered(house.town, listed, 100)
    house.town.mirrored()
    one = visit()
    come_in(house, one, CUSTOMS)
    count = int(
        one.page.locator(".troubles > li").filter(has_text="Rejected by customs").locator(".how-many").inner_text()
    )
    one.page.get_by_role("link", name="Rejected by customs", exact=True).click()
    expect(one.page.locator("tbody tr")).to_have_count(count)
    expect(one.page.locator("tbody")).to_contain_text(listed.order)


@pytest.mark.browser
def test_land_is_drawn_under_the_lanes_and_nothing_is_asked_elsewhere(house: House, visit: Visiting) -> None:
    declared(house.town)
    house.town.mirrored()
    one = visit()
    come_in(house, one, PLATFORM)
    expect(one.page.locator("svg.world path.way")).not_to_have_count(0)
    if tower.has_asset("vendor/land-110m.json"):
        expect(one.page.locator("svg.world .land path")).to_have_count(1)


def test_a_kind_that_is_none_has_no_page(house: House) -> None:
    with house.signed_in(house.person(CARRIER)) as client:
        assert client.get("/console/tower/exceptions?kind=gone").status_code == 404
        for kind in SOURCES:
            assert client.get(f"/console/tower/exceptions?kind={kind}&after=nonsense").status_code == 200


@pytest.mark.browser
@pytest.mark.node
@pytest.mark.parametrize("width, language, dark", [(1280, "en", False), (1280, "zh", True), (390, "zh", False)])
def test_rows_behind_a_number_are_open_to_everyone(
    house: House, visit: Visiting, width: int, language: str, dark: bool
) -> None:
    if not AXE.is_file():
        pytest.skip(WITHOUT)
    listed = declared(house.town)
    house.town.mirrored()
    one = visit(width=width, language=language, dark=dark)
    come_in(house, one, CUSTOMS)
    order = f"platform={listed.platform}&order={listed.order}"
    for path in (
        "tower/exceptions?kind=list_refused", "orders?text=none&ship_to=FR", "orders?after=x", f"orders/order?{order}",
    ):  # fmt: skip
        one.page.goto(f"{house.local}/console/{path}")
        assert not is_wider_than_its_window(one), path
        assert judged(one, AXE.read_text(encoding="utf-8")) == [], path
