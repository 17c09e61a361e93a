"""Parties come on record, change keys and roles, and let others act for them; nobody speaks for somebody else."""

import pytest

from sogdia.core.refusal import Refused as Machine
from sogdia.domains.catalog.messages import ListProduct, WithdrawProduct
from sogdia.domains.identity.messages import (
    Delegate,
    GrantRole,
    Recover,
    Refused,
    Reinstate,
    RevokeDelegation,
    RevokeRole,
    Rotate,
    Suspend,
)
from sogdia.domains.identity.state import DELEGATIONS, KEYS, PARTIES

DAY_MS = 86_400_000


def lantern(seller, sku="71053"):
    """A small thing for a seller to sign."""
    return ListProduct(
        seller=seller.did,
        sku=sku,
        name="White metal lantern",
        hs_code="9405500000",
        origin="CN",
        unit="007",
        net_weight_grams=420,
    )


def delegated(scene, cast, *actions):
    """The seller lets the broker sign these for a day."""
    until_ms = scene.time_ms + DAY_MS
    asked = Delegate(principal=cast.seller.did, agent=cast.broker.did, actions=actions, until_ms=until_ms)
    scene.accepts(asked, by=cast.seller)
    return until_ms


class TestRegistering:
    def test_a_registrar_and_the_newcomers_own_key_put_it_on_record(self, scene, cast):
        (told,) = scene.accepts(cast.newcomer.registration(cast.registrar), by=(cast.newcomer, cast.registrar))
        assert (told["type"], told["party_roles"]) == ("identity.party_registered", ["seller"])
        assert scene.find(PARTIES, cast.newcomer.did).name == "newcomer"
        assert scene.find(KEYS, cast.newcomer.kid).public == cast.newcomer.key.public.hex()
        scene.accepts(lantern(cast.newcomer), by=cast.newcomer)

    def test_a_party_is_registered_once(self, scene, cast):
        again = cast.seller.registration(cast.registrar)
        scene.refuses(Refused.PARTY_EXISTS, again, by=(cast.seller, cast.registrar), party=cast.seller.did)

    def test_nobody_registers_without_a_registrar(self, scene, cast):
        asked = cast.newcomer.registration(cast.registrar)
        scene.refuses(Refused.NOT_SIGNED_BY, asked, by=cast.newcomer, party=cast.registrar.did)
        by_a_seller = cast.newcomer.registration(cast.seller)
        scene.refuses(Refused.ROLE_MISSING, by_a_seller, by=(cast.newcomer, cast.seller), role="registrar")
        by_a_stranger = cast.newcomer.registration(cast.stranger)
        scene.refuses(Refused.PARTY_UNKNOWN, by_a_stranger, by=cast.newcomer, party=cast.stranger.did)

    def test_nobody_is_registered_with_a_key_that_they_do_not_hold(self, scene, cast):
        asked = cast.newcomer.registration(cast.registrar)
        scene.refuses(Refused.NOT_SIGNED_BY, asked, by=cast.registrar, party=cast.newcomer.did)

    def test_a_second_key_does_not_speak_for_the_first(self, scene, cast):
        thief = cast.newcomer.pen("key-2")
        asked = cast.newcomer.registration(cast.registrar, thief.new())
        scene.refuses(Refused.NOT_SIGNED_BY, asked, by=(thief, cast.registrar), key=cast.newcomer.kid)

    def test_the_identifier_is_the_one_of_the_first_key(self, scene, cast):
        theirs = cast.newcomer.registration(cast.registrar)
        other = cast.newcomer.pen("key-1")
        changed = type(theirs)(**{name: getattr(theirs, name) for name in theirs.__struct_fields__} | {
            "keys": (other.new(),)
        })  # fmt: skip
        scene.refuses(Refused.IDENTIFIER_NOT_OF_KEY, changed, by=(other, cast.registrar), party=cast.newcomer.did)

    def test_the_first_key_is_one_that_signs(self, scene, cast):
        theirs = cast.newcomer.registration(cast.registrar)
        changed = type(theirs)(**{name: getattr(theirs, name) for name in theirs.__struct_fields__} | {
            "keys": (cast.newcomer.new("recover"),)
        })  # fmt: skip
        scene.refuses(Refused.PURPOSE_WRONG, changed, by=(cast.newcomer, cast.registrar), purpose="recover")

    @pytest.mark.parametrize("key_id", ["{seller}#key-2", "{newcomer}", "{newcomer}#", "{newcomer}#two words"])
    def test_a_key_id_is_the_partys_identifier_and_a_name(self, scene, cast, key_id):
        pen = cast.newcomer.pen("key-2")
        pen.kid = key_id.format(seller=cast.seller.did, newcomer=cast.newcomer.did)
        asked = cast.newcomer.registration(cast.registrar, pen.new())
        by = (cast.newcomer, cast.registrar)
        scene.refuses(Refused.KEY_ID_NOT_OF_PARTY, asked, by=by, key=pen.kid, party=cast.newcomer.did)


class TestKeys:
    def test_a_new_key_signs_and_the_old_one_no_longer(self, network, cast):
        new = cast.seller.pen("key-2")
        asked = Rotate(party=cast.seller.did, add=(new.new(),), retire=(cast.seller.kid,), agreement="88" * 32)
        (told,) = network.accepts(asked, by=cast.seller)
        assert (told["added"], told["retired"]) == ([new.kid], [cast.seller.kid])
        network.refuses(Machine.UNKNOWN_KEY, lantern(cast.seller), by=cast.seller, key=cast.seller.kid)
        network.accepts(lantern(cast.seller), by=new)
        assert network.find(PARTIES, cast.seller.did).agreement == "88" * 32
        assert network.find(KEYS, cast.seller.kid).retired_height == 2, "what it signed can still be checked"

    def test_a_key_that_is_only_being_added_does_not_sign_its_own_rotation(self, network, cast):
        thief = cast.seller.pen("key-2")
        asked = Rotate(party=cast.seller.did, add=(thief.new(),))
        network.refuses(Machine.UNKNOWN_KEY, asked, by=thief, key=thief.kid)

    def test_a_key_id_is_never_given_twice(self, scene, cast):
        new = cast.seller.pen("key-2")
        scene.accepts(Rotate(party=cast.seller.did, add=(new.new(),)), by=cast.seller)
        scene.accepts(Rotate(party=cast.seller.did, retire=(new.kid,)), by=cast.seller)
        again = Rotate(party=cast.seller.did, add=(new.new(),))
        scene.refuses(Refused.KEY_EXISTS, again, by=cast.seller, key=new.kid)

    def test_only_keys_of_ones_own_that_still_sign_are_retired(self, scene, cast):
        for kid in (cast.broker.kid, cast.seller.did + "#key-9"):
            scene.refuses(Refused.KEY_UNKNOWN, Rotate(party=cast.seller.did, retire=(kid,)), by=cast.seller, key=kid)
        new = cast.seller.pen("key-2")
        scene.accepts(Rotate(party=cast.seller.did, add=(new.new(),), retire=(cast.seller.kid,)), by=cast.seller)
        again = Rotate(party=cast.seller.did, retire=(cast.seller.kid,))
        scene.refuses(Refused.KEY_RETIRED, again, by=new, key=cast.seller.kid)

    def test_a_party_keeps_a_key_that_signs(self, scene, cast):
        only = Rotate(party=cast.seller.did, retire=(cast.seller.kid,))
        scene.refuses(Refused.LAST_KEY, only, by=cast.seller, party=cast.seller.did)
        recovery = cast.seller.pen("recovery").new("recover")
        for_recovery_only = Rotate(party=cast.seller.did, add=(recovery,), retire=(cast.seller.kid,))
        scene.refuses(Refused.LAST_KEY, for_recovery_only, by=cast.seller, party=cast.seller.did)

    def test_an_agent_never_changes_its_principals_keys(self, scene, cast):
        delegated(scene, cast, "identity.rotate")
        thief = cast.seller.pen("key-2")
        asked = Rotate(party=cast.seller.did, add=(thief.new(),), retire=(cast.seller.kid,))
        scene.refuses(Refused.NOT_SIGNED_BY, asked, by=cast.broker, party=cast.seller.did)


class TestRecovery:
    @pytest.fixture
    def recovery(self, scene, cast):
        return self.put_by(scene, cast.seller)

    @staticmethod
    def put_by(scene, party):
        key = party.pen("recovery")
        scene.accepts(Rotate(party=party.did, add=(key.new("recover"),)), by=party)
        return key

    def test_the_recovery_key_puts_a_new_key_in_the_place_of_all_others(self, scene, cast, recovery):
        new = cast.seller.pen("key-2")
        asked = Recover(party=cast.seller.did, recovery_key=recovery.kid, key=new.new())
        (told,) = scene.accepts(asked, by=(recovery, new))
        assert (told["added"], told["retired"]) == ([new.kid], [cast.seller.kid])
        assert scene.find(KEYS, cast.seller.kid).retired_height
        scene.accepts(lantern(cast.seller), by=new)

    def test_the_lost_key_no_longer_signs(self, network, cast):
        recovery, new = self.put_by(network, cast.seller), cast.seller.pen("key-2")
        network.accepts(Recover(party=cast.seller.did, recovery_key=recovery.kid, key=new.new()), by=(recovery, new))
        network.refuses(Machine.UNKNOWN_KEY, lantern(cast.seller), by=cast.seller, key=cast.seller.kid)

    def test_the_recovery_key_signs_nothing_else(self, network, cast):
        recovery = self.put_by(network, cast.seller)
        network.refuses(Machine.UNKNOWN_KEY, lantern(cast.seller), by=recovery, key=recovery.kid)

    def test_nor_does_it_in_the_shadow_of_anothers_recovery(self, network, cast):
        mine, theirs, new = (
            self.put_by(network, cast.seller),
            self.put_by(network, cast.platform),
            cast.platform.pen("key-2"),
        )
        network.refuses(
            Machine.UNKNOWN_KEY,
            Recover(party=cast.platform.did, recovery_key=theirs.kid, key=new.new()),
            lantern(cast.seller),
            by=(theirs, new, mine),
            key=mine.kid,
        )

    def test_a_new_key_alone_recovers_nothing(self, scene, cast, recovery):
        thief = cast.seller.pen("key-2")
        asked = Recover(party=cast.seller.did, recovery_key=recovery.kid, key=thief.new())
        scene.refuses(Refused.NOT_SIGNED_BY, asked, by=thief, key=recovery.kid)

    def test_nor_is_a_key_put_in_place_that_nobody_holds(self, scene, cast, recovery):
        new = cast.seller.pen("key-2")
        asked = Recover(party=cast.seller.did, recovery_key=recovery.kid, key=new.new())
        scene.refuses(Refused.NOT_SIGNED_BY, asked, by=recovery, key=new.kid)

    def test_the_recovery_key_is_the_partys_own_and_meant_for_it(self, scene, cast, recovery):
        new = cast.platform.pen("key-2")
        with_anothers = Recover(party=cast.platform.did, recovery_key=recovery.kid, key=new.new())
        scene.refuses(Refused.KEY_UNKNOWN, with_anothers, by=(cast.platform, recovery), key=recovery.kid)
        with_signing_key = Recover(party=cast.platform.did, recovery_key=cast.platform.kid, key=new.new())
        scene.refuses(Refused.PURPOSE_WRONG, with_signing_key, by=(cast.platform, new), key=cast.platform.kid)


class TestRoles:
    def test_a_registrar_gives_and_takes_a_role(self, scene, cast):
        grant = GrantRole(party=cast.broker.did, role="seller", registrar=cast.registrar.did)
        (told,) = scene.accepts(grant, by=cast.registrar)
        assert (told["change"], told["detail"]) == ("role granted", "seller")
        scene.accepts(lantern(cast.broker), by=cast.broker)
        scene.accepts(RevokeRole(party=cast.broker.did, role="seller", registrar=cast.registrar.did), by=cast.registrar)
        asked = lantern(cast.broker, "71054")
        scene.refuses(Refused.ROLE_MISSING, asked, by=cast.broker, role="seller", roles=["broker"])

    def test_a_role_is_given_once_and_taken_once(self, scene, cast):
        grant = GrantRole(party=cast.seller.did, role="seller", registrar=cast.registrar.did)
        scene.refuses(Refused.ROLE_HELD, grant, by=cast.registrar, role="seller")
        revoke = RevokeRole(party=cast.seller.did, role="platform", registrar=cast.registrar.did)
        scene.refuses(Refused.ROLE_MISSING, revoke, by=cast.registrar, role="platform", roles=["seller"])

    def test_nobody_gives_themselves_a_role(self, scene, cast):
        grant = GrantRole(party=cast.seller.did, role="customs", registrar=cast.seller.did)
        scene.refuses(Refused.ROLE_MISSING, grant, by=cast.seller, role="registrar")
        in_the_registrars_name = GrantRole(party=cast.seller.did, role="customs", registrar=cast.registrar.did)
        scene.refuses(Refused.NOT_SIGNED_BY, in_the_registrars_name, by=cast.seller, party=cast.registrar.did)

    def test_a_role_needs_a_party_on_record(self, scene, cast):
        grant = GrantRole(party=cast.stranger.did, role="seller", registrar=cast.registrar.did)
        scene.refuses(Refused.PARTY_UNKNOWN, grant, by=cast.registrar, party=cast.stranger.did)


class TestDelegation:
    def test_an_agent_signs_what_was_named_and_nothing_else(self, scene, cast):
        delegated(scene, cast, "catalog.list_product")
        scene.accepts(lantern(cast.seller), by=cast.broker)
        withdraw = WithdrawProduct(seller=cast.seller.did, sku="71053")
        told = {"party": cast.seller.did, "action": "catalog.withdraw_product", "signed_by": [cast.broker.did]}
        scene.refuses(Refused.NOT_SIGNED_BY, withdraw, by=cast.broker, **told)

    def test_it_lapses_when_its_last_millisecond_has_passed(self, scene, cast):
        scene.time_ms = delegated(scene, cast, "catalog.list_product")
        scene.accepts(lantern(cast.seller), by=cast.broker)
        scene.time_ms += 1
        scene.refuses(Refused.NOT_SIGNED_BY, lantern(cast.seller, "71054"), by=cast.broker)

    @pytest.mark.parametrize("ending", ["seller", "broker"])
    def test_either_side_ends_it(self, scene, cast, ending):
        delegated(scene, cast, "catalog.list_product")
        revoke = RevokeDelegation(principal=cast.seller.did, agent=cast.broker.did)
        scene.refuses(Refused.NOT_SIGNED_BY, revoke, by=cast.platform, party=cast.seller.did)
        scene.accepts(revoke, by=getattr(cast, ending))
        assert scene.find(DELEGATIONS, cast.seller.did, cast.broker.did) is None
        scene.refuses(Refused.NOT_SIGNED_BY, lantern(cast.seller), by=cast.broker)
        scene.refuses(Refused.DELEGATION_UNKNOWN, revoke, by=cast.seller, agent=cast.broker.did)

    def test_a_suspended_agent_does_not_act(self, scene, cast):
        delegated(scene, cast, "catalog.list_product")
        scene.accepts(
            Suspend(party=cast.broker.did, reason="licence expired", registrar=cast.registrar.did), by=cast.registrar
        )
        scene.refuses(Refused.NOT_SIGNED_BY, lantern(cast.seller), by=cast.broker, party=cast.seller.did)

    def test_an_agent_does_not_hand_on_what_it_was_given(self, scene, cast):
        until_ms = delegated(scene, cast, "identity.delegate", "catalog.list_product")
        onwards = Delegate(
            principal=cast.seller.did, agent=cast.carrier.did, actions=("catalog.list_product",), until_ms=until_ms
        )
        scene.refuses(Refused.NOT_SIGNED_BY, onwards, by=cast.broker, party=cast.seller.did)

    def test_a_new_delegation_replaces_the_old_one(self, scene, cast):
        delegated(scene, cast, "catalog.list_product")
        delegated(scene, cast, "catalog.withdraw_product")
        assert scene.find(DELEGATIONS, cast.seller.did, cast.broker.did).actions == ("catalog.withdraw_product",)
        scene.refuses(Refused.NOT_SIGNED_BY, lantern(cast.seller), by=cast.broker)

    def test_it_names_another_party_on_record_and_a_time_to_come(self, scene, cast):
        def to(agent, until_ms):
            return Delegate(principal=cast.seller.did, agent=agent.did, actions=("orders.place",), until_ms=until_ms)

        later = scene.time_ms + DAY_MS
        scene.refuses(Refused.SELF_DELEGATION, to(cast.seller, later), by=cast.seller, party=cast.seller.did)
        scene.refuses(Refused.PARTY_UNKNOWN, to(cast.stranger, later), by=cast.seller, party=cast.stranger.did)
        scene.refuses(Refused.DELEGATION_PAST, to(cast.broker, scene.time_ms), by=cast.seller, until_ms=scene.time_ms)


class TestSuspension:
    def test_a_suspended_partys_signature_does_not_count_until_it_is_reinstated(self, scene, cast):
        suspend = Suspend(party=cast.seller.did, reason="licence expired", registrar=cast.registrar.did)
        reinstate = Reinstate(party=cast.seller.did, registrar=cast.registrar.did)
        scene.accepts(suspend, by=cast.registrar)
        told = {"party": cast.seller.did, "reason": "licence expired"}
        scene.refuses(Refused.PARTY_SUSPENDED, lantern(cast.seller), by=cast.seller, **told)
        scene.refuses(Refused.PARTY_SUSPENDED, suspend, by=cast.registrar, **told)
        scene.accepts(reinstate, by=cast.registrar)
        scene.accepts(lantern(cast.seller), by=cast.seller)
        scene.refuses(Refused.NOT_SUSPENDED, reinstate, by=cast.registrar, party=cast.seller.did)

    def test_nor_does_its_agents(self, scene, cast):
        delegated(scene, cast, "catalog.list_product")
        suspend = Suspend(party=cast.seller.did, reason="", registrar=cast.registrar.did)
        scene.accepts(suspend, by=cast.registrar)
        scene.refuses(Refused.PARTY_SUSPENDED, lantern(cast.seller), by=cast.broker, reason="suspended")

    def test_only_a_registrar_suspends(self, scene, cast):
        suspend = Suspend(party=cast.other_seller.did, reason="rival", registrar=cast.seller.did)
        scene.refuses(Refused.ROLE_MISSING, suspend, by=cast.seller, role="registrar")


def test_every_refusal_of_identity_is_shown_here(refusals_shown):
    assert refusals_shown == {refusal.name for refusal in Refused}
