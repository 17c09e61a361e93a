"""Applications: an organisation asks to become a member, and members look at its credentials before they vote."""

from msgspec.structs import replace

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.domains.governance.messages import Apply, Refused, Review, Reviewed
from sogdia.domains.governance.rules.deciding import count
from sogdia.domains.governance.rules.docket import open_case, require_room_to_apply
from sogdia.domains.governance.rules.seats import check_key
from sogdia.domains.governance.state import (
    ADMISSION,
    APPLICATIONS,
    CASES,
    MEMBERS,
    Application,
    Reviewer,
    announce,
    require_member,
    require_signed,
    terms_on_record,
)
from sogdia.domains.identity.messages import Refused as IdentityRefused
from sogdia.domains.identity.state import PARTIES, check_newcomer
from sogdia.domains.identity.state import require as require_party
from sogdia.primitives import cases


def apply(ledger: Ledger, asked: Apply) -> None:
    """An applicant's case is opened; who is not on record has signed with the key that it is named after."""
    terms_on_record(ledger)
    _check_applicant(ledger, asked)
    member = MEMBERS.get(ledger.state, asked.party)
    if member is not None and member.standing != "removed":
        raise Refusal(Refused.MEMBER_ALREADY, party=asked.party, standing=member.standing)
    if asked.validator is not None:
        check_key(ledger, None, asked.validator)
    require_room_to_apply(ledger, asked.party)
    case = open_case(ledger, ADMISSION, asked.party, asked.party)
    APPLICATIONS.put(
        ledger.state,
        Application(
            case.case_no,
            asked.party,
            asked.organisation,
            asked.url,
            asked.validator or "",
            tuple(sorted(set(asked.roles))),
            asked.credentials,
        ),
    )


def review(ledger: Ledger, asked: Review) -> None:
    """A member's finding joins the application, in the place of an earlier one; then the votes are counted."""
    require_member(ledger, asked.member, "governance.review")
    case = cases.case_on_record(ledger.state, CASES, asked.case_no)
    application = APPLICATIONS.get(ledger.state, asked.case_no)
    if application is None:
        raise Refusal(Refused.NOT_AN_APPLICATION, case_no=asked.case_no, kind=case.kind)
    cases.require_open(case, ledger.time_ms)
    others = (one for one in application.reviews if one.member != asked.member)
    found = (*others, Reviewer(asked.member, asked.finding, asked.digest, asked.text))
    reviews = tuple(sorted(found, key=lambda one: one.member))
    APPLICATIONS.put(ledger.state, replace(application, reviews=reviews))
    announce(ledger, Reviewed, application.party, case_no=asked.case_no, member=asked.member, finding=asked.finding)
    count(ledger, case)


def _check_applicant(ledger: Ledger, asked: Apply) -> None:
    if PARTIES.get(ledger.state, asked.party) is not None and asked.organisation is None:
        require_signed(ledger, asked.party, "governance.apply")
        require_party(ledger, asked.party, "governance.apply")
    elif asked.organisation is None:
        raise Refusal(Refused.ORGANISATION_MISSING, party=asked.party)
    else:
        check_newcomer(ledger, asked.party, asked.organisation.keys)
        first = asked.organisation.keys[0].id
        if first not in ledger.signing_keys:
            raise Refusal(IdentityRefused.NOT_SIGNED_BY, party=asked.party, action="governance.apply", key=first)
