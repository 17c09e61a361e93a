"""The control tower tells each role first what it must act on, with the record behind it."""

import msgspec
import pytest

from sogdia.core.query import PUBLIC
from sogdia.domains.customs.messages import PublishLimits
from sogdia.domains.identity.messages import Delegate
from sogdia.domains.logistics.messages import ReportStatus
from sogdia.domains.orders.messages import Cancel, CancelledLine
from sogdia.insight.lanes import lanes
from sogdia.insight.orders import Filter, search
from sogdia.insight.tower import SOURCES, exceptions, kinds_for, own_kinds, tower
from sogdia.insight.troubles import TROUBLES
from sogdia.primitives.rulebooks import RuleRow
from tests.insight.conftest import A_DAY_MS, EVERYONE, NOW_MS, at

HOUR_MS = 3_600_000


def counts(told):
    return {one.kind: one.count for one in told.kinds if one.count and one.kind != "row_unchecked"}


def reported(border, waybill, status, at_ms):
    border.scene.time_ms = max(border.scene.time_ms, at_ms)
    told = ReportStatus(
        carrier=border.cast.carrier.did, waybill=waybill, status=status, reported_at_ms=at_ms, place="Lyon"
    )
    border.scene.accepts(told, by=border.cast.carrier)


def test_an_order_without_its_payment_is_stuck_after_a_day(look, border, import_trade):
    border.scene.accepts(import_trade().place, by=border.cast.platform)
    assert counts(look(tower, by=border.cast.platform)) == {}
    look.days = 2
    assert counts(look(tower, by=border.cast.platform)) == {"unpaid": 1}
    found = look(exceptions, by=border.cast.customs, kind="unpaid").rows[0]
    assert found.record == ("orders.order", border.cast.platform.did, "O1")
    assert (found.since_ms, found.severity) == (1_772_441_000_000, "medium")
    assert found.said["institution"] == border.cast.institution.did


def test_an_order_without_a_parcel_and_a_parcel_without_a_list_are_stuck(look, border, import_trade, export_trade):
    paid, shipped = import_trade(), export_trade("2")
    border.scene.accepts(paid.place, by=border.cast.platform)
    border.scene.accepts(paid.attest, by=border.cast.institution)
    border.stands(shipped)
    look.days = 3
    assert counts(look(tower, by=border.cast.platform)) == {"unshipped": 1, "undeclared": 1}


def test_that_a_part_is_missing_is_told_to_those_who_would_see_it(look, border, import_trade, export_trade):
    border.scene.accepts(import_trade().place, by=border.cast.platform)
    border.stands(export_trade("2"))
    look.days = 10
    for one in (border.cast.seller, border.cast.carrier, border.cast.broker, border.cast.other_seller):
        assert counts(look(tower, by=one)) == {}, one.name


def test_an_institution_is_told_of_the_payments_it_would_see_on_orders_that_it_sees(look, border, import_trade):
    shown, unseen = import_trade(), import_trade("2")
    shown.place = msgspec.structs.replace(shown.place, shared_with=(border.cast.institution.did,))
    for one in (shown, unseen):
        border.scene.accepts(one.place, by=border.cast.platform)
    look.days = 2
    assert counts(look(tower, by=border.cast.institution)) == {"unpaid": 1}
    row = look(search, by=border.cast.institution, wanted=Filter()).rows[0]
    assert (row.order, row.waits_for, row.troubles) == ("O1", "payment", ("unpaid",))


def test_a_list_that_customs_has_not_answered_waits_for_customs_and_for_its_parties(look, border, import_trade):
    trade = import_trade()
    border.stands(trade)
    border.declares(trade)
    look.days = 2
    for one in ("customs", "broker", "seller", "platform"):
        assert counts(look(tower, by=getattr(border.cast, one))) == {"unanswered": 1}, one
    assert look(tower, by=border.cast.customs).kinds[0].kind == "unanswered"
    assert counts(look(tower, by=border.cast.other_seller)) == {}


def test_refused_and_returned_lists_are_told_with_their_code(look, border, import_trade):
    refused, returned = import_trade(), import_trade("2")
    for one in (refused, returned):
        border.stands(one)
        border.declares(one)
    border.answers(refused, 120, 100)
    border.answers(returned, 120, 700)
    told = look(tower, by=border.cast.broker)
    assert counts(told) == {"list_refused": 1, "list_returned": 1}
    found = look(exceptions, by=border.cast.broker, kind="list_refused").rows[0]
    assert (found.said["code"], found.said["list_no"]) == (100, "L1")


def test_a_refused_list_is_not_also_undeclared_and_is_gone_when_it_is_declared_again(look, border, import_trade):
    trade = import_trade()
    border.stands(trade)
    border.declares(trade)
    border.answers(trade, 100)
    look.days = 5
    assert counts(look(tower, by=border.cast.platform)) == {"list_refused": 1}
    again = import_trade()
    again.declare = type(trade.declare)(
        **{name: getattr(trade.declare, name) for name in trade.declare.__struct_fields__} | {"list_no": "L9"}
    )
    border.declares(again)
    look.days = 0
    assert counts(look(tower, by=border.cast.platform)) == {}


def test_a_cancelled_order_waits_for_nothing(look, border, import_trade):
    trade = import_trade()
    border.scene.accepts(trade.place, by=border.cast.platform)
    gone = tuple(CancelledLine(line=n, quantity=line.quantity) for n, line in enumerate(trade.place.lines, 1))
    cancel = Cancel(
        platform=border.cast.platform.did,
        order="O1",
        cancellation="C1",
        cancelled_at_ms=border.scene.time_ms,
        lines=gone,
    )
    border.scene.accepts(cancel, by=border.cast.platform)
    look.days = 9
    assert counts(look(tower, by=border.cast.platform)) == {}
    assert look(search, by=border.cast.platform, wanted=Filter(state="cancelled")).rows[0].order == "O1"


def test_a_parcel_is_late_by_the_time_that_deliveries_of_its_lane_took(look, border, export_trade):
    start = 1_772_441_200_000
    for number in range(1, 21):
        border.stands(export_trade(str(number)))
        days = 10 if number == 20 else 5
        reported(border, f"W{number}", "delivered", start + days * A_DAY_MS)
    border.stands(export_trade("21"))
    border.scene.time_ms = start + 5 * A_DAY_MS - HOUR_MS
    assert "late_parcel" not in counts(look(tower, by=border.cast.carrier))
    border.scene.time_ms = start + 6 * A_DAY_MS
    assert counts(look(tower, by=border.cast.carrier)) == {"late_parcel": 1}
    how = look(tower, by=border.cast.platform).how
    assert how.late_after_hours == {"CN>FR": 5 * 24}


def test_without_enough_deliveries_a_parcel_is_late_after_the_time_set_for_unknown_lanes(look, border, export_trade):
    border.stands(export_trade())
    look.days = 29
    assert "late_parcel" not in counts(look(tower, by=border.cast.carrier))
    look.days = 31
    assert counts(look(tower, by=border.cast.carrier))["late_parcel"] == 1


def test_what_the_rules_refused_is_told_to_who_signed_it(look, border, import_trade):
    trade = import_trade()
    border.stands(trade)
    border.scene.refuses(3001, trade.place, by=border.cast.platform)
    assert counts(look(tower, by=border.cast.platform)) == {"transaction_refused": 1}
    found = look(exceptions, by=border.cast.platform, kind="transaction_refused").rows[0]
    assert (found.said["code"], found.said["tags"]) == (3001, ["orders.place"])
    assert counts(look(tower, by=border.cast.seller)) == {}
    look.days = 8
    assert "transaction_refused" not in counts(look(tower, by=border.cast.platform))


def test_documents_that_customs_sent_back_are_told(look, border, import_trade):
    trade = import_trade()
    border.stands(trade)
    answer = border.answer("payment", border.cast.institution.did, "P1", -303)
    border.scene.accepts(answer, by=border.cast.customs)
    assert counts(look(tower, by=border.cast.institution)) == {"document_refused": 1}
    assert counts(look(tower, by=border.cast.carrier)) == {}


def test_a_quota_that_is_nearly_used_is_for_customs_alone(look, border, import_trade):
    for number in range(1, 6):
        trade = import_trade(str(number), sold=(("MAKEUP", 30, 14_000),), freight=0)
        border.stands(trade)
        border.declares(trade)
        border.answers(trade, 120)
    told = counts(look(tower, by=border.cast.customs))
    assert told["quota_near"] == 1
    found = look(exceptions, by=border.cast.customs, kind="quota_near").rows[0]
    assert (found.said["used_fen"], found.said["size"]) == (2_100_000, 2_600_000)
    assert "quota_near" not in counts(look(tower, by=border.cast.broker))


def test_a_list_near_the_single_limit_is_told_while_customs_can_still_answer(look, border, import_trade):
    trade = import_trade(sold=(("MAKEUP", 35, 14_000),), freight=0)
    border.stands(trade)
    border.declares(trade)
    assert counts(look(tower, by=border.cast.customs)) == {"limit_near": 1}
    border.answers(trade, 120, 800)
    assert "limit_near" not in counts(look(tower, by=border.cast.customs))


def test_a_rulebook_row_that_ends_soon_is_told_unless_another_follows(look, border):
    def publishes(key, valid_from, valid_to):
        row = RuleRow(
            book="customs.cn.test", key=key, valid_from=valid_from, valid_to=valid_to, value="1", source="test",
            certainty="verified",
        )  # fmt: skip
        border.scene.accepts(PublishLimits(authority=border.cast.customs.did, rows=(row,)), by=border.cast.customs)

    publishes("ends", "2026-01-01", "2026-03-20")
    publishes("followed", "2026-01-01", "2026-03-20")
    publishes("followed", "2026-03-21", "2029-12-31")
    found = look(exceptions, by=border.cast.customs, kind="row_ends").rows
    assert [(one.record[2], one.said["days_left"]) for one in found] == [("ends", 18)]


def test_rows_that_nobody_checked_are_marked(look, border):
    found = look(exceptions, by=border.cast.customs, kind="row_unchecked", limit=500).rows
    assert found
    assert {one.said["certainty"] for one in found} <= {"memory", "suggestion"}


def test_a_delegation_that_ends_is_told_to_both_sides(look, border):
    until_ms = border.scene.time_ms + 10 * A_DAY_MS
    delegate = Delegate(
        principal=border.cast.other_seller.did, agent=border.cast.broker.did, actions=("customs.declare_export",),
        until_ms=until_ms,
    )  # fmt: skip
    border.scene.accepts(delegate, by=border.cast.other_seller)
    for one in (border.cast.other_seller, border.cast.broker):
        assert counts(look(tower, by=one)) == {"delegation_ends": 1}
    assert counts(look(tower, by=border.cast.seller)) == {}
    found = look(exceptions, by=border.cast.broker, kind="delegation_ends").rows[0]
    assert found.since_ms == until_ms


def test_volumes_money_and_release_times_are_those_of_the_trades(look, border, import_trade, export_trade):
    trade = import_trade()
    border.stands(trade)
    border.declares(trade)
    border.answers(trade, 120, 800)
    border.stands(export_trade("2"))
    told = look(tower, by=border.cast.customs)
    day = next(one for one in told.volumes.days if one.orders)
    assert (day.day, day.orders, day.paid, day.shipped, day.declared, day.released, day.delivered) == (
        "2026-03-02", 2, 1, 2, 1, 1, 0,
    )  # fmt: skip
    assert [(one.currency, one.placed_minor, one.attested_minor) for one in told.volumes.money] == [
        ("CNY", 54_000, 54_000), ("EUR", 2_534, 0),
    ]  # fmt: skip
    assert len(look(search, by=border.cast.customs, wanted=day.behind).rows) == day.orders
    lane = told.releases[0]
    assert (lane.ship_from, lane.ship_to, lane.minutes.values, lane.minutes.median_minutes) == ("FR", "CN", 1, 15)


def test_what_one_sees_no_part_of_is_told_apart_from_zero(look, border, import_trade, export_trade):
    trade, cast = import_trade(), border.cast
    trade.place = msgspec.structs.replace(trade.place, shared_with=(cast.institution.did,))
    border.stands(trade)
    border.declares(trade)

    def told(who):
        volumes = look(tower, by=who).volumes
        return {
            name for name in ("orders", "paid", "shipped", "declared", "released", "returned") if volumes.tells(name)
        }

    assert told(cast.institution) == {"orders", "paid"}
    assert told(cast.seller) == {"orders", "declared", "released", "returned"}
    assert told(cast.carrier) == {"shipped", "declared", "released", "returned"}
    assert told(cast.tax_authority) == set()
    everything = {"orders", "paid", "shipped", "declared", "released", "returned"}
    assert told(cast.platform) == told(cast.customs) == everything
    other = export_trade("2")
    other.waybill = msgspec.structs.replace(other.waybill, shared_with=(cast.seller.did,))
    border.stands(other)
    assert "shipped" in told(cast.seller), "since a parcel was shared with it"


@pytest.mark.parametrize("role", EVERYONE)
def test_each_count_is_the_number_of_rows_behind_it(world, role):
    asker = EVERYONE[role]
    moment = at(world, asker)
    told = tower(world, asker, moment, days=70)
    for one in told.kinds:
        rows, after = [], ""
        while True:
            page = exceptions(world, asker, moment, one.kind, after, limit=25)
            rows += page.rows
            after = page.after
            if not after:
                break
        assert len(rows) == len({row.record for row in rows}) == one.count, one.kind
        assert rows == list(exceptions(world, asker, moment, one.kind, limit=500).rows)
        if one.kind in TROUBLES:
            listed = search(world, asker, moment, Filter(trouble=one.kind), limit=500).rows
            assert {(row.platform, row.order) for row in listed} == {row.record[1:] for row in rows}
    for lane in told.releases:
        assert len(search(world, asker, moment, lane.behind, limit=500).rows) == lane.minutes.values
    for day in told.volumes.days:
        assert len(search(world, asker, moment, day.behind, limit=500).rows) == day.orders
    if role in ("stranger", "public"):
        assert not any(one.count for one in told.kinds if not one.kind.startswith("row_"))


def test_made_orders_are_in_every_kind_of_trouble_that_is_looked_for_in_them(world):
    found = set()
    for role in ("customs", "platform"):
        for now_ms in (NOW_MS - 57 * A_DAY_MS, NOW_MS):
            found |= set(counts(tower(world, EVERYONE[role], at(world, EVERYONE[role], now_ms))))
    assert {"late_parcel", "unpaid", "unshipped", "unanswered", "list_refused", "transaction_refused"} <= found


def test_every_kind_is_told_to_every_role_its_own_first():
    assert set(kinds_for(())) == set(SOURCES)
    assert kinds_for(("carrier",))[0] == "late_parcel"
    assert set(kinds_for(("carrier", "broker"))) == set(SOURCES) - {"row_unchecked"}
    assert "row_unchecked" in kinds_for(("tax_authority",))
    assert kinds_for(("seller",))[-1] in ("limit_near", "quota_near", "unshipped", "unpaid")
    for roles in (("customs",), ("broker",), ("seller", "platform")):
        severities = [SOURCES[kind].severity for kind in kinds_for(roles)]
        assert severities[: severities.index("medium")] == ["high"] * severities.index("medium")
    assert PUBLIC.roles == ()


def test_a_rejected_list_is_for_its_parties_to_mend_and_not_for_customs():
    assert "list_refused" not in own_kinds(("customs",))
    for role in ("broker", "seller", "platform"):
        assert "list_refused" in own_kinds((role,))


def delivers(border, *statuses):
    for number, status in enumerate(statuses, 1):
        report = ReportStatus(
            carrier=border.cast.carrier.did, waybill="W1", status=status, place="Lyon",
            reported_at_ms=border.scene.time_ms + number,
        )  # fmt: skip
        border.scene.accepts(report, by=border.cast.carrier)


def test_what_is_delivered_without_release_is_told_to_customs_and_all_who_see_both(look, border, import_trade):
    trade, cast = import_trade(), border.cast
    border.stands(trade)
    border.declares(trade)
    border.answers(trade, 100)
    delivers(border, "picked_up", "delivered")
    for who in (cast.customs, cast.platform, cast.carrier):
        told = look(tower, by=who)
        assert counts(told)["unreleased"] == 1
    assert "unreleased" not in counts(look(tower, by=cast.other_seller))


def test_what_is_delivered_after_release_is_no_exception(look, border, import_trade):
    trade = import_trade()
    border.stands(trade)
    border.declares(trade)
    border.answers(trade, 120, 800)
    delivers(border, "picked_up", "delivered")
    assert "unreleased" not in counts(look(tower, by=border.cast.customs))


def test_a_parcel_is_on_the_way_from_when_it_is_picked_up(look, border, import_trade):
    trade = import_trade()
    border.stands(trade)
    assert [(one.trades, one.on_the_way) for one in look(lanes, by=border.cast.platform)] == [(1, 0)]
    delivers(border, "picked_up")
    assert [(one.trades, one.on_the_way) for one in look(lanes, by=border.cast.platform)] == [(1, 1)]


@pytest.mark.parametrize("days", [59, 55])
@pytest.mark.parametrize("role", EVERYONE)
def test_what_happened_today_is_counted_and_listed_whenever_it_was_placed(world, role, days):
    asker, now_ms = EVERYONE[role], NOW_MS - days * A_DAY_MS
    moment = at(world, asker, now_ms)
    told = {one.stage: one for one in tower(world, asker, moment).volumes.today}
    assert list(told) == ["placed", "paid", "shipped", "declared", "released", "delivered"]
    for one in told.values():
        rows = search(world, asker, moment, one.behind, limit=500).rows
        assert len(rows) == one.trades, one.stage
    if role == "customs":
        assert told["declared" if days == 59 else "delivered"].trades > 0
    if role == "public":
        assert not any(one.trades for one in told.values())
