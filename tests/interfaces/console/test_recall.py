"""Recall in the console: what is affected and who has it, lists for each holder, and what the form does not take."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator

import httpx
import pytest

from tests.interfaces.console.house import House, token_of
from tests.interfaces.console.traced import BOTTLE, MILL, OIL, OLIVES, PALLET, put, tell_chain, told
from tests.interfaces.http.town import CARRIER, PLATFORM

pytestmark = pytest.mark.node


@pytest.fixture(scope="module", autouse=True)
def chain(house: House) -> None:
    tell_chain(house)
    warm = {"time": "2026-05-28T09:30:00Z", "sensorReport": [{"type": "Temperature", "value": 40, "uom": "CEL"}]}
    sensed = told(9, 9, type="ObjectEvent", action="OBSERVE", epcList=[BOTTLE.format(2)])
    put(house, PLATFORM, sensed | {"sensorElementList": [{"sensorReport": warm["sensorReport"]}]})
    house.town.mirrored()


@pytest.fixture
def client(house: House) -> Iterator[httpx.Client]:
    with house.signed_in(house.person(PLATFORM)) as found:
        yield found


def run(client: httpx.Client, **fields: str) -> httpx.Response:
    """Send the form and follow to the answer."""
    token = token_of(client.get("/console/recall").text)
    answer = client.post("/console/recall", data={"token": token, **fields})
    if answer.status_code != 303:
        return answer
    found = client.get(answer.headers["location"])
    assert "refresh" not in found.headers, "a small recall is there at once"
    return found


def listed(client: httpx.Client, answer: httpx.Response) -> list[list[str]]:
    """The rows of the CSV, without its heading."""
    text = client.get(answer.url.path + "/list.csv").content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))[1:]


def test_bad_olives_reach_the_oil_every_bottle_and_the_pallet(client: httpx.Client) -> None:
    answer = run(client, things="(01)09506000134376(10)G7")
    rows = listed(client, answer)
    assert {row[0] for row in rows} >= {OLIVES, OIL, *(BOTTLE.format(one) for one in range(1, 13))}
    assert "Nothing on record speaks against this answer being whole." in answer.text
    on_pallet = {row[0]: row[3] for row in rows}
    assert on_pallet[BOTTLE.format(1)] == PALLET
    assert on_pallet[BOTTLE.format(9)] == ""


def test_the_balance_tells_what_is_left_of_a_lot(client: httpx.Client) -> None:
    answer = run(client, things=OLIVES)
    page = client.get(answer.url.path + "?view=balances").text
    cells = re.findall(r'class="is">([^<]*)</span></td>', page)
    assert cells[cells.index("LTR") :][:4] == ["LTR", "200", "150", "50"]


@pytest.mark.parametrize(
    "given, found",
    [
        ({"product": "9506000134352", "first": "S1", "last": "S3"}, {1, 10, 11, 12, 2, 3}),
        ({"path": "value", "uom": "CEL", "above": "35"}, {2}),
        ({"path": "value", "uom": "FAH", "above": "100"}, {2}),
    ],
)
def test_serials_in_a_row_or_a_reading_beyond_a_limit_are_recalled(
    client: httpx.Client, given: dict[str, str], found: set[int]
) -> None:
    bottles = {row[0] for row in listed(client, run(client, **given)) if "/21/" in row[0]}
    assert bottles == {BOTTLE.format(one) for one in found}


def test_a_place_within_a_time_is_recalled(client: httpx.Client) -> None:
    given = {"supplier": MILL, "since": "2026-05-28T09:00", "until": "2026-05-28T12:00"}
    things = {row[0] for row in listed(client, run(client, **given))}
    assert OLIVES not in things
    assert BOTTLE.format(1) in things


def test_each_holder_gets_a_list_of_its_own_things_alone(client: httpx.Client) -> None:
    answer = run(client, things=OLIVES)
    lists = re.findall(r'href="([^"]+/holder/\d+)"', client.get(answer.url.path + "?view=holders").text)
    assert len(lists) == 2
    pages = [client.get(path).text for path in lists]
    held = [set(re.findall(r"<code>(0[01]/[^<]+)</code></span></td>", page)) for page in pages]
    things = [{one for one in some if "/21/" in one} for some in held]
    assert things[0]
    assert things[1]
    assert things[0].isdisjoint(things[1])
    assert any(">carrier<" in page for page in pages)


def test_the_workbook_holds_texts_and_no_formulas(client: httpx.Client) -> None:
    answer = run(client, things=OLIVES)
    file = client.get(answer.url.path + "/list.xlsx")
    with zipfile.ZipFile(io.BytesIO(file.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert OIL in sheet
    assert "<f>" not in sheet


@pytest.mark.parametrize(
    "given, why",
    [
        ({}, "Say what is to be recalled"),
        ({"product": "9506000134352", "first": "1"}, "give the product, the first and the last serial"),
        ({"above": "warm", "path": "value", "uom": "CEL"}, "Write a number"),
        ({"things": OIL, "since": "yesterday"}, "Write a time as"),
    ],
)
def test_what_cannot_be_meant_is_said_beside_the_field(client: httpx.Client, given: dict[str, str], why: str) -> None:
    answer = run(client, **given)
    assert answer.status_code == 422
    assert why in answer.text


def test_a_recall_is_seen_by_whoever_asked_alone(house: House, client: httpx.Client) -> None:
    path = run(client, things=OLIVES).url.path
    for party in (PLATFORM, CARRIER):
        with house.signed_in(house.person(party)) as other:
            for end in ("", "/list.csv", "/list.xlsx", "/holder/1"):
                assert other.get(path + end).status_code == 404


def test_what_the_asker_may_not_read_is_counted_and_not_told(house: House) -> None:
    with house.signed_in(house.person(CARRIER)) as client:
        answer = run(client, things=BOTTLE.format(5))
        assert "the last event is not yours to read" in answer.text
        assert MILL not in client.get(answer.url.path + "/list.csv").text
