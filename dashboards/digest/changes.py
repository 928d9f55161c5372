"""What changed since last week: new, worse, better, no longer in danger, dates that moved; and what was delivered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.urls import reverse

from dashboards import sentences, words
from dashboards.digest.records import Line, Section
from dashboards.digest.seen import Portfolio
from delivery.core.chance import Level
from delivery.core.promise import Promise
from delivery.models import Bet, SlipCause
from delivery.slips import Move

KINDS: Final = ("new", "worse", "better", "gone", "")
MOVED_BY: Final = 10  # points of a chance that are worth a line
MOST: Final = 10
ROOM: Final = 3
MOST_DELIVERED: Final = 7
MOST_LEARNED: Final = 5
LONGEST_LESSON: Final = 300  # letters; the whole of it stands with the bet
CAUSES: Final = dict(SlipCause.choices)
TITLE: Final = "What changed since last week"
NOTHING_TO_COMPARE: Final = "There were no forecasts a week ago to compare with."


@dataclass(frozen=True, slots=True)
class Changed:
    """``counts``: how many there are of each kind, those beyond MOST too."""

    section: Section
    counts: Counter[str]


def changed(folio: Portfolio, url: str) -> Changed:
    """In the order of what a reader has to know first; ``url``: where all that they follow is listed.

    However many chances changed, ROOM is left for what moved or was dropped.
    """
    chances = sorted(((_kind(one, folio), one) for one in folio.promises), key=_order)
    kinds = [(kind, one) for kind, one in chances if kind]
    others = [*_dropped(folio), *_moved(folio)]
    told = others[: max(MOST - len(kinds), ROOM)]
    lines = (*(_line(kind, one) for kind, one in kinds[: MOST - len(told)]), *told)
    note = "" if sentences.compares(folio.tally) else NOTHING_TO_COMPARE
    more = len(kinds) + len(others) - len(lines)
    counts = Counter([*(kind for kind, _ in kinds), *(one.kind for one in others)])
    where = url if len(told) == len(others) else ""  # no list has what moved and what was dropped
    return Changed(Section(TITLE, lines, more, where, note), counts)


def _order(changed: tuple[str, Promise]) -> tuple[int, int]:
    """By kind, and what moved most first."""
    kind, one = changed
    moved = abs(words.points(one.missing or 0, one.missing_before or 0)) if kind else 0
    return KINDS.index(kind), -moved


def _kind(one: Promise, folio: Portfolio) -> str:
    if one.missing is None or not sentences.compares(folio.tally):
        return ""
    if one.id in folio.tally.new_likely:
        return "new"
    if one.missing_before is None:
        return ""
    if one.level_before == Level.LIKELY != one.level:
        return "gone"
    rise = words.points(one.missing, one.missing_before)
    return "worse" if rise >= MOVED_BY else "better" if rise <= -MOVED_BY else ""


def _line(kind: str, one: Promise) -> Line:
    url = reverse("deliverable", args=[one.id])
    if one.missing_before is None:
        now = words.percent(one.missing or 0)
        odds = f"{_odds(now)} ({words.per_cent(one.missing or 0)})"
        return Line(kind, one.title, f"is likely to miss now, {odds}; a week ago it had no forecast.", url, now=now)
    now, before = words.percent(one.missing or 0), words.percent(one.missing_before)
    went = f"went from {_odds(before)} to {_odds(now)} ({words.per_cent(one.missing_before)} to {words.per_cent(one.missing)})"
    if words.chance_in_words(now) == words.chance_in_words(before):
        went = f"went from {words.per_cent(one.missing_before)} to {words.per_cent(one.missing)}, still {_odds(now)}"
    lead = {"new": "is likely to miss now; it ", "gone": "is no longer likely to miss; it "}.get(kind, "")
    return Line(kind, one.title, f"{lead}{went}.", url, now=now, before=before)


def _odds(per_cent: int) -> str:
    return words.chance_in_words(per_cent)


def _dropped(folio: Portfolio) -> Iterator[Line]:
    for pk, title in folio.seen.dropped.items():
        if folio.has(pk):
            yield Line("gone", title, "was dropped: it is not promised any more.", reverse("goals"))


def _moved(folio: Portfolio) -> Iterator[Line]:
    for one in folio.seen.moves:
        if folio.has(one.deliverable):
            url = reverse("deliverable", args=[one.deliverable])
            yield Line("moved", one.title, _move(one, folio.seen.day), url)


def _move(one: Move, day: date) -> str:
    way = f"{words.days(abs(one.days))} {'later' if one.days > 0 else 'earlier'}"
    cause = f"because of {CAUSES[one.cause].lower()}" if one.cause else "no cause given"
    return f"moved from {words.long_day(one.before, day)} to {words.long_day(one.after, day)}, {way}: {cause}."


def delivered(folio: Portfolio, url: str) -> Section:
    """``url``: where all that the reader follows is listed, also what is delivered."""
    lines = [
        Line("delivered", one.title, _delivered(one, one.delivered), reverse("deliverable", args=[one.id]))
        for one in folio.delivered
        if one.delivered
    ]
    more = max(len(lines) - MOST_DELIVERED, 0)
    return Section("Delivered this week", tuple(lines[:MOST_DELIVERED]), more, url)


def learned(folio: Portfolio) -> Section:
    """Bets that were decided in the week: what came of them, and the lesson."""
    found = [one for one in folio.seen.bets if folio.meant.concerns(team=one.team_id, group=None)]
    lines = [
        Line("bet", one.title, _verdict(one), f"{reverse('learning')}#bet-{one.pk}") for one in found[:MOST_LEARNED]
    ]
    return Section("What we learned", tuple(lines), max(len(found) - MOST_LEARNED, 0), reverse("learning"))


def _verdict(bet: Bet) -> str:
    """Learned: one topic per event type does not scale past 900 topics."""
    lesson = " ".join(bet.lesson.split()) or "nobody wrote a lesson down"
    return f"{words.word_of(bet.verdict).lower()}: {words.ended(words.short(lesson, LONGEST_LESSON))}"


def _delivered(one: Promise, on: date) -> str:
    late = f", {sentences.lateness(on, one.target)}" if one.target else ""
    return f"on {words.long_day(on, one.day)}{late}."
