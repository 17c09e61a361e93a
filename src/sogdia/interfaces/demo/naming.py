"""What the brand calls its goods and places: master data for everyone, so that a buyer who scans reads names.

Names of companies are invented; the towns are real, and their places on the map are to about a kilometre.
"""

from collections.abc import Mapping
from typing import Final

from sogdia.domains.trace.messages import Attribute, Describe, Element
from sogdia.interfaces.demo.goods import GROVE, MILL, OIL, OLIVES, STORE, product
from sogdia.interfaces.demo.orders import GTINS, IMPORT_GOODS

PRODUCTS: Final = "urn:epcglobal:epcis:vtype:EPCClass"
PLACES: Final = "urn:epcglobal:epcis:vtype:BusinessLocation"
_BRAND: Final = "Maison des Traboules"
_TRACED: Final = {product(GTINS[goods.sku]): goods.name for goods, _ in IMPORT_GOODS if goods.sku in GTINS}
_GOODS: Final = {product(OLIVES): "Olives of the Alpilles", product(OIL): "Olive oil, not yet bottled", **_TRACED}
_PLACES: Final = {
    GROVE: ("Oliveraie des Traboules", "Mouriès", "43.69", "4.87"),
    MILL: ("Moulin des Traboules", "Maussane-les-Alpilles", "43.72", "4.80"),
    STORE: ("Maison des Traboules, dispatch", "Lyon", "45.76", "4.84"),
}


def described(brand: str) -> tuple[Describe, ...]:
    """The names of goods and places, said by the brand to everyone."""
    goods = {uri: {"descriptionShort": name, "brandName": _BRAND, "countryOfOrigin": "FR"}
             for uri, name in _GOODS.items()}  # fmt: skip
    places = {
        uri: {"name": name, "city": city, "countryCode": "FR", "latitude": north, "longitude": east}
        for uri, (name, city, north, east) in _PLACES.items()
    }
    return _said(brand, PRODUCTS, goods), _said(brand, PLACES, places)


def _said(brand: str, vocabulary: str, words: Mapping[str, Mapping[str, str]]) -> Describe:
    elements = tuple(
        Element(uri, tuple(Attribute(f"urn:epcglobal:cbv:mda#{name}", value) for name, value in said.items()))
        for uri, said in words.items()
    )
    return Describe(party=brand, vocabulary=vocabulary, elements=elements, audience="everyone")
