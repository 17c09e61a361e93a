"""Customs answers as the receipt matrix allows: every road is reached, goes on record, and is walked once."""

import csv
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest

from sogdia.client.connection import Reply, signed
from sogdia.interfaces.authority.desk import BUYER_UNREADABLE, OVER_YEARLY_LIMIT
from sogdia.interfaces.authority.handing import write_pseudonyms
from sogdia.interfaces.demo.orders import identity_number
from sogdia.interfaces.intake import parts
from tests.interfaces.authority.conftest import ANVIL, CREAM, HONEY, LAMP, Quay, sale
from tests.interfaces.intake.harbour import Berth

Numbered = Callable[[bool], str]


class TestRoads:
    def test_a_plain_parcel_is_accepted_and_released(self, quay: Quay, inspected: Numbered) -> None:
        plain = inspected(False)
        quay.declares(sale(plain, CREAM, 12_800))
        quay.answers()
        assert quay.codes(plain) == [120, 800]
        standing = quay.standing(plain)
        assert standing.pre_no == "B20261015000000001"
        assert standing.invt_no == "29252026I000000002"
        assert quay.harbour.record("tax.bill", standing.party, standing.number).vat_fen > 0

    def test_the_number_of_release_begins_with_the_district_of_the_list(self, quay: Quay, inspected: Numbered) -> None:
        there = inspected(False)
        quay.declares(sale(there, CREAM, 12_800), district="2244")
        quay.answers()
        assert quay.standing(there).invt_no == "22442026I000000002"

    def test_a_parcel_of_great_value_is_reviewed_approved_and_released(self, quay: Quay) -> None:
        quay.declares(sale("DEAR", CREAM, 120_000))
        quay.answers()
        assert quay.codes("DEAR") == [120, 300, 399, 800]

    def test_a_parcel_that_is_drawn_is_inspected_approved_and_released(self, quay: Quay, inspected: Numbered) -> None:
        drawn = inspected(True)
        quay.declares(sale(drawn, LAMP, 2_000, country="FR"))
        quay.answers()
        assert quay.codes(drawn) == [120, 500, 399, 800]
        assert quay.standing(drawn, "export_list").invt_no.startswith("29252026E")

    def test_a_parcel_that_is_too_cheap_for_its_weight_is_rejected(self, quay: Quay) -> None:
        quay.declares(sale("CHEAP", ANVIL, 100, country="FR"))
        quay.answers()
        assert quay.codes("CHEAP") == [100]
        assert "implausible" in quay.standing("CHEAP", "export_list").note

    def test_over_the_years_limit_a_negative_code_says_so(self, quay: Quay) -> None:
        """Five parcels of 4,900 CNY and one of 1,500 fill 26,000; the seventh goes over (Caiguanshui 49/2018)."""
        orders = [sale(f"Y{at}", CREAM, 490_000) for at in range(5)] + [sale("Y5", CREAM, 150_000)]
        for one in orders:
            quay.declares(one)
            quay.answers()
        assert all(quay.codes(one.order)[-1] == 800 for one in orders)
        quay.declares(sale("Y6", CREAM, 100))
        quay.declares(sale("OTHER", CREAM, 100), person=2)
        quay.answers()
        assert quay.codes("Y6") == [OVER_YEARLY_LIMIT]
        assert quay.codes("OTHER")[-1] == 800

    @pytest.mark.parametrize(
        ("language", "said"), [("en", "is missing in the books. The tax authority must"), ("zh", "无法计税")]
    )
    def test_a_code_without_rates_is_rejected_in_the_records_own_words(
        self, quay: Quay, language: str, said: str
    ) -> None:
        quay.declares(sale("SWEET", HONEY, 8_600))
        quay.answers(language)
        assert quay.codes("SWEET") == [100]
        note = quay.standing("SWEET").note
        assert HONEY.hs_code in note
        assert said in note
        assert "?" not in note
        assert "7003" not in note

    def test_a_note_is_empty_where_the_code_says_all(self, quay: Quay, inspected: Numbered) -> None:
        quay.declares(sale("DEAR", CREAM, 120_000), sale(inspected(True), LAMP, 2_000, country="FR"))
        quay.answers()
        told = [one for one in quay.harbour.events() if one["type"] == "customs.answered"]
        assert {one["code"] for one in told} == {120, 300, 399, 500, 800}
        assert {one["note"] for one in told} == {""}

    def test_the_messages_that_a_list_names_are_accepted_with_it(self, quay: Quay) -> None:
        quay.declares(sale("NAMED", CREAM, 12_800))
        quay.answers()
        cast = quay.harbour.cast
        for subject, party, number in (
            ("order", "platform", "NAMED"),
            ("payment", "institution", "PAY-NAMED"),
            ("waybill", "carrier", "WB-NAMED"),
        ):
            assert quay.harbour.record("customs.standing", subject, cast.did(party), number).code == 120

    def test_a_list_is_closed_when_its_parcel_has_arrived(self, quay: Quay) -> None:
        quay.declares(sale("HOME", CREAM, 12_800))
        quay.answers()
        cast, harbour = quay.harbour.cast, quay.harbour
        arrived = parts.delivered(cast.parties("import"), "WB-HOME", harbour.time_ms - 10)
        carrier = cast.signers("import").get("carrier")
        assert carrier is not None
        assert harbour.take(signed("sogdia-demo", harbour.time_ms, "delivered", arrived, [carrier])).accepted
        quay.answers()
        assert quay.codes("HOME")[-1] == 899


class TestUnreadableBuyers:
    def test_nothing_was_sealed_to_customs(self, quay: Quay) -> None:
        quay.declares(sale("LOST", CREAM, 12_800))
        quay.harbour.vault.clear()
        quay.answers()
        assert quay.codes("LOST") == [BUYER_UNREADABLE]

    def test_the_values_were_erased(self, quay: Quay) -> None:
        quay.declares(sale("GONE", CREAM, 12_800))
        quay.harbour.erased.add(f"{quay.harbour.cast.did('platform')}/GONE")
        quay.answers()
        assert quay.codes("GONE") == [BUYER_UNREADABLE]

    def test_the_envelope_is_damaged(self, quay: Quay) -> None:
        quay.declares(sale("TORN", CREAM, 12_800), sale("WHOLE", CREAM, 12_800))
        vault = quay.harbour.vault
        place = next(place for place in vault if place[0].endswith("/TORN"))
        other = next(raw for (trade, _), raw in vault.items() if trade.endswith("/WHOLE"))
        vault[place] = other[: len(other) // 2]
        quay.answers()
        assert quay.codes("TORN") == [BUYER_UNREADABLE]
        assert quay.codes("WHOLE")[-1] == 800, "one bad envelope costs no other list"


class TestPersons:
    def test_no_plain_hash_of_the_identity_number_stands_anywhere(self, quay: Quay) -> None:
        quay.declares(sale("WHO", CREAM, 12_800))
        quay.answers()
        number = identity_number(1).encode()
        store = b"".join(key + value for key, value in quay.harbour.machine.store.scan(b""))
        everything = store + b"".join(quay.harbour.outcomes)
        year = b"2026/" + number
        plain = [number, *(sha256(said).hexdigest().encode() for said in (number, year))]
        plain += [sha256(said).digest() for said in (number, year)]
        assert not [value for value in plain if value in everything]
        assert quay.harbour.records("customs.quota_use")[0]["person"].encode() in everything

    def test_two_customs_keys_give_one_person_two_pseudonyms(self, quay: Quay) -> None:
        quay.declares(sale("A1", CREAM, 12_800))
        quay.desk(b"\x01" * 32).round()
        quay.declares(sale("A2", CREAM, 12_800))
        quay.desk(b"\x02" * 32).round()
        assert len({one["person"] for one in quay.harbour.records("customs.quota_use")}) == 2

    def test_the_pseudonyms_that_are_handed_out_are_those_that_the_answers_carry(
        self, quay: Quay, tmp_path: Path
    ) -> None:
        quay.declares(sale("A1", CREAM, 12_800), sale("A2", CREAM, 12_800), sale("OUT", LAMP, 2_000, country="FR"))
        quay.declares(sale("GONE", CREAM, 12_800))
        quay.harbour.erased.add(f"{quay.harbour.cast.did('platform')}/GONE")
        file = tmp_path / "pseudonyms.csv"
        assert write_pseudonyms(quay.desk(), file) == (2, [quay.number("GONE")])
        assert file.stat().st_mode & 0o077 == 0, "for customs alone"
        rows = {row["list_no"]: row for row in csv.DictReader(file.read_text().splitlines())}
        assert rows.keys() == {quay.number("A1"), quay.number("A2")}
        quay.answers()
        drawn = {one["list_no"]: one for one in quay.harbour.records("customs.quota_use")}
        assert {number: one["person"] for number, one in drawn.items()} == {
            number: row["pseudonym"] for number, row in rows.items()
        }
        assert all(rows[number]["broker"] == one["broker"] for number, one in drawn.items())
        assert write_pseudonyms(quay.desk(), file) == (0, []), "nothing waits to be accepted any more"

    def test_a_pseudonym_is_that_of_one_year(self, quay: Quay) -> None:
        """Nobody follows a buyer from year to year by it."""
        here = quay.desk()
        quay.declares(sale("B1", CREAM, 12_800))
        waiting = quay.harbour.as_seen_by("customs").query("customs/queue")[0]
        here._seen = here._looked_up([waiting])
        this_year = here._person(waiting)
        assert here._person(waiting) == this_year
        quay.harbour.time_ms += 90 * 86_400_000
        assert here._person(waiting) != this_year


class Killed(Exception):
    """Customs' process is gone."""


class TestKilled:
    @pytest.mark.parametrize("part", [0, 2], ids=["nothing is sent", "half is sent and no reply is heard"])
    def test_no_list_is_answered_twice_and_no_number_is_given_twice(
        self, quay: Quay, monkeypatch: pytest.MonkeyPatch, part: int, inspected: Numbered
    ) -> None:
        quay.declares(sale("DEAR", CREAM, 120_000), sale(inspected(True), LAMP, 2_000, country="FR"))
        quay.declares(*(sale(f"P{at}", CREAM, 12_800) for at in range(6)))
        submit = Berth.submit
        for lives in (0, 0, 1, 1, 2, 0):
            left = [lives]

            def dying(self: Berth, raws: Sequence[bytes], left: list[int] = left) -> list[Reply]:
                left[0] -= 1
                if left[0] >= 0:
                    return submit(self, raws)
                if part:
                    submit(self, raws[: len(raws) // part])
                raise Killed

            with monkeypatch.context() as blow:
                blow.setattr(Berth, "submit", dying)
                with suppress(Killed):
                    quay.desk().round()
        quay.answers()
        assert quay.codes("DEAR") == [120, 300, 399, 800]
        assert quay.codes(inspected(True)) == [120, 500, 399, 800]
        assert all(quay.codes(f"P{at}")[-1] == 800 for at in range(6))
        assert all(len(set(quay.codes(f"P{at}"))) == len(quay.codes(f"P{at}")) for at in range(6))
        standings = [one for one in quay.harbour.records("customs.standing") if one["pre_no"]]
        numbers = [one["pre_no"] for one in standings] + [one["invt_no"] for one in standings]
        assert len(set(numbers)) == len(numbers) == 16

    def test_an_answer_that_arrived_late_does_not_throw_an_accepted_list_back(
        self, quay: Quay, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The first desk died while its answers were on their way; they arrive after the second has looked."""
        quay.declares(sale("LATE", CREAM, 12_800))
        on_their_way: list[bytes] = []
        submit = Berth.submit
        with monkeypatch.context() as blow:
            blow.setattr(Berth, "submit", lambda self, raws: on_their_way.extend(raws) or 1 / 0)
            with pytest.raises(ZeroDivisionError):
                quay.desk().round()

        def overtaken(self: Berth, raws: Sequence[bytes]) -> list[Reply]:
            while on_their_way:
                self.harbour.take(on_their_way.pop(0))
            return submit(self, raws)

        monkeypatch.setattr(Berth, "submit", overtaken)
        quay.answers()
        assert quay.codes("LATE") == [120, 800]
