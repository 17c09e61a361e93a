"""The times that answers state in a rehearsal, where a fortnight of work is answered within seconds.

Each list's stages come some minutes or hours after its declaration. What would come after the rehearsal's own day is
not answered: those lists wait at customs' desk, as some always do.
"""

from hashlib import sha256
from typing import Any, Final, Literal

from sogdia.interfaces.authority.risk import road

Stage = Literal["taken", "sent_on", "looked_at", "ended"]

_MINUTE_MS: Final = 60_000
_TAKEN: Final = (4, 45)
_SENT_ON: Final = 2
_LOOKED_AT: Final = (90, 600)
_ENDED: Final = (6, 150)
"""Minutes that each stage takes, least and most."""


def stated_ms(waiting: dict[str, Any], stage: Stage) -> int:
    """When a list reaches this stage: some time after its declaration, and never before an earlier stage."""
    minutes = _drawn(waiting, "taken", *_TAKEN)
    if stage != "taken" and (stage != "ended" or _is_looked_at(waiting)):
        minutes += _SENT_ON
        minutes += _drawn(waiting, "looked_at", *_LOOKED_AT) if stage != "sent_on" else 0
    if stage == "ended":
        minutes += _drawn(waiting, "ended", *_ENDED)
    return int(waiting["declared_at_ms"]) + minutes * _MINUTE_MS


def due_ms(waiting: dict[str, Any], phase: str) -> int:
    """When the next answer comes to a list that stands in this phase."""
    if phase == "accepted":
        return stated_ms(waiting, "sent_on" if _is_looked_at(waiting) else "ended")
    stages: dict[str, Stage] = {"held": "looked_at", "approved": "ended"}
    return stated_ms(waiting, stages.get(phase, "taken"))


def _is_looked_at(waiting: dict[str, Any]) -> bool:
    return road(waiting) in ("review", "inspect")


def _drawn(waiting: dict[str, Any], what: str, least: int, most: int) -> int:
    digest = sha256(f"{waiting['list_no']}/{what}".encode()).digest()
    return least + int.from_bytes(digest[:4], "big") % (most - least + 1)
