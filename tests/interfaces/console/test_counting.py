"""Sentences that scripts fill in read as those that the node fills in: words for one or several, nothing empty."""

from collections.abc import Callable

import pytest

from sogdia.interfaces.console import assets
from sogdia.interfaces.words import catalogue, say
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House

Visiting = Callable[..., Visit]
READ = """([module, tag, template, message]) => import(module).then(({ Reading }) => {
  const here = { words: { [`sign_says.${tag}`]: template }, shapes: { [tag]: { fields: [] } } };
  return new Reading(here, {}, new Map(Object.entries(message))).sentence().textContent;
})"""
FILL = "([module, sentence, fields]) => import(module).then(({ filled }) => filled(sentence, fields))"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "number", "told"),
    [
        ("en", 1, "Decide on 1 list"), ("en", 2, "Decide on 2 lists"), ("en", "1", "Decide on 1 list"),
        ("zh", 1, None), ("zh", 2, None),
    ],
)  # fmt: skip
def test_a_script_counts_as_the_catalogue_does(
    house: House, visit: Visiting, language: str, number: object, told: str | None
) -> None:
    one = visit(language=language)
    one.page.goto(f"{house.local}/console/sign-in")
    sentence = say("desks_customs.signing", language, n="{n}")
    found = one.page.evaluate(FILL, [assets.asset("counted.js"), sentence, {"n": number}])
    assert found == say("desks_customs.signing", language, n=number)
    assert told in (None, found)
    assert one.page.evaluate(FILL, [assets.asset("counted.js"), sentence, {}]) == sentence


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("place", ["Lyon", ""])
def test_a_place_that_is_not_told_leaves_no_hole_in_its_sentence(
    house: House, visit: Visiting, language: str, place: str
) -> None:
    one = visit(language=language)
    one.page.goto(f"{house.local}/console/sign-in")
    tag = "logistics.report_status"
    told = {"carrier": "C", "waybill": "W", "status": "S", "place": place, "reported_at_ms": "T"}
    template = catalogue(language)[f"sign_says.{tag}"]
    found = one.page.evaluate(READ, [assets.asset("signing/reading.js"), tag, template, {"type": tag, **told}])
    whole = say(f"sign_says.{tag}", language, **told | {"place": "Lyon"})
    assert found.replace('"', "") == (whole if place else whole.replace(", Lyon", "").replace("，Lyon", ""))
