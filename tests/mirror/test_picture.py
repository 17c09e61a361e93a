"""The picture: what stands in it after some blocks, the same in both databases, and who is shown what."""

from collections.abc import Callable, Iterator

import msgspec
import pytest
import sqlalchemy as sql
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sogdia.core.query import PUBLIC, Asker, may_see
from sogdia.core.receipt import decode_outcome, decode_receipt
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.writer import Writer
from tests.mirror.conftest import contents, seen
from tests.mirror.ledger import (
    BANK,
    PARCELS,
    PLATFORM,
    RATES,
    SALES,
    SELLER,
    STRANGER,
    TABLES,
    Goods,
    Heard,
    Ledger,
    Parcel,
    Rate,
    Sale,
    sale,
    trade,
)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def picture(url: str) -> Iterator[SqlPicture]:
    made = SqlPicture(url, TABLES)
    yield made
    made.close()


def mirror(url: str, ledger: Ledger, *groups: int, anew: bool = False) -> None:
    """Write all blocks of the ledger, in batches of these sizes and the rest at once."""
    writer = Writer(url, TABLES)
    try:
        if anew:
            writer.rebuild("for the next example")
        for size in (*groups, ledger.height):
            if writer.place.height < ledger.height:
                writer.apply(ledger.outcomes(writer.place.height, size))
    finally:
        writer.close()


def test_a_record_stands_in_a_row_of_its_fields_with_the_block_that_wrote_it(
    url: str, ledger: Ledger, picture: SqlPicture
) -> None:
    written = sale(
        total_minor=10**15,
        paid=True,
        returned_minor=7,
        lines=(Goods("Lampe à huile", 2), Goods("灯", 1)),
        gift=Goods("card", 1),
        shared_with=(BANK,),
    )
    ledger.block()
    ledger.block([(SALES, written)])
    mirror(url, ledger)
    assert picture.rows(sql.select(picture.table(SALES))) == [
        {
            "platform": PLATFORM,
            "order": "2026-000001",
            "seller": SELLER,
            "total_minor": 10**15,
            "paid": True,
            "channel": "shop",
            "note": None,
            "returned_minor": 7,
            "lines": [{"sku": "Lampe à huile", "quantity": 2}, {"sku": "灯", "quantity": 1}],
            "gift": {"sku": "card", "quantity": 1},
            "shared_with": [BANK],
            "height": 2,
        }
    ]


def test_the_last_write_of_a_batch_stays_and_a_deletion_leaves_nothing(url: str, ledger: Ledger) -> None:
    ledger.block([(SALES, sale(1)), (SALES, sale(2)), (SALES, sale(3))])
    ledger.block([(SALES, sale(1, total_minor=5)), (SALES, (PLATFORM, "2026-000002"))])
    ledger.block([(SALES, sale(1, total_minor=6)), (SALES, (PLATFORM, "2026-000003")), (SALES, sale(3, paid=True))])
    mirror(url, ledger)
    rows = contents(url)["shop_sale"]
    assert [(row["order"], row["total_minor"], row["paid"], row["height"]) for row in rows] == [
        ("2026-000001", 6, False, 3),
        ("2026-000003", 2_534, True, 3),
    ]


def test_a_deletion_in_a_later_batch_takes_the_row_away(url: str, ledger: Ledger) -> None:
    ledger.block([(SALES, sale(1)), (PARCELS, Parcel("P1", PLATFORM, "2026-000001", 10))])
    ledger.block([(SALES, (PLATFORM, "2026-000001")), (PARCELS, ("P1",)), (PARCELS, ("never there",))])
    mirror(url, ledger, 1)
    assert contents(url)["shop_sale"] == contents(url)["shop_parcel"] == []


def test_a_transaction_stands_with_its_receipt_and_its_place_in_the_log(
    url: str, ledger: Ledger, picture: SqlPicture
) -> None:
    ledger.block(done=[ledger.done()])
    refused = ledger.done(index=4, signers=(SELLER,), code=3001, order="2026-1", lines=[1, 2])
    ledger.block(done=[ledger.done(), refused])
    mirror(url, ledger)
    rows = picture.rows(sql.select(picture.transactions).order_by(picture.transactions.c.log_index))
    receipt = decode_receipt(refused.receipt)
    assert [row["log_index"] for row in rows] == [0, 1, 2]
    assert rows[2] == {
        "log_index": 2,
        "id": receipt.transaction,
        "height": 2,
        "index": 4,
        "time_ms": 2_000,
        "code": 3001,
        "tags": ["shop.sell"],
        "signers": [SELLER],
        "envelope": receipt.envelope,
        "fields": {"order": "2026-1", "lines": [1, 2]},
    }


def test_events_stand_in_the_order_in_which_they_were_announced(url: str, ledger: Ledger, picture: SqlPicture) -> None:
    ledger.block(done=[ledger.done(Heard(said={"n": 1}), Heard("shop.paid", said={"n": 2}))])
    mirror(url, ledger)
    rows = picture.rows(sql.select(picture.events).order_by(picture.events.c.position))
    assert [(row["tag"], row["json"], row["position"], row["time_ms"]) for row in rows] == [
        ("shop.sold", {"n": 1}, 0, 1_000),
        ("shop.paid", {"n": 2}, 1, 1_000),
    ]


@pytest.mark.postgres
def test_both_databases_hold_the_same_rows_in_whatever_batches_they_came(
    new_postgres: Callable[[], str], sqlite_url: Callable[[], str], ledger: Ledger
) -> None:
    for number in range(1, 60, 3):
        trade(ledger, number, 3)
    urls = [sqlite_url(), sqlite_url(), new_postgres(), new_postgres()]
    for url, groups in zip(urls, ((), (1, 2, 3), (), (7, 1)), strict=True):
        mirror(url, ledger, *groups)
    first, *others = [contents(url) for url in urls]
    assert len(first["shop_sale"]) > 40
    assert len(first["transactions"]) == len(first["events"]) == 60
    for other in others:
        for name, rows in first.items():
            assert other[name] == rows, name


def test_a_sum_is_a_whole_number_in_both_databases(url: str, ledger: Ledger, picture: SqlPicture) -> None:
    ledger.block([(SALES, sale(number, total_minor=10**15)) for number in range(3)])
    mirror(url, ledger)
    [row] = picture.rows(sql.select(sql.func.sum(picture.table(SALES).c.total_minor).label("total_minor")))
    assert row == {"total_minor": 3 * 10**15}
    assert type(row["total_minor"]) is int


def test_text_is_ordered_by_code_point_in_both_databases(url: str, ledger: Ledger, picture: SqlPicture) -> None:
    names = ["a", "B", "ä", "Z", "_", "-", "灯", "\U0001f3ee", "\uff01", "1", "10", "2"]
    ledger.block([(RATES, Rate(name, "1")) for name in names])
    mirror(url, ledger)
    table = picture.table(RATES)
    found = picture.rows(sql.select(table.c.name).order_by(table.c.name))
    assert [row["name"] for row in found] == sorted(names)
    assert len(picture.rows(sql.select(table).where(table.c.name > "Z"))) == len([name for name in names if name > "Z"])


def test_a_nul_character_is_shown_as_a_replacement_character(url: str, ledger: Ledger) -> None:
    tricky = sale(1, note="a\0b", seller="s\0", lines=(Goods("x\0", 1), Goods("\\u0000", 1)), shared_with=("y\0",))
    done = ledger.done(Heard(said={"text": "\0"}), code=1, detail="\0", name="\\u0000")
    ledger.block([(SALES, tricky), (RATES, Rate("r\0", "1")), (RATES, Rate("r\ufffd", "2"))], [done])
    mirror(url, ledger)
    found = contents(url)
    row = found["shop_sale"][0]
    assert (row["note"], row["seller"], row["shared_with"]) == ("a\ufffdb", "s\ufffd", ["y\ufffd"])
    assert [line["sku"] for line in row["lines"]] == ["x\ufffd", "\\u0000"]
    assert found["events"][0]["json"] == {"text": "\ufffd"}
    assert found["transactions"][0]["fields"] == {"detail": "\ufffd", "name": "\\u0000"}
    assert [rate["name"] for rate in found["shop_rate"]] == ["r\ufffd"]


# --- who is shown what ------------------------------------------------------------------------------------------------


@pytest.fixture
def shown(url: str, ledger: Ledger, picture: SqlPicture) -> SqlPicture:
    """Sale 1 of the seller, sale 2 shared with the bank, sale 3 of others; a parcel, a rate."""
    others = {"platform": "did:bid:sogd:efOther", "seller": "did:bid:sogd:efOther"}
    changes = [
        (SALES, sale(1)),
        (SALES, sale(2, shared_with=("did:bid:sogd:efThird", BANK))),
        (SALES, sale(3, **others)),
        (PARCELS, Parcel("P1", PLATFORM, "2026-000001", 10)),
        (RATES, Rate("EUR/CNY", "8.1")),
    ]
    done = [
        ledger.done(Heard("shop.one", (SELLER,)), Heard("shop.two", (BANK,), ("customs",)), signers=(PLATFORM,)),
        ledger.done(index=1, signers=(SELLER,), code=3001),
    ]
    ledger.block(changes, done)
    mirror(url, ledger)
    return picture


def test_a_party_is_shown_what_names_it_and_nothing_else(shown: SqlPicture) -> None:
    assert seen(shown, SALES, Asker(PLATFORM, ("platform",))) == ["2026-000001", "2026-000002"]
    assert seen(shown, SALES, Asker(SELLER)) == ["2026-000001", "2026-000002"]
    assert seen(shown, SALES, Asker(BANK, ("bank",))) == ["2026-000002"]
    assert seen(shown, SALES, Asker("did:bid:sogd:efOther")) == ["2026-000003"]
    assert seen(shown, SALES, Asker(STRANGER)) == []
    assert seen(shown, PARCELS, Asker(PLATFORM)) == []


def test_customs_is_shown_all_by_its_role(shown: SqlPicture) -> None:
    customs = Asker("did:bid:sogd:efCustoms", ("customs",))
    assert seen(shown, SALES, customs) == ["2026-000003", "2026-000001", "2026-000002"]
    assert seen(shown, PARCELS, customs) == ["P1"]


def test_the_public_is_shown_public_tables_alone(shown: SqlPicture) -> None:
    assert seen(shown, RATES, PUBLIC) == seen(shown, RATES, Asker(STRANGER)) == ["EUR/CNY"]
    assert seen(shown, SALES, PUBLIC) == seen(shown, PARCELS, PUBLIC) == []
    assert shown.rows(sql.select(shown.events).where(shown.visible_events(PUBLIC))) == []
    assert shown.rows(sql.select(shown.transactions).where(shown.visible_transactions(PUBLIC))) == []


@pytest.mark.parametrize(
    ("asker", "events", "transactions"),
    [
        (Asker(PLATFORM), [], [0]),
        (Asker(SELLER), ["shop.one"], [0, 1]),
        (Asker(BANK), ["shop.two"], [0]),
        (Asker("did:bid:sogd:efCustoms", ("customs",)), ["shop.two"], [0]),
        (Asker("customs"), [], []),
        (Asker(STRANGER, ("bank",)), [], []),
    ],
    ids=["who signed", "who is named", "who is named elsewhere", "a role", "a party called like a role", "a stranger"],
)
def test_events_are_for_whom_they_name_and_transactions_for_signers_too(
    shown: SqlPicture, asker: Asker, events: list[str], transactions: list[int]
) -> None:
    heard = shown.rows(sql.select(shown.events).where(shown.visible_events(asker)))
    signed = shown.rows(sql.select(shown.transactions).where(shown.visible_transactions(asker)))
    assert [row["tag"] for row in heard] == events
    assert sorted(row["log_index"] for row in signed) == transactions


def test_a_record_that_is_no_longer_shared_is_no_longer_shown(url: str, ledger: Ledger, picture: SqlPicture) -> None:
    ledger.block([(SALES, sale(1, shared_with=(BANK,)))])
    mirror(url, ledger)
    assert seen(picture, SALES, Asker(BANK)) == ["2026-000001"]
    ledger.block([(SALES, sale(1))])
    mirror(url, ledger)
    assert seen(picture, SALES, Asker(BANK)) == []
    assert seen(picture, SALES, Asker(SELLER)) == ["2026-000001"]


def test_the_picture_cannot_be_written(url: str, shown: SqlPicture) -> None:
    with pytest.raises(sql.exc.DBAPIError), shown._engine.begin() as connection:
        connection.execute(sql.delete(shown.table(SALES)))
    assert len(contents(url)["shop_sale"]) == 3


# --- any record -------------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
clean = texts.map(lambda text: text.replace("\0", "\ufffd"))
parties = st.sampled_from([PLATFORM, SELLER, BANK, STRANGER])
amounts = st.integers(-(10**15), 10**15)
goods = st.builds(Goods, clean, amounts)
sales = st.builds(
    Sale,
    platform=st.just(PLATFORM),
    order=clean.filter(bool),
    seller=clean,
    total_minor=amounts,
    paid=st.booleans(),
    channel=st.sampled_from(["shop", "fair"]),
    note=st.none() | clean,
    returned_minor=st.none() | amounts,
    lines=st.lists(goods, max_size=3).map(tuple),
    gift=st.none() | goods,
    shared_with=st.lists(clean, max_size=3).map(tuple),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(sales, min_size=1, max_size=8, unique_by=lambda one: one.order))
def test_any_record_comes_back_as_it_was_written(url: str, records: list[Sale]) -> None:
    ledger = Ledger()
    ledger.block([(SALES, record) for record in records])
    mirror(url, ledger, anew=True)
    found = [{name: value for name, value in row.items() if name != "readers"} for row in contents(url)["shop_sale"]]
    assert [msgspec.convert(list(row.values())[:-1], Sale) for row in found] == sorted(
        records, key=lambda one: one.order
    )


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(
        st.builds(
            sale, seller=st.sampled_from([SELLER, BANK, ""]), shared_with=st.lists(parties, max_size=3).map(tuple)
        ),
        max_size=8,
    ),
    st.builds(Asker, st.none() | parties, st.sampled_from([(), ("customs",), ("bank", "seller")])),
)
def test_a_party_is_shown_what_the_ledger_itself_would_show_it(url: str, made: list[Sale], asker: Asker) -> None:
    ledger = Ledger()
    records = [msgspec.structs.replace(one, order=f"{number}") for number, one in enumerate(made)]
    ledger.block([(SALES, record) for record in records])
    mirror(url, ledger, anew=True)
    picture = SqlPicture(url, TABLES)
    found = seen(picture, SALES, asker)
    picture.close()
    assert found == [record.order for record in records if may_see(SALES, record, asker)]


def test_the_outcomes_made_by_hand_are_real_outcomes(ledger: Ledger) -> None:
    trade(ledger, 6, 2)
    outcome = decode_outcome(ledger.blocks[0])
    assert [one.events[0].roles for one in outcome.done] == [("customs",)] * 2
    assert msgspec.json.decode(outcome.done[0].events[0].json) == {"order": 6}
