"""Chinese pages are Chinese: no key of the catalogue, no Latin word but standards' names and what is on record."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, Final

import httpx
import msgspec
import pytest

from sogdia.app import TABLES, Node
from sogdia.interfaces.words import catalogue
from tests.interfaces.console.lived_in import LivedIn, lived_in
from tests.interfaces.console.test_axe import PAGES
from tests.interfaces.http.town import ON_RECORD

STANDARDS: Final = frozenset(
    """
    API ASCII CEB CEB202205 CRLF CSV DID EPC EPCIS Excel GCM GLN GS1 GTIN HS HTTPS ID JSON KiB MiB GiB MB PIN POST
    QR SHA SKU SSCC TOTP URI URL URN UTC UTF VAT XLSX XML ZIP AES Ed25519 EdDSA X25519 CometBFT JavaScript
    Shopify WooCommerce Amazon Online Retail Sogdia English sogdia CN EU dd mm yyyy kg km ppm dB min max Asia Europe
    Enter bar
    """.split()
)  # fmt: skip
"""What is called so in Chinese too."""
SILENT: Final = frozenset({"code", "pre", "script", "style", "svg", "template"})
"""What is no sentence: commands, identifiers, and the texts that scripts take from the page."""
VOID: Final = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "path", "source", "wbr"})
TOLD: Final = ("alt", "aria-label", "placeholder", "title")
"""Attributes that people read or hear."""
TAG: Final = re.compile(r"[a-z]+\.[a-z_]+")
"""A message as programs call it, in the hint over its name in words."""
COMMAND: Final = re.compile(r"sogdia [a-z]+( [a-z]+)?|[\w-]+\.(?:csv|json|vkey|xml)|列名为 [a-z_、 ]+|example\.org\S+")
"""What one types, names of files, the columns that a file must have, and what a key looks like."""
KEY: Final = re.compile(
    r"\b(?:console|desks|pages|import|trace|recall|sign|scan|verify|term|http|refusal)_?\w*\.[a-z]\w*"
)
WORD: Final = re.compile(r"(?<![\w#/.:@+=…-])[A-Za-z][\w'.]*[\w'](?![\w/:@+=-])")


class Read(HTMLParser):
    """What a person reads of a page, piece by piece."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._open: list[bool] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        is_silent = tag in SILENT or has.get("lang") == "en" or (bool(self._open) and self._open[-1])
        if not is_silent:
            self.pieces += [has[name] or "" for name in TOLD if name in has and not TAG.fullmatch(has[name] or "")]
        if tag not in VOID:
            self._open.append(is_silent)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not (self._open and self._open[-1]):
            self.pieces.append(data)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivedIn]:
    with lived_in(tmp_path_factory.mktemp("house")) as found:
        yield found


@pytest.fixture(scope="module")
def sentences(house: LivedIn) -> list[str]:
    """What somebody put on record in several words, such as the source of a rule; the longest first."""
    return sorted({one for one in _texts(house.town.node) if " " in one}, key=len, reverse=True)


@pytest.fixture(scope="module")
def on_record(house: LivedIn) -> frozenset[str]:
    """Every word that somebody put on record or into a file: data, in whatever language it is."""
    texts = set(_texts(house.town.node)) | {house.town.node.info.network, *(one.name for one in house.people.values())}
    draft = house.client_of(PAGES["draft"][0]).get(house.draft + "/file").text  # type: ignore[arg-type]
    words = {word for text in {*texts, draft} for word in WORD.findall(text)}
    names = {house.town.node.record("identity.party", one.did).name for one in ON_RECORD}
    return frozenset(words - _values_of_ours() | names)


def _texts(node: Node) -> Iterator[str]:
    for name in TABLES:
        for _, raw in node.store.scan(b"S" + name.encode() + b"\x00"):
            yield from _strings(msgspec.msgpack.decode(raw))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def _values_of_ours() -> set[str]:
    """The words of fixed values, which pages tell in Chinese: states, roles, kinds."""
    known = catalogue("en")
    sections = ("sign_choice.", "console_role.", "desks_state.", "desks_parcel.", "desks_phase.", "console_certainty.")
    return {
        word for key in known if key.startswith(sections) for word in re.findall("[A-Za-z_]+", key.partition(".")[2])
    }


@pytest.mark.parametrize("name", sorted(PAGES.keys() - {"style"}))
def test_a_chinese_page_has_no_english_left_in_it(
    house: LivedIn, on_record: frozenset[str], sentences: list[str], name: str
) -> None:
    party, path = PAGES[name]
    with house.client() if party is None else _again(house, party) as client:
        found = client.get(path.format(**house.places), headers={"accept-language": "zh"}, follow_redirects=True)
    text = COMMAND.sub("", " \n".join(Read(found.text).pieces))
    for sentence in sentences:
        text = text.replace(sentence, "")
    assert re.search("[\u4e00-\u9fff]", text)
    assert KEY.findall(text) == []
    assert leftovers(text, on_record) == []


def _again(house: LivedIn, party: Any) -> httpx.Client:
    client = house.client()
    client.cookies = house.client_of(party).cookies
    return client


def leftovers(text: str, data: frozenset[str]) -> list[str]:
    """Latin words that are neither standards' nor data; countries and currencies go by their codes."""
    found = {word for word in WORD.findall(text) if not re.fullmatch("[A-Z]{2,3}|[A-Z][0-9]", word)}
    return sorted(found - STANDARDS - data)


def test_a_leftover_is_found_and_data_is_not(on_record: frozenset[str]) -> None:
    page = "<h1>订单</h1><p title='Open'>in_transit delivered <code>name</code> GTIN</p><a lang=en>English</a>"
    assert leftovers(" ".join(Read(page).pieces), on_record) == ["Open", "delivered", "in_transit"]
    assert KEY.findall("<p>console_orders.title</p>") == ["console_orders.title"]


GLOSSARY: Final = {
    "规则簿": "规则表", "案件": "议案", "承运人": "物流企业", "支付机构": "支付企业", "购买人": "订购人",
    "商品编码": "HS 编码", "币种": "币制", "起运国": "启运国", "入册": "登记", "密封": "加密", "审阅": "审查",
    "验证者": "验证节点", "停摆": "暂停", "当事方": "参与方", "主体": "参与方", "运营者": "运营方", "镜像": "查询库",
    "上链": "登记", "验证证据": "核验证据", "销售企业": "卖家", "持有者": "持有人",
}  # fmt: skip
"""Words for which another one stands everywhere."""


@pytest.mark.parametrize("word", GLOSSARY)
def test_one_thing_has_one_name(word: str) -> None:
    assert [key for key, sentence in catalogue("zh").items() if word in sentence] == [], f"it is {GLOSSARY[word]} here"
