"""Four organisations found a network and let a fifth in: signed bytes through the machine that the node runs."""

from sogdia import app
from sogdia.core.machine import Machine
from sogdia.core.receipt import ACCEPTED
from sogdia.core.refusal import Refused
from sogdia.core.store import MemoryStore
from sogdia.core.transaction import payload_bytes, sign
from sogdia.domains.governance.messages import Parameters, Propose, RemoveMember, Review, Vote
from sogdia.domains.governance.state import CASES, MEMBERS, terms, validator_updates
from sogdia.domains.identity.state import PARTIES
from tests.domains.conftest import FIRST_BLOCK_MS, NETWORK, Actor
from tests.domains.governance.conftest import application, consensus_key

CASE = "000001"


class Peers:
    """Two nodes that are given the same blocks and must come to the same seal."""

    def __init__(self, founding):
        self.nodes = [app.machine(NETWORK, MemoryStore()) for _ in range(2)]
        self.validators, self.nonces = {}, 0
        self._commit([node.found(FIRST_BLOCK_MS, founding) for node in self.nodes])

    def block(self, *sent):
        """One block of these (message, pen); the codes of its receipts."""
        raws = [self._signed(message, pen) for message, pen in sent]
        blocks = [node.execute(FIRST_BLOCK_MS, [node.check(raw) for raw in raws]) for node in self.nodes]
        self._commit(blocks)
        return [receipt.code for receipt in blocks[0].receipts]

    def _signed(self, message, pen):
        self.nonces += 1
        return sign(payload_bytes(NETWORK, FIRST_BLOCK_MS + 60_000, f"nonce-{self.nonces:08}", [message]), [pen])

    def _commit(self, blocks):
        assert blocks[0].seal == blocks[1].seal
        for node, block in zip(self.nodes, blocks, strict=True):
            node.commit(block)
        for key, power in validator_updates(blocks[0].records):
            assert power or key in self.validators, "CometBFT would stop: it does not have this validator"
            self.validators[key] = power

    @property
    def machine(self) -> Machine:
        return self.nodes[0]


def test_a_fifth_organisation_is_admitted(cast):
    network, newcomer = Peers(cast.founding()), cast.newcomer
    assert sum(network.validators.values()) == 40
    assert network.block((application(newcomer), newcomer)) == [ACCEPTED]
    seen = Review(member=cast.second.did, case_no=CASE, finding="in_order", digest="99" * 32)
    votes = [(Vote(member=one.did, case_no=CASE, choice="yes"), one) for one in cast.members]
    assert network.block((seen, cast.second), *votes[:2]) == [ACCEPTED] * 3
    assert newcomer.did not in {member.party for member in MEMBERS.under(network.machine.state)}
    assert network.block(votes[2]) == [ACCEPTED]
    assert network.validators[consensus_key(newcomer)] == 10
    assert PARTIES.get(network.machine.state, newcomer.did).name == "newcomer"
    what = Propose(member=newcomer.did, what=RemoveMember(party=cast.fourth.did))
    assert network.block((what, newcomer)) == [ACCEPTED]
    ballots = [(Vote(member=one.did, case_no="000002", choice="yes"), one) for one in cast.members[:3]]
    assert network.block(*ballots) == [ACCEPTED] * 3, "four of five"
    assert CASES.get(network.machine.state, "000002").status == "passed"
    assert network.validators[consensus_key(cast.fourth)] == 0


def test_strangers_share_their_places_in_a_block(cast):
    network = Peers(cast.founding(Parameters(stranger_limit=2)))
    crowd = [Actor(f"applicant {number}") for number in range(3)]
    codes = network.block(*((application(one), one) for one in crowd))
    assert codes == [ACCEPTED, ACCEPTED, Refused.OVER_QUOTA]
    assert network.block((application(crowd[2]), crowd[2])) == [ACCEPTED]


def test_the_terms_are_read_once_for_a_block_and_with_one_record(cast):
    network = Peers(cast.founding())
    reads = []

    class Counted:
        def read(self, table, key):
            reads.append(table.name)
            return network.machine.state.read(table, key)

    assert terms(Counted(), 2, FIRST_BLOCK_MS).party_limit == 2000
    assert reads == ["governance.terms"]
