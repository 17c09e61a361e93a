"""Events made at random, valid by the standard's schema in every field, whatever they say.

`events()` gives any event of the model; with `texts_only` the values of extensions are texts and named parts, as XML
has them. `documents()` puts several together. What differs only in JSON (`null`, numbers in extensions) comes without
`texts_only`. The `context` of an event has exactly the prefixes that it uses.
"""

import string
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from msgspec import to_builtins
from msgspec.structs import replace

from sogdia.standards.epcis import model, vocabulary
from sogdia.standards.epcis.model import AnyEvent

NAMESPACES = {
    "ex": "https://ns.example.com/epcis/",
    "farm": "https://farm.example.org/terms#",
    "x-y.1": "urn:example:things:",
}
BUILT_IN = ("cbvmda", "gs1")
_LETTERS = st.one_of(
    st.sampled_from("&<>\"'{}]/茶无é\U00020000"),
    st.characters(min_codepoint=0x20, max_codepoint=0xFFFD, exclude_categories=("Cs", "Cc"), exclude_characters=":*"),
)
_SERIAL = st.text(string.ascii_letters + string.digits + "-._", min_size=1, max_size=20)
_NAME = st.text(string.ascii_letters, min_size=1, max_size=8)


def _digits(count: int) -> st.SearchStrategy[str]:
    return st.text(string.digits, min_size=count, max_size=count)


def _checked(payload: str) -> str:
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(payload)))
    return f"{payload}{-total % 10}"


GTINS = _digits(13).map(_checked)
INSTANCES: st.SearchStrategy[str] = st.one_of(
    st.builds("https://id.gs1.org/01/{}/21/{}".format, GTINS, _SERIAL),
    st.builds("https://shop.example.com/a/01/{}/10/{}/21/{}".format, GTINS, _SERIAL, _SERIAL),
    st.builds("urn:epc:id:sgtin:{}.{}.{}".format, _digits(7), _digits(6), _SERIAL),
    st.builds("https://id.gs1.org/00/{}".format, _digits(17).map(_checked)),
    st.builds("urn:epc:id:sscc:{}.{}".format, _digits(7), _digits(10)),
    st.builds("urn:uuid:{}".format, st.uuids()),
)
"""Identifiers of single things."""
CLASSES: st.SearchStrategy[str] = st.one_of(
    st.builds("https://id.gs1.org/01/{}".format, GTINS),
    st.builds("https://id.gs1.org/01/{}/10/{}".format, GTINS, _SERIAL),
    st.builds("urn:epc:class:lgtin:{}.{}.{}".format, _digits(7), _digits(6), _SERIAL),
    st.builds("urn:epc:idpat:sgtin:{}.{}.*".format, _digits(7), _digits(6)),
)
"""Identifiers of classes of things."""
PLACES: st.SearchStrategy[str] = st.one_of(
    st.builds("https://id.gs1.org/414/{}".format, _digits(12).map(_checked)),
    st.builds("urn:epc:id:sgln:{}.{}.{}".format, _digits(7), _digits(5), _SERIAL),
)
PARTIES: st.SearchStrategy[str] = st.one_of(
    st.builds("https://id.gs1.org/417/{}".format, _digits(12).map(_checked)),
    st.builds("urn:epc:id:pgln:{}.{}".format, _digits(7), _digits(5)),
)
URIS: st.SearchStrategy[str] = st.one_of(
    st.builds("https://example.com/{}?a={}#{}".format, _SERIAL, _SERIAL, _NAME),
    st.builds("urn:example:{}:%C3%A9".format, _SERIAL),
    st.builds("https://id.gs1.org/8004/{}{}".format, _digits(9), _SERIAL),
)


def texts(size: int = 12) -> st.SearchStrategy[str]:
    """Text of 1 to `size` characters without control characters and colons, not blank at its ends."""
    return st.text(_LETTERS, min_size=1, max_size=size).filter(lambda text: text.strip() == text)


@st.composite
def times(draw: st.DrawFn) -> str:
    """A moment as RFC 3339 writes it: any zone, 0 to 6 decimals."""
    offset = draw(st.sampled_from([None, "+00:00", "-00:00", "+08:00", "-05:30", "+14:00"]))
    moment = draw(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001
    decimals = draw(st.integers(0, 6))
    fraction = f".{moment.microsecond:06d}"[: decimals + 1] if decimals else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}{offset or 'Z'}"


OFFSETS = st.one_of(
    st.sampled_from(["+14:00", "-14:00", "+00:00", "-00:00"]),
    st.builds("{}{:02d}:{:02d}".format, st.sampled_from("+-"), st.integers(0, 13), st.integers(0, 59)),
)
NUMBERS = st.builds(
    lambda units, places: Decimal(units).scaleb(-places), st.integers(-(10**14), 10**14), st.integers(0, 9)
)
"""Exact numbers with up to nine decimals."""


def words(kind: vocabulary.Kind) -> st.SearchStrategy[str]:
    """A word of CBV, or a URI of somebody else's vocabulary."""
    return st.one_of(
        st.sampled_from(sorted(vocabulary.WORDS[kind])), st.builds("https://words.example.com/{}".format, _NAME)
    )


def names() -> st.SearchStrategy[str]:
    """Names of extensions: `prefix:name`."""
    return st.builds("{}:{}".format, st.sampled_from((*NAMESPACES, *BUILT_IN)), _NAME)


def values(texts_only: bool) -> st.SearchStrategy[Any]:
    """Values of extensions: texts, lists of texts, named parts; also numbers, booleans, null unless `texts_only`."""
    plain: st.SearchStrategy[Any] = texts()
    if not texts_only:
        plain = st.one_of(plain, NUMBERS, st.integers(-(2**70), 2**70), st.booleans(), st.none())
    return st.recursive(
        plain,
        lambda inner: st.one_of(
            st.lists(texts() if texts_only else inner, min_size=2, max_size=3),
            st.dictionaries(names(), inner, min_size=1, max_size=3),
        ),
        max_leaves=5,
    )


def extensions(texts_only: bool) -> st.SearchStrategy[dict[str, Any]]:
    """What other vocabularies add; nothing in half the cases."""
    return st.one_of(st.just({}), st.dictionaries(names(), values(texts_only), max_size=3))


def _some(element: st.SearchStrategy[Any], least: int = 0, unique: bool = False) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(element, min_size=least, max_size=least + 3, unique=unique).map(tuple)


def _maybe(element: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), element)


QUANTITIES = st.one_of(
    st.builds(model.QuantityElement, epc_class=CLASSES),
    st.builds(
        model.QuantityElement,
        epc_class=CLASSES,
        quantity=NUMBERS.map(abs),
        uom=_maybe(st.sampled_from(["KGM", "LTR", "EA", "C62"])),
    ),
)


def _places(texts_only: bool) -> st.SearchStrategy[model.Place]:
    return st.builds(model.Place, id=PLACES, extensions=extensions(texts_only))


def declarations(texts_only: bool = False) -> st.SearchStrategy[model.ErrorDeclaration]:
    """Error declarations."""
    return st.builds(
        model.ErrorDeclaration,
        declaration_time=times(),
        reason=_maybe(words("errorReason")),
        corrective_event_ids=_some(st.builds("urn:uuid:{}".format, st.uuids())),
        extensions=extensions(texts_only),
    )


def sensor_elements(texts_only: bool = False) -> st.SearchStrategy[model.SensorElement]:
    """Sensor elements with one to four reports."""
    device = {name: _maybe(URIS) for name in ("device_metadata", "raw_data", "data_processing_method", "biz_rules")}
    uris = {name: _maybe(URIS) for name in ("microorganism", "chemical_substance", "coordinate_reference_system")}
    measures = ("value", "min_value", "max_value", "mean_value", "s_dev", "perc_rank", "perc_value")
    metadata = st.builds(
        model.SensorMetadata,
        device_id=_maybe(INSTANCES),
        **{name: _maybe(times()) for name in ("time", "start_time", "end_time")},
        **device,
        extensions=extensions(texts_only),
    )
    report = st.builds(
        model.SensorReport,
        type=words("measurement"),
        exception=_maybe(words("alert")),
        component=_maybe(words("component")),
        device_id=_maybe(INSTANCES),
        time=_maybe(times()),
        uri_value=_maybe(URIS),
        **device,
        **uris,
        **{name: _maybe(NUMBERS) for name in measures},
        string_value=_maybe(texts()),
        boolean_value=_maybe(st.booleans()),
        hex_binary_value=_maybe(st.binary(min_size=1, max_size=8).map(bytes.hex)),
        uom=_maybe(st.sampled_from(["CEL", "KEL", "P1", "A93"])),
        extensions=extensions(texts_only),
    )
    return st.builds(
        model.SensorElement,
        sensor_metadata=_maybe(metadata),
        sensor_report=_some(report, 1),
        extensions=extensions(texts_only),
    )


def _shared(texts_only: bool) -> dict[str, st.SearchStrategy[Any]]:
    disposition = words("disposition")
    return {
        "extensions": extensions(texts_only),
        "event_id": st.one_of(st.builds("urn:uuid:{}".format, st.uuids()), URIS),
        "event_time": times(),
        "record_time": _maybe(times()),
        "event_time_zone_offset": OFFSETS,
        "error_declaration": st.one_of(st.none(), st.none(), declarations(texts_only)),
        "certification_info": st.one_of(st.none(), URIS, _some(URIS, 1)),
        "biz_step": _maybe(words("bizStep")),
        "disposition": _maybe(disposition),
        "persistent_disposition": st.one_of(
            st.none(),
            st.builds(model.PersistentDisposition, set=_some(disposition, 1, True), unset=_some(disposition, 0, True)),
            st.builds(model.PersistentDisposition, unset=_some(disposition, 1, True)),
        ),
        "read_point": _maybe(_places(texts_only)),
        "biz_location": _maybe(_places(texts_only)),
        "biz_transaction_list": _some(TRANSACTIONS),
        "source_list": _some(st.builds(model.Source, type=words("sourceDestination"), source=PARTIES)),
        "destination_list": _some(st.builds(model.Destination, type=words("sourceDestination"), destination=PARTIES)),
        "sensor_element_list": st.one_of(st.just(()), _some(sensor_elements(texts_only))),
    }


TRANSACTIONS = st.builds(model.BizTransaction, type=_maybe(words("bizTransaction")), biz_transaction=URIS)
_ACTIONS = st.sampled_from(["OBSERVE", "ADD", "DELETE"])


def _ilmd(texts_only: bool) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(names(), values(texts_only), max_size=3)


def object_events(texts_only: bool = False) -> st.SearchStrategy[model.ObjectEvent]:
    """Object events; master data of lots and items only where they come to be."""
    things = {"epc_list": _some(INSTANCES, unique=True), "quantity_list": _some(QUANTITIES), **_shared(texts_only)}
    return st.one_of(
        st.builds(model.ObjectEvent, action=_ACTIONS, **things),
        st.builds(model.ObjectEvent, action=st.just("ADD"), ilmd=_ilmd(texts_only), **things),
    )


def _of_parent(kind: Any, parent: st.SearchStrategy[Any], texts_only: bool) -> st.SearchStrategy[Any]:
    given = {"parent_id": parent, **_shared(texts_only)}
    return st.one_of(
        st.builds(
            kind, action=_ACTIONS, child_epcs=_some(INSTANCES, 1), child_quantity_list=_some(QUANTITIES), **given
        ),
        st.builds(kind, action=_ACTIONS, child_quantity_list=_some(QUANTITIES, 1), **given),
        st.builds(kind, action=st.just("DELETE"), **given),
    )


def transaction_events(texts_only: bool = False) -> st.SearchStrategy[model.TransactionEvent]:
    """Transaction events."""
    given = {**_shared(texts_only), "biz_transaction_list": _some(TRANSACTIONS, 1)}
    return st.builds(
        model.TransactionEvent,
        action=_ACTIONS,
        parent_id=_maybe(INSTANCES),
        epc_list=_some(INSTANCES),
        quantity_list=_some(QUANTITIES),
        **given,
    )


def transformation_events(texts_only: bool = False) -> st.SearchStrategy[model.TransformationEvent]:
    """Transformations in one event, and halves of them under a transformation ID."""
    instances, classes = _some(INSTANCES, 1, True), _some(QUANTITIES, 1)
    given = {"ilmd": _ilmd(texts_only), **_shared(texts_only)}
    build = st.builds
    whole = build(
        model.TransformationEvent,
        input_epc_list=instances,
        input_quantity_list=_some(QUANTITIES),
        output_epc_list=_some(INSTANCES, unique=True),
        output_quantity_list=classes,
        transformation_id=_maybe(URIS),
        **given,
    )
    return st.one_of(
        whole,
        build(model.TransformationEvent, input_quantity_list=classes, output_epc_list=instances, **given),
        build(model.TransformationEvent, input_epc_list=instances, transformation_id=URIS, **given),
        build(model.TransformationEvent, output_quantity_list=classes, transformation_id=URIS, **given),
    )


def used_prefixes(value: Any) -> set[str]:
    """The prefixes of NAMESPACES among the names of a value and of what is in it."""
    if isinstance(value, dict):
        inner = set().union(*map(used_prefixes, value.values()))
        return inner | {
            name.partition(":")[0] for name in value if ":" in name and name.partition(":")[0] in NAMESPACES
        }
    if isinstance(value, list | tuple):
        return set().union(*map(used_prefixes, value))
    return set()


def _with_context(event: AnyEvent) -> AnyEvent:
    used = used_prefixes(to_builtins(event, builtin_types=(Decimal,)))
    return replace(event, context={prefix: NAMESPACES[prefix] for prefix in sorted(used)})


def events(texts_only: bool = False) -> st.SearchStrategy[AnyEvent]:
    """Any valid event with an event ID."""
    return st.one_of(
        object_events(texts_only),
        _of_parent(model.AggregationEvent, _maybe(INSTANCES), texts_only),
        _of_parent(model.AssociationEvent, INSTANCES, texts_only),
        transaction_events(texts_only),
        transformation_events(texts_only),
    ).map(_with_context)


def vocabularies() -> st.SearchStrategy[model.Vocabulary]:
    """Master data of one kind."""
    attribute = st.builds(model.VocabularyAttribute, id=URIS, value=texts())
    element = st.builds(model.VocabularyElement, id=PLACES, attributes=_some(attribute), children=_some(PLACES))
    kinds = ("BusinessLocation", "ReadPoint", "EPCClass")
    return st.builds(
        model.Vocabulary,
        type=st.sampled_from([f"urn:epcglobal:epcis:vtype:{kind}" for kind in kinds]),
        elements=_some(element),
    )


def documents(texts_only: bool = False) -> st.SearchStrategy[model.Document]:
    """Documents of up to four events with master data."""
    return st.builds(
        model.Document,
        creation_date=times(),
        events=st.lists(events(texts_only), max_size=4).map(tuple),
        vocabularies=_some(vocabularies()),
    )


def plain_event(number: int, things: int = 10) -> bytes:
    """JSON of an object event with so many identifiers, as it stands on record; for measurements."""
    serials = ",".join(f'"https://id.gs1.org/01/09506000134352/21/{number:07d}-{thing:03d}"' for thing in range(things))
    moment = datetime(2026, 5, 28, tzinfo=UTC) + timedelta(seconds=number)
    shown = moment.astimezone(timezone(timedelta(hours=8))).strftime("%Y-%m-%dT%H:%M:%S.116+08:00")
    return (
        f'{{"type":"ObjectEvent","eventID":"urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-{number:012x}","eventTime":"{shown}",'
        f'"eventTimeZoneOffset":"+08:00","action":"OBSERVE","bizStep":"shipping","disposition":"in_transit",'
        f'"epcList":[{serials}],"readPoint":{{"id":"https://id.gs1.org/414/9506000138602"}},'
        f'"bizTransactionList":[{{"type":"po","bizTransaction":"urn:epcglobal:cbv:bt:9506000138602:po{number}"}}]}}'
    ).encode()
