"""One document in the making: a sheet asks for values, notes what is missing, and gives only a whole document.

Records and their numbers come from the dossier; what customs demands and the record does not tell are `Terms`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from sogdia.domains.catalog.state import Product
from sogdia.domains.customs.messages import ListLine
from sogdia.domains.customs.state import ExportList, ImportList
from sogdia.domains.identity.state import Party
from sogdia.domains.orders.state import Order
from sogdia.interfaces.documents.dossier import CHINA, Dossier
from sogdia.interfaces.documents.shortfalls import Shortfall, shortfall
from sogdia.interfaces.documents.values import guid
from sogdia.interfaces.intake.trade import PURPOSE_OF
from sogdia.primitives.sealed.commitments import matches
from sogdia.standards import codes
from sogdia.standards.ceb import MESSAGES, BaseTransfer, Document, Node, Record, Value
from sogdia.standards.codes import Missing, Row

NONE_WORD: Final = "无"
"""What customs' forms have in the place of a code that does not exist."""
CODE_CHARS: Final = 18
DRAFT, DECLARED = "1", "2"
_CUSTOMS_CODE: Final = re.compile(r"[0-9A-Z]{10}|[0-9A-Z]{18}")

PAYER: Final = {"buyer_name": "payer_name", "buyer_id_number": "payer_id_number", "buyer_telephone": "payer_telephone"}
"""What the buyer's fields are called in a payment."""


class Terms(msgspec.Struct, frozen=True):
    """What customs demands and no record tells.

    `dxp_id` is the sender's address on customs' data exchange platform; this one is a placeholder that no platform
    knows. `wrap_type` 2 is a carton (certainty: memory).
    """

    dxp_id: str = "DXPPLACEHOLDER"
    wrap_type: str = "2"


class Around(msgspec.Struct, frozen=True):
    """What a document needs beside its record: the network, parties, products, plain persons, terms.

    With the trade's `secret` every personal value is held against the commitment on the record. `signed` says whether
    the documents will be signed: a list that is not is a draft.
    """

    network: str
    parties: Mapping[str, Party]
    products: Mapping[str, Product] = {}
    declared: ImportList | ExportList | None = None
    persons: Mapping[str, str] = {}
    secret: bytes | None = None
    signed: bool = False
    terms: Terms = Terms()

    @staticmethod
    def of(
        dossier: Dossier,
        persons: Mapping[str, str] | None = None,
        secret: bytes | None = None,
        signed: bool = False,
        terms: Terms = Terms(),
    ) -> "Around":
        """What stands around the documents of one trade."""
        return Around(
            dossier.network, dossier.parties, dossier.products, dossier.declared, persons or {}, secret, signed, terms
        )


class Drafted(msgspec.Struct, frozen=True):
    """A document, or why there is none."""

    number: int
    document: Document | None
    shortfalls: tuple[Shortfall, ...] = ()


class Measured(msgspec.Struct, frozen=True):
    """What a line of an order does not tell of its goods."""

    unit: str
    origin: str
    bar_code: str
    model: str


class Sheet:
    """A message of one number, being filled in."""

    def __init__(self, around: Around, number: int) -> None:
        self.around = around
        self.number = number
        self.shortfalls: list[Shortfall] = []

    def miss(self, code: str, element: str, *, line: int | None = None, **fields: object) -> None:
        """Note that this value cannot be given."""
        self.shortfalls.append(shortfall(code, self.number, element, line=line, fields=fields))

    # -- parties ---------------------------------------------------------------------------------------------------

    def party(self, did: str, prefix: str) -> Record:
        """`<prefix>Code` and `<prefix>Name` of a party: its registration, at most 18 characters, never cut."""
        found = self.around.parties.get(did)
        if found is None:
            self.miss("party_unknown", f"{prefix}Code", value=did)
            return {}
        code = found.registration.strip()
        if len(code) > CODE_CHARS:
            self.miss("party_code_too_long", f"{prefix}Code", party=found.name, value=code)
        return {f"{prefix}Code": code, f"{prefix}Name": found.name}

    def export_platform(self, did: str) -> Record:
        """As `party`, but a foreign platform without a code of customs' has the word for none."""
        found = self.around.parties.get(did)
        if found is None or found.country == CHINA or _CUSTOMS_CODE.fullmatch(found.registration):
            return self.party(did, "ebp")
        return {"ebpCode": NONE_WORD, "ebpName": found.name}

    def code(self, did: str, element: str) -> str:
        """A party's code alone."""
        return str(self.party(did, element.removesuffix("Code")).get(f"{element.removesuffix('Code')}Code", ""))

    def called(self, did: str) -> str:
        """How a sentence names a party: by name and identifier where it is on record."""
        found = self.around.parties.get(did)
        return did if found is None else f"{found.name} ({did})"

    # -- codes -----------------------------------------------------------------------------------------------------

    def country(self, element: str, alpha2: str, line: int | None = None) -> str:
        """Customs' code of a country."""
        return self._code(codes.country_code(alpha2), element, line)

    def currency(self, iso: str, element: str = "currency", line: int | None = None) -> str:
        """Customs' code of a currency."""
        return self._code(codes.currency_code(iso), element, line)

    def unit(self, element: str, code: str, line: int | None = None) -> str:
        """A unit of measure, when customs knows it."""
        return self._code(codes.unit(code), element, line)

    def transport_mode(self, code: str) -> str:
        """A transport mode, when customs knows it."""
        return self._code(codes.transport_mode(code), "trafMode", None)

    def _code(self, found: Row | Missing, element: str, line: int | None) -> str:
        if isinstance(found, Row):
            return found.code
        self.miss("code_unknown", element, line=line, table=found.table, value=found.value)
        return ""

    # -- goods and persons -----------------------------------------------------------------------------------------

    def measured(self, seller: str, sku: str, name: str, line: int) -> Measured:
        """Unit, origin, bar code and model of an order's line: from the seller's listing, else from the list."""
        product, listed = self.around.products.get(sku), self._listed(line)
        model = name if product is None or not product.brand else f"{product.brand} {name}"
        bar_code = (product.gtin if product else None) or NONE_WORD
        told = product or listed
        if told is None:
            self.miss("goods_unknown", "unit", line=line, sku=sku, holder=self.called(seller))
            return Measured("", "", bar_code, model)
        return Measured(told.unit, told.origin, bar_code, model)

    def _listed(self, line: int) -> ListLine | None:
        declared = self.around.declared
        return next((one for one in declared.lines if one.line == line), None) if declared is not None else None

    def person(self, element: str, field: str, commitment: str | None, holder: str) -> str:
        """A personal value in clear, when it was given and is the one that the record commits to."""
        value, by = self.around.persons.get(field), self.called(holder)
        if commitment is None:
            self.miss("person_not_told", element, holder=by)
        elif value is None:
            self.miss("person_not_given", element, holder=by)
        elif self.around.secret is not None and not matches(self.around.secret, PURPOSE_OF[field], value, commitment):
            self.miss("person_differs", element, holder=by)
        else:
            return value
        return ""

    # -- the whole -------------------------------------------------------------------------------------------------

    def report(self, key: Sequence[str], app_time: str) -> Record:
        """How every message of an enterprise begins. It is new (appType 1), and declared unless it must be signed."""
        unsigned = MESSAGES[self.number].signature != "optional" and not self.around.signed
        return {
            "guid": guid(self.around.network, self.number, *key),
            "appType": "1",
            "appTime": app_time,
            "appStatus": DRAFT if unsigned else DECLARED,
        }

    def drafted(self, head: Record, lines: Sequence[Record] = (), sender: str | None = None) -> Drafted:
        """The document, when nothing is missing; `sender` is None for what customs sends."""
        transfer = None if sender is None else self._transfer(sender)
        if self.shortfalls:
            return Drafted(self.number, None, tuple(self.shortfalls))
        kept = tuple(_filled(line) for line in lines)
        return Drafted(
            self.number,
            Document(self.number, str(head["guid"]), (Node(_filled(head), kept),), transfer),
        )

    def _transfer(self, sender: str) -> BaseTransfer | None:
        party = self.party(sender, "cop")
        return BaseTransfer(str(party["copCode"]), str(party["copName"]), self.around.terms.dxp_id) if party else None


def taken_back(order: Order, gnum: int) -> str:
    """What the line of an order notes of its cancellations: the message states the order as it was placed."""
    gone = order.cancelled[gnum - 1] if order.cancelled else 0
    return f"{gone} of {order.lines[gnum - 1].quantity} cancelled" if gone else ""


def _filled(record: Mapping[str, Value]) -> Record:
    """Without the fields that have nothing in them."""
    return {name: value for name, value in record.items() if value != ""}
