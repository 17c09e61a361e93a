"""What an asker cannot tell of a trade: a part that it does not see may be on record all the same.

Each table says which of its fields name readers. Whoever stands in such a field would see the part if it were there,
so that to him what is not seen is not there; to all others it is not theirs to see.
"""

from typing import Final

import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.insight.orders import Trade
from sogdia.insight.picture import Pictured
from sogdia.insight.reading import may_see_all
from sogdia.insight.sight import PARTS, Part, Sight

_SEEN_AS: Final[dict[Part, str]] = {
    "order": "placed_at_ms", "payment": "paid_at_ms", "waybill": "issued_at_ms", "list": "declared_at_ms",
}  # fmt: skip
"""The column of a trade that tells that its part is seen."""
_ROLES: Final = {"institution": "payment_institution"}
"""The role of who stands in a field, where it has another name."""


def unseen_parts(trade: Trade, asker: Asker) -> frozenset[Part]:
    """The parts that the asker does not see, and would not see if they were there.

    What the trade waits for in the asker's eyes is not among them: that it lacks is known.
    """
    lacking = {trade.waits_for, "list" if trade.waits_for == "delivery" else None}
    return frozenset(
        part
        for part, column in _SEEN_AS.items()
        if getattr(trade, column) is None and part not in lacking and not _would_see(trade, asker, part)
    )


def parts_seen(picture: Pictured, asker: Asker) -> frozenset[Part]:
    """The parts of trades that the asker sees at all: by its roles, or because such a part was shared with it."""
    sight = Sight(picture, asker)
    return frozenset(part for part in PARTS if _by_role(part, asker) or _is_shared(picture, sight, part))


def _would_see(trade: Trade, asker: Asker, part: Part) -> bool:
    if may_see_all(PARTS[part], asker):
        return True
    readers = (getattr(trade, field, None) for field in PARTS[part].seen_by)
    return asker.party is not None and asker.party in readers


def _by_role(part: Part, asker: Asker) -> bool:
    readers = {_ROLES.get(field, field) for field in PARTS[part].seen_by}
    return may_see_all(PARTS[part], asker) or any(role in readers for role in asker.roles)


def _is_shared(picture: Pictured, sight: Sight, part: Part) -> bool:
    """Whether there is one trade of which the asker sees this part; an index holds who reads which."""
    wanted = sql.select(sql.literal(1).label("one")).select_from(sight.table).where(sight.sees[part])
    return bool(picture.rows(wanted.limit(1)))
