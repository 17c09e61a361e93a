"""The mirror of a real machine's blocks: every record that stands in the sealed state stands in SQL, and no other."""

from hashlib import sha256
from typing import Any

import msgspec
import pytest
import sqlalchemy as sql

from sogdia.core.codec import json_bytes
from sogdia.core.keys import SigningKey, identifier, key_id
from sogdia.core.machine import Machine
from sogdia.core.query import Asker
from sogdia.core.state import Table
from sogdia.core.store import MemoryStore
from sogdia.core.transaction import Message, payload_bytes, sign
from sogdia.domains.identity import queries
from sogdia.domains.identity import rules as identity
from sogdia.domains.identity.messages import (
    Delegate,
    GrantRole,
    NewKey,
    Refused,
    Register,
    RevokeDelegation,
    Rotate,
    Suspend,
)
from sogdia.domains.identity.state import DELEGATIONS, find_key
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.writer import Writer

NETWORK = "sogd"
START_MS = 1_772_442_000_000


class Someone:
    """A party with a key."""

    scheme = "EdDSA"

    def __init__(self, name: str, *roles: str) -> None:
        self.name, self.roles = name, roles
        self.key = SigningKey(sha256(name.encode()).digest())
        self.did = identifier(NETWORK, self.key.public)
        self.kid = key_id(self.did)

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)

    def registration(self, registrar: "Someone") -> Register:
        return Register(
            party=self.did,
            name=self.name,
            country="CN",
            registration="91330782MA28DEMO0X",
            roles=self.roles,
            keys=(NewKey(id=self.kid, public=self.key.public.hex()),),
            agreement="77" * 32,
            registrar=registrar.did,
        )


REGISTRAR = Someone("registrar", "registrar")
SELLER = Someone("seller", "seller")
BROKER = Someone("broker", "broker")
CARRIER = Someone("carrier", "carrier")


class Network:
    """A machine, and the outcomes of its blocks; each block is at one instant more."""

    def __init__(self) -> None:
        self.machine = Machine(NETWORK, (identity.module,), find_key, MemoryStore())
        self.outcomes: list[bytes] = []
        self._commit(self.machine.found(START_MS, [REGISTRAR.registration(REGISTRAR)]))

    def block(self, *transactions: tuple[Message, tuple[Someone, ...]]) -> list[int]:
        """Put these into one block; the codes that they got."""
        time_ms = START_MS + 1_000 * len(self.outcomes)
        checked = []
        for number, (message, signers) in enumerate(transactions):
            payload = payload_bytes(NETWORK, time_ms + 60_000, f"nonce-{len(self.outcomes)}-{number}", [message])
            checked.append(self.machine.check(sign(payload, signers)))
        block = self.machine.execute(time_ms, checked)
        self._commit(block)
        return [receipt.code for receipt in block.receipts]

    def _commit(self, block: Any) -> None:
        self.machine.commit(block)
        self.outcomes.append(block.outcome)


@pytest.fixture
def network() -> Network:
    """Parties come, a delegation is given and taken back, another stays, a party is suspended, one is refused."""
    made = Network()
    made.block(*((who.registration(REGISTRAR), (REGISTRAR, who)) for who in (SELLER, BROKER, CARRIER)))
    given = [
        Delegate(principal=SELLER.did, agent=agent.did, actions=("customs.declare_export",), until_ms=2_000_000_000_000)
        for agent in (BROKER, CARRIER)
    ]
    made.block(*((one, (SELLER,)) for one in given))
    made.block(
        (RevokeDelegation(principal=SELLER.did, agent=CARRIER.did), (SELLER,)),
        (GrantRole(party=CARRIER.did, role="warehouse", registrar=REGISTRAR.did), (REGISTRAR,)),
        (Rotate(party=SELLER.did, add=(NewKey(id=SELLER.did + "#second", public="88" * 32),)), (SELLER,)),
        (Suspend(party=BROKER.did, reason="licence expired", registrar=REGISTRAR.did), (REGISTRAR,)),
    )
    codes = made.block((GrantRole(party=BROKER.did, role="carrier", registrar=SELLER.did), (SELLER,)))
    assert codes == [Refused.ROLE_MISSING]
    return made


@pytest.fixture
def picture(url: str, network: Network) -> Any:
    writer = Writer(url, identity.module.tables)
    writer.apply(network.outcomes[:2])
    writer.apply(network.outcomes[2:])
    writer.close()
    made = SqlPicture(url, identity.module.tables)
    yield made
    made.close()


def on_record(network: Network, table: Table[Any]) -> list[dict[str, Any]]:
    records = network.machine.state.scan(table, table.prefix)
    return [
        {name: msgspec.json.decode(json_bytes(getattr(record, name))) for name in record.__struct_fields__}
        for record in records
    ]


@pytest.mark.parametrize("table", identity.module.tables, ids=lambda table: table.name)
def test_what_is_on_record_stands_in_the_picture(picture: SqlPicture, network: Network, table: Table[Any]) -> None:
    made = picture.table(table)
    rows = picture.rows(sql.select(made).order_by(*(made.c[name] for name in table.key)))
    assert rows
    assert [{name: value for name, value in row.items() if name != "height"} for row in rows] == sorted(
        on_record(network, table), key=lambda record: [record[name] for name in table.key]
    )


def test_every_transaction_is_found_by_its_place_in_the_log(picture: SqlPicture, network: Network) -> None:
    made = picture.transactions
    rows = picture.rows(sql.select(made.c.log_index, made.c.code, made.c.tags).order_by(made.c.log_index))
    assert [row["log_index"] for row in rows] == list(range(network.machine.seal.log_size))
    assert rows[-1] == {"log_index": 10, "code": Refused.ROLE_MISSING, "tags": ["identity.grant_role"]}


def test_a_party_hears_of_itself(picture: SqlPicture) -> None:
    made = picture.events
    heard = picture.rows(sql.select(made).where(picture.visible_events(Asker(CARRIER.did))).order_by(made.c.height))
    assert heard[0]["tag"] == "identity.party_registered"
    assert heard[0]["json"]["party"] == CARRIER.did
    assert all(CARRIER.did in event["json"]["parties"] for event in heard)


def test_the_queries_of_a_domain_are_answered(picture: SqlPicture) -> None:
    found = queries.party(picture, Asker(), SELLER.did)
    assert found is not None
    assert [key["id"] for key in found["keys"]] == [SELLER.kid, SELLER.did + "#second"]
    assert [one["agent"] for one in queries.delegations(picture, Asker(BROKER.did))] == [BROKER.did]
    assert queries.delegations(picture, Asker(CARRIER.did)) == []
    assert len(picture.rows(sql.select(picture.table(DELEGATIONS)))) == 1
