"""A network with governance: four founding members with a seat each, on the rules alone or on the whole machine."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sogdia.core.codec import json_bytes
from sogdia.core.machine import Machine
from sogdia.core.module import Ledger
from sogdia.core.receipt import decode_outcome
from sogdia.core.refusal import Refusal
from sogdia.core.state import Committed, Overlay
from sogdia.core.store import MemoryStore
from sogdia.core.transaction import Message
from sogdia.domains.governance import rules as governance
from sogdia.domains.governance.messages import (
    Apply,
    Credential,
    Found,
    Founder,
    Organisation,
    Parameters,
    Propose,
    Vote,
)
from sogdia.domains.governance.state import CASES, DOCKET, SCOPE, find_key, terms
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.schema import Schema
from sogdia.mirror.writer import Writer
from tests.domains import conftest
from tests.domains.conftest import NETWORK, Actor, Cast, MachineScene, Mirrored, RulesScene

MODULES = (
    conftest.MODULES[0],
    governance.module,
    *(one for one in conftest.MODULES[1:] if one is not governance.module),
)
DAY_MS = 86_400_000


class Guild(Cast):
    """The cast, of which four are members; the newcomer knocks."""

    members = (Cast.registrar, Cast.platform, Cast.carrier, Cast.customs)
    first, second, third, fourth = members

    def founding(self, parameters: Parameters = Parameters(), extra: Sequence[Actor] = ()) -> list[Message]:
        """The cast's registrations, and the founding of the network by the members."""
        founders = tuple(Founder(one.did, url_of(one), consensus_key(one)) for one in (*self.members, *extra))
        more = [one.registration(self.registrar) for one in extra]
        return [*self.registrations(), *more, Found(members=founders, parameters=parameters)]


def url_of(actor: Actor) -> str:
    return f"https://{actor.name.replace(' ', '-')}.example"


def consensus_key(actor: Actor, name: str = "seat") -> str:
    """The key of this member's CometBFT, in hexadecimal."""
    return sha256(f"{actor.name} {name}".encode()).hexdigest()


def application(actor: Actor, **other: Any) -> Apply:
    """An organisation that nobody knows yet asks to become a member with a seat."""
    asked = {
        "party": actor.did,
        "organisation": Organisation(
            name=actor.name, country="UZ", registration="302345678", keys=(actor.new(),), agreement="77" * 32
        ),
        "url": url_of(actor),
        "validator": consensus_key(actor),
        "roles": actor.roles,
        "credentials": (Credential("trade licence", "Chamber of Commerce", "L-118", "99" * 32),),
    }
    return Apply(**asked | other)


class GuildTalk:
    """What members say to each other, on any scene."""

    def propose(self, what: Any, by: Actor) -> str:
        """Put a case before the members; its number."""
        self.accepts(Propose(member=by.did, what=what), by=by)
        return f"{self.find(DOCKET, SCOPE).last:06}"

    def vote(self, case_no: str, *members: Actor, choice: str = "yes") -> None:
        """Each of these members votes so."""
        for one in members:
            self.accepts(Vote(member=one.did, case_no=case_no, choice=choice), by=one)

    def pass_case(self, what: Any) -> str:
        """Three of the four members want this; its number."""
        case_no = self.propose(what, Guild.first)
        self.vote(case_no, Guild.second, Guild.third)
        assert self.find(CASES, case_no).status == "passed"
        return case_no


class GuildRules(GuildTalk, RulesScene):
    """The rules alone, with governance."""

    def __init__(self, founding: Sequence[Message]) -> None:
        self.time_ms, self.sent, self.height = conftest.FIRST_BLOCK_MS, 0, 0
        self.rules = {kind: rule for module in MODULES for kind, rule in module.rules.items()}
        self.state = Overlay(Committed(MemoryStore()))
        self._run(founding, (), founding=True)

    def tells(self, *messages: Message) -> tuple[dict[str, Any], ...]:
        """What the engine saw goes on record; the events."""
        ledger = self.ledger()
        ledger.by_engine = True
        for message in messages:
            self.rules[type(message)](ledger, message)
        self.state.absorb(ledger.state)
        return tuple(msgspec.json.decode(json_bytes(event)) for event in ledger.announced)

    def pass_blocks(self, count: int) -> None:
        self.height += count


class GuildMachine(GuildTalk, MachineScene):
    """The whole machine with governance; `blocks` are those that were committed."""

    def __init__(self, founding: Sequence[Message]) -> None:
        self.time_ms, self.sent = conftest.FIRST_BLOCK_MS, 0
        self.machine = Machine(NETWORK, MODULES, find_key, MemoryStore(), terms=terms)
        self.outcomes: list[bytes] = []
        self.blocks: list[Any] = []
        self._commit(self.machine.found(self.time_ms, founding))

    def tells(self, *messages: Message) -> tuple[dict[str, Any], ...]:
        """What the engine saw goes on record with an otherwise empty block; the events."""
        block = self.machine.execute(self.time_ms, [], told=messages)
        self._commit(block)
        events = [event for done in decode_outcome(block.outcome).done for event in done.events]
        return tuple(msgspec.json.decode(event.json) for event in events)

    def pass_blocks(self, count: int) -> None:
        for _ in range(count):
            self._commit(self.machine.execute(self.time_ms, []))

    def _commit(self, block: Any) -> None:
        super()._commit(block)
        self.blocks.append(block)


@pytest.fixture(scope="session")
def cast() -> Guild:
    return Guild()


@pytest.fixture(params=["rules", "machine"])
def scene(request: pytest.FixtureRequest, cast: Guild) -> Any:
    """Four members, on the rules alone and on the machine."""
    return (GuildRules if request.param == "rules" else GuildMachine)(cast.founding())


@pytest.fixture
def network(cast: Guild) -> GuildMachine:
    """Four members, on a machine."""
    return GuildMachine(cast.founding())


@pytest.fixture(scope="session")
def new_network(cast: Guild) -> Callable[..., GuildRules]:
    """Makes networks on the rules alone: with these parameters, and these members beside the four."""
    return lambda parameters=Parameters(), extra=(): GuildRules(cast.founding(parameters, extra))


@pytest.fixture
def bare() -> Ledger:
    """A ledger without governance, which is being founded."""
    scene = conftest.RulesScene(Guild())
    return scene.ledger(founding=True)


@pytest.fixture
def refused_at_founding(bare: Ledger) -> Callable[..., None]:
    """Insist that a founding agreement is refused with this number."""

    def refuses(code: int, *messages: Message) -> None:
        rules = {kind: rule for module in MODULES for kind, rule in module.rules.items()}
        *before, last = messages
        for message in before:
            rules[type(message)](bare, message)
        with pytest.raises(Refusal) as no:
            rules[type(last)](bare, last)
        assert no.value.code == code

    return refuses


@pytest.fixture
def ask(network: GuildMachine, tmp_path: Path) -> Iterator[Mirrored]:
    """`ask(query, ...)`: the answer out of a mirror of everything that the network has on record."""
    url, schema = f"sqlite:///{tmp_path}/mirror.db", Schema(table for module in MODULES for table in module.tables)
    mirrored = Mirrored.__new__(Mirrored)
    mirrored.network, mirrored.writer, mirrored.picture = network, Writer(url, schema), SqlPicture(url, schema)
    yield mirrored
    mirrored.close()
