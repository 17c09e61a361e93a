"""Orders that cannot be declared yet wait with their reason, and go on when the reason is gone."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from sogdia.interfaces.demo.orders import IMPORT_GOODS, import_orders
from sogdia.interfaces.intake.catalogue import Articles
from sogdia.standards.orders import Catalogue, read_catalogue
from tests.interfaces.intake.harbour import Brought, Harbour

HEADINGS = "sku,description,hs_code,origin,net_weight_grams,unit\n"


def catalogue(tmp_path: Path, *rows: str) -> Catalogue:
    path = tmp_path / "catalogue.csv"
    path.write_text(HEADINGS + "\n".join(rows) + "\n")
    return read_catalogue(path)


def shopify(tmp_path: Path, *rows: str) -> Path:
    """Shopify orders of one line each: number, country, SKU, name."""
    names = (
        "Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,"
        "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Shipping Name,Shipping Street,"
        "Shipping City,Shipping Zip,Shipping Country,Cancelled at,Refunded Amount"
    )
    when = "2026-06-01 10:00:00 +0800"
    lines = [names]
    for number, row in enumerate(rows, 1):
        country, sku, name = row.split("|")
        person = "Ada Example,Ada Example,1 Test Street,Testham,TE5 7AB"
        lines.append(
            f"#{number},a@example.org,paid,{when},EUR,20.00,5.00,0.00,25.00,0.00,{when},2,{name},10.00,{sku},"
            f"{person},{country},,0.00"
        )
    path = tmp_path / "small.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def reasons(brought: Brought) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {one.order: (one.reason, one.facts) for one in brought.waiting}


def test_an_import_whose_file_does_not_tell_the_buyers_identity_waits_for_it(
    harbour: Harbour, run: Callable[[], Brought], tmp_path: Path
) -> None:
    path = shopify(tmp_path, "CN|LAMP|White metal lantern")
    goods = catalogue(tmp_path, "LAMP,White metal lantern,9405500000,FR,420,piece")
    brought = run().file(path, "shopify", "import", "FR", catalogue=goods)
    reason, untold = reasons(brought)["#1"]
    assert reason == "buyer_not_told"
    assert "buyer_id_number" in untold
    assert harbour.records("orders.order")
    assert not harbour.records("customs.import_list")


def test_an_import_of_more_lines_than_a_list_takes_waits(harbour: Harbour, run: Callable[[], Brought]) -> None:
    """An import list has at most 99 lines (CEB 202205)."""
    made = next(iter(import_orders(1)))
    line = made.draft.lines[0]
    lines = tuple(msgspec.structs.replace(line, row=row) for row in range(1, 101))
    total = 100 * line.total_minor + made.draft.freight_minor
    long = msgspec.structs.replace(made.draft, lines=lines, total_minor=total)
    articles = Articles(None, "FR")
    articles.known = {goods.sku: goods for goods, _ in IMPORT_GOODS}
    brought = run().drafts([long], "import", "FR", articles, identity_of=lambda draft: made.identity_number)
    assert reasons(brought) == {long.order: ("too_many_lines", ("100",))}
    assert harbour.records("orders.order")
    assert not harbour.records("customs.import_list")


def test_an_order_with_a_product_that_nobody_has_placed_waits_and_names_it(
    harbour: Harbour, run: Callable[[], Brought], tmp_path: Path
) -> None:
    path = shopify(tmp_path, "FR|LAMP|White metal lantern", "FR|XQZ|Xqzzt")
    goods = catalogue(tmp_path, "LAMP,White metal lantern,9405500000,CN,420,piece")
    brought = run().file(path, "shopify", catalogue=goods)
    assert reasons(brought) == {"#2": ("no_hs_code", ("XQZ",))}
    listed = harbour.record("catalog.product", harbour.cast.did("seller"), "LAMP")
    assert (listed.hs_code, listed.hs_basis, listed.net_weight_grams) == ("9405500000", "stated", 420)
    assert [one["order"] for one in harbour.records("customs.export_list")] == ["#1"]


def test_a_catalogue_given_later_places_the_product_and_the_order_waits_no_longer(
    harbour: Harbour, run: Callable[[], Brought], tmp_path: Path
) -> None:
    path = shopify(tmp_path, "FR|XQZ|Xqzzt")
    assert reasons(run().file(path, "shopify")) == {"#1": ("no_hs_code", ("XQZ",))}
    goods = catalogue(tmp_path, "XQZ,Xqzzt,9405500000,CN,180,piece")
    placed = run().file(path, "shopify", catalogue=goods)
    assert reasons(placed) == {}
    assert list(placed.refused) == []
    assert harbour.record("catalog.product", harbour.cast.did("seller"), "XQZ").hs_code == "9405500000"
    assert [one["order"] for one in harbour.records("customs.export_list")] == ["#1"]
    place = harbour.place
    run().file(path, "shopify", catalogue=goods)
    run().file(path, "shopify")
    assert harbour.place == place, "with or without the catalogue, the product stays as it was stated"


def test_an_order_that_stays_in_its_country_needs_no_declaration(
    harbour: Harbour, run: Callable[[], Brought], tmp_path: Path
) -> None:
    brought = run().file(shopify(tmp_path, "CN|LAMP|White metal lantern"), "shopify")
    assert reasons(brought) == {}
    assert len(harbour.records("payments.payment")) == 1
    assert not harbour.records("customs.export_list")


def test_a_country_that_nobody_knows_is_set_aside_with_its_row(
    harbour: Harbour, run: Callable[[], Brought], tmp_path: Path
) -> None:
    brought = run().file(shopify(tmp_path, "Atlantis|LAMP|Lantern", "FR|LAMP|Lantern"), "shopify")
    (note,) = brought.aside
    assert (note.row, note.field, note.value) == (1, "Shipping Country", "Atlantis")
    assert [one["order"] for one in harbour.records("orders.order")] == ["#2"]
