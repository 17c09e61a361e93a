"""Many lists decided at once: by conditions, with a file of pseudonyms, with lists folded away."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import expect

from sogdia.interfaces.console import customs_desk
from tests.interfaces.console.axe import is_wider_than_its_window
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.desks_town import answered, come_in, declared, imported, numbers_in, standing
from tests.interfaces.console.house import House
from tests.interfaces.console.signing_desk import SigningDesk
from tests.interfaces.http.town import CUSTOMS, SELLER

Visiting = Callable[..., Visit]


@pytest.mark.browser
@pytest.mark.node
def test_an_officer_releases_what_fits_the_conditions_in_one_go_in_chinese(
    house: House, visit: Visiting, tmp_path: Path
) -> None:
    lists = [declared(house.town, district="2901", port="2901") for _ in range(3)]
    house.town.mirrored()
    at = SigningDesk(house, visit(language="zh"), CUSTOMS).with_key(tmp_path)
    at.page.goto(f"{house.local}/console/customs?list_no=YW&currency=EUR&below=25&ship_to=FR&phase=declared")
    at.page.get_by_role("link", name="全部放行").click()
    at.page.wait_for_url("**/console/customs/bulk?**")
    for one in at.page.get_by_role("row").filter(has=at.page.get_by_role("checkbox")).all():
        if not any(listed.list_no in one.inner_text() for listed in lists):
            one.get_by_role("checkbox").uncheck()
    expect(at.page.locator(".chosen")).to_have_text("已选 3 份。")
    at.page.get_by_role("button", name="查看并签名").click()
    dialog = at.page.get_by_role("dialog")
    assert [standing(house, one) for one in lists] == [None] * 3
    dialog.locator(".actions .primary").click()
    dialog.get_by_role("button", name="关闭").click(timeout=30_000)
    assert [standing(house, one).phase for one in lists] == ["released"] * 3
    assert len({standing(house, one).invt_no for one in lists}) == 3


@pytest.mark.browser
@pytest.mark.node
@pytest.mark.parametrize("language", ["en", "zh"])
def test_imports_are_released_in_bulk_with_a_file_of_pseudonyms(
    house: House, visit: Visiting, tmp_path: Path, language: str
) -> None:
    words = {
        "en": ("Release all of these", "2 of 3 import lists have their pseudonym", "Show and sign", "Close"),
        "zh": ("全部放行", "3 份进口清单中，2 份已有代号并已选中。", "查看并签名", "关闭"),
    }[language]
    lists = [imported(house.town) for _ in range(3)]
    house.town.mirrored()
    at = SigningDesk(house, visit(language=language), CUSTOMS).with_key(tmp_path)
    at.page.goto(f"{house.local}/console/customs?direction=import&phase=declared")
    at.page.get_by_role("link", name=words[0]).click()
    at.page.wait_for_url("**/console/customs/bulk?**")
    rows = at.page.locator('tbody input[name="list"]')
    expect(rows.and_(at.page.locator(":disabled"))).to_have_count(rows.count())
    others = rows.count() - len(lists)
    assert others >= 0, "no import is accepted without its buyer's pseudonym, and all three wait for theirs"
    pseudonym = sha256(b"a buyer").hexdigest()
    file = tmp_path / "pseudonyms.csv"
    given = [f"{one.broker},{one.list_no},{pseudonym}" for one in lists[:2]]
    wrong = [f"{SELLER.did},NOWHERE,{pseudonym}", f"{lists[2].list_no};short", "a,b,c,d"]
    file.write_text("\r\n".join(["broker,list_no,pseudonym", *given, *wrong]))
    at.page.set_input_files("#pseudonyms", str(file))
    told = at.page.locator("[data-told]")
    expect(told).to_contain_text(words[1].replace("3", str(3 + others)))
    expect(told.get_by_role("listitem")).to_have_count(3)
    expect(told).to_contain_text("NOWHERE")
    assert sum(box.is_checked() for box in rows.all()) == 2
    at.page.get_by_role("button", name=words[2]).click()
    dialog = at.page.get_by_role("dialog")
    dialog.locator(".actions .primary").click()
    dialog.get_by_role("button", name=words[3]).click(timeout=30_000)
    assert [standing(house, one) and standing(house, one).phase for one in lists] == ["released", "released", None]


@pytest.mark.browser
@pytest.mark.node
@pytest.mark.parametrize(
    "language, told", [("en", "Further lists: 3 chosen: {n}"), ("zh", "其余清单：3 份 已选 {n} 份")]
)
def test_lists_folded_away_are_counted_taken_out_and_signed_with_those_that_are_drawn(
    house: House, visit: Visiting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, told: str
) -> None:
    lists = [declared(house.town, list_no=f"FOLD{language}{number}") for number in range(5)]
    monkeypatch.setattr(customs_desk, "_DRAWN", 2)
    house.town.mirrored()
    at = SigningDesk(house, visit(language=language), CUSTOMS).with_key(tmp_path)
    at.page.goto(f"{house.local}/console/customs/bulk?list_no=FOLD{language}&decision=accept")
    chosen, fold = at.page.locator(".chosen"), at.page.locator("summary").filter(has=at.page.locator("[data-chosen]"))
    expect(chosen).to_contain_text("5")
    expect(fold).to_have_text(told.format(n=3))
    box = at.page.get_by_role("checkbox", name=lists[3].list_no)
    assert box.count() == 0, "folded away"
    fold.focus()
    at.page.keyboard.press("Enter")
    everything = at.page.locator("#all-further")
    everything.uncheck()
    expect(chosen).to_contain_text("2")
    expect(fold).to_have_text(told.format(n=0))
    everything.check()
    box.uncheck()
    expect(chosen).to_contain_text("4")
    expect(fold).to_have_text(told.format(n=2))
    assert everything.evaluate("all => all.indeterminate")
    fold.click()
    at.page.locator("#decide button.primary").click()
    dialog = at.page.get_by_role("dialog")
    dialog.locator(".actions .primary").click()
    dialog.get_by_role("button", name={"en": "Close", "zh": "关闭"}[language]).click(timeout=30_000)
    assert [standing(house, one) is not None for one in lists] == [True, True, True, False, True]


@pytest.mark.browser
def test_lists_folded_away_are_read_without_scripts(
    house: House, visit: Visiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = [declared(house.town, list_no=f"PLAIN{number}") for number in range(3)]
    monkeypatch.setattr(customs_desk, "_DRAWN", 2)
    house.town.mirrored()
    one = visit(scripts=False, width=390)
    come_in(house, one, CUSTOMS, "/console/customs/bulk?list_no=PLAIN&decision=accept")
    last = one.page.get_by_role("link", name=lists[2].list_no)
    expect(last).to_be_hidden()
    one.page.locator(".further-lists summary").click()
    expect(last).to_be_visible()
    assert not is_wider_than_its_window(one)


def test_what_bears_a_risk_is_drawn_before_what_bears_none(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    calm, doubted = (declared(house.town, list_no=f"RISK{number}") for number in range(2))
    answered(house.town, doubted, 100)
    again = declared(house.town, list_no="RISK2", order=doubted.order, waybill=doubted.waybill)
    house.town.mirrored()
    with house.signed_in(house.person()) as client:
        text = client.get("/console/customs/bulk", params={"list_no": "RISK", "decision": "accept"}).text
    assert numbers_in(text) == [again.list_no, calm.list_no], "declared before"
