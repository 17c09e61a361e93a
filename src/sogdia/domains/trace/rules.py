"""One rule per message of trace: refuse or change."""

from collections.abc import Iterable

from sogdia.core.module import Ledger, Module
from sogdia.core.refusal import Refusal
from sogdia.domains.identity.state import party_on_record, require
from sogdia.domains.trace import messages, state
from sogdia.domains.trace.messages import Capture, Captured, Describe, Described, JobWithdrawn, Refused, WithdrawJob

module = Module("trace", 9000, messages, state)


@module.rule
def capture(ledger: Ledger, asked: Capture) -> None:
    """Events come on record, none of which stood there; the last part of a job makes all of it count."""
    require(ledger, asked.party, "trace.capture")
    _require_known(ledger, asked.shared_with)
    is_complete = True
    if asked.of > 1:
        if not asked.job or asked.part > asked.of:
            raise Refusal(Refused.JOB_PART_WRONG, job=asked.job, of=asked.of, expected=max(asked.part, asked.of))
        is_complete = state.put_part(ledger, asked).status == "complete"
    for number, event in enumerate(asked.events, 1):
        state.put_event(ledger, asked, number, bytes(event))
    ledger.announce(
        Captured(
            party=asked.party,
            events=len(asked.events),
            job=asked.job,
            complete=is_complete,
            parties=(asked.party, *asked.shared_with),
        )
    )


@module.rule
def withdraw_job(ledger: Ledger, asked: WithdrawJob) -> None:
    """A job that still waits for parts is given up."""
    require(ledger, asked.party, "trace.withdraw_job")
    job = state.JOBS.get(ledger.state, asked.party, asked.job)
    if job is None:
        raise Refusal(Refused.JOB_UNKNOWN, job=asked.job, party=asked.party)
    state.require_open(ledger, job)
    state.put_withdrawn(ledger, job)
    ledger.announce(JobWithdrawn(party=asked.party, job=asked.job, parties=(asked.party, *job.shared_with)))


@module.rule
def describe(ledger: Ledger, asked: Describe) -> None:
    """The newest word of a party on each place or thing stands."""
    require(ledger, asked.party, "trace.describe")
    _require_known(ledger, asked.shared_with)
    for element in asked.elements:
        state.put_description(ledger, asked, element)
    ledger.announce(
        Described(
            party=asked.party,
            vocabulary=asked.vocabulary,
            elements=len(asked.elements),
            parties=(asked.party, *asked.shared_with),
        )
    )


def _require_known(ledger: Ledger, parties: Iterable[str]) -> None:
    for did in parties:
        party_on_record(ledger, did)
