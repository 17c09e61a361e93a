"""One rule per message of tax: refuse or change."""

from sogdia.core.module import Ledger, Module
from sogdia.core.refusal import Refusal
from sogdia.domains.identity.state import require_role
from sogdia.domains.tax import messages, state
from sogdia.domains.tax.messages import PublishRates, RatesPublished, Refused
from sogdia.domains.tax.state import RULEBOOK
from sogdia.primitives import rulebooks

module = Module("tax", 7000, messages, state)


@module.rule
def publish_rates(ledger: Ledger, asked: PublishRates) -> None:
    """The tax authority puts rows of its own books on record."""
    require_role(ledger, asked.authority, "tax_authority", "tax.publish_rates")
    for row in asked.rows:
        if not row.book.startswith("tax."):
            raise Refusal(Refused.BOOK_NOT_OF_TAX, book=row.book, key=row.key)
        state.check_row(row)
    rulebooks.publish(ledger, RULEBOOK, asked.rows)
    ledger.announce(RatesPublished(authority=asked.authority, rows=len(asked.rows), parties=(asked.authority,)))
