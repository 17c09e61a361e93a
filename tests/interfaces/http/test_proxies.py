"""Whose address counts: with forged fields, behind proxies that are trusted and behind others."""

from pathlib import Path

import pytest
from litestar import Request
from litestar.types import Scope

from sogdia.app import Node
from sogdia.interfaces.cli import running
from sogdia.interfaces.cli.terminal import Failure
from sogdia.interfaces.http.proxies import HOPS, Proxies, subscriber_of
from sogdia.interfaces.http.server import configure
from tests.interfaces.http.town import NETWORK, REGISTRAR

TRUSTED = ("127.0.0.1", "10.0.0.0/8", "2001:db8:aa::/48")


def caller(peer: str, *fields: tuple[str, str], trusted: tuple[str, ...] = TRUSTED) -> str:
    """Who calls in the name of this connection's other end, with these fields."""
    headers = [(name.encode(), value.encode()) for name, value in fields]
    scope: Scope = {  # type: ignore[typeddict-item]  # what the framework adds is not looked at
        "type": "http",
        "client": (peer, 4711) if peer else None,
        "headers": headers,
    }
    return Proxies(trusted).caller(Request(scope))


def xff(value: str) -> tuple[str, str]:
    """The field that most proxies write."""
    return ("x-forwarded-for", value)


def rfc7239(value: str) -> tuple[str, str]:
    """The field of the standard."""
    return ("forwarded", value)


def test_a_node_that_trusts_no_proxy_looks_at_no_field() -> None:
    assert caller("127.0.0.1", xff("198.51.100.7"), rfc7239("for=198.51.100.7"), trusted=()) == "127.0.0.1"


def test_fields_from_elsewhere_are_forged_and_ignored() -> None:
    assert caller("203.0.113.9", xff("198.51.100.7")) == "203.0.113.9"
    assert caller("203.0.113.9", rfc7239("for=198.51.100.7")) == "203.0.113.9"
    assert caller("2001:db8:bb::1", xff("10.0.0.1")) == "2001:db8:bb::1"


def test_behind_a_trusted_proxy_the_last_address_counts_whatever_the_caller_wrote_before_it() -> None:
    assert caller("127.0.0.1", xff("198.51.100.7")) == "198.51.100.7"
    assert caller("127.0.0.1", xff("10.0.0.1, 192.0.2.1, 198.51.100.7")) == "198.51.100.7"
    assert caller("127.0.0.1", xff("192.0.2.1"), xff("198.51.100.7")) == "198.51.100.7", "two lines are one list"
    assert caller("127.0.0.1", xff("<script>, 198.51.100.7")) == "198.51.100.7"


def test_proxies_of_ours_in_between_are_passed_over() -> None:
    assert caller("127.0.0.1", xff("192.0.2.1, 198.51.100.7, 10.1.2.3, 10.9.9.9")) == "198.51.100.7"
    assert caller("127.0.0.1", xff("10.1.2.3, 10.9.9.9")) == "10.1.2.3", "somebody within the network itself"


@pytest.mark.parametrize("wrong", ["unknown", "_hidden", "", "198.51.100.7.example", "1.2.3", "::g", "x" * 500])
def test_what_is_no_address_ends_the_way_at_who_wrote_it(wrong: str) -> None:
    assert caller("127.0.0.1", xff(f"198.51.100.7, {wrong}")) == "127.0.0.1"
    assert caller("127.0.0.1", xff(f"198.51.100.7, {wrong}, 10.1.2.3")) == "10.1.2.3"


@pytest.mark.parametrize(
    "told, found",
    [
        ("for=198.51.100.7", "198.51.100.7"),
        ("For=198.51.100.7;proto=https;by=10.0.0.1", "198.51.100.7"),
        ('for=192.0.2.1, proto=https;for="198.51.100.7:4711"', "198.51.100.7"),
        ('for="[2001:DB8:cafe::17]:4711"', "2001:db8:cafe::17"),
        ('for="[2001:db8:cafe::17]", for=10.0.0.1', "2001:db8:cafe::17"),
        ('for="never closed, for=198.51.100.7', "198.51.100.7"),
        ("for=198.51.100.7, for=unknown", "127.0.0.1"),
        ("for=198.51.100.7, proto=https", "127.0.0.1"),
    ],
)
def test_forwarded_is_read_as_rfc_7239_has_it(told: str, found: str) -> None:
    assert caller("127.0.0.1", rfc7239(told)) == found


def test_a_field_that_the_proxy_only_hands_on_convinces_nobody() -> None:
    """It writes one of the two; the caller wrote the other. Which, the node cannot know."""
    assert caller("127.0.0.1", xff("198.51.100.7"), rfc7239("for=192.0.2.1")) == "127.0.0.1"
    assert caller("127.0.0.1", xff("198.51.100.7"), rfc7239("for=198.51.100.7")) == "198.51.100.7"


def test_ports_brackets_and_mapped_addresses_name_the_same_caller() -> None:
    assert caller("127.0.0.1", xff("198.51.100.7:4711")) == "198.51.100.7"
    assert caller("127.0.0.1", xff("::ffff:198.51.100.7")) == "198.51.100.7"
    assert caller("::ffff:127.0.0.1", xff("198.51.100.7")) == "198.51.100.7"
    assert caller("2001:db8:aa::1", xff("[2001:db8:cafe::17]:4711")) == "2001:db8:cafe::17"


def test_a_long_list_is_looked_at_from_its_end_alone() -> None:
    assert caller("127.0.0.1", xff("198.51.100.7" + ", 10.0.0.1" * HOPS)) == "10.0.0.1"
    assert caller("127.0.0.1", xff("198.51.100.7" + ", 10.0.0.1" * (HOPS - 1))) == "198.51.100.7"


def test_a_connection_without_an_address_has_none() -> None:
    assert caller("", xff("198.51.100.7")) == ""


def test_a_subscriber_of_ipv6_is_a_network() -> None:
    assert subscriber_of("2001:db8:cafe:1::17") == subscriber_of("2001:db8:cafe:1:ffff::1") == "2001:db8:cafe:1::/64"
    assert subscriber_of("198.51.100.7") == "198.51.100.7"
    assert subscriber_of("not one") == "not one"


@pytest.mark.parametrize("wrong", ["10.0.0.1/8", "proxy.example", "", "*"])
def test_a_proxy_is_an_address_or_a_network(wrong: str) -> None:
    with pytest.raises(ValueError):
        Proxies([wrong])


def test_a_server_is_told_of_its_proxies(tmp_path: Path) -> None:
    node = Node.create(tmp_path / "node", NETWORK, [REGISTRAR.registration(REGISTRAR.did)])
    desk = configure(node, None, proxies=["10.0.0.0/8"]).application.state.desk
    try:
        assert desk.proxies._networks == Proxies(["10.0.0.0/8"])._networks
    finally:
        desk.shelf.close()
        node.close()


def test_a_wrong_proxy_is_named_before_anything_is_opened(tmp_path: Path) -> None:
    with pytest.raises(Failure) as refused:
        running.up(tmp_path / "nowhere", "127.0.0.1", 0, None, proxies=["10.0.0.0/8", "10.0.0.1/8"])
    assert refused.value.key == "proxy_wrong"
    assert refused.value.fields["proxy"] == "10.0.0.1/8"
