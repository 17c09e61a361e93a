"""What customs and the parties see of the border, read from the SQL picture in SQLite."""

import pytest
from msgspec.structs import replace

from sogdia.core.query import PUBLIC, Asker
from sogdia.domains.customs import queries
from sogdia.domains.customs.state import QUOTA_USES, QUOTAS
from sogdia.domains.tax import queries as tax_queries
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.writer import Writer
from tests.domains.customs.conftest import PERSON


@pytest.fixture
def picture_of(tmp_path):
    """The picture of a network, whole, from its outcomes."""

    def made(network):
        url = f"sqlite:///{tmp_path}/mirror.db"
        tables = {table.name: table for module in network.machine.modules for table in module.tables}
        writer = Writer(url, tables)
        heights = range(1, network.machine.seal.height + 1)
        writer.apply([network.machine.store.get(b"O%016x" % height) for height in heights])
        writer.close()
        return SqlPicture(url, tables)

    return made


@pytest.fixture
def seen(network, cast, border_of, import_trade, export_trade, picture_of):
    """Five trades: an import accepted, one released, one rejected, one never answered, and an export accepted."""
    border = border_of(network)
    ends = {"1": (120,), "2": (120, 800), "3": (100,), "4": ()}
    for number, codes in ends.items():
        trade = import_trade(number)
        trade.declare = replace(trade.declare, declared_at_ms=trade.declare.declared_at_ms + int(number))
        border.stands(trade)
        border.declares(trade)
        border.answers(trade, *codes)
    export = export_trade("5")
    border.stands(export)
    border.declares(export)
    border.answers(export, 120)
    picture = picture_of(network)
    yield picture
    picture.close()


@pytest.fixture
def customs(cast):
    return Asker(cast.customs.did, ("customs",))


class TestQueue:
    def test_customs_sees_what_waits_with_what_the_others_say(self, seen, customs):
        rows = queries.queue(seen, customs)
        assert [(row["list_no"], row["phase"]) for row in rows] == [
            ("L5", "accepted"),
            ("L1", "accepted"),
            ("L4", "declared"),
        ]
        waiting = rows[2]
        assert (waiting["order_paid_minor"], waiting["payment_amount_minor"]) == (54_000, 54_000)
        assert (waiting["waybill_status"], waiting["value_minor"], waiting["subject"]) == (
            "issued",
            50_000,
            "import_list",
        )
        assert rows[0]["payment_amount_minor"] is None

    def test_the_payment_shown_is_that_of_the_institution_which_the_order_names(
        self, network, cast, border_of, import_trade, picture_of, customs
    ):
        border, trade = border_of(network), import_trade()
        false = replace(trade.attest, institution=cast.other_institution.did, payment="FALSE", amount_minor=1)
        network.accepts(false, by=cast.other_institution)
        border.stands(trade)
        border.declares(trade)
        picture = picture_of(network)
        (row,) = queries.queue(picture, customs)
        picture.close()
        assert (row["payment_institution"], row["payment_payment"]) == (cast.institution.did, "P1")

    def test_page_after_page_nothing_is_lost_or_shown_twice(self, seen, customs):
        shown, after = [], ""
        while rows := queries.queue(seen, customs, after=after, limit=1):
            shown += [row["list_no"] for row in rows]
            after = rows[-1]["place"]
        assert shown == ["L5", "L1", "L4"]

    def test_a_party_sees_its_own_and_the_public_nothing(self, seen, cast):
        assert len(queries.queue(seen, Asker(cast.broker.did, ("broker",)))) == 3
        assert queries.queue(seen, Asker(cast.other_carrier.did, ("carrier",))) == []
        assert queries.queue(seen, PUBLIC) == []


class TestLists:
    def test_lists_can_be_asked_for_by_phase(self, seen, cast):
        asker = Asker(cast.seller.did, ("seller",))
        assert [row["list_no"] for row in queries.lists(seen, asker)] == ["L5", "L1", "L2", "L3", "L4"]
        (released,) = queries.lists(seen, asker, phase="released")
        assert (released["code"], released["list_no"]) == (800, "L2")

    def test_one_list_comes_with_its_lines_and_the_answer(self, seen, cast, customs):
        found = queries.list_in_full(seen, customs, "import_list", cast.broker.did, "L2")
        assert (len(found["lines"]), found["standing"]["code"]) == (2, 800)
        assert queries.list_in_full(seen, PUBLIC, "import_list", cast.broker.did, "L2") is None
        assert queries.list_in_full(seen, customs, "nonsense", cast.broker.did, "L2") is None

    def test_the_lists_of_an_order(self, seen, cast, customs):
        assert [row["list_no"] for row in queries.lists_of_order(seen, customs, cast.platform.did, "O3")] == ["L3"]

    def test_counts_by_phase(self, seen, customs):
        counts = {(row["subject"], row["phase"]): row["lists"] for row in queries.counts_by_phase(seen, customs)}
        imports = dict.fromkeys(
            [("import_list", phase) for phase in ("accepted", "released", "rejected", "declared")], 1
        )
        assert counts == imports | {("export_list", "accepted"): 1}


class TestQuota:
    def test_customs_sees_what_was_drawn(self, seen, customs):
        found = queries.quota(seen, customs, PERSON, "2026")
        assert [use["list_no"] for use in found["uses"]] == ["L1", "L2"]
        assert found["size"] == 2_600_000

    def test_nobody_else_does(self, seen, cast):
        for actor in (cast.broker, cast.seller, cast.platform, cast.tax_authority):
            assert queries.quota(seen, Asker(actor.did, actor.roles), PERSON, "2026") is None
        assert {QUOTAS.roles, QUOTA_USES.roles} == {("customs",)}


class TestTax:
    def test_bills_and_totals(self, seen, cast, customs):
        (total,) = tax_queries.totals_by_kind(seen, customs)
        assert (total["share"], total["bills"], total["consumption_fen"], total["vat_fen"]) == (
            "within",
            1,
            3_860,
            5_052,
        )
        (bill,) = tax_queries.bills(seen, Asker(cast.platform.did, ("platform",)))
        assert tax_queries.bill(seen, customs, bill["broker"], bill["list_no"]) == bill
        assert tax_queries.bill(seen, PUBLIC, bill["broker"], bill["list_no"]) is None
        assert tax_queries.totals_by_kind(seen, customs, day_from="2026-03-03") == []

    def test_anyone_reads_the_published_rows(self, seen):
        assert tax_queries.rates(seen, PUBLIC, key="3304")[0]["rows"][0]["certainty"] == "memory"
        assert {row["key"] for row in queries.limits(seen, PUBLIC)} >= {"single_fen", "yearly_fen"}
