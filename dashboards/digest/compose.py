"""A digest for one reader, from what the pages say: the same functions, the same numbers, fixed rules for the words."""

from __future__ import annotations

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
from delivery.needs import NeedKind
from people.models import Role

LONGEST_SUBJECT: Final = 90
LONGEST_TITLE: Final = 40
CALM: Final = "Nothing of weight changed since last week, and nothing is asked of you."
CALM_THEN: Final = "Nothing of weight changed since the week before."
NOTHING_PROMISED: Final = "Nothing is promised here yet: there are no open deliverables."
COUNTED: Final = {
    Level.LIKELY: "likely to miss",
    Level.AT_RISK: "at risk",
    Level.ON_TRACK: "on track",
    Level.NONE: "no forecast yet",
}


def compose(
    folio: Portfolio, reader: Reader, *, week: str, today: date, groups: list[str], projects: list[str]
) -> Digest:
    """What ``reader`` is told in ``week`` (the week of the day that ``folio`` is of).

    ``groups``: names of all that stand at the top; ``projects``: keys whose ticket numbers executives do not read.
    """
    made = _compose(folio, reader, week, today, groups)
    if reader.user.role == Role.EXECUTIVE:
        return from_json(without_tickets(as_json(made), projects))
    return made


def _compose(folio: Portfolio, reader: Reader, week: str, today: date, groups: list[str]) -> Digest:
    day, tally = folio.seen.day, folio.tally
    level, told, count = danger.top(folio)
    waits = asked.waits(folio, reader, today=today)
    ask = asked.asked(folio, reader, waits, today=today)
    answered = answers.answers(folio.promises)
    changed, fresh = changes.changed(folio), folio.seen.freshness
    made = Digest(
        week=week,
        day=day.isoformat(),
        dated=words.long_day(day, today),
        about=readers.about(reader, groups),
        subject=_subject(tally, answered.first.title if answered.first else ""),
        preheader=_preheader(tally, changed, ask),
        headline=_words(_headline(folio)),
        headline_url=readers.headline_url(reader),
        level=sentences.worst(tally),
        counts=_counts(tally),
        calm="",
        first=_first(answered, {one.deliverable for one in waits if one.kind == NeedKind.DECISION}),
        risks_title=words.LEVELS[level],
        risks=danger.risks(folio, told),
        risks_more=count - len(told),
        risks_url=readers.deliverables_url(reader, level=level),
        register=danger.register(folio),
        changed=changed,
        disputed=asked.disputed(folio),
        asked=ask,
        delivered=changes.delivered(folio),
        learned=changes.learned(folio),
        record=folio.seen.record,
        record_url=reverse("accuracy"),
        stale=tuple(one.says for one in fresh.in_trouble) if fresh else (),
        stale_effect=f"Numbers that rest on that {fresh.effect}." if fresh and fresh.in_trouble else "",
        stale_url=reverse("sources"),
        explained=_explained(folio),
        why=readers.why(reader),
    )
    return _calm(made) if is_calm(made) else made


def is_calm(made: Digest) -> bool:
    """Whether there is nothing to say."""
    sections = (made.changed, made.disputed, made.asked, made.delivered, made.learned)
    return not made.risks and not made.register and not made.stale and not any(one.lines for one in sections)


def _calm(made: Digest) -> Digest:
    calm = CALM_THEN if made.asked.note else CALM
    told = as_json(made) | {"calm": calm, "first": None, "preheader": calm}
    return from_json(told)


def _headline(folio: Portfolio) -> Sentence:
    if not folio.promises:
        return (sentences.Phrase(NOTHING_PROMISED),)
    return sentences.overview_headline(folio.tally)


def _words(sentence: Sentence) -> tuple[Words, ...]:
    return tuple(Words(one.text, one.stress) for one in sentence)


def _first(told: answers.Answers, waiting: set[int | None]) -> Step | None:
    """The step of the Overview; what waits for the reader's decision comes before any trying."""
    if told.first is None:
        return None
    step = answers.step(told.first, waiting)
    return Step(_words(told.do_first), step.verb, f"{reverse('deliverable', args=[told.first.id])}{step.anchor}")


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


def _preheader(tally: Tally, changed: Section, ask: Section) -> str:
    """What the headline of the mailbox has no room for."""
    level, told = sentences.worst(tally), []
    if sentences.compares(tally) and level in (Level.LIKELY, Level.AT_RISK):
        compared = words.compared(tally.now.get(level, 0), tally.before.get(level, 0))
        told.append(f"{words.capital(compared)}.")
    counts = {kind: sum(one.kind == kind for one in changed.lines) for kind in ("new", "worse", "better", "moved")}
    told += [f"{words.capital(kind)}: {count}." for kind, count in counts.items() if count]
    waits = len(ask.lines) + ask.more
    told += [f"Waiting for you: {waits}."] if waits else []
    return " ".join(told)


def _explained(folio: Portfolio) -> str:
    trials = {one.trials for one in folio.promises if one.trials}
    futures = f"{words.number(trials.pop())} simulated futures" if len(trials) == 1 else "the simulated futures"
    return f"“Likely to miss” means that more than half of {futures} end after the promised date."
