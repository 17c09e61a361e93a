"""Whatever a member signs on a network that runs, a rule answers with yes or with a refusal, never with a bug."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sogdia.domains.governance.messages import (
    EXAMPLES,
    Found,
    Misbehaved,
    Propose,
    Refused,
    ResumeNetwork,
    SetParameters,
)
from sogdia.domains.governance.rules import module
from sogdia.domains.governance.state import CASES, terms, total_power
from sogdia.domains.identity import rules as identity
from sogdia.primitives import cases
from tests.domains.governance.conftest import Guild, application, consensus_key
from tests.simulation.generator import strategy

EVERYBODY = (*Guild.members, Guild.seller, Guild.newcomer)
SENT = [kind for kind in module.messages if kind not in (Found, Misbehaved)]
REFUSALS = {int(one) for one in (*module.refusals, *identity.module.refusals, *cases.Refused)}

parties = st.sampled_from([one.did for one in EVERYBODY])
keys = st.sampled_from([consensus_key(one) for one in EVERYBODY] + ["ab" * 32])
numbers = st.sampled_from(["000001", "000002", "000003", "000009"])
named = {"party": parties, "member": parties, "case_no": numbers, "validator": keys}


@st.composite
def message(draw, kind):
    """A message of this type about parties, keys and cases that there are."""
    made = draw(strategy(kind))
    if isinstance(made, Propose):
        made = replace(made, what=aimed(draw, made.what))
    return aimed(draw, made)


def aimed(draw, made):
    there = {name: value for name, value in named.items() if name in made.__struct_fields__}
    return replace(made, **{name: draw(value) for name, value in there.items()})


@pytest.fixture(scope="module")
def busy(cast, new_network):
    """A network on which an application, a proposal and an offence wait."""

    def made():
        scene = new_network()
        scene.accepts(application(cast.newcomer), by=cast.newcomer)
        scene.propose(SetParameters(case_days=3), cast.first)
        offence = next(one for one in EXAMPLES if isinstance(one, Misbehaved))
        scene.tells(offence)
        return scene

    return made


@pytest.mark.parametrize("kind", SENT, ids=lambda kind: kind.__struct_config__.tag)
def test_no_message_makes_its_rule_fail(busy, kind):
    scene, codes = busy(), set()

    @settings(max_examples=60, deadline=None)
    @given(message(kind))
    def ask(asked):
        code = scene.send(asked, by=EVERYBODY).code
        assert code == 0 or code in REFUSALS
        codes.add(code)
        assert total_power(scene.state) > 0
        assert terms(scene.state, scene.height, scene.time_ms).halted_until_ms <= scene.time_ms + 604_800_000
        assert all(cases.standing(case, scene.time_ms) in cases.FOLLOWS for case in CASES.under(scene.state))

    ask()
    assert codes


def test_the_network_of_this_file_runs(busy, cast):
    scene = busy()
    scene.refuses(Refused.NOT_HALTED, Propose(member=cast.first.did, what=ResumeNetwork()), by=cast.first)
