"""Bets as people write them: laid, changed and decided; refused where somebody else was quicker.

Who may do so is for the caller to ask (delivery.access). The same checks stand behind form and API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from delivery import plan_changes
from delivery.access import possible_owners, visible_bets
from delivery.core.bet import DISPROVED, SETTLED
from delivery.goals import FIRST_DAY, LAST_DAY, LONGEST_TEXT, LONGEST_TITLE
from delivery.models import Bet, Goal
from delivery.plan_changes import Difference, person
from delivery.refused import Conflict, Wrong
from people.access import User
from people.models import Person
from teams.models import Team

MOST_DAYS: Final = 9_999
WAGERED: Final = ("hypothesis", "team", "success_signal", "kill_criterion", "cost_cap", "started", "decide_by")
"""What a verdict is about: it stays as it was once there is one."""
LABELS: Final = {
    "title": "The bet",
    "hypothesis": "What we believe",
    "team": "Team",
    "goal": "Goal",
    "owner": "Owner",
    "success_signal": "Success signal",
    "kill_criterion": "Kill criterion",
    "cost_cap": "Cost cap, working days",
    "cost_so_far": "Cost so far, working days",
    "started": "Started",
    "decide_by": "Decide by",
    "lesson": "Lesson",
    "reuse": "Who can reuse it",
}
SUCH: Final = {
    "hypothesis": "Say what you believe and why, such as “Serverless consumers halve the cost of quiet topics”.",
    "success_signal": "Say what you will see if it is right, such as “Lag at peak stays under 10 seconds for a week”.",
    "kill_criterion": "Say what ends it early, such as “Two load tests in a row above 30 seconds”.",
}
TOO_DEAR: Final = "It cost more than its cap, and so it overran: choose that, or correct the cost."
INSIDE: Final = "It cost no more than its cap, and so it did not overrun: choose what came of it, or correct the cost."
LESSON: Final = "Say in a sentence what was learned, such as “Broker metadata grows too fast at 900 topics”."


@dataclass(frozen=True, slots=True)
class BetTold:
    """What a person may say of a bet before its verdict. Costs are working days of people; unknown is None."""

    title: str
    hypothesis: str
    team: Team
    success_signal: str
    kill_criterion: str
    cost_cap: int
    started: date
    decide_by: date
    goal: Goal | None = None
    owner: Person | None = None
    cost_so_far: int | None = None
    lesson: str = ""
    reuse: str = ""


@dataclass(frozen=True, slots=True)
class VerdictTold:
    """What came of it on ``day``; ``cost`` in working days of people, ``reuse`` None leaves what is there."""

    verdict: str
    lesson: str
    cost: int | None
    day: date
    reuse: str | None = None


def as_told(row: Bet, **other: Any) -> BetTold:
    """The bet as it stands, with some things otherwise."""
    return BetTold(**{name: getattr(row, name) for name in BetTold.__slots__} | other)


def problems(told: BetTold, *, before: Bet | None = None) -> dict[str, str]:
    """Why ``told`` cannot be kept, by field; empty where it can. ``before``: the bet as it stands."""
    found = _text_problems(told) | _day_problems(told.started, told.decide_by) | _cost_problems(told)
    kept = before is not None and before.owner_id == (told.owner.pk if told.owner else None)
    if told.owner is not None and not kept and not possible_owners().filter(pk=told.owner.pk).exists():
        found["owner"] = "Choose a director, a manager, a lead or an engineer who is still here."
    if before is not None and before.verdict:
        found |= _settled_problems(told, before)
    return found


def _text_problems(told: BetTold) -> dict[str, str]:
    found = {name: says for name, says in SUCH.items() if not getattr(told, name).strip()}
    if not told.title.strip():
        found["title"] = "Name the bet in a line, such as “One topic per event type”."
    elif len(told.title.strip()) > LONGEST_TITLE:
        found["title"] = f"Keep it to {LONGEST_TITLE} letters; these are {len(told.title.strip()):,}."
    return found | _too_long({name: getattr(told, name) for name in (*SUCH, "lesson", "reuse")})


def _too_long(texts: Mapping[str, str]) -> dict[str, str]:
    return {
        name: f"Keep it to {LONGEST_TEXT:,} letters; these are {len(text):,}."
        for name, text in texts.items()
        if len(text) > LONGEST_TEXT
    }


def _day_problems(started: date, decide_by: date) -> dict[str, str]:
    found = {
        name: "Enter a day between 2000 and 2199, such as 2027-01-15."
        for name, day in (("started", started), ("decide_by", decide_by))
        if not FIRST_DAY <= day <= LAST_DAY
    }
    if not found and decide_by < started:
        found["decide_by"] = f"It starts on {started:%-d %B %Y}: enter that day or a later one."
    return found


def _cost_problems(told: BetTold) -> dict[str, str]:
    found = {}
    if not 0 < told.cost_cap <= MOST_DAYS:
        found["cost_cap"] = f"Enter whole working days of people from 1 to {MOST_DAYS:,}, such as 15."
    return found | _cost_problem("cost_so_far", told.cost_so_far)


def _cost_problem(name: str, cost: int | None) -> dict[str, str]:
    if cost is None or 0 <= cost <= MOST_DAYS:
        return {}
    return {name: f"Enter whole working days of people from 0 to {MOST_DAYS:,}, such as 4, or leave it empty."}


def _settled_problems(told: BetTold, before: Bet) -> dict[str, str]:
    """A verdict is about what was wagered: that no longer moves, and what the verdict rests on stays true."""
    typed = _columns(told)
    decided = f"{before.decided_on:%-d %B %Y}"
    found = {
        name: f"It was decided on {decided}: what was wagered stays as it was. Lay a new bet instead."
        for name in WAGERED
        if typed[name] != getattr(before, name)
    }
    if before.verdict in SETTLED and not told.lesson.strip():
        found["lesson"] = LESSON
    if before.verdict == DISPROVED and (told.cost_so_far or 0) > told.cost_cap:
        found["cost_so_far"] = "That is beyond its cap, and so it overran: correct the verdict, too, or the cost."
    if before.verdict == Bet.Verdict.OVERRAN and told.cost_so_far is not None and told.cost_so_far <= told.cost_cap:
        found["cost_so_far"] = (
            "That is inside its cap, and so it did not overrun: correct the verdict, too, or the cost."
        )
    return found


def verdict_problems(told: VerdictTold, row: Bet, *, today: date) -> dict[str, str]:
    """Why ``row`` cannot be decided like this, by field."""
    found = _cost_problem("cost", told.cost) | _too_long({"lesson": told.lesson, "reuse": told.reuse or ""})
    if told.verdict not in Bet.Verdict.values:
        found["verdict"] = f"Choose one of: {', '.join(Bet.Verdict.values)}."
    elif told.verdict in SETTLED and not told.lesson.strip():
        found["lesson"] = LESSON
    if told.verdict == DISPROVED and (told.cost or 0) > row.cost_cap:
        found["verdict"] = TOO_DEAR
    if told.verdict == Bet.Verdict.OVERRAN and told.cost is not None and told.cost <= row.cost_cap:
        found["verdict"] = INSIDE
    if not row.started <= told.day <= today:
        found["day"] = f"Enter a day from {row.started:%-d %B %Y}, when it started, to today."
        if row.started > today:
            found["day"] = f"It starts on {row.started:%-d %B %Y}: change that day first, or decide it later."
    return found


def add_bet(told: BetTold) -> Bet:
    """A new, open bet. Raises Wrong."""
    _demand(problems(told))
    return Bet.objects.create(**_columns(told))


@transaction.atomic
def change_bet(bet: Bet, told: BetTold, *, seen: int) -> Bet:
    """The bet as ``told``; ``seen`` is the version that was looked at. Raises Conflict and Wrong."""
    row = _locked(bet, seen)
    _demand(problems(told, before=row))
    return _kept(row, _columns(told))


@transaction.atomic
def decide_bet(bet: Bet, told: VerdictTold, *, by: User, today: date, seen: int) -> Bet:
    """The bet with its verdict; deciding it again corrects the verdict. Raises Conflict and Wrong."""
    row = _locked(bet, seen)
    _demand(verdict_problems(told, row, today=today))
    fields = {"verdict": told.verdict, "lesson": told.lesson.strip(), "cost_so_far": told.cost, "decided_on": told.day}
    reuse = {} if told.reuse is None else {"reuse": told.reuse.strip()}
    if all(getattr(row, name) == value for name, value in (fields | reuse).items()):
        return row
    return _kept(row, fields | reuse | {"decided_by": person(by)})


def decided_between(user: User, since: date, until: date) -> QuerySet[Bet]:
    """Bets that ``user`` may see and that were decided after ``since`` and no later than ``until``, the newest first."""
    rows = visible_bets(user).filter(decided_on__gt=since, decided_on__lte=until)
    return rows.select_related("team").order_by("-decided_on", "-pk")


def bet_differences(row: Bet, told: BetTold) -> list[Difference]:
    """Where what was typed differs from what counts now, in words."""
    after = _columns(told)
    return plan_changes.differences((label, getattr(row, name), after[name]) for name, label in LABELS.items())


def verdict_differences(row: Bet, told: VerdictTold) -> list[Difference]:
    """The same of a verdict."""
    label = dict(Bet.Verdict.choices)
    return plan_changes.differences(
        [
            ("Verdict", row.get_verdict_display(), label.get(told.verdict, told.verdict)),  # type: ignore[call-overload]
            ("Decided on", row.decided_on, told.day),
            (LABELS["cost_so_far"], row.cost_so_far, told.cost),
            (LABELS["lesson"], row.lesson, told.lesson.strip()),
            (LABELS["reuse"], row.reuse, row.reuse if told.reuse is None else told.reuse.strip()),
        ]
    )


def _demand(wrong: Mapping[str, str]) -> None:
    if wrong:
        raise Wrong(wrong)


def _locked(bet: Bet, seen: int) -> Bet:
    row = Bet.objects.select_for_update(of=("self",)).select_related("team", "goal", "owner").get(pk=bet.pk)
    if row.version != seen:
        raise Conflict(row)
    return row


def _kept(row: Bet, fields: Mapping[str, Any]) -> Bet:
    """Nothing is written where nothing differs."""
    if all(getattr(row, name) == value for name, value in fields.items()):
        return row
    for name, value in fields.items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    return row


def _columns(told: BetTold) -> dict[str, Any]:
    values = {name: getattr(told, name) for name in BetTold.__slots__}
    return {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
