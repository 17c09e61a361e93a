"""Codes for goods: unguessable serials, keyed tags, pictures, and serials on record, on real folders and nodes."""

import csv
import hmac
import secrets
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
import typer
from lxml import etree
from typer.testing import CliRunner

from sogdia import app
from sogdia.client.connection import signed
from sogdia.client.keyring import Keyring, KeyringError
from sogdia.core.codec import base64url
from sogdia.domains.identity.messages import NewKey, Register
from sogdia.interfaces.cli import codes_group, places
from sogdia.interfaces.cli.codes import Asked, _capture
from sogdia.interfaces.cli.keyrings import Pen
from sogdia.interfaces.resolver.codes import CODES_LIMIT, PER_EVENT, commissioning, identity_of, made
from sogdia.interfaces.resolver.entrance import read_target
from sogdia.interfaces.resolver.tags import TAG_BYTES, TagKey, TagKeys, key_for
from sogdia.standards.epcis.reading import read_event
from tests.interfaces.http.town import NETWORK, REGISTRAR, SELLER, Town
from tests.interfaces.resolver.market import LANTERN, listing, on_record

ROOT = "https://id.brand.example"
KEY = TagKey(key=bytes(range(32)), gtins=(LANTERN,))


def run(*words: object) -> tuple[int, str]:
    group: typer.Typer = codes_group.group()
    result = CliRunner(env={"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}).invoke(group, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout + result.stderr


@pytest.fixture(scope="module")
def maker(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The keyring of a lantern maker that is on record, with a product."""
    folder = tmp_path_factory.mktemp("maker")
    identity = Keyring(folder).create("maker", NETWORK.code)
    unlocked = Keyring(folder).load("maker")
    asked = Register(
        party=identity.did,
        name="Lantern maker",
        country="CN",
        registration="91330782MA28DEMO0Y",
        roles=("seller",),
        keys=(NewKey(id=identity.kid, public=identity.signing_public.hex()),),
        agreement=identity.agreement,
        registrar=REGISTRAR.did,
    )
    pen = Pen(unlocked.kid, identity.did, unlocked.signer)
    product = msgspec.structs.replace(listing(LANTERN), seller=identity.did)
    with town.connection() as connection:
        for message, signers in ((asked, [REGISTRAR, pen]), (product, [pen])):
            raw = signed(NETWORK.network, app.milliseconds(), secrets.token_hex(8), [message], signers)
            assert connection.submit([raw])[0].accepted
    return folder


# --- serials and tags -----------------------------------------------------------------------------------------------


def test_serials_have_at_least_64_random_bits_and_none_comes_twice() -> None:
    found = made(LANTERN, "", 5_000, ROOT, None)
    assert len({one.serial for one in found}) == 5_000
    assert {len(one.serial) for one in found} == {13}
    letters = {char for one in found for char in one.serial}
    assert len(letters) == 32
    assert 13 * 5 >= 64
    assert not letters & set("ILOU")


def test_every_code_is_a_digital_link_of_the_item_with_its_lot_and_tag() -> None:
    (code,) = made(LANTERN, "A/1", 1, ROOT + "/", KEY)
    path, _, query = code.uri.removeprefix(ROOT).partition("?")
    link = read_target(path, query)
    assert (link.key, link.value, dict(link.qualifiers)) == ("01", LANTERN, {"10": "A/1", "21": code.serial})
    assert dict(link.attributes) == {"91": code.tag}


def test_the_tag_is_the_hmac_of_the_items_identity_whatever_lot_the_code_names() -> None:
    """HMAC-SHA256 (RFC 2104) by Python's own library, cut to 8 bytes."""
    (code,) = made(LANTERN, "A1", 1, ROOT, KEY)
    mac = hmac.new(bytes(range(32)), f"https://id.gs1.org/01/{LANTERN}/21/{code.serial}".encode(), sha256).digest()
    assert code.tag == base64url(mac[:8])
    assert len(code.tag) == 11
    assert TAG_BYTES * 8 == 64


def test_a_key_is_made_once_kept_for_the_owner_alone_and_learns_gtins(tmp_path: Path) -> None:
    first = key_for(tmp_path, "maker", [LANTERN])
    second = key_for(tmp_path, "maker", ["09506000134369"])
    assert first.key == second.key
    assert second.gtins == (LANTERN, "09506000134369")
    path = tmp_path / "maker.tag.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert repr(second) == "TagKey(2 GTINs, key hidden)"
    path.chmod(0o644)
    with pytest.raises(KeyringError, match="chmod 600"):
        key_for(tmp_path, "maker", [LANTERN])


def test_a_tag_is_judged_only_for_products_that_carry_tags(tmp_path: Path) -> None:
    (tmp_path / "network.json").touch()
    (tmp_path / "keys").mkdir()
    keys = TagKeys(tmp_path)
    item = identity_of(LANTERN, "X")
    assert keys.verdict(item, LANTERN, "AAAAAAAAAAA") == ""
    right = key_for(tmp_path / "keys", "maker", [LANTERN]).tag(item)
    assert keys.verdict(item, LANTERN, right) == "right"
    assert keys.verdict(identity_of(LANTERN, "Y"), LANTERN, right) == "wrong"
    assert keys.verdict(item, LANTERN, "") == "missing"
    assert keys.verdict(item, LANTERN, "ümlaut") == "wrong"
    assert keys.verdict(item, "09506000134369", right) == ""


# --- events ---------------------------------------------------------------------------------------------------------


def test_the_events_fit_the_standard_and_the_record_and_name_each_item_once() -> None:
    found = made(LANTERN, "A1", 2 * PER_EVENT + 1, ROOT, None)
    events = list(
        commissioning(found, "2026-03-02T08:00:00.000+08:00", "+08:00", "https://id.gs1.org/414/9506000138602")
    )
    assert [len(read_event(one).epc_list) for one in events] == [PER_EVENT, PER_EVENT, 1]
    assert max(map(len, events)) < 64 * 1024
    assert sorted(epc for one in events for epc in read_event(one).epc_list) == sorted(one.identity for one in found)


# --- the command ----------------------------------------------------------------------------------------------------


def test_codes_are_written_drawn_and_on_record(town: Town, maker: Path, tmp_path: Path) -> None:
    out = tmp_path / "codes"
    status, said = run(
        "make", "--gtin", LANTERN[1:], "--count", 3, "--lot", "A1", "--out", out, "--to", town.url,
        "--key", "maker", "--keys", maker, "--root", ROOT, "--everyone",
    )  # fmt: skip
    assert status == 0, said
    with open(out / "codes.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["gtin"] for row in rows] == [LANTERN] * 3
    for row in rows:
        assert etree.parse(out / f"{row['serial']}.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"
    town.mirrored()
    page = town.call("GET", f"/story/01/{LANTERN}/21/{rows[0]['serial']}")
    assert "Given its number" in page.text
    assert "A1" in page.text
    assert (maker / "maker.tag.json").stat().st_mode & 0o777 == 0o600


def test_an_altered_tag_is_found_at_the_owners_node_and_told_by_the_command(
    town: Town, maker: Path, tmp_path: Path
) -> None:
    run(
        "make",
        "--gtin",
        LANTERN,
        "--count",
        1,
        "--out",
        tmp_path,
        "--to",
        town.url,
        "--key",
        "maker",
        "--keys",
        maker,
        "--no-svg",
    )
    (row,) = list(csv.DictReader((tmp_path / "codes.csv").read_text().splitlines()))
    (town.node.folder / "keys").mkdir(exist_ok=True)
    (town.node.folder / "keys" / "maker.tag.json").write_bytes((maker / "maker.tag.json").read_bytes())
    (town.node.folder / "keys" / "maker.tag.json").chmod(0o600)
    on_record(town, listing("09506000134376"))
    path = row["uri"].removeprefix("https://id.gs1.org")
    asked = ("clones", "--to", town.url, "--key", "maker", "--keys", maker)
    town.call("GET", path)
    assert run(*asked) == (0, "No signs of copies among the items looked at.\n")
    town.call("GET", path[:-4] + "AAAA", scan_device="other")
    status, said = run(*asked)
    assert status == 0
    assert "The security tag in the code is not the one that was made for this number." in said
    assert identity_of(LANTERN, row["serial"]) in said


def test_codes_without_capture_are_not_on_record(town: Town, maker: Path, tmp_path: Path) -> None:
    given = ("--to", town.url, "--key", "maker", "--keys", maker, "--no-svg", "--no-tag", "--no-capture")
    status, said = run("make", "--gtin", LANTERN, "--count", 2, "--out", tmp_path, *given)
    assert (status, "not on record yet" in said) == (0, True)
    assert "?91=" not in (tmp_path / "codes.csv").read_text()
    assert [one.name for one in tmp_path.iterdir()] == ["codes.csv"]


@pytest.mark.parametrize(
    "changed, sentence",
    [
        ({"--gtin": "09506000134353"}, "09506000134353 is no GTIN"),
        ({"--gtin": "lantern"}, "lantern is no GTIN"),
        ({"--lot": "A 1"}, "A 1 is no lot number"),
        ({"--place": "the yard"}, "the yard names no place"),
        ({"--root": "javascript:x"}, "javascript:x is no web address"),
        ({"--root": "https://x.example/?a=b"}, "is no web address"),
        ({"--count": CODES_LIMIT + 1}, f"{CODES_LIMIT} at most"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_written(
    town: Town, maker: Path, tmp_path: Path, changed: dict[str, object], sentence: str
) -> None:
    given: dict[str, object] = {
        "--gtin": LANTERN, "--count": 1, "--out": tmp_path / "out", "--to": town.url, "--key": "maker", "--keys": maker
    }  # fmt: skip
    status, said = run("make", *[word for pair in {**given, **changed}.items() for word in pair])
    assert (status, sentence in said) == (2, True), said
    assert not (tmp_path / "out").exists()


def test_codes_that_are_there_are_never_written_over(town: Town, maker: Path, tmp_path: Path) -> None:
    given = (
        "make",
        "--gtin",
        LANTERN,
        "--count",
        1,
        "--out",
        tmp_path,
        "--to",
        town.url,
        "--key",
        "maker",
        "--keys",
        maker,
    )
    assert run(*given, "--no-svg")[0] == 0
    before = (tmp_path / "codes.csv").read_bytes()
    status, said = run(*given, "--no-svg")
    assert (status, "holds codes already" in said) == (2, True)
    assert (tmp_path / "codes.csv").read_bytes() == before


def test_a_key_that_is_not_on_record_costs_no_codes(town: Town, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    Keyring(tmp_path / "keys").create("stranger", NETWORK.code)
    given = ("--to", town.url, "--key", "stranger", "--keys", tmp_path / "keys", "--no-svg")
    status, said = run("make", "--gtin", LANTERN, "--count", 1, "--out", tmp_path / "out", *given)
    assert (status, "is not on record" in said) == (2, True), said
    assert not (tmp_path / "out").exists()


def test_codes_whose_events_are_refused_are_not_to_be_printed(
    town: Town, maker: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unlocked = Keyring(maker).load("maker")
    in_anothers_name = Pen(unlocked.kid, SELLER.did, unlocked.signer)
    asked = Asked(LANTERN, "", 1, maker, ROOT, "", False, False, False, True)
    with places.opened(town.url, in_anothers_name) as place, pytest.raises(typer.Exit) as ended:
        _capture(asked, made(LANTERN, "", 1, ROOT, None), place, in_anothers_name)
    assert ended.value.exit_code == 1
    assert "do not print them" in capsys.readouterr().err
