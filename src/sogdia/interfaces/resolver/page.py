"""The story of an item as one page of HTML: no script, no request to anyone else by itself, read on a phone first.

The style stands in the page and is allowed by its hash, so the content security policy forbids everything else. A
picture lies with the owner of the thing: it is folded away, and asked for when the reader opens it.
"""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlencode

from lxml import etree
from lxml.builder import E

from sogdia.interfaces.resolver.clones import Sign
from sogdia.interfaces.resolver.pictures import host_of
from sogdia.interfaces.resolver.short_story import in_short, what_of, with_thing, word_of
from sogdia.interfaces.resolver.story import Story, Telling
from sogdia.interfaces.words import LANGUAGES, has_words, say
from sogdia.standards.epcis.moments import written

_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
_NUMBER: Final = re.compile(r"((?:GLN )?(?:\([0-9]{2,4}\))?[0-9]{8,18}(?![0-9]))")
_HTML_TAG: Final = {"en": "en", "zh": "zh-Hans"}
_NAMES: Final = {"en": "English", "zh": "中文"}
Element = Any


@cache
def _style() -> str:
    return (files("sogdia.interfaces.resolver") / "story.css").read_text(encoding="utf-8")


@cache
def _rules() -> str:
    digest = b64encode(sha256(_style().encode()).digest()).decode()
    forbidden = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return f"{forbidden}; style-src 'sha256-{digest}'"


def policy(picture: str = "") -> str:
    """The content security policy of the page; with a picture, its host may be asked for pictures and nothing else."""
    return f"{_rules()}; img-src https://{host_of(picture)}" if picture else _rules()


def page(story: Story, tongue: str) -> bytes:
    """The page in English or Chinese, UTF-8."""
    title = story.product or say("scan.product", tongue)
    found = E.html(
        E.head(
            E.meta(charset="utf-8"),
            E.meta(name="viewport", content="width=device-width, initial-scale=1"),
            E.meta(name="robots", content="noindex"),
            E.title(_clean(title)),
            E.style(_style()),
        ),
        E.body(
            E.header(_languages(tongue), E.h1(_clean(title)), _facts(story, tongue), *_picture(story, title, tongue)),
            E.main(*_signs(story, tongue), *_short(story, tongue), *_timeline(story, tongue), *_origins(story, tongue)),
            E.footer(*_foot(story, tongue)),
        ),
        lang=_HTML_TAG[tongue],
    )
    made: bytes = etree.tostring(found, method="html", encoding="utf-8", doctype="<!DOCTYPE html>")
    return made


def _clean(text: str) -> str:
    """Text without control characters, and without marks that turn the direction of what follows."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _languages(tongue: str) -> Element:
    others = [one for one in LANGUAGES if one != tongue]
    links = [E.a(_NAMES[one], href=f"?lang={one}", hreflang=_HTML_TAG[one], lang=_HTML_TAG[one]) for one in others]
    return E.nav(*links, **{"aria-label": say("scan.languages", tongue)})


def _facts(story: Story, tongue: str) -> Element:
    rows = [(f"scan.{name}", getattr(story, name)) for name in ("brand", "maker", "origin")]
    numbers = [(_number_name(ai, tongue), value) for ai, value in story.numbers]
    shown = [*((say(key, tongue), value) for key, value in rows if value), *numbers]
    return E.dl(*(part for name, value in shown for part in (E.dt(name), E.dd(*_unbroken(value)))))


def _unbroken(text: str) -> list[Any]:
    """A text in which numbers that fit on a narrow screen are not broken in two."""
    parts = _NUMBER.split(_clean(text))
    return [E.span(one, **{"class": "number"}) if at % 2 else one for at, one in enumerate(parts) if one]


def _picture(story: Story, title: str, tongue: str) -> list[Element]:
    if not story.picture:
        return []
    shown = E.img(src=story.picture, alt=_clean(title), loading="lazy", referrerpolicy="no-referrer")
    words = say("scan.picture", tongue, host=host_of(story.picture))
    return [E.details(E.summary(words), shown)]


def _short(story: Story, tongue: str) -> list[Element]:
    lines = [
        E.li(*_unbroken(words), *((" ", E.time(day, datetime=day)) if day else ()))
        for words, day in in_short(story, tongue)
    ]
    if not lines:
        return []
    heading = E.h2(say("scan.short", tongue), id="short")
    return [E.section(heading, E.ol(*lines, **{"class": "short"}), **{"aria-labelledby": "short"})]


def _origins(story: Story, tongue: str) -> list[Element]:
    if not story.origins:
        return []
    heading = E.h2(say("scan.origins", tongue), id="origins")
    steps = E.ol(*(_step(one, tongue) for one in story.origins), **{"class": "way"})
    return [E.section(heading, steps, **{"aria-labelledby": "origins"})]


def _number_name(ai: str, tongue: str) -> str:
    key = f"scan.ai.{ai or 'other'}"
    return say(key, tongue) if has_words(key) else f"({ai})"


def _signs(story: Story, tongue: str) -> list[Element]:
    if not story.signs:
        return []
    reasons = [E.li(_clean(sign_text(one, tongue))) for one in story.signs]
    return [
        E.section(
            E.h2(say("scan.signs", tongue), id="signs"),
            E.p(say("scan.signs_meaning", tongue)),
            E.ul(*reasons),
            E.p(say("scan.signs_todo", tongue)),
            **{"class": "signs", "aria-labelledby": "signs"},
        )
    ]


def sign_text(sign: Sign, tongue: str) -> str:
    """A sign of a copy in words."""
    said = dict(sign.said)
    if sign.rule == "after_end":
        said["end"] = say(f"scan.end.{said['end']}", tongue)
    if sign.rule == "custody_gap":
        said["missing"] = say(f"scan.step.{said['missing']}", tongue)
    return say(f"scan.sign.{sign.rule}", tongue, **said)


def _timeline(story: Story, tongue: str) -> list[Element]:
    heading = E.h2(say("scan.way", tongue), id="way")
    if not story.tellings:
        key = "nothing_public" if story.is_known else "not_on_record"
        return [E.section(heading, E.p(say(f"scan.{key}", tongue)), **{"aria-labelledby": "way"})]
    steps = E.ol(*(_step(one, tongue) for one in story.tellings), **{"class": "way"})
    cut = [E.p(say("scan.is_cut", tongue, events=len(story.tellings)))] if story.is_cut else []
    return [E.section(heading, steps, *cut, **{"aria-labelledby": "way"})]


def _step(one: Telling, tongue: str) -> Element:
    moment = written(one.time_us, 0)
    lines = [E.h3(_clean(_happening(one, tongue)))]
    lines.append(E.p(E.time(f"{moment[:10]} {moment[11:16]} UTC", datetime=moment)))
    if one.place:
        lines.append(E.p(*_unbroken(one.place + (f" ({one.country})" if one.country else ""))))
    if one.container:
        lines.append(E.p(*_unbroken(say("scan.inside", tongue, container=one.container)), **{"class": "soft"}))
    if one.is_wrong:
        lines.append(E.p(say("scan.declared_wrong", tongue)))
    lines.append(E.p(_clean(say("scan.signed_by", tongue, party=one.party_name or one.party))))
    label = say("scan.evidence_of", tongue, step=_happening(one, tongue), time=moment[:10])
    checked = "/verify?" + urlencode({"evidence": one.evidence})
    proof = E.a(say("scan.check", tongue), href=checked, **{"aria-label": _clean(label)})
    named = f"{say('scan.file', tongue)}: {_happening(one, tongue)}, {moment[:10]}"
    file = E.a(say("scan.file", tongue), href=one.evidence, download="evidence.json", **{"aria-label": _clean(named)})
    lines.append(E.p(proof, " · ", file, **{"class": "soft"}))
    return E.li(*lines, **({"class": "wrong"} if one.is_wrong else {}))


def _happening(one: Telling, tongue: str) -> str:
    what = what_of(one, tongue)
    state = word_of("state", one.disposition, tongue)
    told = f"{what} ({state})" if state else what
    return with_thing(one, told, tongue)


def _foot(story: Story, tongue: str) -> list[Element]:
    moment = written(story.time_ms * 1_000, 0)
    until = {"network": story.network, "height": story.height, "time": f"{moment[:10]} {moment[11:16]} UTC"}
    kinds = ("checked", "as_of", "scans_noted") if story.is_item else ("checked", "as_of")
    return [E.p(say(f"scan.{kind}", tongue, **until), **{"class": "soft"}) for kind in kinds]
