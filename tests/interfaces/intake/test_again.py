"""The same file again changes nothing; a run that was cut off anywhere goes on and ends in the same place."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from sogdia.client.connection import signed
from sogdia.core.transaction import Message
from sogdia.domains.catalog.messages import ListProduct, PublishBans
from sogdia.interfaces.demo.faults import Mistakes
from sogdia.interfaces.demo.orders import IMPORT_GOODS, import_orders
from sogdia.interfaces.intake import parts
from sogdia.interfaces.intake.catalogue import Articles
from sogdia.interfaces.intake.notes import counts
from sogdia.interfaces.intake.pipeline import ORDER_DIFFERS, bound
from sogdia.primitives.rulebooks import RuleRow
from sogdia.standards.orders import FORMATS, Format
from tests.interfaces.intake.harbour import Berth, Brought, Harbour

HOMES: dict[Format, str] = {"online-retail": "GB", "amazon": "CN", "shopify": "CN", "woocommerce": "CN"}
TABLES = (
    "catalog.product orders.order orders.cancellation payments.payment payments.refund logistics.waybill "
    "customs.export_list customs.import_list"
).split()
ITS_OWN = {"height", "sealed", "evidence", "persons", "declared_at_ms", "payer_name", "payer_id_number"}
ITS_OWN |= {"payer_telephone", "consignee", "consignee_telephone", "consignee_address", "buyer_name"}
ITS_OWN |= {"buyer_id_number", "buyer_telephone"}
"""What every run draws anew: commitments under the trade's secret, and the block."""


def end(harbour: Harbour) -> dict[str, list[dict[str, Any]]]:
    """Everything on record but what is drawn by chance."""
    return {
        table: [{k: v for k, v in row.items() if k not in ITS_OWN} for row in harbour.records(table)]
        for table in TABLES
    }


def imports(brought: Brought, harbour: Harbour, count: int = 50) -> Brought:
    """The rehearsal's import orders, with the mistakes that their parties make."""
    made = list(import_orders(count))
    numbers = {one.draft.order: one.identity_number for one in made}
    articles = Articles(None, "FR")
    articles.known = {goods.sku: goods for goods, _ in IMPORT_GOODS}
    mistakes = Mistakes(harbour.cast.parties("import"))
    drafts = [one.draft for one in made if all(line.sku in articles.known for line in one.draft.lines)]
    return brought.drafts(
        drafts, "import", "FR", articles, identity_of=lambda draft: numbers[draft.order], faults=mistakes
    )


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_file_given_twice_changes_nothing_and_says_so(
    harbour: Harbour, run: Callable[[], Brought], file: Callable[..., Path], format: Format
) -> None:
    path = file(format, 30)
    first = run().file(path, format, home=HOMES[format])
    place, seen = harbour.place, [list(first.aside), list(first.refused), list(first.waiting)]
    again = run().file(path, format, home=HOMES[format])
    assert harbour.place == place
    assert again.counts.transactions == 0
    assert again.counts.unchanged == again.counts.orders == first.counts.orders
    assert [list(again.aside), list(again.refused), list(again.waiting)] == seen
    assert again.pipeline.declared == first.pipeline.declared


def test_parts_that_were_refused_are_neither_sent_nor_counted_again(
    harbour: Harbour, run: Callable[[], Brought]
) -> None:
    first = imports(run(), harbour, 80)
    refused, place = counts(first.refused), harbour.place
    assert refused, "the rehearsal's parties make mistakes"
    again = imports(run(), harbour, 80)
    assert (counts(again.refused), harbour.place) == (refused, place)
    assert again.counts.unchanged == again.counts.orders


def test_an_order_that_was_refused_counts_as_unchanged_and_its_other_parts_are_not_sent(
    harbour: Harbour, run: Callable[[], Brought], file: Callable[..., Path]
) -> None:
    path = file("online-retail", 40)
    with_ban(harbour)
    first = run().file(path, "online-retail", home="GB")
    kept_out = {part.order for part in first.refused if part.part == "order"}
    assert kept_out, "the file has orders for the banned destination"
    assert {part.part for part in first.refused if part.order in kept_out} == {"order"}
    assert not kept_out & {row["order"] for row in harbour.records("payments.payment")}
    place = harbour.place
    again = run().file(path, "online-retail", home="GB")
    assert (harbour.place, again.counts.unchanged) == (place, first.counts.orders)


def test_a_refusal_is_on_disk_before_anything_that_follows_from_it_is_sent(
    harbour: Harbour,
    run: Callable[[], Brought],
    file: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else a crash would forget why a part is missing, and the next run might be refused for another reason."""
    with_ban(harbour)
    kept, submit = list[bytes](), Berth.submit

    def looking(self: Berth, raws: Sequence[bytes]) -> Any:
        kept.append((tmp_path / "notes" / "refused.ndjson").read_bytes())
        return submit(self, raws)

    monkeypatch.setattr(Berth, "submit", looking)
    run().file(file("online-retail", 40), "online-retail", home="GB")
    products, orders, then = kept[:3]
    assert products == orders == b""
    assert b'"part":"order"' in then


def with_ban(harbour: Harbour) -> None:
    """Nothing of these chapters of the Harmonized System may go to Germany any more."""
    customs = bound(harbour.cast.customs_keyring.load("customs"))
    rows = tuple(
        RuleRow(
            book="catalog.bans",
            key=f"DE/{chapter}",
            valid_from="2026-01-01",
            valid_to="2026-12-31",
            value="the test's own ban",
            source="this test",
            certainty="memory",
        )
        for chapter in ("39", "44", "63", "69", "70", "95", "94", "83", "49", "42", "48", "73")
    )
    ban = PublishBans(authority=customs.did, rows=rows)
    assert harbour.take(signed("sogdia-demo", harbour.time_ms, "ban of this test", [ban], [customs])).accepted


def test_an_order_whose_rows_have_changed_is_named_and_left_as_it_was(
    harbour: Harbour, run: Callable[[], Brought], file: Callable[..., Path]
) -> None:
    path = file("shopify", 20)
    first = run().file(path, "shopify")
    place, before = harbour.place, harbour.records("orders.order")
    one = before[0]["order"]
    path.write_bytes(path.read_bytes().replace(f'"{one}"'.encode(), f'"{one} "'.encode()))
    changed = run().file(path, "shopify")
    differing = [part for part in changed.refused if part.code == ORDER_DIFFERS]
    assert [part.order for part in differing] == [one]
    assert changed.counts.unchanged == first.counts.orders - 1
    assert (harbour.place, harbour.records("orders.order")) == (place, before)
    assert run().file(path, "shopify").counts.unchanged == first.counts.orders, "said once, it is no news"


def test_a_file_that_has_grown_adds_only_what_is_new(
    harbour: Harbour, run: Callable[[], Brought], file: Callable[..., Path]
) -> None:
    first = run().file(file("shopify", 15), "shopify")
    grown = run().file(file("shopify", 30), "shopify")
    assert grown.counts.unchanged == first.counts.orders
    assert len(harbour.records("orders.order")) == grown.counts.orders > first.counts.orders


def test_an_order_whose_sealed_values_were_erased_stays_as_it_is(
    harbour: Harbour, run: Callable[[], Brought], file: Callable[..., Path]
) -> None:
    path = file("shopify", 10)
    run().file(path, "shopify")
    place = harbour.place
    harbour.erased |= {f"{one['platform']}/{one['order']}" for one in harbour.records("orders.order")}
    again = run().file(path, "shopify")
    assert (harbour.place, again.counts.unchanged) == (place, again.counts.orders)


class Cut(Exception):
    """The power failed."""


def cut_after(monkeypatch: pytest.MonkeyPatch, sendings: int, taken: bool) -> None:
    """The power fails at this sending: before it is taken, or after it is on record and before anybody hears so."""
    left, submit = [sendings], Berth.submit

    def failing(self: Berth, raws: Sequence[bytes]) -> Any:
        left[0] -= 1
        if left[0] < 0 and not taken:
            raise Cut
        done = submit(self, raws[: len(raws) // 2] if left[0] < 0 else raws)
        if left[0] < 0:
            raise Cut
        return done

    monkeypatch.setattr(Berth, "submit", failing)


@pytest.mark.parametrize("taken", [False, True], ids=["nothing arrives", "half arrives and nobody hears"])
def test_a_run_cut_off_at_any_sending_ends_where_an_undisturbed_one_ends(
    harbour: Harbour,
    run: Callable[[], Brought],
    file: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    taken: bool,
) -> None:
    path, quiet = file("online-retail", 130), tmp_path / "quiet"
    quiet.mkdir()
    undisturbed = Harbour(harbour.cast, quiet)
    reference = Brought(undisturbed, quiet / "notes").file(path, "online-retail", home="GB")
    for sendings in range(12):
        with monkeypatch.context() as power:
            cut_after(power, sendings % 5, taken)
            with suppress(Cut):  # towards the end there are fewer sendings than that
                run().file(path, "online-retail", home="GB")
    last = run().file(path, "online-retail", home="GB")
    assert end(harbour) == end(undisturbed)
    assert sorted(map(str, last.refused)) == sorted(map(str, reference.refused))
    assert list(last.aside) == list(reference.aside)
    assert last.pipeline.declared == reference.pipeline.declared
    reference.close()
    undisturbed.close()


def test_a_product_that_is_refused_costs_no_other_product_of_its_batch(
    harbour: Harbour, run: Callable[[], Brought], file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = parts.listing

    def one_wrong(seller: str, goods: parts.Goods) -> Message:
        said: ListProduct = right(seller, goods)
        return said if goods.sku != "22423" else right(seller, parts.Goods(goods.sku, "\x00", "", "stated", "?", 1))

    monkeypatch.setattr(parts, "listing", one_wrong)
    brought = run().file(file("shopify", 30), "shopify")
    assert [part.order for part in brought.refused if part.part == "product"] == ["22423"]
    assert {one["sku"] for one in harbour.records("catalog.product")} >= {"85123A", "47566"}
    assert harbour.records("orders.order"), "orders without that product stand on the record"
