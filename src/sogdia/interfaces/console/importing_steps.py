"""A judged draft made ready to sign: the intake says what it always says, and what it would send is kept here instead.

`sogdia import` signs each part as it goes. Here the same pipeline runs against a connection that collects: what comes
out are messages, in the order in which they must reach the record, and the sealed envelopes that must be there before.
The envelopes are therefore sealed on this node, from the file that was brought to it; the page says so.
"""

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import msgspec

from sogdia.client.connection import Reply
from sogdia.core.codec import from_base64url
from sogdia.core.keys import SigningKey, key_id
from sogdia.core.query import Asker
from sogdia.core.receipt import ACCEPTED
from sogdia.interfaces.console.importing_cancelling import cancelling
from sogdia.interfaces.console.importing_drafts import Draft, Step
from sogdia.interfaces.console.importing_judging import Judged
from sogdia.interfaces.console.importing_recorded import record_of
from sogdia.interfaces.console.importing_standing import Standing
from sogdia.interfaces.intake.catalogue import Articles
from sogdia.interfaces.intake.notes import Lines, RefusedPart, WaitingOrder
from sogdia.interfaces.intake.pipeline import BoundKey, Pipeline, Recipient, Signers, Situation
from sogdia.interfaces.intake.trade import Direction, Parties
from sogdia.primitives.sealed.envelope import from_bytes

if TYPE_CHECKING:
    from sogdia.app import Node
    from sogdia.interfaces.http.desk import Desk

NUMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "catalog.list_product": ("catalog.product", "seller", "sku"),
    "orders.place": ("orders.order", "platform", "order"),
    "orders.cancel": ("orders.cancellation", "platform", "order", "cancellation"),
    "payments.attest": ("payments.payment", "institution", "payment"),
    "payments.refund": ("payments.refund", "institution", "payment", "refund"),
    "logistics.issue_waybill": ("logistics.waybill", "carrier", "waybill"),
    "customs.declare_export": ("customs.export_list", "broker", "list_no"),
    "customs.declare_import": ("customs.import_list", "broker", "list_no"),
}
"""Where the record of a message stands: its table and the fields of the message that are its key."""


class PartyUnknown(Exception):
    """A party that was chosen is not on record; the message is its identifier."""


class _Payload(msgspec.Struct):
    messages: list[msgspec.Raw]


class _Envelope(msgspec.Struct):
    payload: str


_payload_of = msgspec.json.Decoder(_Payload).decode
_envelope_of = msgspec.json.Decoder(_Envelope).decode


class Collector:
    """A connection that keeps what it is given to send, and answers lookups from the node as the asker may see it."""

    def __init__(self, node: "Node", asker: Asker) -> None:
        self.network = node.info.network
        self.groups: list[bytes] = []
        self.sealed: dict[str, bytes] = {}
        self._node, self._asker = node, asker

    def submit(self, raws: Sequence[bytes]) -> list[Reply]:
        """Keep the messages of these; each counts as taken, so that what follows from it is said too."""
        for raw in raws:
            messages = _payload_of(from_base64url(_envelope_of(raw).payload)).messages
            self.groups.append(b"[" + b",".join(bytes(one) for one in messages) + b"]")
        return [Reply(ACCEPTED, {}) for _ in raws]

    def lookup(self, wanted: Sequence[tuple[str, ...]]) -> list[dict[str, Any] | None]:
        """Records as the asker may see them."""
        return [record_of(self._node, self._asker, *one) for one in wanted]

    def put_sealed(self, envelopes: Sequence[bytes]) -> None:
        """Keep these for when they are to be left with the node."""
        self.sealed.update({from_bytes(raw).id: raw for raw in envelopes})

    def lookup_sealed(self, wanted: Sequence[tuple[str, str]]) -> dict[str, bytes]:
        """None: what is sealed is opened by the parties' own keys, which are not here."""
        return {}

    def get_sealed(self, trade: str, envelope: str) -> bytes | None:
        """None, for the same reason."""
        return None

    def query(self, name: str, **parameters: Any) -> Any:
        """The intake asks none."""
        raise NotImplementedError(name)

    def status(self) -> dict[str, Any]:
        """What the node says of itself."""
        return self._node.status()


def made_ready(
    node: "Node", asker: Asker, draft: Draft, judged: Judged, standing: Standing, clock: Callable[[], int]
) -> list[Step]:
    """What the user's party has to say about a draft: articles that were confirmed, orders that wait for none.

    Cancellations come after all orders. What stands on record otherwise is not spoken of. PartyUnknown.
    """
    choices = draft.choices
    parties = Parties(**{role: choices.parties.get(role, "") for role in Parties.__struct_fields__})
    collector = Collector(node, asker)
    taken = {one.order.order for one in standing.of("new", "waits", "same")}
    items = [one for one in judged.orders if one.order in taken]
    with TemporaryDirectory() as folder:
        notes = Path(folder)
        refused = Lines(notes / "refused", RefusedPart, ("order", "part"), fresh=True)
        waiting = Lines(notes / "waiting", WaitingOrder, ("order",), fresh=True)
        pipeline = Pipeline(
            collector,
            Signers(_held(parties, asker)),
            _recipients(node, parties),
            Situation(parties, choices.home, _direction(choices.direction), district=choices.district),
            Articles(judged.catalogue, choices.home, suggests=False),
            clock=clock,
            refused=refused,
            waiting=waiting,
        )
        for _ in pipeline.run(items):
            pass
        refused.close()
        waiting.close()
    steps = list(_steps(collector, asker, {one.order.order for one in standing.of("waits")}))
    said = cancelling(node, asker, parties, standing.cancellations, standing.going)
    return steps + [Step(number, one, ()) for number, one in enumerate(said, len(steps) + 1)]


def _direction(text: str) -> Direction:
    return "import" if text == "import" else "export"


def _held(parties: Parties, asker: Asker) -> dict[str, BoundKey]:
    """Keys for this once, whose signatures are thrown away: the pipeline speaks for platform, seller and the asker.

    What others have to sign is left out afterwards; they say it themselves.
    """
    own = {role for role in Parties.__struct_fields__ if asker.party and getattr(parties, role) == asker.party}
    key = SigningKey(secrets.token_bytes(32))
    held = {role: getattr(parties, role) for role in own | {"platform", "seller"} if getattr(parties, role)}
    return {role: BoundKey(key_id(did), key, did, b"") for role, did in held.items()}


def _recipients(node: "Node", parties: Parties) -> dict[str, Recipient]:
    found = {}
    for role in Parties.__struct_fields__:
        did = getattr(parties, role)
        record = node.record("identity.party", did) if did else None
        if did and record is None:
            raise PartyUnknown(did)
        if record is not None:
            found[role] = Recipient(did, bytes.fromhex(record.agreement))
    return found


def _steps(collector: Collector, asker: Asker, waiting: Collection[str]) -> Iterable[Step]:
    """Those that the asker's party signs, without the orders that wait for articles.

    Products go one by one, so that one refused costs no other.
    """
    number = 0
    for group in collector.groups:
        messages = _messages_of(group)
        for some in [[one] for one in messages] if b'"catalog.list_product"' in group else [messages]:
            said = [msgspec.json.decode(one) for one in some]
            is_own = all(one[NUMBERS[one["type"]][1]] == asker.party for one in said)
            if is_own and not any(one.get("order") in waiting for one in said):
                number += 1
                sealed = [found for one in said if (found := collector.sealed.get(one.get("sealed") or ""))]
                yield Step(number, b"[" + b",".join(some) + b"]", tuple(sealed))


def _messages_of(group: bytes) -> list[bytes]:
    return [bytes(one) for one in msgspec.json.decode(group, type=list[msgspec.Raw])]


# --- what became of it ----------------------------------------------------------------------------------------------


def settled(node: "Node", asker: Asker, steps: Iterable[Step]) -> list[Step]:
    """Those of the steps that were not done and are on record now, as done.

    The record decides, whatever a browser told or failed to tell: so going on after a crash doubles nothing.
    """
    return [
        msgspec.structs.replace(one, status="done", code=0, fields={})
        for one in steps
        if one.status != "done" and all(stands(node, asker, said) for said in msgspec.json.decode(one.messages))
    ]


def stands(node: "Node", asker: Asker, said: Mapping[str, Any]) -> bool:
    """Whether what a message says is on record: under its number, and for a product, or values sealed, the same."""
    if said["type"] == "trace.capture":
        keys = [_event_key(one) for one in said["events"]]
        return all(record_of(node, asker, "trace.event", said["party"], *key) is not None for key in keys)
    if said["type"] == "trace.describe":
        return all(_described(node, asker, said, one) for one in said["elements"])
    place = NUMBERS.get(said["type"])
    if place is None:
        return False
    found = record_of(node, asker, place[0], *(str(said[name]) for name in place[1:]))
    if found is None:
        return False
    compared = ("sealed",) if said["type"] == "orders.place" else tuple(found)
    if said["type"] not in ("orders.place", "catalog.list_product"):
        return True
    return all(found.get(name) == said[name] for name in compared if name in said and name in found)


def _event_key(event: Mapping[str, Any]) -> tuple[str, str]:
    declaration = event.get("errorDeclaration") or {}
    return str(event["eventID"]), str(declaration.get("declarationTime", ""))


def _described(node: "Node", asker: Asker, said: Mapping[str, Any], element: Mapping[str, Any]) -> bool:
    key = (said["party"], said["vocabulary"], element["id"])
    return record_of(node, asker, "trace.description", *key) is not None


def leave_envelopes(desk: "Desk", party: str, steps: Sequence[Step]) -> None:
    """Leave with the node what must be there before these are on record; durable when it returns."""
    envelopes = [from_bytes(raw) for one in steps for raw in one.envelopes]
    if envelopes:
        desk.shelf.put_all(party, envelopes)
