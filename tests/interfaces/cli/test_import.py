"""A seller's file through `sogdia import`: a weight that nobody has said is asked for and never made up."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sogdia.client.http import HttpConnection
from tests.interfaces.cli.conftest import NETWORK, Running, Terminal, did, pen, registration
from tests.interfaces.console.import_desk import file_of, order_row

pytestmark = pytest.mark.node
ORDERS = (
    order_row("#1", **{"Lineitem sku": "MUG", "Lineitem name": "Red retrospot mug"}),
    order_row("#2", **{"Lineitem sku": "NOPE", "Lineitem name": "Assorted thingummies"}),
)


class Import:
    """The command with one file, a node, and the notes beside it."""

    def __init__(self, sogdia: Terminal, folder: Path, url: str) -> None:
        self.sogdia, self.folder, self.url = sogdia, folder, url
        self.file, self.notes = folder.parent / "orders.csv", folder.parent / "notes"
        self.file.write_bytes(file_of(*ORDERS))

    def __call__(self, *more: object) -> Any:
        who = ("--keys", self.folder / "keys", "--platform", "market", "--seller", "seller", "--home", "CN")
        return self.sogdia("import", self.file, "--to", self.url, *who, "--notes", self.notes, *more)

    def product(self, sku: str) -> dict[str, Any] | None:
        """A product of the seller's, as the seller reads it."""
        with HttpConnection(self.url, NETWORK, signer=pen(self.folder, "seller")) as connection:
            return connection.lookup([("catalog.product", did(self.folder, "seller"), sku)])[0]

    def waiting(self) -> list[dict[str, Any]]:
        """What the notes say of orders that wait."""
        return [json.loads(line) for line in (self.notes / "waiting.ndjson").read_text().splitlines()]


@pytest.fixture
def bring(sogdia: Terminal, node: Path, start: Callable[..., Running]) -> Import:
    """A node with a seller and a platform on record, and the command."""
    assert sogdia("keys", "create", node, "market").status == 0
    asked = json.dumps(registration(node, "market", "platform"))
    keys = ("--key", "registrar", "--key", "market", "--to", node)
    assert sogdia("identity", "register", "--json", "-", *keys, typed=asked).status == 0
    return Import(sogdia, node, start(node).url)


def test_an_order_whose_weight_nobody_has_said_waits_and_the_remedy_is_told(bring: Import) -> None:
    said = bring()
    assert said.status == 1
    told = said.out + said.err
    assert "1 order was not placed, because nobody has said what these articles weigh: NOPE" in told
    assert "--unknown-weight-grams GRAMS" in told
    assert bring.product("NOPE") is None
    assert bring.product("MUG") is not None, "one that is known costs nothing by that"
    assert bring.waiting() == [{"order": "#2", "reason": "no_weight", "facts": ["NOPE"]}]

    again = bring("--json")
    assert (again.json["transactions"], again.json["unchanged"]) == (0, 1)
    assert (again.json["orders_without_weight"], again.json["articles_without_weight"]) == (1, ["NOPE"])


def test_a_weight_that_is_stated_goes_on_record_and_is_asked_for_once(bring: Import) -> None:
    said = bring("--unknown-weight-grams", 350, "--json")
    assert said.status == 0
    assert "orders_without_weight" not in said.json
    product = bring.product("NOPE")
    assert product is not None
    assert (product["net_weight_grams"], product["hs_code"]) == (350, "")
    again = bring("--json")
    assert again.status == 0
    assert (again.json["transactions"], again.json["unchanged"]) == (0, 2), "the record says the weight now"


def test_a_catalogue_says_it_too(bring: Import, tmp_path: Path) -> None:
    assert bring().status == 1
    catalogue = tmp_path / "products.csv"
    head = "sku,description,hs_code,origin,unit,net_weight_grams\n"
    catalogue.write_text(f"{head}NOPE,Assorted thingummies,9405500000,CN,piece,180\n")
    said = bring("--catalogue", catalogue, "--json")
    assert said.status == 0
    product = bring.product("NOPE")
    assert product is not None
    assert (product["net_weight_grams"], product["hs_basis"]) == (180, "stated")
