"""Who is behind an identifier: parties by name, as far as the asker may read them."""

from collections.abc import Iterable

import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.domains.identity.state import PARTIES
from sogdia.insight.picture import Pictured


def names_of(picture: Pictured, asker: Asker, parties: Iterable[str | None]) -> dict[str, str]:
    """The names of these parties by identifier; whoever is not on record, or not the asker's to see, is left out."""
    named = sorted({one for one in parties if one})
    if not named:
        return {}
    made = picture.table(PARTIES)
    wanted = sql.select(made.c.did, made.c.name).where(made.c.did.in_(named), picture.visible(PARTIES, asker))
    return {row["did"]: row["name"] for row in picture.rows(wanted)}
