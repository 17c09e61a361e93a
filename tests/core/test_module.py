"""A module is read off its messages and state; a rule belongs to one message of its domain."""

import itertools
import sys

import pytest

from sogdia import app
from sogdia.core.module import Ledger, Module, table_index, tag_of
from sogdia.domains.orders.messages import Place
from sogdia.engines import suite_ledger


def test_messages_events_tables_and_refusals_are_found_by_themselves() -> None:
    module = Module("suite", 99_000, suite_ledger, suite_ledger)
    assert {tag_of(kind) for kind in module.messages} == {"suite.pay", "suite.move", "suite.stumble"}
    assert [tag_of(kind) for kind in module.events] == ["suite.moved"]
    assert module.tables == (suite_ledger.ACCOUNTS,)
    assert module.refusals == (suite_ledger.Refused.OVERDRAWN,)


def test_refusals_outside_the_domains_thousand_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="outside 1000-1999"):
        Module("suite", 1000, suite_ledger, suite_ledger)


def test_a_message_has_one_rule_and_it_is_of_the_domain() -> None:
    module = Module("suite", 99_000, suite_ledger, suite_ledger)
    module.rule(suite_ledger.pay)
    with pytest.raises(TypeError, match="has a rule already"):
        module.rule(suite_ledger.pay)

    def foreign(ledger: Ledger, asked: Place) -> None:
        raise AssertionError("never called")

    with pytest.raises(TypeError, match="no message of this domain"):
        module.rule(foreign)


def test_every_message_of_every_domain_has_a_rule_and_every_table_its_own_prefix() -> None:
    for module in app.MODULES:
        assert set(module.rules) == set(module.messages), module.name
    tables = [table for module in app.MODULES for table in module.tables]
    assert len(table_index(app.MODULES)) == len(tables)
    prefixes = sorted(table.prefix for table in tables)
    assert not any(b.startswith(a) for a, b in itertools.pairwise(prefixes))


def test_tags_name_the_domain_and_are_unique() -> None:
    tags = [(module.name, tag_of(kind)) for module in app.MODULES for kind in (*module.messages, *module.events)]
    assert all(tag.startswith(name + ".") for name, tag in tags)
    assert len({tag for _, tag in tags}) == len(tags)
    assert suite_ledger.module.messages == tuple(
        vars(sys.modules[suite_ledger.__name__])[name] for name in ("Pay", "Move", "Stumble")
    )
