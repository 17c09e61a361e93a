"""What the rules refused, by reason: how often, what mends it, and the orders and transactions behind it."""

from typing import Any, Final

from sogdia.insight.names import names_of
from sogdia.insight.refusals import SHOWN_LIMIT, Alike, Refusal, alike
from sogdia.interfaces.console.order_looking import SEVERITIES, looking
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.room import ROOT
from sogdia.interfaces.words import fields_said, has_words, refusal_text, say

REFUSED: Final = "transaction_refused"
_NEWEST: Final = 5


def refused_page(page: Page, given: dict[str, str]) -> dict[str, Any]:
    """Everything that the page shows: all reasons with their newest, or one reason with its newest 100."""
    look, reason = looking(page), given.get("reason", "")
    groups = alike(*look, SHOWN_LIMIT if reason else _NEWEST, reason)[:SHOWN_LIMIT]
    behind = [one for group in groups for one in group.refusals]
    told = {one.log_index: one for one in page.console.refusals.with_orders(look.picture, look.asker, behind)}
    return {
        "kind": REFUSED,
        "groups": [
            (one, reason_text(page, one), acts_text(page, one.refusals[0]), [told[it.log_index] for it in one.refusals])
            for one in groups
        ],
        "reason": reason,
        "names": names_of(look.picture, look.asker, {did for one in behind for did in one.signers}),
        "now_ms": look.moment.now_ms,
        "patience": look.moment.patience,
        "severities": SEVERITIES,
        "path": f"{ROOT}/tower",
    }


def reason_text(page: Page, one: Alike) -> str:
    """Why these were refused, in words that fit all of them; of a single one, the whole sentence."""
    newest = one.refusals[0]
    key = f"desks_refused.{newest.code}"
    if one.count == 1 or not has_words(key):
        return refusal_text(newest.code, newest.fields, page.language)
    return say(key, page.language, **{**fields_said(newest.fields, page.language), "points": _points(page, newest)})


def acts_text(page: Page, one: Refusal) -> str:
    """What was to be done, by its messages' names."""
    acts = (say(f"sign_name.{tag}", page.language) for tag in dict.fromkeys(one.tags))
    return say("console.comma", page.language).join(acts)


def _points(page: Page, one: Refusal) -> str:
    """The fields on which the parties disagree, each with its rule."""
    found = []
    for point in one.fields.get("disagreements", ()):
        name = f"desks_compared.{str(point.get('field')).replace('.', '_')}"
        field = say(name, page.language) if has_words(name) else point.get("field")
        found.append(f"{field} ({point.get('rule')})")
    return say("console.comma", page.language).join(dict.fromkeys(found))
