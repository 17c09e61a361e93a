"""A person who imports, without a browser and in one, and files of orders as a shop exports them."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import httpx

from tests.interfaces.console.house import House, token_of
from tests.interfaces.console.signing_desk import SigningDesk
from tests.interfaces.http.town import CARRIER, SELLER, SKU, Caller

COLUMNS = (
    "Name", "Email", "Financial Status", "Paid at", "Currency", "Subtotal", "Shipping", "Taxes", "Total",
    "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku", "Billing Name",
    "Shipping Name", "Shipping Address1", "Shipping City", "Shipping Zip", "Shipping Country", "Payment ID",
)  # fmt: skip
"""What Shopify's export has of an order, as far as it is read."""


def order_row(number: str, country: str = "FR", **changes: str) -> dict[str, str]:
    """An order of two lanterns to Lyon."""
    cells = (
        number, "jeanne@example.org", "paid", "2026-05-01 10:00:00 +0200", "EUR", "6.78", "5.00", "0.00", "11.78",
        "2026-05-01 09:58:00 +0200", "2", "White metal lantern", "3.39", SKU, "Jeanne Martin", "Jeanne Martin",
        "1 Rue de la Soie", "Lyon", "69001", country, f"pay-{number}",
    )  # fmt: skip
    return dict(zip(COLUMNS, cells, strict=True)) | changes


def file_of(*rows: dict[str, str], titles: Sequence[str] = COLUMNS) -> bytes:
    """Such rows as a file."""
    written = io.StringIO()
    write = csv.writer(written, lineterminator="\r\n")
    write.writerow(titles)
    write.writerows([row[name] for name in COLUMNS] for row in rows)
    return written.getvalue().encode()


class Desk:
    """A person who imports without a browser, as its scripts would."""

    def __init__(self, house: House, client: httpx.Client) -> None:
        self.house, self.client = house, client
        self.token = token_of(client.get("/console/account").text)

    def bring(self, content: bytes, name: str = "orders.csv") -> str:
        """Drop a file; the path of its draft."""
        headers = {"x-sogdia-token": self.token, "content-type": "application/octet-stream", "x-sogdia-name": name}
        answer = self.client.post("/console/import/file", content=content, headers=headers)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["to"])

    def do(self, path: str, verb: str, **fields: str) -> httpx.Response:
        """Send a form of the draft's page."""
        return self.client.post(f"{path}/{verb}", data={"token": self.token, **fields})

    def choose(self, path: str, **parties: Caller) -> None:
        """Name who takes part."""
        named = {f"party {part}": one.did for part, one in parties.items()}
        given = {"format": "shopify", "home": "CN", "direction": "export", "view": "choices", **named}
        assert self.do(path, "choices", **given).status_code == 303

    def groups(self, path: str) -> list[list[dict[str, Any]]]:
        """What is still to be signed."""
        headers = {"x-sogdia-token": self.token, "content-type": "application/json"}
        answer = self.client.post(f"{path}/groups", content=b"{}", headers=headers)
        assert answer.status_code == 200, answer.text
        found: list[list[dict[str, Any]]] = answer.json()["groups"]
        return found

    def send(self, groups: Sequence[Any], by: Caller) -> list[int]:
        """Sign and send these as the browser would; the codes of the answers."""
        codec = self.house.town.node.machine.codec
        return [self.house.town.submit(*codec.messages(json.dumps(one).encode()), by=by).code for one in groups]


# --- the same in a browser ------------------------------------------------------------------------------------------


def ready(at: SigningDesk, words: str) -> None:
    """Name who takes part, and go on to sign."""
    at.page.goto(at.page.url.partition("?")[0] + "?view=choices")
    at.page.select_option("#party-seller", SELLER.did)
    at.page.select_option("#party-carrier", CARRIER.did)
    at.page.locator("main form button.primary").last.click()
    at.page.get_by_role("button", name=words).click()
    at.page.locator("[data-signs]").wait_for()


def bring(at: SigningDesk, name: str, content: bytes, kind: str = "text/csv") -> None:
    """Drop a file."""
    at.page.goto(f"{at.house.local}/console/import")
    at.page.set_input_files("#file", {"name": name, "mimeType": kind, "buffer": content})
    at.page.locator(".cards").wait_for()


def finish(at: SigningDesk) -> None:
    """Sign in the dialog, and close it when everything was answered."""
    at.page.locator("[data-signs]").click()
    at.sign_and_close()
    at.page.locator("dialog.signing").wait_for(state="detached")
    at.page.locator(".cards").wait_for()
