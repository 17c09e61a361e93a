"""Measures in different units made comparable: each to the base unit of its dimension, exactly.

A condition in CEL is met by a reading in FAH or KEL. Units that are not in the table are compared with themselves
only. A difference or spread (`sDev`) is converted without the zero point of the scale.

Source: codes of UN/ECE Recommendation 20, written from memory. Factors: the international yard and pound of 1959, the
calorie-free units of the SI brochure (9th edition), US and imperial gallon as defined by law; all of them are exact.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Final

import msgspec

_PLACES: Final = Decimal(1).scaleb(-15)
"""Where a converted number that does not end (FAH to KEL has ninths) is rounded, on both sides of a comparison."""

_EXACT: Final = Context(prec=120, rounding=ROUND_HALF_EVEN)


class Unit(msgspec.Struct, frozen=True):
    """A unit: so many base units, after so much is added to the number."""

    base: str
    factor: Fraction
    added: Fraction


_TABLE: Final = """
    KGM KGM 1
    KGM GRM 0.001
    KGM MGM 0.000001
    KGM TNE 1000
    KGM LBR 0.45359237
    KGM ONZ 0.028349523125
    MTR MTR 1
    MTR DMT 0.1
    MTR CMT 0.01
    MTR MMT 0.001
    MTR KMT 1000
    MTR INH 0.0254
    MTR FOT 0.3048
    MTR YRD 0.9144
    MTR SMI 1609.344
    MTR NMI 1852
    MTK MTK 1
    MTK CMK 0.0001
    MTK MMK 0.000001
    MTK KMK 1000000
    MTK HAR 10000
    MTK FTK 0.09290304
    MTQ MTQ 1
    MTQ LTR 0.001
    MTQ DMQ 0.001
    MTQ MLT 0.000001
    MTQ CMQ 0.000001
    MTQ CLT 0.00001
    MTQ DLT 0.0001
    MTQ HLT 0.1
    MTQ GLL 0.003785411784
    MTQ GLI 0.00454609
    MTQ FTQ 0.028316846592
    MTQ INQ 0.000016387064
    KEL KEL 1
    KEL CEL 1 273.15
    KEL FAH 5/9 459.67
    PAL PAL 1
    PAL A97 100
    PAL KPA 1000
    PAL MPA 1000000
    PAL BAR 100000
    PAL MBR 100
    PAL ATM 101325
    SEC SEC 1
    SEC C26 0.001
    SEC MIN 60
    SEC HUR 3600
    SEC DAY 86400
    SEC WEE 604800
    MTS MTS 1
    MTS KMH 5/18
    MTS HM 0.44704
    MTS KNT 463/900
    JOU JOU 1
    JOU KJO 1000
    JOU WHR 3600
    JOU KWH 3600000
    WTT WTT 1
    WTT KWT 1000
    WTT MAW 1000000
    VLT VLT 1
    VLT 2Z 0.001
    VLT KVT 1000
    AMP AMP 1
    AMP 4K 0.001
    HTZ HTZ 1
    HTZ KHZ 1000
    HTZ MHZ 1000000
"""
"""Base unit, unit, factor, and what is added before; one unit a line."""


def _read(line: str) -> tuple[str, Unit]:
    base, code, factor, *added = line.split()
    return code, Unit(base, Fraction(factor), Fraction(added[0] if added else 0))


UNITS: Final = dict(_read(line) for line in _TABLE.splitlines() if line.strip())


def in_base_unit(number: Decimal, uom: str, *, is_spread: bool = False) -> tuple[Decimal, str]:
    """A number in the base unit of its dimension, and that unit's code; both as they are where the unit is unknown.

    Rounded to 15 places after the point, half to even. `is_spread`: a difference, for which no zero point counts.
    """
    unit = UNITS.get(uom)
    if unit is None:
        return number, uom
    moved = (Fraction(number) + (0 if is_spread else unit.added)) * unit.factor
    quotient = _EXACT.divide(Decimal(moved.numerator), Decimal(moved.denominator))
    return quotient.quantize(_PLACES, context=_EXACT).normalize(_EXACT), unit.base
