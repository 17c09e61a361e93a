"""Bytes that lie or explode are refused by name, before anything is read from them."""

import pytest

from sogdia.standards.ceb import Limits, XmlRefused, build, example, parse, validate
from sogdia.standards.ceb.validate import PROBLEMS_MAX

GOOD = build(example(311))
BODY = GOOD.split(b"?>\n", 1)[1]
LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'


def refusal(xml: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(XmlRefused) as refused:
        parse(xml, limits or Limits())
    assert str(refused.value)
    return refused.value.code


def inside(xml: bytes, at: bytes = b"<ceb:orderNo>") -> bytes:
    return GOOD.replace(at, at + xml)


@pytest.mark.parametrize(
    ("what", "xml", "code"),
    [
        ("nothing", b"", "not_well_formed"),
        ("a word", b"hello", "not_well_formed"),
        ("half a message", GOOD[:-9], "not_well_formed"),
        ("two roots", GOOD + BODY, "not_well_formed"),
        ("a DTD", b"<!DOCTYPE x>" + BODY, "dtd"),
        ("an external DTD", b'<!DOCTYPE x SYSTEM "http://192.0.2.1/x.dtd">' + BODY, "dtd"),
        ("a billion laughs", LAUGHS + BODY.replace(b"INVENTED-ORDER-1", b"&c;"), "dtd"),
        ("a local file", b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>' + BODY, "dtd"),
        ("an unknown entity", inside(b"&f;"), "not_well_formed"),
        ("an instruction before", b'<?xml-stylesheet href="x"?>' + BODY, "processing_instruction"),
        ("an instruction inside", inside(b"<?php x?>"), "processing_instruction"),
        ("an instruction behind", GOOD + b"<?x y?>", "processing_instruction"),
        ("a comment in a value", inside(b"A<!-- -->"), "comment_in_value"),
        ("text between elements", inside(b"stray", b"<ceb:OrderHead>"), "stray_text"),
        ("another namespace", GOOD.replace(b"chinaport", b"example"), "wrong_namespace"),
        ("no namespace", b"<CEB311Message/>", "wrong_namespace"),
        ("another root", GOOD.replace(b"CEB311Message", b"CEB999Message"), "wrong_root"),
        ("UTF-16", GOOD.decode().encode("utf-16"), "not_utf8"),
        ("UTF-16 without mark", GOOD.decode().encode("utf-16-le"), "not_utf8"),
        ("another declared encoding", GOOD.replace(b"UTF-8", b"UTF-7"), "not_utf8"),
        ("bytes that are not UTF-8", inside(b"\xff"), "not_utf8"),
        ("a NUL", inside(b"\x00"), "not_utf8"),
        ("a duplicate attribute", GOOD.replace(b" guid=", b' guid="x" guid='), "not_well_formed"),
    ],
)
def test_hostile_bytes_are_refused_by_name(what: str, xml: bytes, code: str) -> None:
    assert refusal(xml) == code, what


def test_depth_attributes_elements_size_nodes_and_lines_are_bounded() -> None:
    deep = b"<ceb:a>" * 20 + b"</ceb:a>" * 20
    assert refusal(inside(deep, b"<ceb:OrderHead>")) == "too_deep"
    assert refusal(inside(b"<ceb:a>" * 5000 + b"</ceb:a>" * 5000, b"<ceb:OrderHead>")) in (
        "too_deep",
        "not_well_formed",
    )
    many = b" ".join(b'a%d="x"' % place for place in range(20))
    assert refusal(GOOD.replace(b"<ceb:orderNo>", b"<ceb:orderNo " + many + b">")) == "too_many_attributes"
    prefixes = b" ".join(b'xmlns:p%d="urn:x"' % place for place in range(20))
    assert refusal(GOOD.replace(b"<ceb:orderNo>", b"<ceb:orderNo " + prefixes + b">")) == "too_many_prefixes"
    assert refusal(GOOD, Limits(elements_max=10)) == "too_many_elements"
    assert refusal(GOOD, Limits(bytes_max=len(GOOD) - 1)) == "too_large"
    assert refusal(build(example(311, nodes=3)), Limits(nodes_max=2)) == "too_many_nodes"
    assert refusal(build(example(311, lines=3)), Limits(lines_max=2)) == "too_many_lines"


def test_a_message_that_is_nothing_but_faults_is_given_up() -> None:
    assert refusal(inside(b"<ceb:a/>" * 1001, b"<ceb:OrderHead>")) == "too_many_faults"


def test_ten_thousand_problems_are_enough() -> None:
    empty = b"<ceb:Order>" + b"<ceb:OrderList/>" * 900 + b"</ceb:Order>"
    assert len(validate(inside(empty * 2, b'version="1.0">'))) == PROBLEMS_MAX


def test_a_full_message_is_read_whatever_its_size() -> None:
    document = example(621, lines=99, nodes=100)
    assert parse(build(document)) == document


def test_harmless_variety_is_read() -> None:
    again = b'<ceb:OrderList xmlns:ceb="http://www.chinaport.gov.cn/ceb">'
    many = build(example(311, lines=99))
    assert parse(many.replace(b"<ceb:OrderList>", again)) == example(311, lines=99)
    assert parse(b"\xef\xbb\xbf" + GOOD) == example(311)
    assert parse(b"<!-- made by hand -->" + BODY) == example(311)
    assert parse(GOOD.replace(b"<ceb:OrderHead>", b"<!-- head -->\n  <ceb:OrderHead>\n")) == example(311)
    assert parse(GOOD.replace(b">INVENTED-ORDER-1<", b"><![CDATA[INVENTED-ORDER-1]]><")) == example(311)
    located = b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b" guid='
    assert parse(GOOD.replace(b" guid=", located)) == example(311)


def test_unknown_parts_of_the_envelope_are_named() -> None:
    xml = GOOD.replace(b"</ceb:CEB311Message>", b"<ceb:Extra/><other/></ceb:CEB311Message>")
    assert [(found.code, found.element) for found in parse(xml).findings] == [
        ("unknown_element", "Extra"),
        ("unknown_element", "other"),
    ]


def test_an_extension_is_text_and_its_place_depends_on_the_flow() -> None:
    inner = b"<ceb:name>a</ceb:name><ceb:version>1</ceb:version><ceb:Message>%b</ceb:Message>"
    extension = b"<ceb:ExtendMessage>" + inner + b"</ceb:ExtendMessage>"
    end = b"</ceb:CEB311Message>"
    assert parse(GOOD.replace(end, extension % b"text" + end)).extension is not None
    nested = parse(GOOD.replace(end, extension % b"<ceb:x/>" + end))
    assert [found.code for found in nested.findings] == ["unread_extension"]
    early = GOOD.replace(b"<ceb:BaseTransfer>", extension % b"x" + b"<ceb:BaseTransfer>")
    assert [found.code for found in validate(early)] == ["out_of_order"]
    odd = parse(GOOD.replace(end, b"<ceb:ExtendMessage><ceb:colour>x</ceb:colour></ceb:ExtendMessage>" + end))
    assert [found.code for found in odd.findings] == ["unknown_element"]


def test_a_signature_must_stand_behind_the_extension_on_import_and_before_it_on_export() -> None:
    signature = b'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>'
    extension = b"<ceb:ExtendMessage><ceb:name>a</ceb:name></ceb:ExtendMessage>"
    for number, right in ((311, extension + signature), (303, signature + extension)):
        end = f"</ceb:CEB{number}Message>".encode()
        xml = build(example(number))
        wrong = signature + extension if right.startswith(extension) else extension + signature
        assert parse(xml.replace(end, right + end)).findings == ()
        assert [found.code for found in parse(xml.replace(end, wrong + end)).findings] == ["out_of_order"]
        assert parse(xml.replace(end, right + end)).signed
