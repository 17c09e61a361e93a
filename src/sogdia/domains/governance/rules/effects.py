"""What a case does when it has passed. Each action is checked when it is proposed and again when it takes effect.

In between the world may have moved: then the vote that would have carried the case is refused with the reason, and the
case waits for another or lapses.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import asdict, replace

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.core.state import Overlay
from sogdia.domains.governance import messages
from sogdia.domains.governance.messages import MemberChanged, Parameters, Proposed, Refused, TermsChanged
from sogdia.domains.governance.rules.seats import seat, seat_of, vacate
from sogdia.domains.governance.state import (
    MEMBERS,
    SUSPENDED,
    TERMS,
    Application,
    Halt,
    Member,
    NetworkTerms,
    Proposal,
    Quota,
    RuleVersion,
    active_member,
    active_members,
    announce,
    terms_on_record,
)
from sogdia.domains.identity import state as identity
from sogdia.primitives import cases

BLOCKS_AHEAD: Final = 10
"""By how many blocks at least an upgrade is known before it holds."""

QUOTAS_LIMIT: Final = 1000
"""Parties that may have a limit of their own: every block reads all of them."""


def check(ledger: Ledger, what: Proposed) -> None:
    """Refuse an action that could not be carried out now; nothing is changed."""
    tried = Ledger(Overlay(ledger.state), network=ledger.network, height=ledger.height, time_ms=ledger.time_ms)
    carry_out(tried, Proposal("", what))


def carry_out(ledger: Ledger, proposal: Proposal) -> None:
    """Do what the proposal says."""
    EFFECTS[type(proposal.what)](ledger, proposal.what, proposal.case_no)


def admit(ledger: Ledger, application: Application) -> None:
    """The applicant is a member: on record, in its roles, with its seat if it wants one."""
    party = application.party
    organisation = application.organisation
    if identity.PARTIES.get(ledger.state, party) is None:
        assert organisation is not None, f"{party} has applied without saying who it is"
        roles, agreement = application.roles, organisation.agreement
        new = identity.Party(
            party, organisation.name, organisation.country, organisation.registration, roles, agreement
        )
        identity.enrol(ledger, new, organisation.keys)
    else:
        held = identity.party_on_record(ledger, party).roles
        for role in application.roles:
            if role not in held:
                identity.set_role(ledger, party, role, True)
    MEMBERS.put(ledger.state, Member(party, ledger.height, "active", application.url))
    if application.validator:
        seat(ledger, party, application.validator, terms_on_record(ledger).parameters.validator_power)
    _member_changed(ledger, party, "admitted", application.url)


def check_parameters(parameters: Parameters) -> None:
    """Refuse shares of votes that nobody could meet, or that are less than two thirds."""
    needed = parameters.votes_needed
    cases.check_share(needed)
    if needed.numerator * 3 < needed.denominator * 2:
        raise Refusal(Refused.VOTES_NEEDED_TOO_FEW, numerator=needed.numerator, denominator=needed.denominator)


# --- members and seats ----------------------------------------------------------------------------------------------


def _suspend(ledger: Ledger, what: messages.SuspendMember, case_no: str) -> None:
    member = active_member(ledger, what.party)
    if what.until_ms and what.until_ms <= ledger.time_ms:
        raise Refusal(Refused.UNTIL_PAST, until_ms=what.until_ms, time_ms=ledger.time_ms)
    _require_others(ledger, member)
    vacate(ledger, member, "suspended")
    MEMBERS.put(ledger.state, replace(member, standing="suspended", until_ms=what.until_ms))
    if not identity.party_on_record(ledger, what.party).suspended:
        identity.set_suspended(ledger, what.party, SUSPENDED)
    _member_changed(ledger, what.party, "suspended", str(what.until_ms or ""))


def _reinstate(ledger: Ledger, what: messages.ReinstateMember, case_no: str) -> None:
    member = MEMBERS.get(ledger.state, what.party)
    if member is None or member.standing != "suspended":
        standing = member.standing if member else "none"
        raise Refusal(Refused.NOT_SUSPENDED, party=what.party, standing=standing)
    MEMBERS.put(ledger.state, replace(member, standing="active", until_ms=0))
    identity.set_suspended(ledger, what.party, "")
    if member.validator:
        seat(ledger, what.party, member.validator, terms_on_record(ledger).parameters.validator_power)
    _member_changed(ledger, what.party, "reinstated", "")


def _remove(ledger: Ledger, what: messages.RemoveMember, case_no: str) -> None:
    member = MEMBERS.get(ledger.state, what.party)
    if member is None or member.standing == "removed":
        raise Refusal(Refused.NOT_A_MEMBER, party=what.party, standing=member.standing if member else "none")
    _require_others(ledger, member)
    vacate(ledger, member, "removed")
    MEMBERS.put(ledger.state, replace(member, standing="removed", validator="", until_ms=0))
    identity.take_roles(ledger, what.party)
    _member_changed(ledger, what.party, "removed", "")


def _seat(ledger: Ledger, what: messages.SeatValidator, case_no: str) -> None:
    held = seat_of(ledger, active_member(ledger, what.party))
    if held is not None and (held.validator, held.power) == (what.validator, what.power):
        raise Refusal(Refused.NOTHING_CHANGES, subject=what.party)
    seat(ledger, what.party, what.validator, what.power)
    _member_changed(ledger, what.party, "seated", what.validator)


def _unseat(ledger: Ledger, what: messages.UnseatValidator, case_no: str) -> None:
    member = active_member(ledger, what.party)
    if seat_of(ledger, member) is None:
        raise Refusal(Refused.NO_SEAT, party=what.party)
    vacate(ledger, member, "unseated")
    MEMBERS.put(ledger.state, replace(member, validator=""))
    _member_changed(ledger, what.party, "unseated", member.validator)


def _require_others(ledger: Ledger, member: Member) -> None:
    if active_members(ledger.state) == (member.party,):
        raise Refusal(Refused.LAST_MEMBER, party=member.party)


def _member_changed(ledger: Ledger, party: str, change: str, detail: str) -> None:
    announce(ledger, MemberChanged, party, party=party, change=change, detail=detail)


def _change_role(ledger: Ledger, what: messages.ChangeRole, case_no: str) -> None:
    identity.set_role(ledger, what.party, what.role, what.change == "grant")


# --- terms ----------------------------------------------------------------------------------------------------------


def _set_parameters(ledger: Ledger, what: messages.SetParameters, case_no: str) -> None:
    terms = terms_on_record(ledger)
    changed = {name: value for name, value in asdict(what).items() if value is not None}
    parameters = replace(terms.parameters, **changed)
    if parameters == terms.parameters:
        raise Refusal(Refused.NOTHING_CHANGES, subject="parameters")
    check_parameters(parameters)
    _put_terms(ledger, replace(terms, parameters=parameters), "parameters", ", ".join(changed))


def _set_quota(ledger: Ledger, what: messages.SetQuota, case_no: str) -> None:
    identity.party_on_record(ledger, what.party)
    terms = terms_on_record(ledger)
    limits = {quota.party: quota.limit for quota in terms.quotas}
    if limits.get(what.party) == what.limit:
        raise Refusal(Refused.NOTHING_CHANGES, subject=what.party)
    if what.limit is None:
        del limits[what.party]
    else:
        limits[what.party] = what.limit
    if len(limits) > QUOTAS_LIMIT:
        raise Refusal(Refused.TOO_MANY_QUOTAS, limit=QUOTAS_LIMIT)
    quotas = tuple(Quota(party, limits[party]) for party in sorted(limits))
    _put_terms(ledger, replace(terms, quotas=quotas), "quota", what.party)


def _upgrade(ledger: Ledger, what: messages.Upgrade, case_no: str) -> None:
    terms = terms_on_record(ledger)
    least_height = ledger.height + BLOCKS_AHEAD
    if what.from_height < least_height:
        raise Refusal(Refused.UPGRADE_TOO_SOON, from_height=what.from_height, least_height=least_height)
    waiting = {one.version for one in terms.versions if one.module == what.module and one.from_height > ledger.height}
    held = [one.version for one in terms.versions if one.module == what.module and one.version not in waiting]
    expected = max(held, default=1) + 1
    if what.version != expected:
        raise Refusal(Refused.VERSION_NOT_NEXT, module=what.module, version=what.version, expected=expected)
    kept = [one for one in terms.versions if (one.module, one.version) != (what.module, what.version)]
    versions = sorted((*kept, RuleVersion(what.module, what.version, what.from_height)), key=_by_module_and_height)
    detail = f"{what.module} {what.version} from {what.from_height}"
    _put_terms(ledger, replace(terms, versions=tuple(versions)), "version", detail)


def _by_module_and_height(one: RuleVersion) -> tuple[str, int]:
    return one.module, one.from_height


def _halt(ledger: Ledger, what: messages.HaltNetwork, case_no: str) -> None:
    terms = terms_on_record(ledger)
    limit_ms = terms.parameters.halt_limit_ms
    if what.until_ms <= ledger.time_ms:
        raise Refusal(Refused.UNTIL_PAST, until_ms=what.until_ms, time_ms=ledger.time_ms)
    if what.until_ms > ledger.time_ms + limit_ms:
        raise Refusal(Refused.HALT_TOO_LONG, until_ms=what.until_ms, limit_ms=limit_ms)
    _put_terms(ledger, replace(terms, halt=Halt(what.until_ms, what.reason, case_no)), "halt", str(what.until_ms))


def _resume(ledger: Ledger, what: messages.ResumeNetwork, case_no: str) -> None:
    terms = terms_on_record(ledger)
    if terms.halt is None or terms.halt.until_ms <= ledger.time_ms:
        raise Refusal(Refused.NOT_HALTED, time_ms=ledger.time_ms)
    _put_terms(ledger, replace(terms, halt=None), "halt", "")


def _put_terms(ledger: Ledger, terms: NetworkTerms, change: str, detail: str) -> None:
    TERMS.put(ledger.state, terms)
    announce(ledger, TermsChanged, change=change, detail=detail)


EFFECTS: Final[Mapping[type[Any], Callable[[Ledger, Any, str], None]]] = {
    messages.SuspendMember: _suspend,
    messages.ReinstateMember: _reinstate,
    messages.RemoveMember: _remove,
    messages.SeatValidator: _seat,
    messages.UnseatValidator: _unseat,
    messages.SetParameters: _set_parameters,
    messages.SetQuota: _set_quota,
    messages.Upgrade: _upgrade,
    messages.HaltNetwork: _halt,
    messages.ResumeNetwork: _resume,
    messages.ChangeRole: _change_role,
}
