"""THE table: every message this package can build, read and judge, by its number.

Add a message here and `build`, `parse`, `validate`, the examples and the tests follow.
"""

from sogdia.standards.ceb.facts_export import EXPORT_MESSAGES
from sogdia.standards.ceb.facts_import import IMPORT_MESSAGES
from sogdia.standards.ceb.fields import Message
from sogdia.standards.ceb.receipts import RECEIPT_MESSAGES

MESSAGES: dict[int, Message] = {
    message.number: message for message in (*IMPORT_MESSAGES, *EXPORT_MESSAGES, *RECEIPT_MESSAGES)
}

ROOTS: dict[str, Message] = {message.root: message for message in MESSAGES.values()}


def answers(receipt: int) -> Message | None:
    """The message that a receipt answers, e.g. 604 answers 603; None for what customs sends unasked, as 816."""
    return next((message for message in MESSAGES.values() if message.receipt == receipt), None)
