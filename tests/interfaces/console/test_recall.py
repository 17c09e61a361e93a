"""Recall in the console: what is affected and who has it, lists for each holder, and what the form does not take."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator

import httpx
import pytest

from tests.interfaces.console.house import House, token_of
from tests.interfaces.console.traced import BOTTLE, MILL, OIL, OLIVES, PALLET, put, tell_chain, tell_sold, told
from tests.interfaces.http.town import CARRIER, PLATFORM, SELLER

pytestmark = pytest.mark.node
WHOLE = "Nothing on record speaks against this answer being whole."
SOLD = "#1420"
NOTICE = {
    "reason": "Mineral oil was found in it.", "instruction": "Lock it away.", "contact": "Claire Blanc\n+33 4 00 00",
    "send_to": "1 rue du Four, Lyon",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def chain(house: House) -> None:
    tell_chain(house)
    tell_sold(house, 12, SOLD)
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


def noted(client: httpx.Client, path: str, **said: str) -> httpx.Response:
    """Say what the notices of a recall tell."""
    token = token_of(client.get("/console/recall").text)
    return client.post(f"{path}/notice", data={"token": token, **said})


def offered(answer: httpx.Response) -> set[str]:
    """What the form offers to choose from."""
    return set(re.findall(r'name="chosen" value="([^"]+)"', answer.text))


# --- what names nothing ---------------------------------------------------------------------------------------------


def test_a_lot_without_its_product_is_refused_and_the_lots_of_that_name_are_offered(
    house: House, client: httpx.Client
) -> None:
    answer = run(client, things="(10)B\n(01)09506000134376(10)G7")
    assert answer.status_code == 422
    assert "A lot needs its product" in answer.text
    assert WHOLE not in answer.text
    assert offered(answer) == {OIL}
    kept = re.findall(r"<textarea id=\"things\"[^>]*>([^<]*)<", answer.text)[0]
    assert kept.strip() == "(01)09506000134376(10)G7", "what is clear stays, what is to be chosen is asked"
    chosen = run(client, things="", chosen=OIL)
    assert {row[0] for row in listed(client, chosen)} >= {OIL, BOTTLE.format(1)}
    with house.signed_in(house.person(SELLER)) as stranger:
        theirs = run(stranger, things="(10)B")
        assert theirs.status_code == 422
        assert offered(theirs) == set(), "a lot that the asker may not read is not offered"
        assert "No lot of this number" in theirs.text


@pytest.mark.parametrize(
    "given, why, choice",
    [
        ({"things": "S1"}, "This is no whole identifier", {BOTTLE.format(1)}),
        ({"things": SOLD}, "This is no whole identifier", {BOTTLE.format(12)}),
        ({"things": "WB-1420"}, "Nothing on record names this", set()),
        ({"things": "09506000134000"}, "Nothing on record names this", set()),
        ({"things": "(10)NOSUCH"}, "No lot of this number", set()),
        ({"things": MILL}, "This is a place or a party", set()),
        ({"product": "9506000134000", "first": "1", "last": "2"}, "No item of this product is on record", set()),
        ({"supplier": "Mill of Nowhere"}, "No party and no place on record", set()),
    ],
)
def test_what_names_nothing_on_record_is_refused_and_never_an_all_clear(
    client: httpx.Client, given: dict[str, str], why: str, choice: set[str]
) -> None:
    answer = run(client, **given)
    assert answer.status_code == 422
    assert why in answer.text
    assert offered(answer) == choice
    assert WHOLE not in answer.text


@pytest.mark.parametrize("supplier", [MILL, "9506000138602", "(414)9506000138602", PLATFORM.did, PLATFORM.name.upper()])
def test_a_supplier_is_known_by_identifier_gln_or_name(client: httpx.Client, supplier: str) -> None:
    assert BOTTLE.format(1) in {row[0] for row in listed(client, run(client, supplier=supplier))}


def test_an_answer_without_anything_says_what_was_asked_and_that_it_is_no_all_clear(client: httpx.Client) -> None:
    for given, told_of in (
        ({"path": "value", "uom": "CEL", "above": "90"}, "Above 90"),
        ({"product": "9506000134352", "first": "X1", "last": "X9"}, "serials X1 to X9"),
        ({"supplier": MILL, "until": "2020-01-01T00:00"}, "Everything from Mill of Baux"),
    ):
        answer = run(client, **given)
        assert answer.status_code == 200
        assert "Nothing was found, which is no all-clear" in answer.text
        assert told_of in answer.text
        assert WHOLE not in answer.text


def test_very_many_lines_that_name_nothing_are_counted(client: httpx.Client) -> None:
    answer = run(client, things="\n".join(f"NOSUCH{number}" for number in range(50)))
    assert answer.text.count("Nothing on record names this") == 20
    assert "30 more lines name nothing on record." in answer.text


# --- the answer -----------------------------------------------------------------------------------------------------


def test_bad_olives_reach_the_oil_every_bottle_and_the_pallet(client: httpx.Client) -> None:
    answer = run(client, things="(01)09506000134376(10)G7")
    rows = listed(client, answer)
    assert {row[0] for row in rows} >= {OLIVES, OIL, *(BOTTLE.format(one) for one in range(1, 13))}
    assert WHOLE in answer.text
    on_pallet = {row[0]: row[3] for row in rows}
    assert on_pallet[BOTTLE.format(1)] == PALLET
    assert on_pallet[BOTTLE.format(9)] == ""


def test_the_balance_tells_what_is_left_of_a_lot(client: httpx.Client) -> None:
    answer = run(client, things=OLIVES)
    page = client.get(answer.url.path + "?view=balances").text
    cells = re.findall(r'class="is">([^<]*)</span></td>', page)
    assert cells[cells.index("l") :][:4] == ["l", "200", "150", "50"]


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
    assert len(lists) == 3
    pages = [client.get(path).text for path in lists]
    things = [set(re.findall(r"<code>\(01\)09506000134352\(21\)(S\d+)</code>", page)) for page in pages]
    assert sorted(map(len, things)) == [1, 3, 8]
    assert len(set[str]().union(*things)) == 12
    assert {"S12"} in things
    assert any(">carrier<" in page for page in pages)


def test_every_notice_says_product_lot_reason_contact_and_where_to_send_it(house: House, client: httpx.Client) -> None:
    path = run(client, things=OLIVES).url.path
    assert "Not whole yet" in client.get(path).text
    before = house.town.picture.place().height
    assert noted(client, path, **NOTICE).status_code == 303
    assert house.town.picture.place().height == before, "nothing of it is put on record"
    assert "Not whole yet" not in client.get(path).text
    page = client.get(path + "/notices").text
    notices = page.split('<article class="notice')[1:]
    assert len(notices) == 3, "the platform itself, the carrier, and the platform for its buyer"
    for one in notices:
        assert all(line in one for said in NOTICE.values() for line in said.split("\n"))
        assert "(01)09506000134376(10)G7" in one, "what is recalled"
        assert "(01)09506000134369(10)B" in one, "the lot that the bottles were made from"
        assert "09506000134352" in one
    assert sum(f"WB-{SOLD}" in one or SOLD in one for one in notices) == 1


def test_a_platform_has_one_list_for_its_buyers_order_by_order(client: httpx.Client) -> None:
    path = run(client, things=OLIVES).url.path
    assert re.search(r"orders: 1[^<]*items: 1", client.get(path).text)
    assert (
        "3 lists: one for each holder that is a party, and one for each platform, for its buyers"
        in client.get(path).text
    )
    page = client.get(path + "/platform/1").text
    assert "platform, for its buyers" in page
    assert SOLD in page
    assert set(re.findall(r"\(21\)(S\d+)", page)) == {"S12"}
    each = client.get(path + "/notices?each=buyer").text
    assert f"Consignee of order {SOLD}" in each
    assert each.count('<article class="notice') == 1
    for end in ("/platform/0", "/platform/2", "/platform/x", "/holder/9"):
        assert client.get(path + end).status_code == 404


def test_the_files_have_product_lot_and_notice_and_a_part_has_only_its_own(client: httpx.Client) -> None:
    path = run(client, things=OLIVES).url.path
    noted(client, path, **{**NOTICE, "instruction": "=1+1"})

    def rows(query: str) -> list[dict[str, str]]:
        text = client.get(f"{path}/list.csv{query}").content.decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    everything = {row["Thing"]: row for row in rows("")}
    assert everything[OIL]["Lot"] == "B"
    assert everything[BOTTLE.format(1)]["Made from"] == OIL
    assert everything[BOTTLE.format(1)]["GTIN"] == "09506000134352"
    assert everything[BOTTLE.format(12)]["Order"] == SOLD
    assert {row["Reason"] for row in everything.values()} == {NOTICE["reason"]}
    assert {row["What to do"] for row in everything.values()} == {"'=1+1"}
    assert [row["Thing"] for row in rows("?platform=1")] == [BOTTLE.format(12)]
    parts = [{row["Thing"] for row in rows(f"?holder={number}")} for number in (1, 2, 3)]
    assert set[str]().union(*parts) == everything.keys()
    assert sum(map(len, parts)) == len(everything)
    workbook = client.get(f"{path}/list.xlsx?platform=1")
    with zipfile.ZipFile(io.BytesIO(workbook.content)) as book:
        assert b"S11" not in book.read("xl/worksheets/sheet1.xml")
        assert b"#1420" in book.read("xl/worksheets/sheet2.xml")


def test_a_lot_told_with_an_items_birth_stands_beside_it(house: House, client: httpx.Client) -> None:
    jar = "https://id.gs1.org/01/09506000134352/21/JAR"
    born = told(40, 12, type="ObjectEvent", action="ADD", bizStep="commissioning", epcList=[jar])
    put(house, PLATFORM, born | {"ilmd": {"cbvmda:lotNumber": "L-9"}})
    house.town.mirrored()
    path = run(client, things=jar).url.path
    [row] = csv.DictReader(io.StringIO(client.get(path + "/list.csv").content.decode("utf-8-sig")))
    assert (row["Lot"], row["Made from"]) == ("L-9", "")


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
            for end in ("", "/list.csv", "/list.xlsx", "/holder/1", "/platform/1", "/notices"):
                assert other.get(path + end).status_code == 404
            assert noted(other, path, **NOTICE).status_code == 404


def test_what_the_asker_may_not_read_is_counted_and_not_told(house: House) -> None:
    with house.signed_in(house.person(CARRIER)) as client:
        answer = run(client, things=BOTTLE.format(5))
        assert "the last event is not yours to read" in answer.text
        assert MILL not in client.get(answer.url.path + "/list.csv").text
