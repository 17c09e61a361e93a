"""The form of an answer that a request asks for: media type, version, spelling of identifiers and of CBV words."""

from typing import Any, Final, Literal, cast, get_args

import msgspec

from sogdia.interfaces.epcis.problems import EpcisProblem
from sogdia.interfaces.http.problems import AnyRequest
from sogdia.standards.epcis.vocabulary import Spelling
from sogdia.standards.epcis.xml import Version
from sogdia.standards.gs1.identifiers import Form

Media = Literal["json", "xml"]

JSON: Final = ("application/json", "application/ld+json")
XML: Final = ("application/xml", "text/xml")
EPCIS_VERSION: Final = "2.0.0"
EPCIS_MIN: Final = "1.2.0"
CBV_VERSION: Final = "2.0.0"
CBV_MIN: Final = "1.2.0"
_ANY: Final = {"*/*": JSON[0], "application/*": JSON[0], "text/*": XML[1]}


class Shape(msgspec.Struct, frozen=True):
    """How an answer is to look."""

    media_type: str = JSON[0]
    version: Version = "2.0"
    epcs: Form = "Always_GS1_Digital_Link"
    words: Spelling = "No_Preference"

    @property
    def media(self) -> Media:
        """JSON or XML."""
        return "xml" if self.media_type in XML else "json"


def shape_of(request: AnyRequest, *media: Media) -> Shape:
    """The form of the answer, of those that there are; EpcisProblem 406 where none of them will do."""
    media_type = accepted(request.headers.get("accept", ""), media or ("json",))
    epcs = cast("Form", _choice(request, "gs1-epc-format", get_args(Form), "Always_GS1_Digital_Link"))
    words = cast("Spelling", _choice(request, "gs1-cbv-xml-format", get_args(Spelling), "No_Preference"))
    return Shape(media_type, _version(request, media_type), epcs, words)


def accepted(header: str, media: tuple[Media, ...]) -> str:
    """The media type of the answer by an Accept header."""
    there = (*(JSON if "json" in media else ()), *(XML if "xml" in media else ()))
    best, best_weight = "", 0.0
    for part in (header or "*/*").split(","):
        name, _, parameters = part.partition(";")
        wanted = _ANY.get(name.strip().lower(), name.strip().lower())
        weight = _weight(parameters)
        if wanted in there and weight > best_weight:
            best, best_weight = wanted, weight
    if not best:
        raise EpcisProblem(406, "not_acceptable", found=header[:100], expected=", ".join(there))
    return best


def version_of(text: str, header: str) -> tuple[int, ...]:
    """A version such as 2.0.0 as numbers; EpcisProblem 406 for other text."""
    parts = text.strip().split(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts):
        raise EpcisProblem(406, "header_wrong", header=header, found=text[:100], expected="2.0.0")
    return tuple(map(int, parts + ["0"] * (3 - len(parts))))


def require_version(request: AnyRequest, header: str, least: str, most: str) -> None:
    """Refuse with 406 a version of the request's body that is not spoken here."""
    said = request.headers.get(header)
    if said is not None and not version_of(least, "") <= version_of(said, header) <= version_of(most, ""):
        raise EpcisProblem(406, "version_not_spoken", header=header, found=said[:100], least=least, most=most)


def _version(request: AnyRequest, media_type: str) -> Version:
    """The version of an answer between what the request names as its least and its most."""
    for header, spoken in (("gs1-epcis-min", EPCIS_VERSION), ("gs1-cbv-min", CBV_VERSION)):
        said = request.headers.get(header)
        if said is not None and version_of(said, header) > version_of(spoken, ""):
            raise EpcisProblem(406, "version_not_spoken", header=header, found=said[:100], least="1.2.0", most=spoken)
    most = request.headers.get("gs1-epcis-max")
    if most is None or version_of(most, "gs1-epcis-max") >= (2, 0):
        return "2.0"
    if media_type not in XML or version_of(most, "gs1-epcis-max") < version_of(EPCIS_MIN, ""):
        found: dict[str, Any] = {
            "header": "GS1-EPCIS-Max",
            "found": most[:100],
            "least": EPCIS_MIN,
            "most": EPCIS_VERSION,
        }
        raise EpcisProblem(406, "version_not_spoken", **found)
    return "1.2"


def _choice(request: AnyRequest, header: str, choices: tuple[str, ...], default: str) -> str:
    found = request.headers.get(header, default)
    if found not in choices:
        raise EpcisProblem(400, "header_wrong", header=header, found=found[:100], expected=", ".join(choices))
    return found


def _weight(parameters: str) -> float:
    for part in parameters.split(";"):
        name, _, value = part.strip().partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
