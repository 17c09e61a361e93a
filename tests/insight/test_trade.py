"""One order whole: who signed what and when, where the parties agree, what tax follows from which row."""

import msgspec

from sogdia.app.match import compared
from sogdia.domains.logistics.messages import ReportStatus
from sogdia.domains.payments.messages import Refund
from sogdia.insight.lanes import lanes
from sogdia.insight.orders import Filter, every
from sogdia.insight.trade import whole_trade
from tests.insight.conftest import EVERYONE, at

DAY_MS = 86_400_000


def whole(look, by, order="O1", platform=None):
    did = platform or look.border.cast.platform.did
    return look(whole_trade, by=by, platform=did, order=order, compare=compared)


def test_every_part_is_told_with_who_signed_it_and_in_which_transaction(look, border, import_trade):
    trade, cast = import_trade(), border.cast
    border.stands(trade)
    border.declares(trade)
    told = whole(look, cast.customs)
    assert [(part.record[0], part.signed.signers) for part in told.parts] == [
        ("orders.order", (cast.platform.did,)),
        ("payments.payment", (cast.institution.did,)),
        ("logistics.waybill", (cast.carrier.did,)),
        ("customs.import_list", (cast.broker.did,)),
    ]
    assert told.names[cast.broker.did] == "broker"
    assert len({part.signed.transaction for part in told.parts}) == 4
    assert [entry.stated_at_ms for entry in told.entries] == [
        1_772_441_000_000, 1_772_441_100_000, 1_772_441_200_000, 1_772_441_300_000,
    ]  # fmt: skip


def test_reports_and_answers_stand_in_the_timeline(look, border, import_trade):
    trade, cast = import_trade(), border.cast
    border.stands(trade)
    border.declares(trade)
    report = ReportStatus(
        carrier=cast.carrier.did, waybill="W1", status="picked_up", reported_at_ms=border.scene.time_ms, place="Lyon"
    )
    border.scene.accepts(report, by=cast.carrier)
    border.answers(trade, 120, 800)
    what = [entry.what for entry in whole(look, cast.platform).entries]
    assert what[4:] == ["logistics.status_reported", "customs.answered", "tax.billed", "customs.answered"]
    assert whole(look, cast.platform).trade.picked_up_at_ms == report.reported_at_ms


def test_a_stranger_is_told_nothing_of_it_and_each_party_its_own(look, border, import_trade):
    trade, cast = import_trade(), border.cast
    border.stands(trade)
    border.declares(trade)
    assert whole(look, cast.other_seller) is None
    assert whole(look, None) is None
    carrier = whole(look, cast.carrier)
    assert {part.record[0] for part in carrier.parts} == {"logistics.waybill", "customs.import_list"}
    assert carrier.match is None
    assert {entry.what for entry in carrier.entries} == {"logistics.waybill_issued", "customs.declared"}
    assert {part.signed.what for part in carrier.parts} == {"logistics.waybill_issued", "customs.declared"}


def test_the_match_of_a_trade_that_agrees_is_whole_and_without_fault(look, border, import_trade):
    trade = import_trade()
    border.stands(trade)
    border.declares(trade)
    match = whole(look, border.cast.customs).match
    assert match.counts() == {
        "agree": len(match.fields), "disagree": 0, "missing": 0, "undeclared": 0, "hidden": 0,
    }  # fmt: skip
    told = {one.field: one for one in match.fields}
    assert told["amount_minor"].values == {"platform": 54_000, "payment_institution": 54_000}
    assert told["buyer_name"].rule == "R9"
    assert all(len(value) == 12 for value in told["buyer_name"].values.values())
    assert {"lines[1].hs_code", "lines[2].quantity", "gross_weight_grams", "assurer", "ship_to"} <= set(told)


def test_before_a_list_is_declared_the_parties_stand_beside_an_empty_column(look, border, import_trade):
    trade = import_trade()
    trade.attest = msgspec.structs.replace(trade.attest, amount_minor=53_999)
    border.stands(trade)
    match = whole(look, border.cast.platform).match
    told = {one.field: one for one in match.fields}
    assert not match.declared
    assert told["amount_minor"].status == "disagree"
    assert told["amount_minor"].values == {"platform": 54_000, "payment_institution": 53_999}
    assert told["buyer_name"].status == "undeclared"
    assert told["buyer_name"].values["broker"] is None
    assert match.counts()["missing"] == 0
    assert told["consignee"].status == "agree"
    assert {field for field, one in told.items() if one.status == "disagree"} == {"amount_minor"}


def test_a_disagreement_is_the_one_that_the_list_is_refused_for(look, border, import_trade):
    trade = import_trade()
    other = "e0" * 32
    trade.waybill = msgspec.structs.replace(trade.waybill, consignee=other)
    border.stands(trade)
    border.refuses_list(6003, trade, count=1)
    told = whole(look, border.cast.customs).match
    lit = [(one.field, one.values["carrier"]) for one in told.fields if one.status == "disagree"]
    assert lit == [("consignee", other[:12])]


def test_the_party_that_stands_alone_is_named(look, border, import_trade):
    trade = import_trade()
    trade.attest = msgspec.structs.replace(trade.attest, payer_name="e0" * 32)
    trade.waybill = msgspec.structs.replace(trade.waybill, ship_to="US")
    border.stands(trade)
    told = {one.field: one for one in whole(look, border.cast.customs).match.fields}
    assert (told["ship_to"].odd, told["ship_to"].sides) == ("carrier", (("carrier",), ("customs", "platform")))
    assert (told["buyer_name"].odd, told["buyer_name"].sides) == ("", (("platform",), ("payment_institution",)))
    assert told["amount_minor"].sides == ()


def test_a_net_weight_stands_below_the_carriers_gross_weight_and_not_beside_it(look, border, import_trade):
    trade = import_trade()
    border.stands(trade)
    border.declares(trade)
    net = next(one for one in whole(look, border.cast.customs).match.fields if one.field == "net_weight_grams")
    assert (net.status, net.limits) == ("agree", frozenset({"carrier"}))
    assert net.values["broker"] < net.values["carrier"]


def test_each_list_stands_in_the_timeline_at_its_own_time(look, border, import_trade):
    trade, cast = import_trade(), border.cast
    border.stands(trade)
    border.declares(trade)
    border.answers(trade, 100)
    first_ms = trade.declare.declared_at_ms
    trade.declare = msgspec.structs.replace(trade.declare, list_no="L1-AGAIN", declared_at_ms=first_ms + 60_000)
    border.declares(trade)
    told = [
        (one.said["list_no"], one.stated_at_ms) for one in whole(look, cast.customs).entries if "declared" in one.what
    ]
    assert told == [("L1", first_ms), ("L1-AGAIN", first_ms + 60_000)]


def test_what_a_party_may_not_see_is_hidden_and_not_called_missing(look, border, import_trade):
    trade = import_trade()
    border.stands(trade)
    border.declares(trade)
    told = {one.field: one for one in whole(look, border.cast.seller).match.fields}
    assert told["payment"].status == "hidden"
    assert told["waybill"].status == "hidden"
    assert told["lines[1].hs_code"].status == "agree"


def test_a_part_is_only_said_to_lack_to_whom_it_would_be_shown(look, border, import_trade):
    trade, cast = import_trade(), border.cast
    trade.place = msgspec.structs.replace(trade.place, shared_with=(cast.institution.did,))
    border.scene.accepts(trade.place, by=cast.platform)
    assert whole(look, cast.institution).unseen == {"waybill", "list"}, "its own payment it would see"
    assert whole(look, cast.seller).unseen == {"payment", "waybill"}
    border.scene.accepts(trade.attest, by=cast.institution)
    border.scene.accepts(trade.waybill, by=cast.carrier)
    border.declares(trade)
    assert whole(look, cast.carrier).unseen == {"order", "payment"}
    assert whole(look, cast.broker).unseen >= {"payment"}
    for who in (cast.platform, cast.customs):
        assert whole(look, who).unseen == set()


def test_a_delegated_broker_who_may_know_that_a_list_lacks_is_told_so(look, border, import_trade):
    trade, cast = import_trade(), border.cast
    trade.place = msgspec.structs.replace(trade.place, shared_with=(cast.broker.did,))
    trade.waybill = msgspec.structs.replace(trade.waybill, shared_with=(cast.broker.did,))
    border.stands(trade)
    told = whole(look, cast.broker)
    assert (told.trade.waits_for, told.unseen) == ("list", {"payment"})


def test_a_list_that_one_may_not_see_is_not_called_undeclared(look, border, import_trade):
    trade, cast = import_trade(), border.cast
    trade.place = msgspec.structs.replace(trade.place, shared_with=(cast.institution.did,))
    trade.attest = msgspec.structs.replace(trade.attest, payer_name="e0" * 32)
    border.stands(trade)
    told = {one.field: one for one in whole(look, cast.institution).match.fields}
    assert (told["buyer_id_number"].status, told["buyer_id_number"].unseen) == ("hidden", {"broker"})
    assert told["buyer_name"].status == "disagree", "that its own word differs from the order's, it can see"
    assert "undeclared" not in {one.status for one in told.values()}


def test_an_order_that_waits_for_its_payment_is_called_missing(look, border, import_trade):
    border.scene.accepts(import_trade().place, by=border.cast.platform)
    told = {one.field: one for one in whole(look, border.cast.platform).match.fields}
    assert (told["payment"].status, told["waybill"].status) == ("missing", "missing")


def test_each_tax_stands_with_the_rows_it_was_made_with(look, border, import_trade):
    trade = import_trade()
    border.stands(trade)
    border.declares(trade)
    border.answers(trade, 120, 800)
    tax = whole(look, border.cast.seller).taxes[0]
    assert tax.total_fen == tax.duty_fen + tax.consumption_fen + tax.vat_fen
    assert tax.day == "2026-03-02"
    assert tax.share_rule.value["vat"] == "0.7"
    for line in tax.lines:
        assert line.hs_code.startswith(line.rates.key)
        assert line.rates.source
        assert line.rates.valid_from <= tax.day <= line.rates.valid_to
        assert line.rates.unchecked == (line.rates.certainty in ("memory", "suggestion"))
    assert whole(look, border.cast.carrier).taxes == ()


def test_refunds_and_documents_are_there(look, border, import_trade):
    trade, cast = import_trade(), border.cast
    border.stands(trade)
    border.declares(trade)
    border.answers(trade, 120, 800)
    refund = Refund(
        institution=cast.institution.did, payment="P1", refund="R1", amount_minor=700,
        refunded_at_ms=border.scene.time_ms, reason="broken",
    )  # fmt: skip
    border.scene.accepts(refund, by=cast.institution)
    told = whole(look, cast.platform)
    assert [one["amount_minor"] for one in told.refunds] == [700]
    assert told.trade.refunded_minor == 700
    kinds = [one.kind for one in told.documents]
    assert {"order", "payment", "waybill", "import_list", "answer", "release", "tax_bill"} <= set(kinds)


def test_things_in_a_parcel_are_told_with_their_hand_overs(look, border, export_trade):
    trade, cast = export_trade(), border.cast
    things = ("https://id.gs1.org/00/095060001343500016",)
    trade.waybill = msgspec.structs.replace(trade.waybill, contents=things)
    border.stands(trade)
    at_ms = border.scene.time_ms
    report = ReportStatus(
        carrier=cast.carrier.did, waybill="W1", status="picked_up", reported_at_ms=at_ms, place="Yiwu"
    )
    border.scene.accepts(report, by=cast.carrier)
    handed = whole(look, cast.platform).things
    assert [(one.thing, [step[:2] for step in one.hand_overs]) for one in handed] == [
        (things[0], [("picked_up", at_ms)])
    ]


def test_a_stage_is_planned_by_the_median_of_its_lane(look, border, export_trade):
    start = 1_772_441_000_000
    for number in range(1, 7):
        trade = export_trade(str(number))
        placed = start - (10 - number) * DAY_MS
        trade.place = msgspec.structs.replace(trade.place, placed_at_ms=placed)
        trade.waybill = msgspec.structs.replace(trade.waybill, issued_at_ms=placed + number * 3_600_000)
        border.stands(trade)
        report = ReportStatus(
            carrier=border.cast.carrier.did, waybill=f"W{number}", status="delivered",
            reported_at_ms=placed + 2 * DAY_MS, place="Lyon",
        )  # fmt: skip
        border.scene.accepts(report, by=border.cast.carrier)
    border.stands(export_trade("7"))
    stages = {one.stage: one for one in whole(look, border.cast.platform, "O7").stages}
    assert stages["shipped"].sample == 6
    assert stages["shipped"].estimated_ms == start + 3 * 3_600_000
    assert stages["shipped"].actual_ms == 1_772_441_200_000
    assert (stages["delivered"].estimated_ms, stages["delivered"].actual_ms) == (start + 2 * DAY_MS, None)
    assert (stages["released"].estimated_ms, stages["released"].sample) == (None, 0)


def test_lanes_count_the_trades_that_their_filters_list(world):
    for role in ("customs", "platform", "carrier", "stranger"):
        asker = EVERYONE[role]
        moment = at(world, asker)
        rows = list(every(world, asker, moment, Filter()))
        told = lanes(world, asker, moment)
        assert sum(lane.trades for lane in told) == len([row for row in rows if row.ship_to])
        for lane in told:
            here = [row for row in rows if (row.ship_from or "", row.ship_to) == (lane.ship_from, lane.ship_to)]
            assert lane.trades == len(here)
            assert lane.late == sum("late_parcel" in row.troubles for row in here)
            assert lane.end is not None


def test_every_made_order_can_be_looked_at_whole(world):
    for role in ("customs", "platform", "broker"):
        asker = EVERYONE[role]
        moment = at(world, asker)
        for row in list(every(world, asker, moment, Filter()))[::40]:
            told = whole_trade(world, asker, moment, row.platform, row.order, compared)
            assert told.trade == row
