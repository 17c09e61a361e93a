"""A world of goods: raw lots, lots of a hundred items, cases of ten, pallets of forty that are shipped and received.

Four raw lots go into each lot and each of them into twenty, so that one raw lot reaches 2,000 items; the wide raw lot,
like salt, goes into the first 3,000 lots too. Everything is numbered from 0 and follows from its number.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from sogdia.standards.epcis.moments import written
from sogdia.standards.gs1.check_digits import check_digit

PLANT, CARRIER = "did:bid:sogd:efPlant", "did:bid:sogd:efCarrier"
RAW_GTIN, ITEM_GTIN = "09506000134352", "09506000134376"
PER_CASE: Final = 10
CASES_PER_LOT: Final = 10
LOTS_PER_PALLET: Final = 4
PER_LOT: Final = PER_CASE * CASES_PER_LOT
PER_PALLET: Final = PER_LOT * LOTS_PER_PALLET
INPUTS: Final = 4
RAW_REACHES: Final = 20
WIDE_REACHES: Final = 3_000
EVENTS_OF_LOT: Final = 1 + 2 * CASES_PER_LOT
EVENTS_OF_PALLET: Final = LOTS_PER_PALLET * EVENTS_OF_LOT + 3
FIRST_SERIAL: Final = 100_000_000
START_US: Final = 1_767_225_600_000_000
SECOND_US: Final = 1_000_000
_JSON = dict[str, Any]


class Goods(msgspec.Struct, frozen=True):
    """How much there is. Items come by the pallet, so their number is a multiple of PER_PALLET."""

    items: int

    @property
    def lots(self) -> int:
        """Lots of items."""
        return self.items // PER_LOT

    @property
    def cases(self) -> int:
        """Cases."""
        return self.items // PER_CASE

    @property
    def pallets(self) -> int:
        """Pallets."""
        return self.items // PER_PALLET

    @property
    def raws(self) -> int:
        """Raw lots but the wide one, whose number is this."""
        return max(INPUTS, self.lots * INPUTS // RAW_REACHES)

    @property
    def events(self) -> int:
        """Events of all of it."""
        return self.pallets * EVENTS_OF_PALLET

    def raws_in(self, lot: int) -> list[int]:
        """The raw lots that go into a lot."""
        found = [(lot * INPUTS + place) % self.raws for place in range(INPUTS)]
        return [*found, self.raws] if lot < WIDE_REACHES else found

    def lots_of(self, raw: int) -> list[int]:
        """The lots that a raw lot goes into."""
        if raw == self.raws:
            return list(range(min(self.lots, WIDE_REACHES)))
        # Four neighbours go into each lot, so a raw lot stands at one place of every lots-of-a-round-th lot.
        if self.raws % INPUTS == 0:
            return list(range(raw // INPUTS, self.lots, self.raws // INPUTS))
        return [lot for lot in range(self.lots) if raw in self.raws_in(lot)]


def raw_uri(number: int) -> str:
    """A raw lot."""
    return f"https://id.gs1.org/01/{RAW_GTIN}/10/R{number:08}"


def lot_name(number: int) -> str:
    """The lot number of a lot."""
    return f"L{number:08}"


def lot_uri(number: int) -> str:
    """A lot of items."""
    return f"https://id.gs1.org/01/{ITEM_GTIN}/10/{lot_name(number)}"


def item_uri(number: int) -> str:
    """An item."""
    return f"https://id.gs1.org/01/{ITEM_GTIN}/21/{FIRST_SERIAL + number}"


def case_uri(number: int) -> str:
    """A case."""
    return _sscc(1, number)


def pallet_uri(number: int) -> str:
    """A pallet."""
    return _sscc(2, number)


def _sscc(extension: int, number: int) -> str:
    body = f"{extension}9506000{number:09}"
    return f"https://id.gs1.org/00/{body}{check_digit(body)}"


def place_uri(number: int) -> str:
    """A place."""
    body = f"95060001{number:04}"
    return f"https://id.gs1.org/414/{body}{check_digit(body)}"


def party_uri(number: int) -> str:
    """A party to a transfer."""
    body = f"95060002{number:04}"
    return f"https://id.gs1.org/417/{body}{check_digit(body)}"


def order_uri(pallet: int) -> str:
    """The order that a pallet is shipped for."""
    return f"https://plant.example/po/{pallet:08}"


PLACES: Final = 3
PARTIES: Final = 2

# --- when and in which order ------------------------------------------------------------------------------------------


def lot_seq(lot: int) -> int:
    """The number of the event that makes a lot; after it, two for each of its cases."""
    return 1 + lot * EVENTS_OF_LOT + 3 * (lot // LOTS_PER_PALLET)


def case_seq(case: int) -> int:
    """The number of the event in which the items of a case come to be; the next one packs them."""
    lot, place = divmod(case, CASES_PER_LOT)
    return lot_seq(lot) + 1 + 2 * place


def pallet_seq(pallet: int) -> int:
    """The number of the event that loads a pallet; the next two ship and receive it."""
    return (pallet + 1) * EVENTS_OF_PALLET - 2


def lot_us(lot: int) -> int:
    """When a lot is made."""
    return START_US + 60 * SECOND_US * lot


def case_us(case: int) -> int:
    """When the items of a case come to be; they are packed a second later."""
    return START_US + 6 * SECOND_US * case + SECOND_US


def pallet_us(pallet: int) -> int:
    """When a pallet is loaded; it is shipped an hour later and received a day later."""
    return lot_us(LOTS_PER_PALLET * (pallet + 1)) + 3 * SECOND_US


AN_HOUR_US: Final = 3_600 * SECOND_US
A_DAY_US: Final = 24 * AN_HOUR_US


def event_id(seq: int) -> str:
    """The ID of an event."""
    return f"urn:uuid:00000000-0000-4000-8000-{seq:012}"


# --- events -----------------------------------------------------------------------------------------------------------


def events(goods: Goods, pallets: range) -> Iterator[_JSON]:
    """The events of these pallets and all that is on them, in order."""
    for pallet in pallets:
        for lot in range(pallet * LOTS_PER_PALLET, (pallet + 1) * LOTS_PER_PALLET):
            yield made(goods, lot)
            for case in range(lot * CASES_PER_LOT, (lot + 1) * CASES_PER_LOT):
                yield born(case)
                yield packed(case)
        yield loaded(pallet)
        yield shipped(pallet)
        yield received(pallet)


def made(goods: Goods, lot: int) -> _JSON:
    """A lot is made from raw lots."""
    return _event("TransformationEvent", lot_seq(lot), lot_us(lot)) | {
        "inputQuantityList": [_kilograms(raw_uri(raw), 10) for raw in goods.raws_in(lot)],
        "outputQuantityList": [_kilograms(lot_uri(lot), 40)],
        "bizStep": "creating_class_instance",
        "readPoint": {"id": place_uri(0)},
    }


def born(case: int) -> _JSON:
    """The ten items of a case come to be."""
    return _event("ObjectEvent", case_seq(case), case_us(case)) | {
        "epcList": items_of(case),
        "action": "ADD",
        "bizStep": "commissioning",
        "disposition": "active",
        "readPoint": {"id": place_uri(0)},
        "bizLocation": {"id": place_uri(1)},
        "ilmd": {"cbvmda:lotNumber": lot_name(case // CASES_PER_LOT)},
    }


def packed(case: int) -> _JSON:
    """The ten items go into the case."""
    return _event("AggregationEvent", case_seq(case) + 1, case_us(case) + SECOND_US) | {
        "parentID": case_uri(case),
        "childEPCs": items_of(case),
        "action": "ADD",
        "bizStep": "packing",
        "disposition": "in_progress",
        "readPoint": {"id": place_uri(0)},
        "bizLocation": {"id": place_uri(1)},
    }


def loaded(pallet: int) -> _JSON:
    """The cases go on the pallet."""
    per_pallet = LOTS_PER_PALLET * CASES_PER_LOT
    return _event("AggregationEvent", pallet_seq(pallet), pallet_us(pallet)) | {
        "parentID": pallet_uri(pallet),
        "childEPCs": [case_uri(one) for one in range(pallet * per_pallet, (pallet + 1) * per_pallet)],
        "action": "ADD",
        "bizStep": "packing",
        "disposition": "in_progress",
        "readPoint": {"id": place_uri(0)},
    }


def shipped(pallet: int) -> _JSON:
    """The pallet leaves."""
    return _event("ObjectEvent", pallet_seq(pallet) + 1, pallet_us(pallet) + AN_HOUR_US) | _moved(pallet, "shipping", 0)


def received(pallet: int) -> _JSON:
    """The pallet arrives."""
    moved = _moved(pallet, "receiving", 2)
    return _event("ObjectEvent", pallet_seq(pallet) + 2, pallet_us(pallet) + A_DAY_US) | moved


def items_of(case: int) -> list[str]:
    """The items of a case."""
    return [item_uri(one) for one in range(case * PER_CASE, (case + 1) * PER_CASE)]


def _moved(pallet: int, step: str, place: int) -> _JSON:
    return {
        "epcList": [pallet_uri(pallet)],
        "action": "OBSERVE",
        "bizStep": step,
        "disposition": "in_transit" if step == "shipping" else "in_progress",
        "readPoint": {"id": place_uri(place)},
        "bizTransactionList": [{"type": "po", "bizTransaction": order_uri(pallet)}],
        "sourceList": [{"type": "possessing_party", "source": party_uri(0)}],
        "destinationList": [{"type": "possessing_party", "destination": party_uri(1)}],
    }


def _event(kind: str, seq: int, time_us: int) -> _JSON:
    return {"type": kind, "eventID": event_id(seq), "eventTime": written(time_us), "eventTimeZoneOffset": "+00:00"}


def _kilograms(thing: str, kilograms: int) -> _JSON:
    return {"epcClass": thing, "quantity": kilograms, "uom": "KGM"}
