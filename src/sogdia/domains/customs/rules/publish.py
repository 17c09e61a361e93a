"""Limits and modes come on record as dated, sourced rows."""

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.domains.customs import state
from sogdia.domains.customs.messages import LimitsPublished, PublishLimits, Refused
from sogdia.domains.customs.state import RULEBOOK
from sogdia.domains.identity.state import require_role
from sogdia.primitives import rulebooks


def publish_limits(ledger: Ledger, asked: PublishLimits) -> None:
    """Customs puts rows of its own books on record."""
    require_role(ledger, asked.authority, "customs", "customs.publish_limits")
    for row in asked.rows:
        if not row.book.startswith("customs."):
            raise Refusal(Refused.BOOK_NOT_OF_CUSTOMS, book=row.book, key=row.key)
        state.check_row(row)
    rulebooks.publish(ledger, RULEBOOK, asked.rows)
    ledger.announce(LimitsPublished(authority=asked.authority, rows=len(asked.rows), parties=(asked.authority,)))
