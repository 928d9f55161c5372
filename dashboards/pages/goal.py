"""The whole story of a goal: where it stands, by what it is measured, what it rests on, what was said and changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dashboards import words
from dashboards.pages import goal_filters as asked
from dashboards.pages.disputes import DECLARED
from dashboards.pages.goal_measures import Measured, measures
from dashboards.pages.goals import gap_says, period_says, progress_says, said_says
from dashboards.pages.history import Told, changes_of, words_on
from dashboards.sentences import Phrase, Sentence
from delivery import access
from delivery.core.chance import Level
from delivery.core.measure import Measure
from delivery.core.promise import Promise
from delivery.goal_family import family
from delivery.goal_tree import GoalStanding, goals, scores
from delivery.models import Goal, Risk
from delivery.promises import promises
from people.access import User


@dataclass(frozen=True, slots=True)
class Near:
    """A goal above or below this one."""

    id: int
    title: str
    about: str
    level: Level


@dataclass(frozen=True, slots=True)
class GoalPage:
    goal: Goal
    standing: GoalStanding
    headline: Sentence
    level: Level
    period: str
    declared: Level | None
    declared_word: str
    declared_says: str
    stale: bool
    gap: str
    score: str
    is_scored: bool
    measures: tuple[Measured, ...]
    above: tuple[Near, ...]
    below: tuple[Near, ...]
    promises: tuple[Promise, ...]
    delivered: int
    words: tuple[Told, ...]
    changes: tuple[Told, ...]
    risks: tuple[Risk, ...]
    may_edit: bool
    may_check_in: bool


def goal_page(user: User, goal: Goal, *, day: date) -> GoalPage:
    """A fixed number of queries."""
    near = {one.id: one for one in goals(user, day=day, within=asked.Q(pk__in=family(goal)))}
    standing = near[goal.pk] if goal.pk in near else _alone(user, goal, day)
    found = promises(user, day=day, ids=goal.deliverables.values_list("pk", flat=True), include_delivered=True)  # type: ignore[attr-defined]
    said, score = standing.said, scores([standing])[goal.pk]
    return GoalPage(
        goal=goal,
        standing=standing,
        headline=headline(standing, score, day),
        level=standing.computed,
        period=period_says(standing.start, standing.last_day, day),
        declared=DECLARED[said.status][0] if said else None,
        declared_word=DECLARED[said.status][1] if said else "",
        declared_says=f"{said_says(said.confidence, said.day, day)}, {said.by or 'somebody who left'}" if said else "",
        stale=standing.stale,
        gap=gap_says(standing.gap),
        score=progress_says(score),
        is_scored=score.value is not None,
        measures=measures(user, goal, day),
        above=tuple(_near(one, day) for one in _above(standing, near)),
        below=tuple(_near(one, day) for one in near.values() if one.parent == goal.pk),
        promises=tuple(one for one in found if not one.delivered),
        delivered=sum(one.delivered is not None for one in found),
        words=words_on(access.visible_check_ins(user).filter(goal=goal), day),
        changes=changes_of(user, goal.changes, day),  # type: ignore[attr-defined]
        risks=tuple(access.visible_risks(user).filter(goal=goal, closed=None).select_related("owner")),
        may_edit=access.can_edit_goal(user, goal),
        may_check_in=access.can_check_in_goal(user, goal) and goal.dropped is None,
    )


def _alone(user: User, goal: Goal, day: date) -> GoalStanding:
    """One that was dropped stands as it did on the day before."""
    before = goal.dropped - timedelta(days=1) if goal.dropped else day
    return next(one for one in goals(user, day=min(before, day), within=asked.Q(pk=goal.pk)) if one.id == goal.pk)


def headline(one: GoalStanding, score: Measure, day: date) -> Sentence:
    """It is likely to be reached by 31 December: 81% to make it; its owner says at risk."""
    if day < one.start:
        return (Phrase(f"It begins on {words.long_day(one.start, day)}."),)
    if day >= one.end:
        reached = "" if score.value is None else f" {round(100 * score.value)}% of the way was come."
        return (Phrase(f"Its period is over since {words.long_day(one.last_day, day)};"), Phrase(reached, "quiet"))
    if one.chance is None:
        return (Phrase("There is no forecast of it yet: "), Phrase(one.reason[:1].lower() + one.reason[1:], "quiet"))
    until = words.long_day(one.last_day, day)
    chance = words.to_make_it(1 - one.chance)
    told = {Level.LIKELY: "It is likely to miss", Level.AT_RISK: "It may miss"}.get(one.computed)
    first = (Phrase(told, "em"), Phrase(f" {until}: {chance} to make it;")) if told else (
        Phrase(f"It is on track for {until}: {chance} to make it;"),
    )  # fmt: skip
    if one.said is None:
        return (*first, Phrase(" nobody has said a word on it yet.", "quiet"))
    return (*first, Phrase(f" the last word is {DECLARED[one.said.status][1].lower()}.", "quiet"))


def _above(standing: GoalStanding, near: dict[int, GoalStanding]) -> Sequence[GoalStanding]:
    """From the top down."""
    found: list[GoalStanding] = []
    here = near.get(standing.parent or 0)
    while here is not None and here not in found:
        found.append(here)
        here = near.get(here.parent or 0)
    return found[::-1]


def _near(one: GoalStanding, day: date) -> Near:
    chance = "no forecast" if one.chance is None else f"{words.to_make_it(1 - one.chance)} to make it"
    return Near(one.id, one.title, f"{one.whose}, {period_says(one.start, one.last_day, day)}, {chance}", one.computed)
