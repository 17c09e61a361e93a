"""Orders handed from a seller to the platform that places them: one file, opened in the platform's own import.

It holds the seller's file with what was mended in it, what the seller chose, and which orders were left out. It is as
confidential as the seller's file, because it is that file: nothing in it is signed, and nothing of it is on record.
"""

import re
import zlib
from typing import Any, Final, Literal

import msgspec

from sogdia.interfaces.console.importing_drafts import Choices, Draft
from sogdia.interfaces.console.importing_judging import Judged
from sogdia.interfaces.console.importing_text import LIMITS
from sogdia.standards.gs1.iso_codes import COUNTRIES_ALPHA2
from sogdia.standards.orders import FORMATS
from sogdia.standards.orders.times import zone_of

_BEGINS: Final = b'{"sogdia_orders":'
_NAME: Final = re.compile(r"[^\w.-]+")
_ORDERS: Final = 10_000


class NotHandedOver(Exception):
    """A file that begins like one handed over and cannot be read as one."""


class Handed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a file handed over holds: `left_out` are orders, `content` is the file, packed with zlib."""

    sogdia_orders: Literal[1]
    name: str
    choices: Choices
    left_out: tuple[str, ...]
    content: bytes
    cancellations_left_out: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Handed({self.name}, content hidden)"


_decode = msgspec.json.Decoder(Handed).decode


def handed_over(draft: Draft, judged: Judged) -> tuple[str, bytes]:
    """The name and the bytes of the file for the platform."""
    content = judged.text.content if judged.text else draft.content
    choices = msgspec.structs.replace(draft.choices, columns={}, sheet=None)
    file = Handed(1, draft.name, choices, judged.left_out, zlib.compress(content), judged.cancellations_out)
    stem = _NAME.sub("-", draft.name.rpartition(".")[0] or draft.name).strip("-.") or "orders"
    return f"{stem[:60]}-for-the-platform.json", msgspec.json.encode(file)


def is_handed_over(content: bytes) -> bool:
    """Whether a file that was dropped is one handed over."""
    return content.startswith(_BEGINS)


def taken_over(content: bytes) -> tuple[str, bytes, Choices, tuple[str, ...]]:
    """Name, content, choices, and what was left out as drafts keep it; anybody may have written it. NotHandedOver."""
    try:
        found = _decode(content)
        unpack = zlib.decompressobj()
        text = unpack.decompress(found.content, LIMITS.file_bytes + 1)
        choices = _sound(found.choices)
    except (msgspec.MsgspecError, zlib.error, ValueError, KeyError) as no:
        raise NotHandedOver(str(no)[:200]) from None
    out = [f"order {one[:200]}" for one in found.left_out]
    out += [f"cancellation {one[:400]}" for one in found.cancellations_left_out]
    if len(text) > LIMITS.file_bytes or not unpack.eof or not text or len(out) > _ORDERS:
        raise NotHandedOver("its content is missing, cut, or too long")
    return found.name, text, choices, tuple(out)


def _sound(given: Choices) -> Choices:
    """What was chosen, without what nobody could have chosen. ValueError."""
    slash: dict[str, Any] = {"slash_dates": given.slash_dates if given.slash_dates in ("mdy", "dmy") else ""}
    currency, district = given.currency, given.district
    if given.format not in ("", *FORMATS) or given.home not in COUNTRIES_ALPHA2:
        raise ValueError("unknown format or country")
    if given.timezone:
        zone_of(given.timezone)
    return Choices(
        given.format,
        direction="import" if given.direction == "import" else "export",
        home=given.home,
        parties={str(role): did for role, did in list(given.parties.items())[:10]},
        timezone=given.timezone,
        currency=currency if len(currency) == 3 and currency.isascii() and currency.isupper() else "",
        prices_include_tax=given.prices_include_tax,
        district=district if len(district) == 4 and district.isascii() and district.isdigit() else "2925",
        **slash,
    )
