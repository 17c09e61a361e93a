"""The founding agreement names the first members, their seats, and the terms with which the network begins."""

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.domains.governance.messages import Found, Founded, Refused
from sogdia.domains.governance.rules.effects import check_parameters
from sogdia.domains.governance.rules.seats import seat
from sogdia.domains.governance.state import (
    MEMBERS,
    SCOPE,
    TERMS,
    Member,
    NetworkTerms,
    RuleVersion,
    announce,
)
from sogdia.domains.identity.state import party_on_record


def found(ledger: Ledger, asked: Found) -> None:
    """The network begins with these members and terms, once; their parties are on record before."""
    if not ledger.founding:
        raise Refusal(Refused.FOUNDING_ONLY, message="governance.found")
    if TERMS.get(ledger.state, SCOPE) is not None:
        raise Refusal(Refused.FOUNDED_ALREADY, network=ledger.network)
    check_parameters(asked.parameters)
    named = {one.module: RuleVersion(one.module, one.version, ledger.height) for one in asked.versions}
    versions = tuple(named[module] for module in sorted(named))
    TERMS.put(ledger.state, NetworkTerms(SCOPE, asked.parameters, versions=versions))
    for founder in asked.members:
        party_on_record(ledger, founder.party)
        if MEMBERS.get(ledger.state, founder.party) is not None:
            raise Refusal(Refused.MEMBER_ALREADY, party=founder.party, standing="active")
        MEMBERS.put(ledger.state, Member(founder.party, ledger.height, "active", founder.url))
        if founder.validator is not None:
            seat(ledger, founder.party, founder.validator, asked.parameters.validator_power)
    announce(ledger, Founded, members=tuple(founder.party for founder in asked.members))
