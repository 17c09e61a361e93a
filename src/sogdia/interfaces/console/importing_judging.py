"""A draft judged: what becomes orders, what is set aside and why, which columns were understood, and the sums.

A draft is judged anew each time it is looked at, from the file and what was mended: nothing that was worked out is kept
beside it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import islice
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from sogdia.interfaces.console.importing_drafts import Choices, Draft, Mending
from sogdia.interfaces.console.importing_text import LIMITS, Text, mended, titles_of
from sogdia.interfaces.intake.aside import Tally
from sogdia.interfaces.intake.catalogue import UNIT_CODES
from sogdia.interfaces.intake.parts import goods_lines
from sogdia.standards.orders import (
    FORMATS,
    Catalogue,
    CatalogueItem,
    DraftCancellation,
    DraftOrder,
    FileReport,
    Format,
    Item,
    Options,
    OrderFileRefused,
    SetAside,
    amazon,
    detect,
    online_retail,
    read,
    shopify,
    suggest,
)
from sogdia.standards.orders.columns import Layout, header_of, key_of

ORDERS_LIMIT: Final = 2_000
"""Orders of one draft; `sogdia import` takes more."""
LAYOUTS: Final[Mapping[str, Layout]] = {
    one.format: one for one in (online_retail.LAYOUT, amazon.LAYOUT, shopify.LAYOUT)
}
UNITS: Final = tuple(UNIT_CODES)
_HEAD_BYTES: Final = 65_536


class ColumnSeen(msgspec.Struct, frozen=True):
    """A column of the file and what it is read as: empty when it is not used; `is_unread`: it is known."""

    title: str
    used_as: str
    is_unread: bool = False


class RowAside(msgspec.Struct, frozen=True):
    """A row that became no part of an order; `column` is where to mend it, -1 when its cells cannot be told apart."""

    row: int
    order: str
    field: str
    text: str
    column: int | None
    why: str
    remedy: str
    amount: str
    currency: str


class Article(msgspec.Struct, frozen=True):
    """What an article is for customs: on `record`, `stated` by a person, `suggestion` of our table, or `unknown`.

    What nobody knows of it is empty or 0. `is_on_record`: it is there, perhaps with other particulars.
    """

    item: CatalogueItem
    basis: str
    lines: int
    is_on_record: bool = False


class Judged(msgspec.Struct, frozen=True):
    """All that a draft of orders comes to. `refused` says why the file cannot be read; then all else is empty."""

    format: str
    columns: tuple[ColumnSeen, ...] = ()
    lacking: tuple[str, ...] = ()
    orders: tuple[DraftOrder, ...] = ()
    left_out: tuple[str, ...] = ()
    cancellations: tuple[DraftCancellation, ...] = ()
    cancellations_out: tuple[str, ...] = ()
    are_cancellations_out: bool = False
    aside: tuple[RowAside, ...] = ()
    rows_left_out: int = 0
    sums: tuple[Mapping[str, Any], ...] = ()
    report: FileReport | None = None
    refused: OrderFileRefused | None = None
    articles: tuple[Article, ...] = ()
    catalogue: Catalogue | None = None
    is_cut: bool = False
    text: Text | None = None

    def __repr__(self) -> str:
        return f"Judged({self.format}, {len(self.orders)} orders, content hidden)"


def format_of(content: bytes) -> str:
    """The format of a file by its first bytes, or nothing."""
    return detect(content[:_HEAD_BYTES]) or ""


def judge(draft: Draft, mending: Mending, language: str = "en") -> Judged:
    """What a draft of orders comes to now, with its sentences in one language."""
    choices = draft.choices
    if choices.format not in FORMATS:
        return _unknown(draft)
    layout = LAYOUTS.get(choices.format)
    try:
        text = _text(draft, layout, mending) if layout else None
        content = text.content if text else draft.content
        options = _options(choices, draft.name)
        found = _read(BytesIO(content), choices, options)
        return _judged(found, draft, text, layout, mending, language)
    except OrderFileRefused as no:
        seen, lacking = _columns(draft, layout)
        return Judged(choices.format, columns=seen, lacking=lacking, refused=no)


def _text(draft: Draft, layout: Layout, mending: Mending) -> Text:
    return mended(draft.name, draft.content, layout, draft.choices.columns, mending, draft.choices.sheet)


def _unknown(draft: Draft) -> Judged:
    try:
        titles = titles_of(draft.name, draft.content)
    except OrderFileRefused as no:
        return Judged("", refused=no)
    return Judged("", columns=tuple(ColumnSeen(title, "") for title in titles))


def _read(content: BytesIO, choices: Choices, options: Options) -> Iterator[Item]:
    return read(content, _format(choices.format), options=options)


def _format(text: str) -> Format:
    return next(one for one in FORMATS if one == text)


def _options(choices: Choices, name: str) -> Options:
    given: dict[str, Any] = {"limits": LIMITS, "name": name, "timezone": choices.timezone or None}
    if choices.currency:
        given["currency"] = choices.currency
    if choices.slash_dates:
        given["slash_dates"] = choices.slash_dates
    return Options(amazon_prices_include_tax=choices.prices_include_tax, **given)


def _judged(
    found: Iterator[Item], draft: Draft, text: Text | None, layout: Layout | None, mending: Mending, language: str
) -> Judged:
    """Sort out what the reader gives, to the end of the file: its report tells whether the sums agree."""
    orders, out, cancelled, aside = list[DraftOrder](), list[str](), list[DraftCancellation](), list[RowAside]()
    tally, report, is_cut = Tally(), None, False
    numbers = text.numbers if text else None
    cancelled_rows, gone = set[int](), list[str]()
    for item in found:
        if isinstance(item, FileReport):
            report = item
        elif isinstance(item, SetAside):
            tally.set_aside(item)
            aside.append(_aside(_in_sheet(item, draft, numbers), text, language))
        elif isinstance(item, DraftCancellation) and is_left_out(item, mending):
            gone.append(named(item))
        elif isinstance(item, DraftCancellation):
            rows = {line.row for line in item.lines} - cancelled_rows
            cancelled_rows |= rows
            tally.cancellation(item, len(rows))
            cancelled.append(item)
        elif item.order in mending.orders:
            out.append(item.order)
        elif len(orders) >= ORDERS_LIMIT:
            is_cut = True
        else:
            tally.order(item)
            orders.append(item)
    columns, lacking = _columns(draft, layout)
    return Judged(
        draft.choices.format,
        columns=columns,
        lacking=lacking,
        orders=tuple(orders),
        left_out=tuple(out),
        cancellations=tuple(cancelled),
        cancellations_out=tuple(gone),
        are_cancellations_out="*" in mending.cancellations,
        aside=tuple(aside),
        rows_left_out=len(mending.rows),
        sums=tuple(tally.places()),
        report=report,
        articles=_articles(orders, mending, draft.choices.home),
        catalogue=Catalogue(dict(mending.articles), (), len(mending.articles), ()) if mending.articles else None,
        is_cut=is_cut,
        text=text,
    )


def named(one: DraftCancellation) -> str:
    """What names a cancellation where it is left out: its number and its order's."""
    return f"{one.cancellation} {one.order}"


def is_left_out(one: DraftCancellation, mending: Mending) -> bool:
    """Whether the user left a cancellation out, by itself or with all of them."""
    return "*" in mending.cancellations or named(one) in mending.cancellations


def _columns(draft: Draft, layout: Layout | None) -> tuple[tuple[ColumnSeen, ...], tuple[str, ...]]:
    """What each column is read as, and the names of needed ones that are not there."""
    if layout is None:
        return (), ()
    titles = titles_of(draft.name, draft.content)
    chosen = {key_of(title): column for column, title in draft.choices.columns.items()}
    known = {key_of(name): one.name for one in layout.used for name in one.found_as if one.name not in chosen.values()}
    known |= chosen
    unread = set(map(key_of, layout.unread))
    seen = [
        ColumnSeen(title.strip("\ufeff"), known.get(key_of(title), ""), key_of(title) in unread) for title in titles
    ]
    there = {one.used_as for one in seen}
    return tuple(seen), tuple(one.name for one in layout.used if one.required and one.name not in there)


def is_complete(layout: Layout, titles: tuple[str, ...]) -> bool:
    """Whether these columns are all that a format needs."""
    return header_of(layout, list(titles), ",") is not None


def _in_sheet(item: SetAside, draft: Draft, numbers: list[int] | None) -> SetAside:
    """The row with its number in the file as it came, and of a workbook with its cell."""
    if not numbers or not 0 < item.row <= len(numbers):
        return item
    row, sheet = numbers[item.row - 1], draft.choices.sheet
    facts = tuple((name, _number(fact, numbers) if name == "first" else fact) for name, fact in item.facts)
    return replace(item, row=row, facts=facts, place=sheet.place(row, item.field) if sheet else "")


def _number(record: str, numbers: list[int]) -> str:
    return str(numbers[int(record) - 1]) if record.isdigit() and 0 < int(record) <= len(numbers) else record


def _aside(item: SetAside, text: Text | None, language: str) -> RowAside:
    row, why = item.row, item.sentence(language)
    column = _column(item, row, text)
    told = item.value if text is None or column is None else text.raw[row].strip("\r\n")
    if text is not None and column is not None and column >= 0:
        told = text.fields[row][column]
    return RowAside(row, item.order, item.field, told, column, why, item.remedy(language), item.amount, item.currency)


def _column(item: SetAside, row: int, text: Text | None) -> int | None:
    """Where to mend a row: the cell that is meant, the whole row where it fell apart, None where no cell is meant."""
    if text is None:
        return None
    if not text.fields.get(row):
        return -1
    keys = [key_of(title) for title in text.titles]
    return keys.index(key_of(item.field)) if item.field and key_of(item.field) in keys else None


# --- articles -------------------------------------------------------------------------------------------------------


def _articles(orders: list[DraftOrder], mending: Mending, home: str) -> tuple[Article, ...]:
    """Every article of the orders."""
    lines = Counter(line.sku for one in orders for line in goods_lines(one))
    named = {line.sku: line.description for one in orders for line in goods_lines(one)}
    return tuple(_article(sku, named[sku], count, mending, home) for sku, count in lines.items())


def _article(sku: str, name: str, lines: int, mending: Mending, home: str) -> Article:
    stated = mending.articles.get(sku)
    if stated is not None:
        return Article(stated, "stated", lines)
    guess = suggest(name)
    if guess is None:
        return Article(CatalogueItem(sku, name, "", home, "piece", 0), "unknown", lines)
    grams = guess.net_weight_grams * 1000
    item = CatalogueItem(sku, name, guess.heading, guess.origin, "piece", grams, "suggestion")
    return Article(item, "suggestion", lines)


def row_of(judged: Judged, row: int) -> list[tuple[str, str]]:
    """The cells of a row with the names of their columns; none when the row fell apart or is not there."""
    if judged.text is None:
        return []
    return list(islice(zip(judged.text.titles, judged.text.fields.get(row, []), strict=False), 500))
