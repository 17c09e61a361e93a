"""XML that lies, explodes or plays with names is refused with a sentence, or read as what it says and nothing more."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sogdia.standards.epcis.xml import Limits, Tolerance, read, write
from tests.standards.epcis.xml_samples import EPC, NEW, OBSERVED, OLD, TIME, sheet

GOOD = sheet(OBSERVED % "<ex:word>plain</ex:word>")
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
BODY = GOOD.partition(b"?>")[2]
TWICE = b'<ex:word xmlns:a="urn:q:" xmlns:b="urn:q:" a:x="1" b:x="2">'


def test_the_plain_document_is_read() -> None:
    assert read(GOOD).faults == []


@pytest.mark.parametrize(
    "name, xml, told",
    [
        ("a billion laughs", LAUGHS + BODY.replace(b"plain", b"&b;"), "DTD"),
        ("a local file", b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>' + BODY, "DTD"),
        (
            "a quadratic blow-up",
            b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 9_000 + b'">]>' + BODY.replace(b"plain", b"&a;" * 999),
            "DTD",
        ),
        ("a parameter entity", b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd">%p;]>' + BODY, "DTD"),
        ("a DTD elsewhere", b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">' + BODY, "DTD"),
        ("a DTD in the middle", BODY.replace(b"<EPCISBody>", b"<!DOCTYPE x><EPCISBody>"), "DTD"),
        ("UTF-32", BODY.decode().encode("utf-32"), "not UTF-8"),
        ("UTF-16 by its name alone", GOOD.replace(b"UTF-8", b"UTF-16"), "declared as UTF-16"),
        ("half of a surrogate pair", BODY.replace(b"plain", b"&#xD800;"), "well-formed"),
        ("a NUL by its number", BODY.replace(b"plain", b"&#0;"), "well-formed"),
        ("one attribute under two prefixes", BODY.replace(b"<ex:word>", TWICE), "well-formed"),
        ("an entity nobody declared", BODY.replace(b"plain", b"&f;"), "well-formed"),
        ("UTF-16", GOOD.decode().encode("utf-16"), "not UTF-8"),
        ("another declared encoding", GOOD.replace(b"UTF-8", b"ISO-8859-1"), "declared as ISO-8859-1"),
        ("bytes that are not UTF-8", GOOD.replace(b"plain", b"\xe9"), "not UTF-8"),
        ("a NUL", GOOD.replace(b"plain", b"\x00"), "NUL"),
        ("nothing", b"", "empty"),
        ("JSON", b'{"type": "EPCISDocument"}', "well-formed"),
        ("another language", b"<html/>", "no EPCIS document"),
        ("an end in the middle", GOOD[:-40], "well-formed"),
        ("very deep", b"<a>" * 5_000 + b"</a>" * 5_000, "depth"),
        ("very deep within", GOOD.replace(b"plain", b"<a>" * 5_000 + b"</a>" * 5_000), "depth"),
        ("65 prefixes", sheet("", declarations=" ".join(f'xmlns:p{n}="urn:n:{n}"' for n in range(65))), "prefixes"),
        ("names of EPCIS all over", GOOD.replace(b"xmlns:ex", b'xmlns="urn:epcglobal:epcis:xsd:2" xmlns:ex'), "only"),
    ],
)
def test_a_document_is_refused_as_a_whole(name: str, xml: bytes, told: str) -> None:
    reading = read(xml)
    assert reading.document.events == ()
    (fault,) = reading.faults
    assert told in fault.sentence
    assert fault.event == 0


@pytest.mark.parametrize(
    "limits, told",
    [(Limits(bytes_max=200), "at most 200"), (Limits(part_bytes_max=100_000), "more than 100000 bytes")],
)
def test_a_document_or_an_event_beyond_its_limit_is_refused(limits: Limits, told: str) -> None:
    xml = sheet(OBSERVED % f"<ex:word>{'x' * 300_000}</ex:word>")
    assert told in read(xml, limits=limits).faults[0].sentence


@pytest.mark.parametrize(
    "inside, told",
    [
        ('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname"/>', "XInclude"),
        ("<ex:a>" * 30 + "</ex:a>" * 30, "more than 24 elements"),
        ('<a:b xmlns:a="relative"/>', "no absolute URI"),
        ('<e:bizStep xmlns:e="urn:epcglobal:epcis:xsd:1">urn:x:y</e:bizStep>', "no absolute URI of another vocabulary"),
        ("<ex:a><ObjectEvent/><ex:b><EventList/></ex:b></ex:a>", ""),
    ],
)
def test_what_is_hostile_within_an_event_costs_the_event_or_stays_data(inside: str, told: str) -> None:
    reading = read(sheet(OBSERVED % inside))
    if told:
        assert told in reading.faults[0].sentence
        assert reading.events == []
    else:
        ((_, event),) = reading.events
        assert event.extensions == {"ex:a": {"ObjectEvent": "", "ex:b": {"EventList": ""}}}
        assert reading.count == 1


@pytest.mark.parametrize(
    ("attributes", "value"),
    [
        ('xmlns:xsd="https://evil.example/" xmlns:xsi="{xsi}" xsi:type="xsd:integer"', "5"),
        ('xmlns:xsd="{xsd}" xmlns:xsi="{xsi}" xsi:type="xsd:integer"', 5),
        ('xmlns:xsd="{xsd}" xmlns:xsi="{xsi}" xsi:type="ex:integer"', "5"),
        ('xmlns:xsi="{xsi}" xsi:schemaLocation="urn:x http://127.0.0.1:1/x.xsd"', "5"),
        ('xmlns:xsi="https://evil.example/" xsi:nil="true"', {"@ns1:nil": "true", "#text": "5"}),
    ],
)
def test_a_type_is_that_of_xml_schema_and_of_nothing_that_borrows_its_prefix(attributes: str, value: object) -> None:
    given_attributes = attributes.format(
        xsi="http://www.w3.org/2001/XMLSchema-instance", xsd="http://www.w3.org/2001/XMLSchema"
    )
    ((_, event),) = read(sheet(OBSERVED % f"<ex:word {given_attributes}>5</ex:word>")).events
    assert event.extensions["ex:word"] == value
    assert type(event.extensions["ex:word"]) is type(value)


def test_a_mark_of_byte_order_instructions_and_comments_are_passed_over() -> None:
    xml = b"\xef\xbb\xbf" + GOOD.replace(b"plain", b"pl<!-- not this -->a<?x y?>i<![CDATA[n & ]]>").replace(
        b"<EventList>", b"<!-- <ObjectEvent/> --><EventList>"
    )
    ((_, event),) = read(xml).events
    assert event.extensions == {"ex:word": "plain & "}


def test_a_prefix_cannot_change_what_names_and_identifiers_mean() -> None:
    inside = """<urn:a xmlns:urn="https://evil.example.com/">1</urn:a>
      <cbvmda:a xmlns:cbvmda="https://evil.example.com/mda/">2</cbvmda:a>
      <type:a xmlns:type="https://evil.example.com/type/">3</type:a>
      <mine:lotNumber xmlns:mine="urn:epcglobal:cbv:mda">4</mine:lotNumber>
      <a xmlns="https://none.example.com/">5<b/></a>
      <ex:a>6</ex:a><ex:a xmlns:ex="https://other.example.com/">7</ex:a>
      <my_own:größe xmlns:my_own="https://own.example.com/">8</my_own:größe>"""
    ((_, event),) = read(sheet(OBSERVED % inside)).events
    assert event.context == {
        "ns1": "https://evil.example.com/",
        "ns2": "https://evil.example.com/mda/",
        "ns3": "https://evil.example.com/type/",
        "ns4": "https://none.example.com/",
        "ex": "https://ns.example.com/epcis/",
        "ns5": "https://other.example.com/",
        "ns6": "https://own.example.com/",
    }
    assert event.extensions == {
        "ns1:a": "1",
        "ns2:a": "2",
        "ns3:a": "3",
        "cbvmda:lotNumber": "4",
        "ns4:a": {"ns4:b": "", "#text": "5"},
        "ex:a": "6",
        "ns5:a": "7",
        "ns6:gr%C3%B6%C3%9Fe": "8",
    }


def test_many_faults_are_counted_and_not_all_told() -> None:
    reading = read(sheet("<ObjectEvent/>" * 50 + OBSERVED % ""), limits=Limits(faults_max=10))
    assert len(reading.faults) == 11
    assert "more than 10 faults" in reading.faults[-1].sentence
    assert [number for number, _ in reading.events] == [51]


def test_a_wrapper_hides_nothing() -> None:
    wrapped = f"<extension><TransactionEvent>{TIME}</TransactionEvent><Unknown/></extension>"
    reading = read(sheet(wrapped + OBSERVED % ""))
    assert [fault.event for fault in reading.faults] == [1, 2]
    assert [event.epc_list for _, event in reading.events] == [(EPC,)]  # type: ignore[union-attr]


def test_a_flood_of_namespaces_costs_the_event() -> None:
    flood = "".join(f'<a:b xmlns:a="urn:n:{number}"/>' for number in range(20_000))
    reading = read(sheet(OBSERVED % flood + OBSERVED % ""))
    assert "more than 100 namespaces" in reading.faults[0].sentence
    assert [number for number, _ in reading.events] == [2]


def test_lists_within_an_event_do_not_hide_how_large_it_is() -> None:
    inside = "<ex:a><EventList/><ObjectEvent/></ex:a>" * 10_000
    reading = read(sheet(OBSERVED % inside), limits=Limits(part_bytes_max=200_000))
    assert "more than 200000 bytes" in reading.faults[0].sentence


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([OLD, NEW]),
    st.integers(0, len(OLD)),
    st.integers(0, 60),
    st.one_of(st.binary(max_size=8), st.sampled_from([b"<a>", b"</", b">", b"/>", b"&#1;", b' xmlns=""', b"]]>"])),
    st.sampled_from([None, Tolerance(), Tolerance(base="urn:x:")]),
)
def test_whatever_is_damaged_the_reader_answers_and_what_it_read_can_be_written(
    xml: bytes, start: int, length: int, instead: bytes, tolerance: Tolerance | None
) -> None:
    damaged = xml[:start] + instead + xml[start + length :]
    reading = read(damaged, tolerance=tolerance)
    assert reading.count == 0 or reading.count >= len(reading.events)
    if reading.document.creation_date == "2026-05-28T20:34:00Z":
        again = read(write(reading.document).xml)
        assert again.faults == []
        assert len(again.events) == len(reading.events)
