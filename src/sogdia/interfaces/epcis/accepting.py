"""A document becomes a job: read, checked, event IDs given, cut into signed transactions, and noted."""

import uuid
from typing import Any

import msgspec

from sogdia.app import Node, milliseconds
from sogdia.domains.trace.messages import EVENT_LIMIT_BYTES
from sogdia.interfaces.epcis.capturing import Capturing
from sogdia.interfaces.epcis.jobs import Job, Jobs, Part
from sogdia.interfaces.epcis.packing import Behaviour, Bundle, Readers, TooManyParts, described, is_too_deep, pack
from sogdia.interfaces.epcis.problems import EpcisProblem, error_of
from sogdia.interfaces.epcis.settings import Settings
from sogdia.interfaces.epcis.settling import exists_error
from sogdia.interfaces.epcis.signing import Agent
from sogdia.standards.epcis import xml
from sogdia.standards.epcis.documents import Limits, Reading, read_document
from sogdia.standards.epcis.faults import Fault
from sogdia.standards.epcis.model import AnyEvent
from sogdia.standards.epcis.writing import normal


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A capture as it was asked for."""

    readers: Readers
    behaviour: Behaviour
    content: bytes
    is_xml: bool = False
    is_single: bool = False
    job: str = msgspec.field(default_factory=lambda: uuid.uuid4().hex)


class Accepted(msgspec.Struct, frozen=True):
    """The job that was noted, and the events in it with their IDs."""

    job: Job
    events: tuple[AnyEvent, ...]


class Acceptance:
    """Takes documents in for one node."""

    def __init__(self, node: Node, jobs: Jobs, capturing: Capturing, settings: Settings) -> None:
        self._node, self._jobs, self._capturing, self._settings = node, jobs, capturing, settings

    def agent(self) -> Agent:
        """Who signs here; EpcisProblem 501 when nobody does."""
        if self._capturing.agent is None:
            raise EpcisProblem(501, "no_capture")
        return self._capturing.agent

    def take(self, asked: Asked) -> Accepted:
        """Note a document as a job, durable when this returns. EpcisProblem says why it is not taken."""
        agent = self.agent()
        party = asked.readers.party
        self._require_delegated(agent, party, ("trace.capture",))
        if self._jobs.running(party) >= self._settings.jobs_per_party:
            raise EpcisProblem(429, "too_many_jobs", most=self._settings.jobs_per_party, headers={"retry-after": "1"})
        reading = self._read(asked)
        errors = [error_of(fault) for fault in reading.faults]
        messages, unfit = described(reading.document.vocabularies, asked.readers)
        errors += map(error_of, unfit)
        events = self._fresh(reading, asked, errors)
        if errors and asked.behaviour == "rollback":
            self._refuse(errors)
        bundles = self._packed([(number, text) for number, _, text in events], messages, asked)
        self._require_delegated(agent, party, _actions(bundles, asked.behaviour))
        job = self._note(agent, asked, bundles, errors)
        return Accepted(job, tuple(event for _, event, _ in events))

    def _read(self, asked: Asked) -> Reading:
        most = self._settings.document_events
        if asked.is_xml:
            limits = xml.Limits()
            reading: Reading = xml.read(asked.content, _new_id, None, limits)
        else:
            reading = read_document(asked.content, _new_id, Limits(events=max(most, 100_000)))
        if reading.count > most:
            raise EpcisProblem(413, "too_many_events", events=reading.count, most=most)
        if asked.is_single and reading.count > 1:
            raise EpcisProblem(400, "one_event", events=reading.count)
        if reading.document_faults:
            self._refuse([error_of(fault) for fault in reading.faults])
        return reading

    def _fresh(self, reading: Reading, asked: Asked, errors: list[dict[str, Any]]) -> list[tuple[int, AnyEvent, bytes]]:
        """The events that can go onto the record, with number and text; `errors` grows by the others."""
        seen = dict[tuple[str, str], int]()
        fresh: list[tuple[int, AnyEvent, bytes]] = []
        for number, event in reading.events:
            declared = event.error_declaration.declaration_time if event.error_declaration else ""
            key = (str(event.event_id), declared)
            text = normal(event)
            fault = _fault(number, key, text, seen)
            if fault is not None:
                errors.append(error_of(fault))
            elif asked.behaviour == "proceed" and self._stands(asked.readers.party, *key):
                errors.append(exists_error(number, key[0], asked.readers.party))
            else:
                seen[key] = number
                fresh.append((number, event, text))
        return fresh

    def _stands(self, party: str, event: str, declared: str) -> bool:
        found = self._node.record("trace.event", party, event, declared)
        if found is None or not found.job:
            return found is not None
        job = self._node.record("trace.job", party, found.job)
        return job is None or (job.status == "complete")

    def _packed(self, events: list[tuple[int, bytes]], messages: Any, asked: Asked) -> list[Bundle]:
        try:
            return pack(events, messages, asked.readers, asked.job, asked.behaviour)
        except TooManyParts as too_many:
            raise EpcisProblem(413, "too_many_parts", parts=too_many.parts) from None

    def _note(self, agent: Agent, asked: Asked, bundles: list[Bundle], errors: list[dict[str, Any]]) -> Job:
        now_ms = milliseconds()
        job = Job(id=asked.job, party=asked.readers.party, behaviour=asked.behaviour, created_ms=now_ms, errors=errors)
        parts = [
            Part(job=job.id, place=place, raw=agent.signed(bundle.messages, now_ms), numbers=bundle.numbers)
            for place, bundle in enumerate(bundles, 1)
        ]
        if not parts:
            job.finished_ms = now_ms
        self._jobs.put(job, parts, self._settings.jobs_kept_days)
        self._capturing.wake()
        return job

    def _require_delegated(self, agent: Agent, party: str, actions: tuple[str, ...]) -> None:
        lacking = agent.lacks(self._node, party, actions, milliseconds())
        if lacking:
            raise EpcisProblem(403, "not_delegated", party=party, agent=agent.did, actions=", ".join(lacking))

    def _refuse(self, errors: list[dict[str, Any]]) -> None:
        raise EpcisProblem(400, "document_faults", count=len(errors), first=errors[0]["detail"], errors=errors)


def _actions(bundles: list[Bundle], behaviour: Behaviour) -> tuple[str, ...]:
    tags = dict.fromkeys(str(one.__struct_config__.tag) for bundle in bundles for one in bundle.messages)
    if behaviour == "rollback" and len(bundles) > 1:
        tags["trace.withdraw_job"] = None
    return tuple(tags)


def _fault(number: int, key: tuple[str, str], text: bytes, seen: dict[tuple[str, str], int]) -> Fault | None:
    if key in seen:
        wrong = f"is the ID of event {seen[key]} too"
        return Fault(number, "eventID", key[0], wrong, "give each event an ID of its own, or none")
    if len(key[0]) > 500 or len(key[1]) > 500:
        return Fault(number, "eventID", "", "has more than 500 characters", "give a shorter one")
    if len(text) > EVENT_LIMIT_BYTES:
        wrong = f"has {len(text)} bytes in the form in which it is signed; at most {EVENT_LIMIT_BYTES} are taken"
        return Fault(number, "", "", wrong, "split it in several")
    if is_too_deep(text):
        return Fault(number, "", "", "is nested too deep", "put at most 90 objects and lists into one another")
    return None


def _new_id() -> str:
    return f"urn:uuid:{uuid.uuid4()}"
