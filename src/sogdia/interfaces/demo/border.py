"""The rehearsal at the border: customs decides, and the carrier reports what became of released parcels."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sogdia.app import milliseconds
from sogdia.client.connection import signed
from sogdia.client.http import HttpConnection
from sogdia.core.transaction import Message
from sogdia.interfaces.authority.times import due_ms
from sogdia.interfaces.demo.calendar import Calendar
from sogdia.interfaces.demo.cast import Cast
from sogdia.interfaces.intake import parts
from sogdia.interfaces.intake.trade import Direction, Parties

_DECIDED: Final = ("rejected", "returned", "closed")


class Border:
    """The declared lists of one source, by their numbers. Without a calendar everything happens now, and at once."""

    def __init__(
        self,
        connection: HttpConnection,
        cast: Cast,
        direction: Direction,
        lists: Mapping[str, str],
        calendar: Calendar | None,
    ) -> None:
        self._connection, self._cast, self._calendar, self._lists = connection, cast, calendar, lists
        self._parties: Parties = cast.parties(direction)
        self._subject = "import_list" if direction == "import" else "export_list"
        self._open = list(lists)

    def open(self) -> int:
        """How many lists are not yet where the rehearsal leaves them; reports parcels on the way."""
        standings = self._found("customs.standing", self._subject)
        released = {n: one["answered_at_ms"] for n, one in standings.items() if one["phase"] == "released"}
        settled = self._carried(released) | self._left_to_customs(standings)
        settled |= {number for number, one in standings.items() if one["phase"] in _DECIDED}
        self._open = [number for number in self._open if number not in settled]
        return len(self._open)

    def _found(self, table: str, *key: str) -> dict[str, dict[str, Any]]:
        """Records of the open lists."""
        found = self._connection.lookup([(table, *key, self._parties.broker, number) for number in self._open])
        return {number: one for number, one in zip(self._open, found, strict=True) if one}

    def _left_to_customs(self, standings: Mapping[str, Mapping[str, Any]]) -> set[str]:
        """Lists whose next answer would come after the rehearsal's day: they wait at customs' desk."""
        if self._calendar is None:
            return set()
        left = set[str]()
        for number, one in self._found(f"customs.{self._subject}").items():
            phase = standings[number]["phase"] if number in standings else ""
            value = one["value_fen"] if self._subject == "import_list" else one["value_minor"]
            if phase not in ("released", *_DECIDED) and due_ms({**one, "value_minor": value}, phase) > self._day():
                left.add(number)
        return left

    def _carried(self, released: Mapping[str, int]) -> set[str]:
        """Report these parcels, released at these times, where it was not done; gives those still on their way."""
        numbers = [parts.waybill_of(self._lists[number]) for number in released]
        parcels = self._connection.lookup([("logistics.waybill", self._parties.carrier, number) for number in numbers])
        on_the_way, raws, now = set[str](), list[bytes](), milliseconds()
        for (list_no, released_ms), number, parcel in zip(released.items(), numbers, parcels, strict=True):
            steps = self._steps(self._lists[list_no], released_ms, now)
            if "delivered" not in dict(steps):
                on_the_way.add(list_no)
            reported = {one["status"] for one in parcel["reports"]} if parcel else set(dict(steps))
            if missing := parts.reported(self._parties, number, [one for one in steps if one[0] not in reported]):
                raws.append(self._carrier_says(missing, now))
        self._connection.submit(raws)
        return on_the_way

    def _steps(self, order: str, released_ms: int, now: int) -> list[tuple[parts.Step, int]]:
        if self._calendar is not None:
            return list(self._calendar.journey(order, released_ms))
        return [(step, now + place) for place, step in enumerate(parts.JOURNEY)]

    def _carrier_says(self, said: Sequence[Message], now: int) -> bytes:
        carrier = self._cast.signers("export").get("carrier")
        assert carrier is not None
        return signed(self._connection.network, now, secrets.token_hex(8), said, [carrier])

    def _day(self) -> int:
        assert self._calendar is not None
        return self._calendar.began_ms
