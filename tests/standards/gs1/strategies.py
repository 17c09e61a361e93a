"""Values that GS1 allows, drawn at random: company prefixes, serials, EPC URNs of every scheme."""

import string

from hypothesis import strategies as st

from sogdia.standards.gs1.epc_urn import SCHEMES, Scheme

# GS1 General Specifications, figure 7.11-1: the 82 characters of AIs of type X.
CSET_82 = "!\"%&'()*+,-./:;<=>?_" + string.ascii_letters + string.digits
CSET_39 = "#-/" + string.ascii_uppercase + string.digits
ESCAPES = {char: f"%{ord(char):02X}" for char in '"#%&/<>?'}

LONGEST_SERIALS = {"upui": 28, "grai": 16, "gdti": 17}


def digits(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(string.digits, min_size=least, max_size=most)


prefixes = digits(6, 12)


def serials(most: int = 20) -> st.SearchStrategy[str]:
    return st.text(CSET_82, min_size=1, max_size=most)


def escaped(text: str) -> str:
    return "".join(ESCAPES.get(char, char) for char in text)


@st.composite
def urns(draw: st.DrawFn) -> tuple[str, str]:
    """An EPC URN of any scheme that has a Digital Link, and its company prefix."""
    scheme = draw(st.sampled_from(SCHEMES))
    prefix = draw(prefixes)
    fields = [prefix, draw(_reference(scheme, len(prefix)))]
    fields += ["02", "07"] if scheme.counts else []
    if scheme.serial:
        as_class = scheme.has_class and draw(st.booleans())
        fields.append("*" if as_class else draw(_serial(scheme.name)))
        # a UPUI's class is the GTIN, which an SGTIN has too: it comes back under that name
        name = "sgtin" if as_class and scheme.name == "upui" else scheme.name
        return f"urn:epc:{'idpat' if as_class else scheme.kind}:{name}:{'.'.join(fields)}", prefix
    return f"urn:epc:{scheme.kind}:{scheme.name}:{'.'.join(fields)}", prefix


def _reference(scheme: Scheme, taken: int) -> st.SearchStrategy[str]:
    if scheme.digits:
        return digits(scheme.digits - taken, scheme.digits - taken)
    chars = CSET_39 if scheme.name == "cpi" else CSET_82
    return st.text(chars, min_size=1, max_size=30 - taken).map(escaped)


def _serial(name: str) -> st.SearchStrategy[str]:
    if name == "sgcn":
        return digits(1, 12)
    if name == "cpi":
        return st.integers(1, 10**12 - 1).map(str)
    return serials(LONGEST_SERIALS.get(name, 20)).map(escaped)
