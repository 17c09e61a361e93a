"""A prefix that is also a scheme of URIs would give every identifier of that scheme another meaning."""

import pytest

from sogdia.standards.epcis.contexts import SCHEMES, ContextRefused, read_context
from sogdia.standards.epcis.xml import names


@pytest.mark.parametrize("scheme", ["urn", "http", "https", "ni", "geo", "info", "did", "tag", "URN", "Https"])
def test_a_scheme_is_no_prefix(scheme: str) -> None:
    with pytest.raises(ContextRefused, match=r"scheme of URIs.*take another prefix"):
        read_context({scheme: "https://evil.example/"})


def test_a_prefix_that_looks_like_a_scheme_is_fine() -> None:
    assert read_context({"urns": "https://a.example/"}).namespaces == {"urns": "https://a.example/"}


def test_the_reader_of_xml_makes_no_prefix_that_json_refuses() -> None:
    assert names._RESERVED >= SCHEMES
