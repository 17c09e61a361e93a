"""How the pages of trades look at the record: the picture, who asks, and the moment."""

from typing import Final, NamedTuple, cast

from sogdia.core.query import Asker
from sogdia.insight.moment import Moment, moment_of
from sogdia.insight.picture import Pictured
from sogdia.interfaces.console.page import Page

MARKS: Final = {
    "placed": "info", "paid": "info", "shipped": "info", "declared": "wait", "released": "good", "delivered": "good",
    "returned": "warn", "cancelled": "quiet",
}  # fmt: skip
"""The mark of each state of a trade."""
PHASES: Final = {
    "released": "good", "closed": "good", "accepted": "info", "approved": "good", "held": "warn", "rejected": "bad",
    "returned": "bad",
}  # fmt: skip
"""The mark of what customs answered; what is on its way has that of waiting."""
SEVERITIES: Final = {"high": "bad", "medium": "warn", "low": "info"}


class Looking(NamedTuple):
    """What every question about trades takes, in the order in which it takes them."""

    picture: Pictured
    asker: Asker
    moment: Moment


def looking(page: Page) -> Looking:
    """As the user of this page looks, now. Reads the database; `Problem` 503 on a node without a mirror."""
    picture = cast(Pictured, page.picture)
    return Looking(picture, page.asker, moment_of(picture, page.asker, page.console.now_ms()))
