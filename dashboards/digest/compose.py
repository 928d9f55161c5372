"""A digest for one reader, from what the pages say: the same functions, the same numbers, fixed rules for the words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from django.urls import reverse

from dashboards import answers, sentences, words
from dashboards.digest import asked, changes, danger, readers
from dashboards.digest.readers import Reader
from dashboards.digest.records import Count, Digest, Section, Step, Words, as_json, from_json
from dashboards.digest.seen import Portfolio
from dashboards.digest.tickets import without_tickets
from dashboards.sentences import Sentence
from delivery.core.chance import Level
from delivery.core.promise import Tally

LONGEST_TITLE: Final = 40
CALM: Final = "Nothing of weight changed since last week, and nothing is asked of you."
CALM_ANEW: Final = "There were no forecasts a week ago to compare with, and nothing is asked of you."
CALM_THEN: Final = "Nothing of weight changed since the week before."
CALM_THEN_ANEW: Final = "There were no forecasts of the week before to compare with."
NOTHING_PROMISED: Final = "Nothing is promised here yet: there are no open deliverables."
COUNTED_CHANGES: Final = ("new", "worse", "better", "moved")
COUNTED: Final = {
    Level.LIKELY: "likely to miss",
    Level.AT_RISK: "at risk",
    Level.ON_TRACK: "on track",
    Level.NONE: "no forecast yet",
}


@dataclass(frozen=True, slots=True)
class Common:
    """What all are told who see and follow the same; ``first``: the deliverable of the step that would help most."""

    digest: Digest
    first: int | None


def common(folio: Portfolio, reader: Reader, *, today: date, groups: list[str]) -> Common:
    """``groups``: names of all that stand at the top. Of ``reader`` only counts what they follow."""
    day, tally = folio.seen.day, folio.tally
    level, told, count = danger.top(folio)
    answered = answers.answers(folio.promises)
    changed, fresh = changes.changed(folio, readers.deliverables_url(reader)), folio.seen.freshness
    digest = Digest(
        week="",
        day=day.isoformat(),
        dated=words.long_day(day, today),
        about=readers.about(reader, groups),
        subject=_subject(tally, answered.first.title if answered.first else ""),
        preheader=_preheader(tally, changed.counts),
        headline=_words(_headline(folio)),
        headline_url=readers.headline_url(reader),
        level=sentences.worst(tally),
        counts=_counts(tally),
        calm="",
        first=_first(answered),
        risks_title=words.LEVELS[level],
        risks=danger.risks(folio, told),
        risks_more=count - len(told),
        risks_url=readers.deliverables_url(reader, level=level),
        register=danger.register(folio),
        changed=changed.section,
        disputed=asked.disputed(folio),
        asked=Section("", ()),
        delivered=changes.delivered(folio, readers.deliverables_url(reader, delivered="yes")),
        learned=changes.learned(folio),
        record=folio.seen.record,
        record_url=reverse("accuracy"),
        stale=tuple(one.says for one in fresh.in_trouble) if fresh else (),
        stale_effect=f"Numbers that rest on that {fresh.effect}." if fresh and fresh.in_trouble else "",
        stale_url=reverse("sources"),
        explained=_explained(folio),
        why="",
    )
    return Common(digest, answered.first.id if answered.first else None)


def plain(told: Common, projects: Collection[str]) -> Common:
    """The same for executives: without the numbers of tickets of ``projects``."""
    return Common(from_json(without_tickets(as_json(told.digest), projects)), told.first)


def compose(told: Common, folio: Portfolio, reader: Reader, *, week: str, today: date) -> Digest:
    """What ``reader`` is told in ``week`` (the week of the day that ``folio`` is of): what all are, and what is theirs."""
    asks = asked.asked(folio, reader, today=today)
    made, first = told.digest, told.digest.first
    if first is not None and told.first in asks.decisions:
        decide = f"{reverse('deliverable', args=[told.first])}{answers.DECIDE.anchor}"
        first = replace(first, verb=answers.DECIDE.verb, url=decide)
    waits = f" Waiting for you: {asks.waiting}." if asks.waiting else ""
    made = replace(
        made,
        week=week,
        preheader=f"{made.preheader}{waits}".strip(),
        first=first,
        asked=asks.section,
        waiting=asks.waiting,
        why=readers.why(reader),
    )
    return _calm(made, folio, then=folio.seen.day != today) if is_calm(made) else made


def is_calm(made: Digest) -> bool:
    """Whether there is nothing to say."""
    sections = (made.changed, made.disputed, made.asked, made.delivered, made.learned)
    return not made.risks and not made.register and not made.stale and not any(one.lines for one in sections)


def _calm(made: Digest, folio: Portfolio, *, then: bool) -> Digest:
    """``then``: of a day that is over; what was asked on it is not known."""
    told, anew = (CALM_THEN, CALM_THEN_ANEW) if then else (CALM, CALM_ANEW)
    calm = told if sentences.compares(folio.tally) else anew
    changed, asks = replace(made.changed, note=""), replace(made.asked, note="")
    return replace(made, calm=calm, first=None, preheader=calm, changed=changed, asked=asks)


def _headline(folio: Portfolio) -> Sentence:
    if not folio.promises:
        return (sentences.Phrase(NOTHING_PROMISED),)
    return sentences.overview_headline(folio.tally)


def _words(sentence: Sentence) -> tuple[Words, ...]:
    return tuple(Words(one.text, one.stress) for one in sentence)


def _first(told: answers.Answers) -> Step | None:
    """The step of the Overview."""
    if told.first is None:
        return None
    url = f"{reverse('deliverable', args=[told.first.id])}{answers.TRY_IT.anchor}"
    return Step(_words(told.do_first), answers.TRY_IT.verb, url)


def _counts(tally: Tally) -> tuple[Count, ...]:
    whole = sum(tally.now.values())
    found = [(level, tally.now.get(level, 0)) for level in sentences.WORST_FIRST]
    shares = _shares([count for _, count in found], whole)
    return tuple(
        Count(level, COUNTED[level], count, share) for (level, count), share in zip(found, shares, strict=True)
    )


def _shares(counts: list[int], whole: int) -> list[int]:
    """Whole per cent that add up to 100; none that is there is below 2."""
    if not whole:
        return [0] * len(counts)
    shares = [max(round(100 * count / whole), 2) if count else 0 for count in counts]
    shares[shares.index(max(shares))] += 100 - sum(shares)
    return shares


def _subject(tally: Tally, first: str) -> str:
    """7 of 42 likely to miss; start with Event schema v3."""
    level, whole = sentences.worst(tally), sum(tally.now.values())
    count = tally.now.get(level, 0)
    if not whole:
        return "Nothing is promised yet"
    if level == Level.ON_TRACK:
        return (
            f"All {count} with a forecast on track" if count > 1 else "The one deliverable with a forecast is on track"
        )
    if level == Level.NONE:
        return f"{words.plural(whole, 'deliverable')}, and no forecast yet"
    start = f"; start with {words.short(first, LONGEST_TITLE)}" if first else ""
    return f"{count} of {whole} {COUNTED[level]}{start}"


def _preheader(tally: Tally, changed: Mapping[str, int]) -> str:
    """What the subject has no room for."""
    level, told = sentences.worst(tally), []
    if sentences.compares(tally) and level in (Level.LIKELY, Level.AT_RISK):
        compared = words.compared(tally.now.get(level, 0), tally.before.get(level, 0))
        told.append(f"{words.capital(compared)}.")
    return " ".join([*told, *(f"{words.CHANGES[kind]}: {changed[kind]}." for kind in COUNTED_CHANGES if changed[kind])])


def _explained(folio: Portfolio) -> str:
    trials = {one.trials for one in folio.promises if one.trials}
    futures = f"{words.number(trials.pop())} simulated futures" if len(trials) == 1 else "the simulated futures"
    return f"“Likely to miss” means that more than half of {futures} end after the promised date."
