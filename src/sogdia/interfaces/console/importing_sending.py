"""From a draft to the record: made ready once, signed by the user's browser, and told from the record how far it is."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec.structs import replace

from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.forms import read_form, read_json
from sogdia.interfaces.console.importing_acts import draft_of, drafts_of, open_draft
from sogdia.interfaces.console.importing_drafts import Draft, Step
from sogdia.interfaces.console.importing_events import TooManyParts, events_ready, judge_events
from sogdia.interfaces.console.importing_judging import judge
from sogdia.interfaces.console.importing_standing import standing_of
from sogdia.interfaces.console.importing_steps import PartyUnknown, leave_envelopes, made_ready, settled
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.rendering import see_other
from sogdia.interfaces.console.room import ROOT
from sogdia.interfaces.http.desk import aside, json_answer, part
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.interfaces.words import refusal_text, say
from sogdia.primitives.sealed.errors import Erased, UnfitValue

NEEDED: Final = ("platform", "seller")
"""Who must be named before orders can be put on record. Whoever else is named may read them, and what is sealed."""
_ANSWERS_BYTES: Final = 2 * 1024 * 1024
_READY_BYTES: Final = 64 * 1024 * 1024


class StepTold(msgspec.Struct, frozen=True):
    """One transaction as the page shows it."""

    number: int
    kind: str
    about: str
    status: str
    why: str


def orders_of(steps: Sequence[Step]) -> set[str]:
    """The orders that these transactions place."""
    return {said["order"] for said in _messages(steps) if said["type"] == "orders.place"}


def cancellations_in(steps: Sequence[Step]) -> set[tuple[str, str]]:
    """The cancellations of these transactions: number and order."""
    return {(one["cancellation"], one["order"]) for one in _messages(steps) if one["type"] == "orders.cancel"}


class Summary(msgspec.Struct, frozen=True):
    """How far a draft is: counts by status and by kind of message, sums of the orders by currency, what was refused.

    `left` are all that are not on record yet, whatever became of them: they are signed and sent next time.
    """

    waits: int
    done: int
    refused: int
    held: int
    unanswered: int
    left: int
    kinds: tuple[tuple[str, int], ...]
    sums: tuple[tuple[str, int], ...]
    steps: tuple[StepTold, ...]


@post("/import/{draft:str}/ready")
async def make_ready(request: AnyRequest) -> Response[bytes]:
    """Make everything ready to sign. From here on the draft stands as it is, until it is opened again."""
    await read_form(request)
    page, draft = await open_draft(request)
    steps, there = await aside(_ready, page, draft)
    if not steps:
        raise Problem(409, "import_nothing")
    if sum(len(one.messages) for one in steps) > _READY_BYTES:
        raise Problem(413, "import_much")
    await aside(drafts_of(page).make_ready, draft.id, steps)
    return see_other(f"{ROOT}/import/{draft.id}" + (f"?there={there}" if there else ""))


@post("/import/{draft:str}/again")
async def open_again(request: AnyRequest) -> Response[bytes]:
    """Back to the rows, as long as nothing of it is on record; and to the rest of them when something is."""
    await read_form(request)
    page = entered(request)
    draft = await aside(draft_of, page, part(request, "draft"))
    await aside(drafts_of(page).make_ready, draft.id, ())
    return see_other(f"{ROOT}/import/{draft.id}")


@post("/import/{draft:str}/groups", status_code=200)
async def groups(request: AnyRequest) -> Response[bytes]:
    """What is still to be signed: messages by transaction. The envelopes that they name are with the node from here on.

    `numbers` are the steps, in the same order.
    """
    await read_json(request)
    page = entered(request)
    draft = await aside(draft_of, page, part(request, "draft"))
    waiting = [one for one in await aside(told_of, page, draft) if one.status != "done"]
    assert page.asker.party is not None
    try:
        await aside(leave_envelopes, page.console.desk, page.asker.party, waiting)
    except (Erased, UnfitValue) as no:
        raise Problem(409, "import_envelope", why=str(no)[:200]) from None
    return json_answer(
        {"groups": [msgspec.Raw(one.messages) for one in waiting], "numbers": [one.number for one in waiting]}
    )


class _Answer(msgspec.Struct):
    number: int
    code: int = 0
    fields: dict[str, Any] = {}
    was: Literal["refused", "held", "unanswered"] = "refused"
    text: Annotated[str, msgspec.Meta(max_length=2_000)] = ""


@post("/import/{draft:str}/told", status_code=200)
async def told(request: AnyRequest) -> Response[bytes]:
    """What became of those that are not on record, as the browser has it. What is on record, the node knows."""
    given, page = await read_json(request, _ANSWERS_BYTES), entered(request)
    draft = await aside(draft_of, page, part(request, "draft"))
    try:
        answers = {one.number: one for one in msgspec.convert(given.get("answers"), list[_Answer])}
    except msgspec.ValidationError:
        raise Problem(400, "form_unreadable") from None
    steps = await aside(told_of, page, draft)
    known = [
        replace(one, status=said.was, code=said.code, fields={"text": said.text} if said.text else said.fields)
        for one in steps
        if one.status != "done" and (said := answers.get(one.number)) is not None
    ]
    await aside(drafts_of(page).tell, draft.id, known)
    return json_answer({"told": len(known)})


def told_of(page: Page, draft: Draft) -> list[Step]:
    """The steps of a draft with what the record says of them now."""
    drafts = drafts_of(page)
    steps = drafts.steps(draft.id)
    done = settled(page.console.desk.node, page.asker, steps)
    if done:
        drafts.tell(draft.id, done)
    known = {one.number: one for one in done}
    return [known.get(one.number, one) for one in steps]


def summary(steps: Sequence[Step], language: str) -> Summary:
    """Counts, sums, and each step in words."""
    count = Counter(one.status for one in steps)
    kinds, sums = Counter[str](), defaultdict[str, int](int)
    for said in _messages(steps):
        kinds[said["type"]] += 1
        if said["type"] == "orders.place":
            sums[said["currency"]] += said["paid_minor"]
    shown = tuple(_told(one, language) for one in steps)
    return Summary(
        waits=count["waits"],
        done=count["done"],
        refused=count["refused"],
        held=count["held"],
        unanswered=count["unanswered"],
        left=len(steps) - count["done"],
        kinds=tuple(kinds.items()),
        sums=tuple(sums.items()),
        steps=shown,
    )


def _messages(steps: Iterable[Step]) -> Iterable[Mapping[str, Any]]:
    for one in steps:
        yield from msgspec.json.decode(one.messages)


def _told(one: Step, language: str) -> StepTold:
    said = msgspec.json.decode(one.messages)
    about = [_about(message) for message in said]
    names = ", ".join(filter(None, about[:3])) + (" …" if len(about) > 3 else "")
    why = refusal_text(one.code, one.fields, language) if one.status == "refused" else ""
    if one.status in ("held", "unanswered"):
        why = str(one.fields.get("text") or say(f"import_page.{one.status}_why", language))
    return StepTold(one.number, said[0]["type"], names, one.status, why)


def _about(said: Mapping[str, Any]) -> str:
    """What names a message: its order or article, and of a cancellation or a refund its own number too."""
    named = (said.get("cancellation") or said.get("refund"), said.get("order") or said.get("sku"))
    return " · ".join(str(one) for one in named if one)


def _ready(page: Page, draft: Draft) -> tuple[Sequence[Step], int]:
    """What is to be signed, and how many events stand on record already."""
    node = page.console.desk.node
    if draft.kind == "events":
        try:
            return events_ready(node, page.asker, draft, judge_events(draft))
        except TooManyParts:
            raise Problem(413, "import_much") from None
    if any(not draft.choices.parties.get(one) for one in NEEDED):
        raise Problem(409, "import_parties")
    judged = judge(draft, drafts_of(page).mending(draft.id), page.language)
    standing = standing_of(node, page.asker, draft.choices, judged)
    try:
        return made_ready(node, page.asker, draft, judged, standing, page.console.now_ms), 0
    except PartyUnknown as no:
        raise Problem(409, "import_party", party=str(no)) from None


ROUTES: Final[tuple[HTTPRouteHandler, ...]] = (make_ready, open_again, groups, told)
