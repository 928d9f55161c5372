"""What was promised, and what managers said about it week by week."""

from __future__ import annotations

import random
from datetime import date
from typing import TYPE_CHECKING

from simulator.company import clock, planning, tickets, vocabulary
from simulator.company import trace as t
from simulator.company.state import Epic
from simulator.company.trace import Promise
from simulator.company.traits import HOLDS

if TYPE_CHECKING:
    from simulator.company.history import History

PRESSED, PRESSURE = 0.3, 0.85  # share of dates that come from outside, and such a date over the team's reckoning
CARE = 1.64  # any other date over the reckoning; together these set the share of dates met
AGAIN = 1.8  # the same for a second date, when more is known
CAUSES = (
    "scope",
    "dependency",
    "data",
    "staffing",
    "incidents",
    "estimate",
    "decision",
    "vendor",
    "priority",
    "quality",
)
_WEIGHTS = (22, 12, 12, 11, 9, 14, 6, 4, 7, 3)
_NOTES = {
    "scope": "More was found than planned.",
    "dependency": "We waited for another team's part.",
    "data": "The data was not what the sample promised.",
    "staffing": "Two of us were away longer than planned.",
    "incidents": "Incidents took most of two weeks.",
    "estimate": "It is more work than we thought.",
    "decision": "The decision on the approach came late.",
    "vendor": "The vendor delivered late.",
    "priority": "Other work was put first.",
    "quality": "The result did not pass review; we do part of it again.",
}
_WORDS = {
    "on_track": ("Going to plan.", "On plan; the hard part is behind us.", "All green.", "Good week, nothing new."),
    "at_risk": ("Tight, we watch the open reviews.", "Slower than planned this week.", "Depends on next week."),
    "off_track": ("Not without dropping something.", "We will need a new date.", "Too much still open."),
}
_WATERMELON = ("On track, model quality looks good.", "All green.", "On plan, the team is confident.", "Good progress.")


def titles(history: History) -> list[str]:
    """The team's deliverables by order of commitment, all different."""
    rng = random.Random(f"titles:{history.seed}:{history.index}")
    found: list[str] = []
    for form in rng.sample(vocabulary.FORMS, len(vocabulary.FORMS)):
        for promise in rng.sample(history.domain.promises, len(history.domain.promises)):
            found.append(form.format(promise))
    area = f"{history.area}: " if history.area else ""
    return [area + one for one in found]


def open_epic(history: History, day: int, at: int, epic: Epic) -> None:
    """The epic's issue, and the deliverable with its first date."""
    lap, place = divmod(epic.seq, len(history.titles))
    title = history.titles[place] + (f", phase {lap + 1}" if lap else "")
    made = tickets.ticket(history, at, "Epic", title, history.roster.manager)
    made.code = False
    owner = history.roster.manager if history.ink.random() < 0.6 else history.roster.lead
    made.assignee = owner
    promise = Promise(
        epic.seq, _slug(history, epic.seq, title), title, epic.kind, _story(history, epic), owner, day, made
    )
    history.promises[epic.seq] = promise
    if epic.waits >= 0:
        promise.waits = history.promises[epic.waits].slug
        made.links.append((at, history.promises[epic.waits].ticket))
    _give(history, promise, at, day, _first_target(history, day, epic), "", "")


def _slug(history: History, seq: int, title: str) -> str:
    words = "".join(c if c.isalnum() else " " for c in title.lower()).split()
    return "-".join([history.team.project.lower(), str(seq + 1), *words])


def _story(history: History, epic: Epic) -> str:
    if epic.story != "ordinary":
        return epic.story
    if history.traits.wip_growth:
        return "overloaded"
    return "drifting" if history.traits.drift > 0.008 else "ordinary"


def _first_target(history: History, day: int, epic: Epic) -> int:
    story = history.traits.stories[epic.order] if epic.order >= 0 else None
    if story is not None and story.target is not None:
        return _friday(history.anchor + story.target)
    pressed = history.ink.random() < PRESSED and story is None
    care = PRESSURE if pressed else CARE
    need = _need(history, epic) * care * history.traits.optimism * history.ink.lognormvariate(0.0, 0.12)
    if story is not None:
        need *= story.optimism
    return _friday(day + max(12, round(need)))


def _need(history: History, epic: Epic) -> float:
    """Calendar days a manager would reckon, from the pace felt now and the usual share of other work."""
    pace = history.traits.rate * history.roster.headcount(history.state.day) * 0.86 * 2.718**history.state.drift
    return planning.reckon(history.state, epic, pace, 0.4) - history.state.day


def _friday(day: int) -> int:
    """The next Friday that is a working day."""
    day += (5 - day) % 7
    while not clock.works(day):
        day += 7
    return day


def _give(history: History, promise: Promise, at: int, day: int, target: int, cause: str, note: str) -> None:
    before = promise.target if promise.commitments else 0
    promise.commitments.append((day, target, promise.owner, cause, note))
    promise.ticket.write(at, promise.owner, t.DUE, _iso(before), _iso(target))


def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat() if day else ""


def close(history: History, day: int, epic: Epic, _: int) -> None:
    """The last item is done, and so is the epic, within the hour."""
    promise = history.promises[epic.seq]
    last = max(made.done for made in history.tickets if made.parent is promise.ticket)
    promise.closed = day
    tickets.finish(history, promise.ticket, last + history.ink.randint(120, 1800), t.DONE, promise.owner)


def review(history: History, day: int) -> None:
    """Thursdays: a check-in on each open deliverable (a few forget), and a new date where there is no way round."""
    if day % 7 != 4 or not clock.works(day):
        return
    for epic in history.state.open:
        promise = history.promises[epic.seq]
        need = _need(history, epic)
        _check_in(history, day, promise, epic, need)
        _slip(history, day, promise, epic, need)


def _check_in(history: History, day: int, promise: Promise, epic: Epic, need: float) -> None:
    ink = history.ink
    if ink.random() < 0.12:
        return
    if promise.story == "watermelon":
        promise.check_ins.append((day, promise.owner, "on_track", ink.randint(81, 93), ink.choice(_WATERMELON)))
        return
    short = (need * ink.lognormvariate(0.1, 0.18) / max(promise.target - day, 3)) ** 0.75  # people soften bad news
    if epic.story in ("grows", "no_scope", "waits", "late_start"):
        short = min(short, 0.9)
    status = "on_track" if short < 0.95 else "at_risk" if short < 1.4 else "off_track"
    confidence = round(100 / (1 + max(short, 0.2) ** 4 / 2.2)) + ink.randint(-6, 6)
    promise.check_ins.append((day, promise.owner, status, min(97, max(5, confidence)), ink.choice(_WORDS[status])))


def _slip(history: History, day: int, promise: Promise, epic: Epic, need: float) -> None:
    story = history.traits.stories[epic.order] if epic.order >= 0 else None
    for when, target, cause, note in story.moves if story else ():
        if day - 7 < _thursday(history.anchor + when) <= day:
            _give(history, promise, _evening(history, day), day, _friday(history.anchor + target), cause, note)
            return
    if story is not None and day <= history.anchor + HOLDS:
        return
    slack, ink = promise.target - day, history.ink
    short = need > (slack + 5 if slack < 11 else 1.1 * slack)
    if ink.random() < (0.25 if slack < 0 else 0.22 if slack < 11 and short else 0.36 if short else 0.0):
        cause = _cause(history, epic)
        target = _friday(day + 4 + round(need * AGAIN * ink.lognormvariate(0.0, 0.12)))
        if target > promise.target:
            _give(history, promise, _evening(history, day), day, target, cause, _NOTES[cause])


def _thursday(day: int) -> int:
    return day + (4 - day) % 7


def _evening(history: History, day: int) -> int:
    return history.at(day, 15.0, 17.5)


def _cause(history: History, epic: Epic) -> str:
    """Growth is called scope when it is that; a slow spell is called staffing; else what such notes say."""
    if epic.size and epic.left > 0.7 * epic.size and epic.begun and history.ink.random() < 0.5:
        return "scope"
    if history.state.drift < -0.3 and history.ink.random() < 0.4:
        return "staffing"
    return history.ink.choices(CAUSES, _WEIGHTS)[0]
