"""Which link answers a request, and how links are written (GS1-Conformant Resolver Standard, RFC 9264)."""

import pytest

from sogdia.standards.gs1 import linkset
from sogdia.standards.gs1.linkset import DEFAULT, DEFAULT_MULTI, PRODUCT_PAGE, Link, chosen, links_in, with_one_default

PIP = "https://ref.gs1.org/voc/pip"


def link(href: str, relation: str = PIP, type: str = "text/html", hreflang: tuple[str, ...] = ()) -> Link:
    return Link(relation, href, "a title", type, hreflang)


# --- links out of master data ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gs1:pip", PIP, "https://gs1.org/voc/pip", "https://www.gs1.org/voc/pip"])
def test_every_spelling_of_a_link_type_is_the_same_type(name: str) -> None:
    assert links_in([(name, "https://brand.example/p")])[0].relation == PIP


def test_a_bare_url_gets_the_title_of_its_type_and_is_a_web_page() -> None:
    assert links_in([("gs1:recallStatus", "https://brand.example/r")]) == (
        Link("https://ref.gs1.org/voc/recallStatus", "https://brand.example/r", "recall status", "text/html", ()),
    )


def test_a_value_with_parts_is_one_link_or_several() -> None:
    one = '{"href":"https://b.example/a","title":"Leaflet","type":"application/pdf","hreflang":["en","fr"]}'
    assert links_in([("gs1:pip", one)]) == (
        Link(PIP, "https://b.example/a", "Leaflet", "application/pdf", ("en", "fr")),
    )
    many = '[{"href":"https://b.example/a","hreflang":"en"},{"href":"https://b.example/b","hreflang":"zh"}]'
    assert [one.hreflang for one in links_in([("gs1:pip", many)])] == [("en",), ("zh",)]


@pytest.mark.parametrize(
    "name, value",
    [
        ("gs1:pip", "javascript:alert(1)"),
        ("gs1:pip", "ftp://b.example/x"),
        ("gs1:pip", "https://user@evil.example/x"),
        ("gs1:pip", "https://b.example\\@evil.example/x"),
        ("gs1:pip", "https://b.example/\r\nset-cookie: a=b"),
        ("gs1:pip", "https://b.example/" + "x" * 2_000),
        ("gs1:pip", "not a link"),
        ("gs1:pip", '{"href":"//evil.example"}'),
        ("gs1:pip", '{"href": 7}'),
        ("gs1:pip", "[" * 2_000),
        ("urn:epcglobal:cbv:mda#descriptionShort", "https://b.example/x"),
        ("https://voc.example/pip", "https://b.example/x"),
    ],
)
def test_what_is_no_safe_link_of_gs1_is_passed_over(name: str, value: str) -> None:
    assert links_in([(name, value)]) == ()


def test_the_same_target_stands_once_and_the_number_of_links_is_bounded() -> None:
    twice = [("gs1:pip", "https://b.example/x"), (PIP, "https://b.example/x")]
    assert len(links_in(twice)) == 1
    assert len(links_in([("gs1:pip", f"https://b.example/{number}") for number in range(500)])) == linkset.LINKS_LIMIT


# --- one default link -----------------------------------------------------------------------------------------------


def test_the_first_default_link_that_is_said_is_the_one_and_others_become_alternatives() -> None:
    found = with_one_default([link("https://b/1"), link("https://b/2", DEFAULT), link("https://b/3", DEFAULT)])
    assert [(one.relation, one.href) for one in found] == [
        (DEFAULT, "https://b/2"),
        (DEFAULT_MULTI, "https://b/3"),
        (PIP, "https://b/1"),
    ]


@pytest.mark.parametrize(
    "said, own, expected",
    [
        ([link("https://b/d", DEFAULT)], link("/story/1"), "https://b/d"),
        ([link("https://b/pip")], link("/story/1"), "/story/1"),
        ([link("https://b/other", "https://ref.gs1.org/voc/support"), link("https://b/pip")], None, "https://b/pip"),
        ([link("https://b/other", "https://ref.gs1.org/voc/support")], None, "https://b/other"),
    ],
)
def test_without_a_said_default_our_own_page_goes_before_a_product_page_before_the_first(
    said: list[Link], own: Link | None, expected: str
) -> None:
    found = with_one_default(said, own)
    assert [one.href for one in found if one.relation == DEFAULT] == [expected]
    assert PRODUCT_PAGE == PIP


def test_of_nothing_there_is_no_default() -> None:
    assert with_one_default([]) == ()


# --- the choice -----------------------------------------------------------------------------------------------------

TONGUES = [link("https://b/en", hreflang=("en",)), link("https://b/zh", hreflang=("zh-Hans",)), link("https://b/any")]


@pytest.mark.parametrize(
    "wanted, expected",
    [
        ("zh", ["https://b/zh"]),
        ("zh-Hans-CN,en;q=0.5", ["https://b/zh"]),
        ("en-GB;q=0.7,zh;q=0.3", ["https://b/en"]),
        ("fr", ["https://b/any"]),
        ("en;q=0,fr", ["https://b/any"]),
        ("", ["https://b/en", "https://b/zh", "https://b/any"]),
        ("en;q=nonsense", ["https://b/en"]),
    ],
)
def test_the_language_that_is_wished_most_decides(wanted: str, expected: list[str]) -> None:
    assert [one.href for one in chosen(TONGUES, PIP, wanted)] == expected


def test_a_wish_that_nothing_fulfils_is_passed_over() -> None:
    links = [link("https://b/en", hreflang=("en",)), link("https://b/de", hreflang=("de",))]
    assert len(chosen(links, PIP, "fr")) == 2


def test_among_links_of_one_language_the_media_type_decides() -> None:
    links = [
        link("https://b/page", hreflang=("en",)),
        link("https://b/leaflet", type="application/pdf", hreflang=("en",)),
    ]
    assert [one.href for one in chosen(links, PIP, "en", "application/pdf,*/*;q=0.1")] == ["https://b/leaflet"]
    assert [one.href for one in chosen(links, PIP, "en", "text/*")] == ["https://b/page"]
    assert len(chosen(links, PIP, "en", "*/*")) == 2


def test_a_type_that_is_not_there_gives_nothing() -> None:
    assert chosen([link("https://b/x")], "https://ref.gs1.org/voc/recallStatus") == ()


def test_an_alternative_to_the_default_link_is_taken_for_its_language_only_and_it_is_always_one() -> None:
    links = [
        link("https://b/d", DEFAULT),
        *(link(f"https://b/{one}", DEFAULT_MULTI, hreflang=(one,)) for one in ("de", "zh")),
    ]
    assert [one.href for one in chosen(links, DEFAULT, "zh")] == ["https://b/zh"]
    assert [one.href for one in chosen(links, DEFAULT, "fr")] == ["https://b/d"]
    assert [one.href for one in chosen(links, DEFAULT)] == ["https://b/d"]


@pytest.mark.parametrize("field", [";;;", ",,,", "q=1", "*;q=2", "\x00", "a" * 5_000, "en;q=0.00001"])
def test_a_field_that_makes_no_sense_costs_no_answer(field: str) -> None:
    assert chosen(TONGUES, PIP, field, field)


# --- what is written ------------------------------------------------------------------------------------------------


def test_a_linkset_has_an_anchor_and_targets_with_title_and_type() -> None:
    made = linkset.linkset([("https://id.gs1.org/01/1", "Lantern", [link("https://b/x", hreflang=("en",))])])
    target = {"href": "https://b/x", "title": "a title", "type": "text/html", "hreflang": ["en"]}
    assert made == {"linkset": [{"anchor": "https://id.gs1.org/01/1", "itemDescription": "Lantern", PIP: [target]}]}


@pytest.mark.parametrize(
    "href, query, expected",
    [
        ("https://b/x", "", "https://b/x"),
        ("https://b/x", "17=270101&a=b", "https://b/x?17=270101&a=b"),
        ("https://b/x?c=d", "a=b", "https://b/x?c=d&a=b"),
        ("https://b/x?", "a=b", "https://b/x?a=b"),
        ("https://b/x#part", "a=b", "https://b/x?a=b#part"),
        ("https://b/x", "linkType=gs1:pip&LANG=zh&scan-device=7&a=%20b", "https://b/x?a=%20b"),
        ("https://b/x", "link%54ype=all", "https://b/x"),
        ("https://b/x", 'a=\r\nb<>"', "https://b/x?a=%0D%0Ab%3C%3E%22"),
    ],
)
def test_the_query_is_passed_on_without_what_was_meant_for_the_resolver(href: str, query: str, expected: str) -> None:
    assert linkset.with_query(href, query) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("gs1:pip", PIP),
        ("pip", PIP),
        (PIP, PIP),
        ("https://voc.example/x", "https://voc.example/x"),
        ("a b", None),
        ("", None),
    ],
)
def test_a_link_type_is_asked_for_by_any_of_its_names(text: str, expected: str | None) -> None:
    assert linkset.relation_of(text) == expected


def test_the_link_field_says_where_the_linkset_is() -> None:
    assert linkset.link_field("https://r/01/1", "https://id.gs1.org/01/1") == (
        '<https://r/01/1?linkType=linkset>; rel="linkset"; type="application/linkset+json"; title="All links", '
        '<https://id.gs1.org/01/1>; rel="owl:sameAs"'
    )
