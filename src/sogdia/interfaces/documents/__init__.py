"""The right documents come out: China Customs' messages from what stands on the record of a trade, and back again.

    documents(source, platform, order)   every message of one trade, validated, signed if asked (`making`)
    ceb                                  one function per message
    read_messages(xml, ...)              other systems' messages into ours, with the persons in them (`reading`)
    read_answers(xml, ...)               customs' receipts, as a true gateway sends them, into `customs.answer`

Export messages need no personal values. Import messages do: what was not sealed to the asker is named, together with
who holds it, and that document is not made. Nothing here guesses: a code that is not in customs' tables, a party
without a record, an amount with too many decimals come back as `Shortfall`s, in English and Chinese.
"""

from sogdia.interfaces.documents.answers import ReadAnswer, read_answers
from sogdia.interfaces.documents.dossier import Dossier, OrderUnknown, read_dossier
from sogdia.interfaces.documents.making import Made, documents
from sogdia.interfaces.documents.persons import open_persons
from sogdia.interfaces.documents.reading import ReadMessage, read_messages
from sogdia.interfaces.documents.registry import Directory
from sogdia.interfaces.documents.sheet import Around, Drafted, Terms
from sogdia.interfaces.documents.shortfalls import Named, Shortfall
from sogdia.interfaces.documents.signing import DocumentKey, load_key, self_signed
from sogdia.interfaces.documents.slip import Given

__all__ = [
    "Around",
    "Directory",
    "DocumentKey",
    "Dossier",
    "Drafted",
    "Given",
    "Made",
    "Named",
    "OrderUnknown",
    "ReadAnswer",
    "ReadMessage",
    "Shortfall",
    "Terms",
    "documents",
    "load_key",
    "open_persons",
    "read_answers",
    "read_dossier",
    "read_messages",
    "self_signed",
]
