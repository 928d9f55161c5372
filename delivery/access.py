"""Who sees and changes what was promised and what happened (PRODUCT.md "Roles")."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from delivery.models import (
    BacktestAnswer,
    CalibrationEffect,
    CheckIn,
    Commitment,
    Deliverable,
    Deployment,
    Forecast,
    Goal,
    Incident,
    KeyResult,
    PullRequest,
    Review,
    Source,
    SyncRun,
    WorkItem,
)
from people.access import User, has_role, is_known
from people.models import Role
from teams.access import groups_run, teams_run, visible_people

Row = TypeVar("Row", bound=Model)


def visible_goals(user: User) -> QuerySet[Goal]:
    """Every goal; a confidential one only for its owner, the people above its owner, and directors."""
    goals = _all_for_the_known(user, Goal.objects.all())
    if not is_known(user) or has_role(user, Role.DIRECTOR):
        return goals
    return goals.filter(Q(confidential=False) | Q(owner__in=visible_people(user)))


def visible_key_results(user: User) -> QuerySet[KeyResult]:
    return KeyResult.objects.filter(goal__in=visible_goals(user))


def visible_deliverables(user: User) -> QuerySet[Deliverable]:
    return _all_for_the_known(user, Deliverable.objects.all())


def visible_commitments(user: User) -> QuerySet[Commitment]:
    return _all_for_the_known(user, Commitment.objects.all())


def visible_forecasts(user: User) -> QuerySet[Forecast]:
    return _all_for_the_known(user, Forecast.objects.all())


def visible_backtest_answers(user: User) -> QuerySet[BacktestAnswer]:
    return _all_for_the_known(user, BacktestAnswer.objects.all())


def visible_calibration_effects(user: User) -> QuerySet[CalibrationEffect]:
    return _all_for_the_known(user, CalibrationEffect.objects.all())


def visible_check_ins(user: User) -> QuerySet[CheckIn]:
    """Check-ins on deliverables, and on the goals one may see."""
    check_ins = _all_for_the_known(user, CheckIn.objects.all())
    return check_ins.filter(Q(goal__isnull=True) | Q(goal__in=visible_goals(user)))


def visible_work_items(user: User) -> QuerySet[WorkItem]:
    """Every item that the source still has."""
    return _all_for_the_known(user, WorkItem.objects.filter(deleted__isnull=True))


def visible_pull_requests(user: User) -> QuerySet[PullRequest]:
    """Every pull request that the source still has."""
    return _all_for_the_known(user, PullRequest.objects.filter(deleted__isnull=True, repository__deleted__isnull=True))


def visible_reviews(user: User) -> QuerySet[Review]:
    return Review.objects.filter(pull_request__in=visible_pull_requests(user))


def visible_deployments(user: User) -> QuerySet[Deployment]:
    return _all_for_the_known(user, Deployment.objects.filter(repository__deleted__isnull=True))


def visible_incidents(user: User) -> QuerySet[Incident]:
    return _all_for_the_known(user, Incident.objects.filter(item__deleted__isnull=True))


def visible_sources(user: User) -> QuerySet[Source]:
    """Everybody sees that a source is there and how fresh it is; ``can_manage_sources`` says who sees the rest."""
    return _all_for_the_known(user, Source.objects.all())


def visible_sync_runs(user: User) -> QuerySet[SyncRun]:
    """Everybody sees when which part was read and whether that failed; the detail is for who manages sources."""
    return _all_for_the_known(user, SyncRun.objects.all())


def can_manage_sources(user: User) -> bool:
    """Connect, map, sync; see addresses, accounts, error texts and the detail of runs."""
    return has_role(user, Role.ADMIN)


def can_see_goal(user: User, goal: Goal) -> bool:
    return visible_goals(user).filter(pk=goal.pk).exists()


def can_edit_goal(user: User, goal: Goal) -> bool:
    """A director every goal; a manager those of own teams and groups; a lead those of the own team."""
    if has_role(user, Role.DIRECTOR):
        return True
    if goal.confidential and not can_see_goal(user, goal):
        return False
    if goal.team_id:
        return goal.team_id in teams_run(user)
    return bool(goal.group_id) and goal.group_id in groups_run(user)


def can_edit_deliverable(user: User, deliverable: Deliverable) -> bool:
    """A director every deliverable; a manager and a lead those of their teams."""
    return deliverable.team_id in teams_run(user)


def can_check_in_goal(user: User, goal: Goal) -> bool:
    """Who may edit a goal, and the manager or lead who owns it."""
    return can_edit_goal(user, goal) or _owns(user, goal.owner_id)


def can_check_in_deliverable(user: User, deliverable: Deliverable) -> bool:
    """Who may edit a deliverable, and the manager or lead who owns it."""
    return can_edit_deliverable(user, deliverable) or _owns(user, deliverable.owner_id)


def _owns(user: User, owner: int | None) -> bool:
    return owner is not None and owner == user.pk and has_role(user, Role.MANAGER, Role.LEAD)


def _all_for_the_known(user: User, rows: QuerySet[Row]) -> QuerySet[Row]:
    return rows if is_known(user) else rows.none()
