"""Request signatures: the base string is that of RFC 9421, and a signature that says too little counts for nothing."""

from base64 import b64decode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.client import request_signing as signing
from sogdia.client.request_signing import Target, UnfitSignature, check_form, read_signature, sign_request
from sogdia.core.keys import EDDSA, SigningKey, verify

NOW = 1_780_000_000
NONCE = "n" * 24
URL = "https://node.example/records/lookup?a=1&b=%20x"
BODY = b'{"hello": "world"}'

# RFC 9421, appendix B.1.4 (key) and B.2.6 (example)
RFC_PUBLIC = b64decode("MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")[-32:]
RFC_SEED = b64decode("MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF")[-32:]
RFC_INPUT = (
    'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")'
    ';created=1618884473;keyid="test-key-ed25519"'
)
RFC_SIGNATURE = "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:"
RFC_BASE = """\
"date": Tue, 20 Apr 2021 02:07:55 GMT
"@method": POST
"@path": /foo
"@authority": example.com
"content-type": application/json
"content-length": 18
"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length")\
;created=1618884473;keyid="test-key-ed25519\""""


class Pen:
    """A key that signs requests."""

    kid, scheme = "did:bid:sgd1:efexample#key-1", EDDSA

    def __init__(self) -> None:
        self.key = SigningKey(bytes(32))

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)


def rfc_request() -> Target:
    headers = {
        "host": "example.com",
        "date": "Tue, 20 Apr 2021 02:07:55 GMT",
        "content-type": "application/json",
        "content-length": "18",
        "signature-input": RFC_INPUT,
        "signature": RFC_SIGNATURE,
    }
    return Target("POST", "https", "example.com", "/foo", "param=Value&Pet=dog", headers)


def received(body: bytes = BODY, method: str = "POST", url: str = URL, **changed: str) -> Target:
    """The request as its receiver sees it, with some fields changed on the way."""
    headers = sign_request(method, url, body, Pen(), NOW, NONCE) | {
        name.replace("_", "-"): value for name, value in changed.items()
    }
    path, _, query = url.removeprefix("https://node.example").partition("?")
    return Target(method, "https", "node.example", path, query, headers)


def holds(target: Target) -> bool:
    found = read_signature(target)
    base = signing.base_string(target, found.components, found.covered)
    return verify(EDDSA, Pen().key.public, base, found.signature)


def refusal(target: Target, body: bytes = BODY, now: int = NOW) -> str:
    with pytest.raises(UnfitSignature) as caught:
        check_form(target, body, read_signature(target), now)
    return caught.value.name


# --- the standard's own example -------------------------------------------------------------------------------------


def test_the_base_string_is_that_of_the_standards_example() -> None:
    found = read_signature(rfc_request())
    assert signing.base_string(rfc_request(), found.components, found.covered).decode() == RFC_BASE


def test_the_standards_signature_holds_under_its_key() -> None:
    found = read_signature(rfc_request())
    base = signing.base_string(rfc_request(), found.components, found.covered)
    assert verify(EDDSA, RFC_PUBLIC, base, found.signature)


def test_signing_the_standards_base_string_gives_its_signature() -> None:
    assert SigningKey(RFC_SEED).sign(RFC_BASE.encode()) == read_signature(rfc_request()).signature


def test_the_digest_of_a_body_is_that_of_the_standards_example() -> None:
    """RFC 9530, appendix B.1 and RFC 9421, appendix B.2: the body is {"hello": "world"}."""
    assert signing.digest_of(BODY) == "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"


@pytest.mark.parametrize(
    "component, value",
    [
        ("@method", "POST"),
        ("@authority", "www.example.com"),
        ("@scheme", "https"),
        ("@target-uri", "https://www.example.com/path?param=value"),
        ("@request-target", "/path?param=value"),
        ("@path", "/path"),
        ("@query", "?param=value"),
    ],
)
def test_derived_components_are_those_of_the_standard(component: str, value: str) -> None:
    """RFC 9421, section 2.2."""
    target = Target("POST", "https", "www.example.com", "/path", "param=value")
    assert target.component(component) == value


def test_an_absent_query_is_a_question_mark_and_an_absent_path_a_slash() -> None:
    """RFC 9421, sections 2.2.6 and 2.2.7."""
    target = Target("GET", "https", "www.example.com", "", "")
    assert (target.component("@query"), target.component("@path")) == ("?", "/")


@pytest.mark.parametrize(
    "scheme, host, authority",
    [
        ("https", "Node.Example:443", "node.example"),
        ("http", "node.example:80", "node.example"),
        ("http", "node.example:8080", "node.example:8080"),
        ("https", "node.example:80", "node.example:80"),
    ],
)
def test_an_authority_is_lower_case_and_without_the_schemes_own_port(scheme: str, host: str, authority: str) -> None:
    assert signing.authority_of(scheme, host) == authority


# --- ours -----------------------------------------------------------------------------------------------------------


def test_a_request_that_was_signed_here_is_read_here() -> None:
    target = received()
    check_form(target, BODY, read_signature(target), NOW)
    assert holds(target)


def test_a_request_without_a_body_needs_no_digest() -> None:
    target = received(b"", "GET")
    check_form(target, b"", read_signature(target), NOW)
    assert holds(target)
    assert "content-digest" not in target.headers


@pytest.mark.parametrize(
    "change",
    [
        {"method": "DELETE"},
        {"path": "/records/other"},
        {"query": "a=2&b=%20x"},
        {"query": "a=1&b=+x"},
        {"authority": "other.example"},
    ],
)
def test_a_signature_does_not_hold_for_another_request(change: dict[str, str]) -> None:
    one = received()
    parts = {name: getattr(one, name) for name in one.__struct_fields__} | change
    assert not holds(Target(**parts))


def test_another_body_is_refused() -> None:
    assert refusal(received(), BODY + b" ") == "digest_wrong"


def test_a_digest_of_another_kind_is_refused() -> None:
    assert refusal(received(content_digest="sha-512=:AAAA:")) == "digest_missing"


@pytest.mark.parametrize("age, name", [(301, "signature_expired"), (-31, "signature_from_future")])
def test_a_signature_is_good_for_five_minutes(age: int, name: str) -> None:
    assert refusal(received(), now=NOW + age) == name


@pytest.mark.parametrize("age", [300, 0, -30])
def test_clocks_may_differ_a_little(age: int) -> None:
    target = received()
    check_form(target, BODY, read_signature(target), NOW + age)


FULL = '("@method" "@target-uri" "content-digest")'
GOOD = f';created={NOW};nonce="{NONCE}";keyid="k";alg="ed25519"'


@pytest.mark.parametrize(
    "covered, name",
    [
        (f'("@target-uri" "content-digest"){GOOD}', "signature_covers_too_little"),
        (f'("@method" "content-digest"){GOOD}', "signature_covers_too_little"),
        (f'("@method" "@authority" "@path" "content-digest"){GOOD}', "signature_covers_too_little"),
        (f'("@method" "@target-uri"){GOOD}', "signature_covers_too_little"),
        (f"{FULL}{GOOD.replace('ed25519', 'hmac-sha256')}", "signature_algorithm"),
        (f'{FULL};created={NOW};nonce="{NONCE}";keyid="k"', "signature_parameter_missing"),
        (f'{FULL};nonce="{NONCE}";keyid="k";alg="ed25519"', "signature_parameter_missing"),
        (f'{FULL};created="1";nonce="{NONCE}";keyid="k";alg="ed25519"', "signature_parameter_missing"),
        (f'{FULL};created={NOW};keyid="k";alg="ed25519"', "signature_parameter_missing"),
        (f"{FULL}{GOOD.replace(NONCE, 'short')}", "signature_nonce"),
        (f"{FULL}{GOOD.replace(NONCE, 'n' * 129)}", "signature_nonce"),
        (f"{FULL}{GOOD};expires={NOW - 1}", "signature_expired"),
    ],
)
def test_a_signature_that_says_too_little_is_refused(covered: str, name: str) -> None:
    assert refusal(received(signature_input=f"sogdia={covered}")) == name


def test_a_signature_over_the_target_as_a_whole_is_enough() -> None:
    target = received(signature_input=f"sogdia={FULL}{GOOD}")
    check_form(target, BODY, read_signature(target), NOW)


def test_a_component_that_the_request_lacks_is_refused() -> None:
    target = received(signature_input=f'sogdia=("@method" "@target-uri" "x-absent"){GOOD}')
    with pytest.raises(UnfitSignature, match="signature_field_absent"):
        holds(target)


# --- reading --------------------------------------------------------------------------------------------------------


def test_a_proxys_signature_beside_ours_does_no_harm() -> None:
    one = received()
    inputs = f'proxy=("@method");created=1, {one.headers["signature-input"]}'
    assert holds(received(signature_input=inputs, signature=f"{one.headers['signature']},\tproxy=:AAAA:"))


def test_of_two_strange_signatures_none_is_chosen() -> None:
    with pytest.raises(UnfitSignature, match="signature_ambiguous"):
        read_signature(received(signature_input='a=("@method");created=1, b=("@method");created=1'))


def test_strings_may_hold_escaped_quotes() -> None:
    found = read_signature(received(signature_input='sogdia=("@method");keyid="a\\"b\\\\c"'))
    assert found.text("keyid") == 'a"b\\c'


@pytest.mark.parametrize(
    "field",
    [
        "sogdia",
        "sogdia=",
        "sogdia=1",
        "sogdia=(",
        'sogdia=("@method"',
        'sogdia=("@method""@path")',
        'sogdia=("@method" "@method")',
        'sogdia=("content-digest";req)',
        "sogdia=(1 2)",
        'sogdia=("@method");created=',
        'sogdia=("@method");created=1.5',
        'sogdia=("@method"),',
        'sogdia=("@method") trailing',
        'sogdia=("@method");keyid="\x00"',
        'sogdia=("@method");keyid="ä"',
        "SOGDIA=()",
        "x" * 5_000,
    ],
)
def test_what_is_no_signature_input_is_refused(field: str) -> None:
    with pytest.raises(UnfitSignature, match=r"signature_(unreadable|ambiguous)"):
        read_signature(received(signature_input=field))


@pytest.mark.parametrize("field", ["sogdia=:A:", "sogdia=text", "other=:AAAA:", "sogdia=:AA=A:"])
def test_what_is_no_signature_is_refused(field: str) -> None:
    with pytest.raises(UnfitSignature, match="signature_unreadable"):
        read_signature(received(signature=field))


@pytest.mark.parametrize("name", ["signature", "signature-input"])
def test_a_request_without_a_signature_says_which_field_is_missing(name: str) -> None:
    target = received()
    left = {key: value for key, value in target.headers.items() if key != name}
    with pytest.raises(UnfitSignature) as caught:
        read_signature(Target("POST", "https", "node.example", "/", "", left))
    assert (caught.value.name, caught.value.fields) == ("signature_missing", {"field": name})


@given(st.text(max_size=200), st.text(max_size=200))
def test_whatever_the_fields_hold_is_a_signature_or_refused(inputs: str, signature: str) -> None:
    target = received(signature_input=inputs, signature=signature)
    with suppress(UnfitSignature):
        assert read_signature(target).covered in inputs
