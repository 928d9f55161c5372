"""A risk as the pages say it: what it threatens, how likely it is, how much rests on it, what is done about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from dashboards import words
from delivery.access import visible_risks
from delivery.core.chance import Level, level_of
from delivery.models import Action, Deliverable, Risk
from people.access import User

OPEN_STATES: Final = (Risk.State.NEW, Risk.State.ACCEPTED, Risk.State.MITIGATING)
CLOSED: Final = Risk.State.CLOSED
HIGH: Final = 0.7
MEDIUM: Final = 0.4
ENDED: Final = (Action.State.DONE, Action.State.DROPPED)
ABOUT: Final = ("deliverable__team", "goal__team", "team", "owner")


@dataclass(frozen=True, slots=True)
class RiskRow:
    """``missing`` is the probability, 0-1, None where it is not known; ``threatens_url`` is empty where there is no page."""

    id: int
    title: str
    threatens: str
    threatens_url: str
    team: str
    kind: str
    level: Level
    missing: float | None
    impact: str
    weight: str  # the impact as a number, 0-1
    since: str
    state: str
    owner: str
    owner_initials: str
    actions: str
    worked: str
    review: str
    is_overdue: bool


def rows_of(user: User) -> QuerySet[Risk]:
    """The risks that ``user`` may see, with what a row says of them; two queries when read."""
    actions = Prefetch("actions", Action.objects.select_related("owner"))
    return visible_risks(user).select_related(*ABOUT).prefetch_related(actions)


def row_of(risk: Risk, day: date) -> RiskRow:
    what, url = threatened(risk)
    actions, worked = told_actions(risk.actions.all())
    return RiskRow(
        id=risk.pk,
        title=risk.title,
        threatens=what,
        threatens_url=url,
        team=team_of(risk)[1],
        kind=risk.get_kind_display(),
        level=level_of(None if risk.probability is None else 1 - risk.probability),
        missing=risk.probability,
        impact=impact(risk.impact),
        weight="" if risk.impact is None else f"{risk.impact:.2g}",
        since=words.dated(risk.opened or risk.seen, day),
        state=risk.get_state_display(),
        owner=risk.owner.name if risk.owner else "",
        owner_initials=risk.owner.initials if risk.owner else "",
        actions=actions,
        worked=worked,
        review=words.dated(risk.review_on, day) if risk.review_on else "",
        is_overdue=is_overdue(risk, day),
    )


def of_deliverable(user: User, deliverable: Deliverable, day: date) -> tuple[RiskRow, ...]:
    """Its open risks, the weightiest first."""
    found = rows_of(user).filter(deliverable=deliverable).exclude(state=CLOSED)
    return tuple(row_of(risk, day) for risk in weightiest(found))


def weightiest(risks: Iterable[Risk]) -> list[Risk]:
    """By probability times impact; what is not known comes last, never as zero."""
    return sorted(risks, key=lambda risk: (score(risk) is None, -(score(risk) or 0), -risk.pk))


def score(risk: Risk) -> float | None:
    return None if risk.probability is None or risk.impact is None else risk.probability * risk.impact


def threatened(risk: Risk) -> tuple[str, str]:
    """The name of what is threatened, and its page."""
    if risk.deliverable is not None:
        dropped = risk.deliverable.dropped is not None
        return risk.deliverable.title, "" if dropped else reverse("deliverable", args=[risk.deliverable.pk])
    if risk.team is not None:
        return risk.team.name, "" if risk.team.archived else reverse("team", args=[risk.team.slug])
    return (risk.goal.title if risk.goal else ""), ""


def team_of(risk: Risk) -> tuple[str, str]:
    """Slug and name of the team it concerns; empty for a goal above teams."""
    about = risk.deliverable or risk.goal
    team = risk.team or (about.team if about else None)
    return (team.slug, team.name) if team else ("", "")


def impact(value: float | None) -> str:
    """From 0.7 on it is high, from 0.4 on medium."""
    if value is None:
        return "Impact not known"
    return "High impact" if value >= HIGH else "Medium impact" if value >= MEDIUM else "Low impact"


def is_overdue(risk: Risk, day: date) -> bool:
    return risk.closed is None and risk.review_on is not None and risk.review_on < day


def told_actions(actions: Iterable[Action]) -> tuple[str, str]:
    """How many there are, and of the measured ones how many the chance of missing fell with."""
    found = list(actions)
    if not found:
        return "", ""
    measured = [one.measured for one in found if one.measured is not None]
    running = sum(one.state not in ENDED for one in found)
    told = f"{running} running" if running == len(found) else f"{running} running, {len(found) - running} ended"
    if measured:
        fell = sum(value > 0 for value in measured)
        return told, f"chance fell with {fell} of {len(measured)} measured"
    return told, "" if running == len(found) else "effect not measured yet"
