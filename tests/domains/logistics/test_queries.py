"""Where parcels are is read by their carrier, the platform, those they were shared with, and customs."""

import pytest

from sogdia.domains.logistics import queries
from sogdia.domains.logistics.messages import IssueWaybill, ReportStatus

NOON_MS = 1_772_440_000_000


@pytest.fixture
def shipped(network, cast):
    """Four parcels a second apart: under way, held, delivered, and only issued; the second is shared with the broker.

    The first two belong to one order.
    """
    for number, (order, status, shared) in enumerate(
        (
            ("536370", "in_transit", ()),
            ("536370", "on_hold", (cast.broker.did,)),
            ("536371", "delivered", ()),
            ("536372", "", ()),
        )
    ):
        issued_at_ms = NOON_MS + number * 1000
        waybill = IssueWaybill(
            carrier=cast.carrier.did,
            waybill=f"SF{number}",
            platform=cast.platform.did,
            order=order,
            issued_at_ms=issued_at_ms,
            ship_to="FR",
            gross_weight_grams=1_000,
            shared_with=shared,
        )
        network.accepts(waybill, by=cast.carrier)
        if status:
            report = ReportStatus(
                carrier=cast.carrier.did,
                waybill=f"SF{number}",
                status=status,
                reported_at_ms=issued_at_ms + 9,
                place="Yiwu",
            )
            network.accepts(report, by=cast.carrier)
    return network


def numbers(found):
    return [one["waybill"] for one in found]


def test_who_takes_part_follows_a_parcel_and_nobody_else(shipped, ask, cast):
    wanted = {"carrier": cast.carrier.did, "waybill": "SF1"}
    for asker in (cast.carrier, cast.platform, cast.broker, cast.customs):
        found = ask(queries.waybill, by=asker, **wanted)
        assert found["status"] == "on_hold"
        assert found["reports"] == [{"status": "on_hold", "reported_at_ms": NOON_MS + 1_009, "place": "Yiwu"}]
    for asker in (cast.other_carrier, cast.seller, None):
        assert ask(queries.waybill, by=asker, **wanted) is None


def test_an_order_leads_to_its_parcels(shipped, ask, cast):
    wanted = {"platform": cast.platform.did, "order": "536370"}
    assert numbers(ask(queries.waybills_of_order, by=cast.platform, **wanted)) == ["SF0", "SF1"]
    assert numbers(ask(queries.waybills_of_order, by=cast.broker, **wanted)) == ["SF1"]


def test_waybills_are_read_page_by_page_and_by_status(shipped, ask, cast):
    assert numbers(ask(queries.waybills, by=cast.carrier)) == ["SF0", "SF1", "SF2", "SF3"]
    assert numbers(ask(queries.waybills, by=cast.carrier, offset=1, limit=2)) == ["SF1", "SF2"]
    assert numbers(ask(queries.waybills, by=cast.carrier, after_ms=NOON_MS + 2_000)) == ["SF2", "SF3"]
    assert numbers(ask(queries.waybills, by=cast.carrier, status="issued")) == ["SF3"]


def test_totals_say_how_many_parcels_are_where(shipped, ask, cast):
    totals = ask(queries.totals_by_status, by=cast.platform)
    assert [(one["status"], one["parcels"], one["gross_weight_grams"]) for one in totals] == [
        ("delivered", 1, 1_000),
        ("in_transit", 1, 1_000),
        ("issued", 1, 1_000),
        ("on_hold", 1, 1_000),
    ]
    assert ask(queries.totals_by_status) == []


def test_late_parcels_are_those_that_should_have_ended(shipped, ask, cast):
    assert numbers(ask(queries.late_parcels, by=cast.platform, issued_before_ms=NOON_MS + 3_000)) == ["SF0", "SF1"]
    assert numbers(ask(queries.late_parcels, by=cast.platform, issued_before_ms=NOON_MS + 3_000, limit=1)) == ["SF0"]
    assert ask(queries.late_parcels, by=cast.platform, issued_before_ms=NOON_MS) == []
