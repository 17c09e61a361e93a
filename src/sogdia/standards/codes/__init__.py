"""China Customs' own code tables: countries and regions, currencies, units of measure, transport modes.

Rows like those of a rulebook, as CSV: code, our key for it, names, source and certainty. Pure look-ups, both ways. A
code that is not in a table comes back as `Missing`, a value that names what was looked for and what to do; never as a
guess.

    >>> from sogdia.standards import codes
    >>> codes.country_code("FR").code
    '305'
    >>> codes.country_of("305").key
    'FR'
    >>> codes.currency_code("XDR").explain()
    'customs\\' table of currencies has no row for XDR; add its row, with a source, to currencies.csv'
"""

from sogdia.standards.codes.tables import (
    TABLES,
    Missing,
    Row,
    Table,
    country_code,
    country_of,
    currency_code,
    currency_of,
    transport_mode,
    unit,
)

__all__ = [
    "TABLES",
    "Missing",
    "Row",
    "Table",
    "country_code",
    "country_of",
    "currency_code",
    "currency_of",
    "transport_mode",
    "unit",
]
