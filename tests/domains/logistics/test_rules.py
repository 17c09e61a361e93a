"""A carrier takes a parcel in charge and says where it is; a parcel's life runs forward only.

The vocabulary is that of carriers (Karrio's tracking states).
"""

import json
from functools import partial
from itertools import product
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.core.refusal import Refused as Machine
from sogdia.core.values import CLOCK_TOLERANCE_MS
from sogdia.domains.identity.messages import Refused as Identity
from sogdia.domains.logistics.messages import IssueWaybill, Refused, ReportStatus, Status
from sogdia.domains.logistics.state import CONTENTS, ENDED, MAY_FOLLOW, REPORTS_KEPT, WAYBILLS
from sogdia.domains.trace.state import EVENTS

ISSUED_MS = 1_772_441_000_000
ON_THE_WAY_HOME = ("picked_up", "in_transit", "delivery_failed", "return_to_sender", "return_to_sender", "returned")


def parcel_of(cast, **particulars):
    """The waybill of the sale's parcel; particulars may be given."""
    usual = {
        "carrier": cast.carrier.did,
        "waybill": "SF1234567890",
        "platform": cast.platform.did,
        "order": "536370",
        "issued_at_ms": ISSUED_MS,
        "ship_to": "FR",
        "gross_weight_grams": 19_400,
        "goods": "60 alarm clocks",
    }
    return IssueWaybill(**usual | particulars)


@pytest.fixture
def parcel(cast):
    return partial(parcel_of, cast)


@pytest.fixture
def said(cast):
    """A report of the parcel so many seconds after the waybill."""

    def asked(status, seconds, place="", **particulars):
        usual = {"carrier": cast.carrier.did, "waybill": "SF1234567890"}
        return ReportStatus(
            **usual | particulars, status=status, reported_at_ms=ISSUED_MS + seconds * 1000, place=place
        )

    return asked


class TestIssuing:
    def test_a_carrier_takes_a_parcel_in_charge_even_before_the_order_is_on_record(self, scene, cast, parcel):
        (told,) = scene.accepts(parcel(consignee="ab" * 32, shared_with=(cast.broker.did,)), by=cast.carrier)
        assert (told["type"], told["waybill"], told["order"]) == ("logistics.waybill_issued", "SF1234567890", "536370")
        assert told["parties"] == [cast.carrier.did, cast.platform.did, cast.broker.did]
        waybill = scene.find(WAYBILLS, cast.carrier.did, "SF1234567890")
        assert (waybill.status, waybill.status_at_ms, waybill.reports) == ("issued", ISSUED_MS, ())
        assert (waybill.consignee, waybill.gross_weight_grams) == ("ab" * 32, 19_400)

    def test_a_waybill_number_is_taken_once_per_carrier(self, scene, cast, parcel):
        scene.accepts(parcel(), by=cast.carrier)
        told = {"carrier": cast.carrier.did, "waybill": "SF1234567890"}
        scene.refuses(Refused.WAYBILL_EXISTS, parcel(order="536371"), by=cast.carrier, **told)
        scene.accepts(parcel(carrier=cast.other_carrier.did), by=cast.other_carrier)

    def test_an_order_may_go_in_two_parcels(self, scene, cast, parcel):
        scene.accepts(parcel(), parcel(waybill="SF1234567891"), by=cast.carrier)

    def test_it_was_not_issued_later_than_now_give_or_take_a_clock(self, scene, cast, parcel):
        edge = scene.time_ms + CLOCK_TOLERANCE_MS
        late = parcel(issued_at_ms=edge + 1)
        scene.refuses(Refused.REPORTED_IN_FUTURE, late, by=cast.carrier, reported_at_ms=edge + 1)
        scene.accepts(parcel(issued_at_ms=edge), by=cast.carrier)

    def test_only_a_carrier_issues_and_only_for_itself(self, scene, cast, parcel):
        scene.refuses(Identity.ROLE_MISSING, parcel(carrier=cast.seller.did), by=cast.seller, role="carrier")
        scene.refuses(Identity.NOT_SIGNED_BY, parcel(), by=cast.other_carrier, party=cast.carrier.did)

    def test_the_order_is_a_platforms_that_is_on_record(self, scene, cast, parcel):
        scene.refuses(Identity.PARTY_UNKNOWN, parcel(platform=cast.stranger.did), by=cast.carrier)
        scene.refuses(Identity.ROLE_MISSING, parcel(platform=cast.broker.did), by=cast.carrier, role="platform")


class TestReporting:
    @pytest.fixture
    def scene(self, scene, cast, parcel):
        """The parcel is in charge."""
        scene.accepts(parcel(), by=cast.carrier)
        return scene

    @pytest.fixture
    def waybill(self, scene, cast):
        """The waybill as it stands."""
        return lambda: scene.find(WAYBILLS, cast.carrier.did, "SF1234567890")

    def test_the_newest_report_is_the_parcels_status(self, scene, cast, said, waybill):
        scene.accepts(said("picked_up", 10, "Yiwu"), by=cast.carrier)
        (told,) = scene.accepts(said("delivered", 900, "Lyon"), by=cast.carrier)
        assert (told["type"], told["status"]) == ("logistics.status_reported", "delivered")
        assert (waybill().status, waybill().status_at_ms) == ("delivered", ISSUED_MS + 900_000)
        assert [(report.status, report.place) for report in waybill().reports] == [
            ("picked_up", "Yiwu"),
            ("delivered", "Lyon"),
        ]

    def test_late_news_joins_the_history_and_does_not_turn_the_parcel_back(self, scene, cast, said, waybill):
        scene.accepts(said("picked_up", 10), by=cast.carrier)
        scene.accepts(said("delivered", 900), by=cast.carrier)
        scene.accepts(said("in_transit", 500), by=cast.carrier)
        assert (waybill().status, waybill().status_at_ms) == ("delivered", ISSUED_MS + 900_000)
        assert [report.status for report in waybill().reports] == ["picked_up", "in_transit", "delivered"]

    def test_a_pick_up_before_the_waybill_was_written_is_no_late_news(self, scene, cast, said, waybill):
        scene.accepts(said("picked_up", -300), by=cast.carrier)
        assert waybill().status == "picked_up"

    def test_a_parcel_goes_home(self, scene, cast, said, waybill):
        for hour, status in enumerate(ON_THE_WAY_HOME):
            scene.accepts(said(status, hour), by=cast.carrier)
        assert waybill().status == "returned"

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("delivered", "in_transit"),
            ("return_to_sender", "delivered"),
            ("picked_up", "cancelled"),
            ("in_transit", "picked_up"),
            ("cancelled", "delivered"),
        ],
    )
    def test_nothing_goes_backwards(self, scene, cast, said, before, after):
        scene.accepts(said(before, 10), by=cast.carrier)
        told = {"waybill": "SF1234567890", "status": after, "follows": before}
        scene.refuses(Refused.STATUS_CANNOT_FOLLOW, said(after, 20), by=cast.carrier, **told)

    def test_a_waybill_keeps_its_newest_hundred_reports(self, scene, cast, said, waybill):
        for start in (0, 60):
            reports = [said("in_transit", start + second) for second in range(60)]
            scene.accepts(*reports, by=cast.carrier)
        kept = [report.reported_at_ms - ISSUED_MS for report in waybill().reports]
        assert kept == [second * 1000 for second in range(120 - REPORTS_KEPT, 120)]

    def test_only_a_parcel_in_charge_is_reported_and_by_its_carrier(self, scene, cast, said):
        unknown = said("delivered", 10, waybill="SF0")
        scene.refuses(Refused.WAYBILL_UNKNOWN, unknown, by=cast.carrier, carrier=cast.carrier.did, waybill="SF0")
        theirs = said("delivered", 10, carrier=cast.other_carrier.did)
        scene.refuses(Refused.WAYBILL_UNKNOWN, theirs, by=cast.other_carrier, waybill="SF1234567890")
        scene.refuses(Identity.NOT_SIGNED_BY, said("delivered", 10), by=cast.platform, party=cast.carrier.did)

    def test_it_is_not_reported_from_the_future(self, scene, cast, said):
        too_late = said("delivered", (scene.time_ms + CLOCK_TOLERANCE_MS - ISSUED_MS) // 1000 + 1)
        scene.refuses(Refused.REPORTED_IN_FUTURE, too_late, by=cast.carrier, time_ms=scene.time_ms)


def test_a_status_that_no_carrier_uses_does_not_reach_the_rule(network, cast, parcel, said):
    network.accepts(parcel(), by=cast.carrier)
    for status in ("issued", "lost"):
        network.refuses(Machine.MALFORMED, said(status, 10), by=cast.carrier)


class TestTheLifeOfAParcel:
    def test_every_status_has_its_row_and_can_be_reached(self):
        assert set(MAY_FOLLOW) == {"issued", *get_args(Status)}
        assert {after for following in MAY_FOLLOW.values() for after in following} == set(get_args(Status))
        assert set(ENDED) == {"delivered", "returned", "cancelled"}

    def test_no_road_leads_back_to_an_earlier_phase(self):
        phase = {"issued": 0, "return_to_sender": 2, **dict.fromkeys(ENDED, 3)}
        for before, after in product(MAY_FOLLOW, repeat=2):
            if after in MAY_FOLLOW[before]:
                assert phase.get(before, 1) <= phase.get(after, 1)

    def test_every_parcel_can_still_end(self):
        for status in MAY_FOLLOW:
            assert status in ENDED or set(MAY_FOLLOW[status]) & {*ENDED, "return_to_sender"}


@given(reports=st.lists(st.tuples(st.sampled_from(get_args(Status)), st.integers(0, 50)), max_size=25))
def test_whatever_a_carrier_reports_the_status_is_the_newest_accepted_report(new_scene, cast, reports):
    scene = new_scene()
    scene.accepts(parcel_of(cast), by=cast.carrier)
    accepted = []
    for status, seconds in reports:
        report = ReportStatus(
            carrier=cast.carrier.did, waybill="SF1234567890", status=status, reported_at_ms=ISSUED_MS + seconds * 1000
        )
        if scene.send(report, by=cast.carrier).code == 0:
            accepted.append((report.reported_at_ms, status))
    waybill = scene.find(WAYBILLS, cast.carrier.did, "SF1234567890")
    in_time = sorted(accepted, key=lambda report: report[0])
    assert [(report.reported_at_ms, report.status) for report in waybill.reports] == in_time
    assert waybill.status == (in_time[-1][1] if in_time else "issued")


def test_every_refusal_of_logistics_is_shown_here(refusals_shown):
    assert refusals_shown == {refusal.name for refusal in Refused}


class TestContents:
    """What is in a parcel is traced: its hand-overs are events of the trace too."""

    THINGS = ("https://id.gs1.org/00/095060001343500016", "urn:epc:id:sgtin:0614141.107346.2017")

    def events(self, scene, cast):
        found = EVENTS.under(scene.state, cast.carrier.did)
        return sorted((json.loads(one.text) for one in found), key=lambda event: event["eventTime"])

    def test_shipping_and_receiving_follow_from_the_carriers_reports(self, scene, cast, parcel, said):
        scene.accepts(parcel(order="5/36", contents=self.THINGS, shared_with=(cast.broker.did,)), by=cast.carrier)
        for status, seconds in (("picked_up", 1), ("in_transit", 2), ("delivered", 3)):
            scene.accepts(said(status, seconds), by=cast.carrier)
        tied, shipped, received = self.events(scene, cast)
        assert (tied["type"], tied["action"], tied["epcList"]) == ("TransactionEvent", "ADD", list(self.THINGS))
        assert tied["bizTransactionList"] == shipped["bizTransactionList"] == received["bizTransactionList"]
        assert (shipped["bizStep"], received["bizStep"]) == ("shipping", "receiving")
        assert shipped["epcList"] == received["epcList"] == list(self.THINGS)
        assert shipped["eventTime"] == "2026-03-02T08:43:21.000Z"
        assert shipped["bizTransactionList"][0] == {
            "type": "po",
            "bizTransaction": f"urn:sogdia:order:{cast.platform.did}/5%2F36",
        }
        assert shipped["destinationList"] == [{"type": "possessing_party", "destination": cast.carrier.did}]
        assert received["sourceList"] == [{"type": "possessing_party", "source": cast.carrier.did}]
        assert received["destinationList"] == [
            {
                "type": "possessing_party",
                "destination": f"urn:sogdia:consignee:{cast.platform.did}/5%2F36",
            }
        ]
        on_record = EVENTS.get(scene.state, cast.carrier.did, shipped["eventID"], "")
        assert on_record.shared_with == (cast.platform.did, cast.broker.did)
        assert on_record.audience == "named"

    def test_each_event_has_its_own_id_and_comes_once(self, scene, cast, parcel, said):
        scene.accepts(parcel(contents=self.THINGS), by=cast.carrier)
        scene.accepts(said("picked_up", 1), by=cast.carrier)
        scene.accepts(said("delivered", 2), by=cast.carrier)
        ids = [event["eventID"] for event in self.events(scene, cast)]
        assert len(set(ids)) == 3
        assert all(UUID(one.removeprefix("urn:uuid:")).version == 8 for one in ids)

    def test_a_parcel_that_comes_home_is_received_again(self, scene, cast, parcel, said):
        scene.accepts(parcel(contents=self.THINGS[:1]), by=cast.carrier)
        for seconds, status in enumerate(ON_THE_WAY_HOME, 1):
            scene.accepts(said(status, seconds), by=cast.carrier)
        tied, shipped, received = self.events(scene, cast)
        assert (tied.get("bizStep"), shipped["bizStep"], received["bizStep"]) == (None, "shipping", "receiving")
        assert ":sender:" in received["destinationList"][0]["destination"]

    def test_contents_too_long_for_one_event_are_told_in_several(self, scene, cast, parcel, said):
        things = tuple(f"urn:example:{'茶' * 480}{number:04}" for number in range(100))
        scene.accepts(parcel(contents=things), by=cast.carrier)
        scene.accepts(said("picked_up", 1), by=cast.carrier)
        events = self.events(scene, cast)
        for kind in ("TransactionEvent", "ObjectEvent"):
            told = [one for one in events if one["type"] == kind]
            assert len(told) > 1
            assert sorted(thing for one in told for thing in one["epcList"]) == sorted(things)

    def test_a_parcel_of_which_nothing_is_traced_leaves_no_event(self, scene, cast, parcel, said):
        scene.accepts(parcel(), by=cast.carrier)
        scene.accepts(said("picked_up", 1), by=cast.carrier)
        assert self.events(scene, cast) == []
        assert scene.find(CONTENTS, cast.carrier.did, "SF1234567890") is None
