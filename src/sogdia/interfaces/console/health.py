"""How the network and this node do: what anyone may know, and to members the measures of this node."""

from functools import cache
from typing import Any, Final

import msgspec
from litestar import Response, get

from sogdia.app import MODULES, PRIMITIVE_REFUSALS, Node
from sogdia.app.network_node import NetworkNode
from sogdia.core.query import Asker
from sogdia.core.state import Committed
from sogdia.domains.governance.state import MEMBERS, VALIDATORS, Member
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.parties_signed import Known
from sogdia.interfaces.console.rendering import render
from sogdia.interfaces.console.room import Entry
from sogdia.interfaces.courier.settings import Status
from sogdia.interfaces.http.desk import Desk, aside
from sogdia.interfaces.http.health import reasons
from sogdia.interfaces.http.measures import Sample
from sogdia.interfaces.http.problems import AnyRequest

ENTRY = Entry("network", "/network")
OPERATOR: Final = "operator"
_SHOWN: Final = {
    "disk": ("sogdia_disk_used_bytes", "sogdia_disk_free_bytes", "process_resident_memory_bytes"),
    "peers": ("sogdia_cometbft_peers", "sogdia_cometbft_peers_expected", "sogdia_cometbft_height"),
    "work": ("sogdia_transactions_waiting", "sogdia_transactions_in_flight", "sogdia_mempool_transactions"),
    "backup": ("sogdia_backup_age_seconds", "sogdia_backup_height"),
}
"""Measures that a page shows, by the part of the page; the others are in /metrics."""
_REFUSALS: Final = "sogdia_refusals_total"
_MOST: Final = 12


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    """What members see of this node: measures by name, refusals by number, the courier if there is one."""

    samples: dict[str, float]
    refusals: tuple[tuple[int, int], ...]
    courier: Status | None

    def has(self, part: str) -> bool:
        """Whether anything of this part is measured here."""
        return any(name in self.samples for name in _SHOWN[part])

    def of(self, name: str) -> int | None:
        """A measure as a whole number; None when it is not measured here."""
        found = self.samples.get(name)
        return None if found is None else int(found)


@get("/network")
async def network(request: AnyRequest) -> Response[bytes]:
    """Whether this node is well, how far the record and its picture are, who validates; to members more."""
    page = entered(request)
    desk = page.console.desk
    measured = await aside(measures_of, desk) if may_measure(desk.node, page.asker) else None
    found = await aside(_seen, desk)
    told: dict[str, Any] = {"known": Known(desk.node), "measures": measured, "refused": _refused(measured)}
    return render(request, "network/health.html", **told, **found)


def may_measure(node: Node, asker: Asker) -> bool:
    """Whether the asker may see a node's measures: an active member, as for /metrics, or an operator on record."""
    member = MEMBERS.get(Committed(node.store, cached=0), asker.party or "")
    return OPERATOR in asker.roles or (member is not None and member.standing == "active")


def measures_of(desk: Desk) -> Measures:
    """Everything that is measured, read now."""
    samples = desk.meter.samples()
    courier = desk.shelf.courier() if desk.shelf.courier is not None else None
    return Measures(
        samples={one.name: one.value for one in samples if not one.labels},
        refusals=tuple(_counted(one) for one in samples if one.name == _REFUSALS),
        courier=courier if isinstance(courier, Status) else None,
    )


def _seen(desk: Desk) -> dict[str, Any]:
    height, mirrored = desk.node.machine.seal.height, desk.meter.mirror_height()
    return {
        "stands": desk.node.status(),
        "reasons": reasons(desk.node, desk.meter),
        "behind": None if mirrored is None else max(0, height - mirrored),
        "seats": _seats(desk.node),
        "is_networked": isinstance(desk.node, NetworkNode),
    }


def _seats(node: Node) -> list[tuple[Member, int]]:
    """Active members with the power of their seats, heaviest first."""
    view = Committed(node.store, cached=0)
    found = []
    for member in MEMBERS.under(view):
        if member.standing == "active":
            seat = VALIDATORS.get(view, member.validator) if member.validator else None
            found.append((member, seat.power if seat is not None else 0))
    return sorted(found, key=lambda one: (-one[1], one[0].party))


def _counted(one: Sample) -> tuple[int, int]:
    return int(one.labels["code"]), int(one.value)


def _refused(measured: Measures | None) -> list[tuple[int, int, str]]:
    """Refusals by number, most frequent first: how often, and what the number is called."""
    found = measured.refusals if measured is not None else ()
    return [(code, times, _names().get(code, "")) for code, times in sorted(found, key=lambda one: -one[1])[:_MOST]]


@cache
def _names() -> dict[int, str]:
    every = (*PRIMITIVE_REFUSALS, *(one for module in MODULES for one in module.refusals))
    return {int(one): one.name for one in every}


ROUTES = (network,)
