"""Orders for the rehearsal where no file is given: seeded, and with the mistakes that real trade has.

Exports are written as a Shopify file by the look-alike writer and read back like any seller's file. Imports come from
the platform itself, which knows its buyers' identity; names, numbers and addresses are invented, and identity numbers
carry a valid check digit over a region and a birthday that nobody has.
"""

from collections.abc import Iterator
from hashlib import sha256
from random import Random
from typing import Final

import msgspec

from sogdia.interfaces.intake.parts import Goods
from sogdia.standards.orders import Buyer, DraftLine, DraftOrder

START_MS = 1_790_000_000_000
"""2026-09-21: when the first order is placed where no calendar says otherwise."""
MINUTE_MS = 60_000
APART_MS, ROUND = 32 * MINUTE_MS, 600
"""Between one order and the next; after a round they begin again at the first day, so that any number fits."""

FAMILY = "Li Wang Zhang Liu Chen Yang Zhao Huang Zhou Wu".split()
GIVEN = "Wei Fang Na Min Jing Lei Qiang Yan Jie Tao".split()
STREETS = ("Silk Road", "Lantern Lane", "West Lake Avenue", "Station Street", "Camel Bell Road")


class ImportOrder(msgspec.Struct, frozen=True):
    """An import order with what the platform knows of its buyer."""

    draft: DraftOrder
    identity_number: str


GTINS: Final = {"TRAB-OIL": "09506000135120", "TRAB-SOAP": "09506000135137"}
"""Of the goods that are traced piece by piece, under GS1's prefix for examples."""
IMPORT_GOODS: tuple[tuple[Goods, int], ...] = (
    (Goods("TRAB-CREAM", "Face cream 50 ml", "3304990039", "stated", "FR", 120), 12_800),
    (Goods("TRAB-SERUM", "Face serum 30 ml", "3304990039", "stated", "FR", 90), 21_500),
    (Goods("TRAB-SOAP", "Olive soap 300 g", "3401110000", "stated", "FR", 310, gtin=GTINS["TRAB-SOAP"]), 3_900),
    (Goods("TRAB-SILK", "Silk dress", "6204491000", "stated", "FR", 385), 45_900),
    (Goods("TRAB-MILK", "Infant formula 800 g", "1901101010", "stated", "FR", 950), 23_900),
    (Goods("TRAB-OIL", "Olive oil 500 ml", "1509200000", "stated", "FR", 900, gtin=GTINS["TRAB-OIL"]), 9_600),
)
"""What the brand of Lyon sells, and its price in fen. The HS codes are written from memory."""
HONEY = (Goods("TRAB-HONEY", "Chestnut honey 250 g", "0409000000", "stated", "FR", 400), 8_600)
"""An article for whose code no rate is published: customs cannot release it, and says so."""
HONEY_ONE_IN = 40
BUYERS = 200


def import_orders(count: int, seed: int = 2026, start_ms: int = START_MS) -> Iterator[ImportOrder]:
    """So many orders of Chinese buyers in a fortnight, the same for the same seed; more begin with the same ones."""
    chance = Random(seed)  # noqa: S311 - made orders, no secret
    buyers = [_buyer(chance, number) for number in range(BUYERS)]
    for number in range(count):
        buyer, identity_number = buyers[chance.randrange(len(buyers))]
        placed_ms = start_ms + number % ROUND * APART_MS + number // ROUND
        yield ImportOrder(_draft(chance, number, buyer, placed_ms), identity_number)


def _draft(chance: Random, number: int, buyer: Buyer, placed_ms: int) -> DraftOrder:
    chosen = chance.sample(IMPORT_GOODS, chance.choice((1, 1, 2, 2, 3)))
    if number % HONEY_ONE_IN == 7:
        chosen = [HONEY]
    lines = tuple(_line(chance, place, goods, price) for place, (goods, price) in enumerate(chosen, 1))
    goods_minor, freight_minor = sum(line.total_minor for line in lines), 2_500
    text = f"{number}/{buyer.reference}/{lines}"
    return DraftOrder(
        order=f"SM{number:08d}",
        channel="platform",
        placed_at_ms=placed_ms,
        paid_at_ms=placed_ms + MINUTE_MS,
        currency="CNY",
        lines=lines,
        freight_minor=freight_minor,
        discount_minor=0,
        tax_minor=0,
        total_minor=goods_minor + freight_minor,
        country="CN",
        buyer=buyer,
        payment_reference=None,
        evidence=sha256(text.encode()).hexdigest(),
    )


def _line(chance: Random, place: int, goods: Goods, price_fen: int) -> DraftLine:
    quantity = chance.choice((1, 1, 1, 2, 3))
    if chance.random() < 0.01:
        quantity = 30
    price = f"{price_fen // 100}.{price_fen % 100:02d}"
    return DraftLine(place, "goods", goods.sku, goods.name, quantity, price, quantity * price_fen)


def _buyer(chance: Random, number: int) -> tuple[Buyer, str]:
    name = f"{chance.choice(FAMILY)} {chance.choice(GIVEN)}"
    street = f"{chance.randrange(1, 400)} {chance.choice(STREETS)}"
    telephone = f"199{chance.randrange(10**8):08d}"
    buyer = Buyer(
        name=name,
        telephone=telephone,
        address_lines=(street,),
        postcode="999999",
        city="Nowhere",
        region="Test Province",
        reference=f"buyer-{number}",
    )
    return buyer, identity_number(number)


def identity_number(number: int) -> str:
    """A resident identity number of region 999999 and the year 1900, which nobody has, with a valid check digit.

    Check digit: ISO 7064 MOD 11-2, as GB 11643-1999 has it.
    """
    body = f"99999919000101{number % 1000:03d}"
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body))
    return body + "10X98765432"[total % 11]
