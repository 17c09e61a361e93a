"""An auditor of its own: reads receipts, envelopes and final records, shares no rule code, and says what is wrong.

For every transaction it collects objections from its own small model of the trade, as refusal numbers. What was
accepted must meet none of them; what was refused must have been refused for one of them. Then the accepted
transactions alone must explain every final record: so what was refused has changed nothing.

Only the standard library, and `cryptography` for signatures where the ledger has libsodium.
"""

import base64
import hashlib
import json
from collections import Counter, defaultdict
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.simulation import audit_customs, audit_trade

DAY_MS = 86_400_000


class Audit:
    """What the auditor knows after each transaction; `findings` are sentences about what is not as it should be."""

    def __init__(self, network: str) -> None:
        self.network = network
        self.findings: list[str] = []
        self.counted: Counter[int] = Counter()
        self.time_ms = 0
        self.parties: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, dict[str, Any]] = {}
        self.mandates: dict[tuple[str, str], dict[str, Any]] = {}
        self.books: dict[tuple[str, str], str] = {}
        self.products: dict[tuple[str, str], dict[str, Any]] = {}
        self.orders: dict[tuple[str, str], dict[str, Any]] = {}
        self.cancellations: set[tuple[str, str, str]] = set()
        self.payments: dict[tuple[str, str], dict[str, Any]] = {}
        self.paid_orders: dict[tuple[str, str], tuple[str, str]] = {}
        self.refunds: dict[tuple[str, str, str], int] = {}
        self.waybills: dict[tuple[str, str], dict[str, Any]] = {}
        self.lists: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.declared: dict[tuple[str, str], tuple[str, str, str]] = {}
        self.standings: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.quota: dict[tuple[str, str], dict[tuple[str, str], tuple[str, int]]] = defaultdict(dict)
        self.bills: dict[tuple[str, str], dict[str, Any]] = {}
        self.release_numbers: dict[str, tuple[str, str, str]] = {}
        self.ids: set[str] = set()
        self._public: dict[str, Ed25519PublicKey] = {}

    # -- reading ----------------------------------------------------------------------------------------------------

    def found(self, messages: list[dict[str, Any]], time_ms: int) -> None:
        """The founding agreement is taken as it stands."""
        self.time_ms = time_ms
        for message in messages:
            self._apply(message)

    def transaction(self, envelope: bytes, receipt: dict[str, Any]) -> None:
        """One entry of the log, with the bytes that were received."""
        jws = json.loads(envelope)
        payload = _unpadded(jws["payload"])
        said = json.loads(payload)
        name, self.time_ms = receipt["transaction"], receipt["time_ms"]
        self._expect(name == hashlib.sha256(payload).hexdigest(), f"{name}: the receipt names another payload")
        self._expect(receipt["envelope"] == hashlib.sha256(envelope).hexdigest(), f"{name}: another envelope")
        self._expect(name not in self.ids, f"{name}: on record twice")
        self.ids.add(name)
        self.counted[receipt["code"]] += 1
        objections = self._formal(jws, said)
        if not objections:
            signers = [self.keys[self._kid(one)]["party"] for one in jws["signatures"]]
            for message in said["messages"]:
                objections |= self._objections(message, signers)
        code = receipt["code"]
        kinds = "+".join(message["type"] for message in said["messages"])
        if code == 0:
            self._expect(not objections, f"{kinds} {name[:12]} was accepted in spite of {sorted(objections)}")
            for message in said["messages"]:
                self._apply(message)
        else:
            self._expect(code in objections, f"{kinds} {name[:12]} was refused with {code}, not {sorted(objections)}")

    def _expect(self, holds: bool, finding: str) -> None:
        if not holds:
            self.findings.append(finding)

    def _kid(self, signature: dict[str, str]) -> str:
        kid: str = json.loads(_unpadded(signature["protected"]))["kid"]
        return kid

    def _formal(self, jws: dict[str, Any], said: dict[str, Any]) -> set[int]:
        objections = set()
        if said["network"] != self.network:
            objections.add(3)
        if said["valid_until_ms"] < self.time_ms:
            objections.add(4)
        if said["valid_until_ms"] > self.time_ms + DAY_MS:
            objections.add(5)
        brought = {key["id"]: key for m in said["messages"] if m["type"] == "identity.register" for key in m["keys"]}
        for one in jws["signatures"]:
            kid = self._kid(one)
            key = self.keys.get(kid) or brought.get(kid)
            if key is None or key.get("retired"):
                objections.add(7)
            elif not self._holds(key["public"], f"{one['protected']}.{jws['payload']}", _unpadded(one["signature"])):
                objections.add(8)
            elif kid not in self.keys:
                self.keys[kid] = {**key, "party": kid.partition("#")[0], "only_brought": True}
        return objections

    def _holds(self, public: str, text: str, signature: bytes) -> bool:
        key = self._public.get(public)
        if key is None:
            key = self._public[public] = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        try:
            key.verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True

    # -- who may --------------------------------------------------------------------------------------------------

    def who(self, did: str, role: str | None, action: str, signers: list[str]) -> set[int]:
        """Why this party's word does not count here: unknown, suspended, not signed, not in the role."""
        party = self.parties.get(did)
        if party is None:
            return {1001}
        objections = {1003} if party["suspended"] else set()
        agents = [agent for agent in signers if self._is_agent(did, agent, action)]
        if did not in signers and not agents:
            objections.add(1004)
        if role is not None and role not in party["roles"]:
            objections.add(1005)
        return objections

    def _is_agent(self, principal: str, agent: str, action: str) -> bool:
        given = self.mandates.get((principal, agent))
        acting = self.parties.get(agent)
        if given is None or acting is None or acting["suspended"]:
            return False
        return action in given["actions"] and given["until_ms"] >= self.time_ms

    def named(self, did: str, role: str) -> set[int]:
        """Why this party cannot be named in a role."""
        party = self.parties.get(did)
        if party is None:
            return {1001}
        return ({1005} if role not in party["roles"] else set()) | ({1003} if party["suspended"] else set())

    def ahead(self, instant_ms: int, code: int) -> set[int]:
        """An instant more than five minutes ahead of the block's time."""
        return {code} if instant_ms > self.time_ms + 300_000 else set()

    # -- messages -------------------------------------------------------------------------------------------------

    def _objections(self, message: dict[str, Any], signers: list[str]) -> set[int]:
        kind = message["type"]
        if kind in audit_customs.OBJECTIONS:
            return audit_customs.OBJECTIONS[kind](self, message, signers)
        return audit_trade.OBJECTIONS[kind](self, message, signers)

    def _apply(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind in audit_customs.APPLY:
            audit_customs.APPLY[kind](self, message)
        else:
            audit_trade.APPLY[kind](self, message)

    # -- the final records ------------------------------------------------------------------------------------------

    def compare(self, records: dict[str, dict[tuple[str, ...], dict[str, Any]]]) -> None:
        """Every record follows from what was accepted, and what was accepted stands in the records."""
        told = self._told()
        for table, expected in told.items():
            found = records.get(table, {})
            self._expect(found.keys() == expected.keys(), f"{table}: {len(found)} records, {len(expected)} expected")
            for key in found.keys() & expected.keys():
                wrong = {n: (found[key][n], value) for n, value in expected[key].items() if found[key][n] != value}
                self._expect(not wrong, f"{table} {key}: {wrong}")
        self._lots(records.get("customs.quota", {}))

    def _told(self) -> dict[str, dict[tuple[str, ...], dict[str, Any]]]:
        bills = {key: {name: bill[name] for name in audit_customs.BILL_FIELDS} for key, bill in self.bills.items()}
        standing = ("code", "pre_no", "invt_no")
        return {
            "orders.order": {
                k: {"cancelled": o["gone"], "paid_minor": o["paid_minor"]} for k, o in self.orders.items()
            },
            "orders.cancellation": {key: {} for key in self.cancellations},
            "payments.payment": {k: {"refunded_minor": p["refunded"]} for k, p in self.payments.items()},
            "payments.refund": {key: {"amount_minor": amount} for key, amount in self.refunds.items()},
            "payments.paid_order": {key: {"payment": paid[1]} for key, paid in self.paid_orders.items()},
            "logistics.waybill": {k: {"status": w["status"]} for k, w in self.waybills.items()},
            "customs.import_list": {
                k[1:]: {"order": v["order"]} for k, v in self.lists.items() if k[0] == "import_list"
            },
            "customs.export_list": {
                k[1:]: {"order": v["order"]} for k, v in self.lists.items() if k[0] == "export_list"
            },
            "customs.standing": {k: {n: s[n] for n in standing} for k, s in self.standings.items()},
            "customs.released": {(n,): {"list_no": of[2]} for n, of in self.release_numbers.items()},
            "tax.bill": bills,
            "catalog.product": {k: {"on_sale": p["on_sale"]} for k, p in self.products.items()},
            "identity.party": {(k,): {"roles": p["roles"]} for k, p in self.parties.items()},
            "identity.key": {(k,): {"public": v["public"]} for k, v in self.keys.items() if not v.get("only_brought")},
        }

    def _lots(self, lots: dict[tuple[str, ...], dict[str, Any]]) -> None:
        """Pieces partition [0, size), the size is the yearly limit, and each purpose holds what its list is worth."""
        drawn = {key for key, uses in self.quota.items()}
        self._expect(lots.keys() == drawn, "quotas of other persons or years than those of accepted lists")
        for key, lot in lots.items():
            pieces = lot["pieces"]
            ends = [0, *(piece[1] for piece in pieces)]
            self._expect([piece[0] for piece in pieces] == ends[:-1], f"quota {key}: pieces overlap or leave a gap")
            self._expect(ends[-1] == lot["size"] == audit_customs.yearly_limit(self), f"quota {key}: wrong size")
            held: Counter[tuple[str, str]] = Counter()
            for start, end, _, state, purpose, _ in pieces:
                if state != "free":
                    held[(purpose, state)] += end - start
            uses = {(f"{b}/{n}", state): fen for (b, n), (state, fen) in self.quota[key].items() if fen}
            self._expect(dict(held) == uses, f"quota {key}: holds {dict(held)}, accepted lists say {uses}")


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
