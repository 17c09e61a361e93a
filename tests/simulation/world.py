"""The parties of the simulated trade, their keys, and what they say: used wherever a test needs a whole network.

Keys follow from names and are made once in a process. Nothing here draws chance or reads a clock.
"""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from typing import Any

from sogdia.core.keys import EDDSA, SigningKey, identifier, key_id
from sogdia.core.transaction import Message, payload_bytes, sign
from sogdia.domains.catalog.messages import ListProduct, PublishBans
from sogdia.domains.customs.messages import DeclareExport, DeclareImport, ListLine, PublishLimits, Transport
from sogdia.domains.identity.messages import Delegate, NewKey, Register
from sogdia.domains.logistics.messages import IssueWaybill
from sogdia.domains.orders.messages import OrderLine, Persons, Place
from sogdia.domains.payments.messages import Attest
from sogdia.domains.tax.messages import PublishRates
from sogdia.primitives.rulebooks import RuleRow
from sogdia.primitives.sealed.commitments import commit

NETWORK = "simulation"
CODE = "simu"
ORIGIN = "sogdia.example/simulation"
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
BEGINS_MS = 1_798_387_200_000
"""2026-12-27 16:00 UTC, the first instant of 28 December in China: the simulated days go over New Year."""

SINGLE_LIMIT_FEN = 500_000
YEARLY_LIMIT_FEN = 2_600_000
"""5,000 and 26,000 CNY: Caiguanshui 49/2018."""


class Pen:
    """A key in someone's hand."""

    scheme = EDDSA

    def __init__(self, did: str, name: str, key: SigningKey) -> None:
        self.did, self.kid, self.key = did, f"{did}#{name}", key

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)

    def new(self) -> NewKey:
        """The key as a message brings it on record."""
        return NewKey(id=self.kid, public=self.key.public.hex())


@cache
def signing_key(seed: str) -> SigningKey:
    return SigningKey(sha256(seed.encode()).digest())


class Actor(Pen):
    """A party; as a pen it signs with its first key."""

    def __init__(self, name: str, *roles: str) -> None:
        key = signing_key(name)
        self.name, self.roles = name, roles
        super().__init__(identifier(CODE, key.public), key_id("")[1:], key)

    def pen(self, name: str) -> Pen:
        """Another key of this party, the same one for the same name."""
        return Pen(self.did, name, signing_key(f"{self.name} {name}"))

    def registration(self, *more: NewKey) -> Register:
        return Register(
            party=self.did,
            name=self.name,
            country="CN",
            registration="91330782MA28DEMO0X",
            roles=self.roles,
            keys=(self.new(), *more),
            agreement="77" * 32,
            registrar=REGISTRAR.did,
        )


REGISTRAR = Actor("registrar", "registrar")
CUSTOMS = Actor("customs", "customs")
TAX = Actor("tax authority", "tax_authority")
PLATFORMS = tuple(Actor(f"platform {n}", "platform") for n in range(2))
SELLERS = tuple(Actor(f"seller {n}", "seller") for n in range(3))
INSTITUTIONS = tuple(Actor(f"institution {n}", "payment_institution") for n in range(2))
CARRIERS = tuple(Actor(f"carrier {n}", "carrier") for n in range(2))
BROKERS = tuple(Actor(f"broker {n}", "broker") for n in range(2))
EVERYBODY = (REGISTRAR, CUSTOMS, TAX, *PLATFORMS, *SELLERS, *INSTITUTIONS, *CARRIERS, *BROKERS)

PRODUCTS: dict[str, tuple[str, str, str, int]] = {
    # SKU: HS code, unit, legal unit, price in cents; the first four are sold to China, the last two go abroad
    "CREAM": ("3304990039", "007", "035", 18_000),
    "WINE": ("2204210000", "007", "095", 9_900),
    "TOY": ("9503006000", "007", "007", 120_000),
    "WATCH": ("9102110000", "007", "007", 650_000),
    "LANTERN": ("9405500000", "007", "035", 339),
    "SCARF": ("6214100010", "007", "007", 1_250),
}
RATES = {
    # beginning of an HS code: duty, added value, consumption ad valorem, consumption per legal unit in fen
    "3304": ("0.05", "0.13", "0.15", "0"),
    "2204": ("0.14", "0.13", "0.10", "24.5"),
    "9503": ("0", "0.13", "0", "0"),
    "9102": ("0.10", "0.13", "0", "0"),
}
SHARES = {"within": ("0", "0.7", "0.7"), "over": ("1", "1", "1")}
"""Part of duty, added value and consumption tax that is due: Caiguanshui 18/2016."""


def row(book: str, key: str, value: str) -> RuleRow:
    return RuleRow(
        book=book,
        key=key,
        valid_from="2019-01-01",
        valid_to="2027-12-31",
        value=value,
        source="the simulation's own book",
        certainty="memory",
    )


def founding() -> list[Message]:
    """Everybody is on record, brokers may declare for sellers, and rates, shares, limits and one ban are published."""
    messages: list[Message] = [actor.registration(actor.pen("key-2").new()) for actor in EVERYBODY]
    actions = ("customs.declare_import", "customs.declare_export")
    for seller in SELLERS:
        for broker in BROKERS:
            given = Delegate(principal=seller.did, agent=broker.did, actions=actions, until_ms=BEGINS_MS + 10**12)
            messages.append(given)
    fields = '{{"duty":"{}","vat":"{}","consumption":"{}"{}}}'
    rates = [
        row("tax.cn.retail_import.rates", hs, fields.format(duty, vat, part, f',"consumption_per_unit_fen":"{each}"'))
        for hs, (duty, vat, part, each) in RATES.items()
    ]
    shares = [row("tax.cn.retail_import.share", key, fields.format(*of, "")) for key, of in SHARES.items()]
    limits = {
        "single_fen": str(SINGLE_LIMIT_FEN),
        "yearly_fen": str(YEARLY_LIMIT_FEN),
        "over_limit_single_item": "allowed",
    }
    book = "customs.cn.retail_import.limits"
    messages.append(PublishRates(authority=TAX.did, rows=(*rates, *shares)))
    limit_rows = tuple(row(book, key, value) for key, value in limits.items())
    messages.append(PublishLimits(authority=CUSTOMS.did, rows=limit_rows))
    messages.append(PublishBans(authority=CUSTOMS.did, rows=(row("catalog.bans", "AU/6214", "no silk to Australia"),)))
    for seller in SELLERS:
        messages.extend(listing(seller, sku) for sku in PRODUCTS)
    return messages


def listing(seller: Actor, sku: str) -> ListProduct:
    hs_code, unit, _, _ = PRODUCTS[sku]
    return ListProduct(
        seller=seller.did, sku=sku, name=f"{sku} of {seller.name}", hs_code=hs_code, origin="CN", unit=unit,
        net_weight_grams=100,
    )  # fmt: skip


def signed(messages: Sequence[Message], pens: Sequence[Pen], now_ms: int, nonce: str, **other: Any) -> bytes:
    """A transaction of these messages, valid for an hour; network and validity may be others."""
    payload = payload_bytes(
        other.get("network", NETWORK), other.get("valid_until_ms", now_ms + HOUR_MS), nonce, tuple(messages)
    )
    return sign(payload, pens)


# -- one trade, as each party tells it ---------------------------------------------------------------------------------


class Buyer:
    """A person with values that nobody may find in the ledger; all of them carry a mark to look for."""

    NAME_MARK, ID_MARK, PHONE_MARK = "Qiongyao Lan", "330782199901", "+86139777000"
    ADDRESS_MARK = "Futian Market Gate"

    def __init__(self, number: int) -> None:
        self.name = f"Wang {self.NAME_MARK} {number:05}"
        self.id_number = f"{self.ID_MARK}{number:05}X"
        self.telephone = f"{self.PHONE_MARK}{number:03}"
        self.address = f"{self.ADDRESS_MARK} {number}, Yiwu"
        self.pseudonym = sha256(f"the pseudonym that customs computes {number}".encode()).hexdigest()

    def values(self) -> tuple[str, ...]:
        return self.name, self.id_number, self.telephone, self.address


class Trade:
    """One sale; its messages agree with each other unless somebody changes them."""

    def __init__(self, number: int, buyer: Buyer, goods: Sequence[tuple[str, int]], imported: bool) -> None:
        self.number, self.buyer, self.goods, self.imported = number, buyer, goods, imported
        self.order = f"2026-{number:06}"
        self.platform = PLATFORMS[number % len(PLATFORMS)]
        self.seller = SELLERS[number % len(SELLERS)]
        self.institution = INSTITUTIONS[number % len(INSTITUTIONS)]
        self.carrier = CARRIERS[number // 2 % len(CARRIERS)]
        self.broker = BROKERS[number // 3 % len(BROKERS)]
        self.currency, self.abroad = ("CNY", "FR") if imported else ("EUR", "DE")
        self.payment, self.waybill = f"PAY{number:06}", f"SF{number:010}"
        self.secret = sha256(f"secret of trade {number}".encode()).digest()
        self.cancelled = [0] * len(goods)

    def committed(self, field: str, value: str) -> str:
        return commit(self.secret, field, value)

    def place(self, placed_at_ms: int, freight_minor: int = 500) -> Place:
        lines = tuple(
            OrderLine(
                sku=sku,
                name=sku.title(),
                quantity=quantity,
                price_e5=PRODUCTS[sku][3] * 1000,
                total_minor=quantity * PRODUCTS[sku][3],
            )
            for sku, quantity in self.goods
        )
        goods_minor = sum(line.total_minor for line in lines)
        buyer = self.buyer
        persons = Persons(
            buyer_name=self.committed("name", buyer.name),
            buyer_id_number=self.committed("id_number", buyer.id_number),
            buyer_telephone=self.committed("telephone", buyer.telephone),
            consignee=self.committed("name", buyer.name),
            consignee_telephone=self.committed("telephone", buyer.telephone),
            consignee_address=self.committed("address", buyer.address),
        )
        self.freight_minor = freight_minor
        return Place(
            platform=self.platform.did,
            order=self.order,
            seller=self.seller.did,
            channel="shop",
            placed_at_ms=placed_at_ms,
            ship_from=self.abroad if self.imported else "CN",
            ship_to="CN" if self.imported else self.abroad,
            currency=self.currency,
            lines=lines,
            goods_minor=goods_minor,
            freight_minor=freight_minor,
            paid_minor=goods_minor + freight_minor,
            persons=persons,
            institution=self.institution.did,
        )

    def attest(self, paid_at_ms: int, amount_minor: int) -> Attest:
        return Attest(
            institution=self.institution.did,
            payment=self.payment,
            platform=self.platform.did,
            order=self.order,
            amount_minor=amount_minor,
            currency=self.currency,
            paid_at_ms=paid_at_ms,
            payer_name=self.committed("name", self.buyer.name),
            payer_id_number=self.committed("id_number", self.buyer.id_number),
        )

    def issue(self, issued_at_ms: int) -> IssueWaybill:
        return IssueWaybill(
            carrier=self.carrier.did,
            waybill=self.waybill,
            platform=self.platform.did,
            order=self.order,
            issued_at_ms=issued_at_ms,
            ship_to="CN" if self.imported else self.abroad,
            gross_weight_grams=2_900,
            consignee=self.committed("name", self.buyer.name),
            consignee_telephone=self.committed("telephone", self.buyer.telephone),
            consignee_address=self.committed("address", self.buyer.address),
        )

    def declare(self, declared_at_ms: int, list_no: str) -> DeclareImport | DeclareExport:
        terms: dict[str, Any] = {
            "broker": self.broker.did,
            "list_no": list_no,
            "seller": self.seller.did,
            "platform": self.platform.did,
            "order": self.order,
            "carrier": self.carrier.did,
            "waybill": self.waybill,
            "district": "2925",
            "port": "2925",
            "declared_at_ms": declared_at_ms,
            "country": self.abroad,
            "gross_weight_grams": 2_900,
            "net_weight_grams": 2_500,
            "transport": Transport(mode="5", means="CA934", voyage="20261228", bill="99912345675"),
            "lines": tuple(self._lines()),
        }
        if not self.imported:
            return DeclareExport(**terms, currency=self.currency)
        return DeclareImport(
            **terms,
            mode="9610",
            assurer=self.platform.did,
            freight_minor=self.freight_minor,
            buyer_name=self.committed("name", self.buyer.name),
            buyer_id_number=self.committed("id_number", self.buyer.id_number),
            buyer_telephone=self.committed("telephone", self.buyer.telephone),
            consignee_address=self.committed("address", self.buyer.address),
        )

    def _lines(self) -> list[ListLine]:
        lines = []
        for number, ((sku, ordered), gone) in enumerate(zip(self.goods, self.cancelled, strict=True), 1):
            hs_code, unit, legal_unit, cents = PRODUCTS[sku]
            if gone < ordered:
                left = ordered - gone
                line = ListLine(
                    line=number, sku=sku, name=sku.title(), hs_code=hs_code, origin="CN", quantity=left, unit=unit,
                    legal_quantity_e5=left * (100_000 if unit == legal_unit else 42_000), legal_unit=legal_unit,
                    price_e5=cents * 1000, total_minor=left * cents,
                )  # fmt: skip
                lines.append(line)
        return lines
