"""An auditor of its own: reads receipts, envelopes and final records, shares no rule code, and says what is wrong.

For every transaction it collects objections from its own small model of the trade, as refusal numbers. What was
accepted must meet none of them; what was refused must have been refused for one of them. What the machine itself turns
away (1-99) may not be on record at all, and must have been turned away for a reason. Then the accepted transactions
alone must explain every final record: so what was refused has changed nothing.

Only the standard library, and `cryptography` for signatures where the ledger has libsodium.
"""

import hashlib
from collections import Counter, defaultdict
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.simulation import audit_customs, audit_entry, audit_trade


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
        self.cancellations: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.payments: dict[tuple[str, str], dict[str, Any]] = {}
        self.paid_orders: dict[tuple[str, str, str], tuple[str, str]] = {}
        self.refunds: dict[tuple[str, str, str], int] = {}
        self.waybills: dict[tuple[str, str], dict[str, Any]] = {}
        self.lists: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.declared: dict[tuple[str, str], tuple[str, str, str]] = {}
        self.standings: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.quota: dict[tuple[str, str], dict[tuple[str, str], tuple[str, int]]] = defaultdict(dict)
        self.bills: dict[tuple[str, str], dict[str, Any]] = {}
        self.release_numbers: dict[str, tuple[str, str, str]] = {}
        self.numbers: dict[str, tuple[str, str, str]] = {}
        self.ids: dict[str, list[tuple[frozenset[str], bool]]] = defaultdict(list)
        self._public: dict[str, Ed25519PublicKey] = {}

    # -- reading ----------------------------------------------------------------------------------------------------

    def found(self, messages: list[dict[str, Any]], time_ms: int) -> None:
        """The founding agreement is taken as it stands."""
        self.time_ms = time_ms
        for message in messages:
            self._apply(message)

    def transaction(self, envelope: bytes, receipt: dict[str, Any]) -> None:
        """One entry of the log, with the bytes that were received."""
        code, self.time_ms = receipt["code"], receipt["time_ms"]
        self.counted[code] += 1
        opened = audit_entry.opened(envelope)
        if opened is None:
            self.findings.append(f"{receipt['transaction']}: on record, and no transaction")
            return
        name, messages = receipt["transaction"], opened.said["messages"]
        kinds = f"{'+'.join(message['type'] for message in messages)} {name[:12]}"
        self._expect(name == hashlib.sha256(opened.payload).hexdigest(), f"{name}: the receipt names another payload")
        self._expect(receipt["envelope"] == hashlib.sha256(envelope).hexdigest(), f"{name}: another envelope")
        self._once(name, opened, code == 0)
        if formal := audit_entry.objections(self, opened):
            self.findings.append(f"{kinds} is on record in spite of {sorted(formal)}")
        else:
            self._decided(kinds, code, self._objections(messages, audit_entry.signers(self, opened)))
        for message in messages if code == 0 else ():
            self._apply(message)

    def _decided(self, kinds: str, code: int, objections: set[int]) -> None:
        if code == 0:
            self._expect(not objections, f"{kinds} was accepted in spite of {sorted(objections)}")
        else:
            self._expect(code in objections, f"{kinds} was refused with {code}, not {sorted(objections)}")

    def turned_away(self, envelope: bytes, code: int) -> None:
        """Bytes of the block just read that came to no receipt: the machine itself had a reason for it."""
        opened = audit_entry.opened(envelope)
        reasons = {1} if opened is None else audit_entry.objections(self, opened) | audit_entry.too_early(self, opened)
        self._expect(code in reasons, f"turned away with {code}, not {sorted(reasons)}: {envelope[:80]!r}")

    def _once(self, name: str, opened: audit_entry.Opened, accepted: bool) -> None:
        """An id is used up by acceptance, and by a refusal for the same keys only."""
        before = self.ids[name]
        used_up = any(was or keys == opened.kids for keys, was in before)
        self._expect(not used_up, f"{name}: on record again")
        before.append((opened.kids, accepted))

    def _expect(self, holds: bool, finding: str) -> None:
        if not holds:
            self.findings.append(finding)

    def holds(self, public: str, text: str, signature: bytes) -> bool:
        """Whether this is the signature of the key's holder over the text."""
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

    def _objections(self, messages: list[dict[str, Any]], signers: list[str]) -> set[int]:
        found: set[int] = set()
        for message in messages:
            kind = message["type"]
            of = audit_customs.OBJECTIONS if kind in audit_customs.OBJECTIONS else audit_trade.OBJECTIONS
            found |= of[kind](self, message, signers)
        return found

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
        standing, ordered = ("code", "pre_no", "invt_no"), ("paid_minor", "institution", "shared_with")
        return {
            "orders.order": {
                k: {"cancelled": o["gone"], **{n: o.get(n) for n in ordered}} for k, o in self.orders.items()
            },
            "orders.cancellation": self.cancellations,
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
            "customs.numbered": {(n,): {"list_no": of[2]} for n, of in self.numbers.items()},
            "tax.bill": bills,
            "catalog.product": {k: {"on_sale": p["on_sale"]} for k, p in self.products.items()},
            "identity.party": {(k,): {"roles": p["roles"]} for k, p in self.parties.items()},
            "identity.key": {(k,): {"public": v["public"]} for k, v in self.keys.items()},
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
