"""Who sees and changes what was promised and what happened (PRODUCT.md "Roles")."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from delivery.models import (
    Action,
    BacktestAnswer,
    Bet,
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
    Risk,
    Scenario,
    Source,
    SyncRun,
    WorkItem,
)
from people.access import User, has_role, is_known
from people.models import Person, Role
from teams.access import groups_run, ids_of_visible_people, teams_run, visible_people
from teams.models import Membership, Team

Row = TypeVar("Row", bound=Model)
_AT_WORK = (Role.DIRECTOR, Role.MANAGER, Role.LEAD, Role.ENGINEER)


def visible_goals(user: User) -> QuerySet[Goal]:
    """Every goal; a confidential one only for its owner, the people above its owner, and directors."""
    seen = Q() if has_role(user, Role.DIRECTOR) else Q(confidential=False) | Q(owner__in=visible_people(user))
    return _all_for_the_known(user, Goal.objects.filter(seen))


def owners_seen(user: User) -> set[int] | None:
    """Whose confidential goals visible_goals shows, by id; None: everybody’s."""
    return None if has_role(user, Role.DIRECTOR) else ids_of_visible_people(user)


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


def visible_risks(user: User) -> QuerySet[Risk]:
    """Every risk that has been there for long enough; one on a confidential goal only where the goal may be seen."""
    risks = _all_for_the_known(user, Risk.objects.exclude(state=Risk.State.PENDING))
    return risks.filter(Q(goal__isnull=True) | Q(goal__in=visible_goals(user)))


def can_add_risk(
    user: User, *, deliverable: Deliverable | None = None, goal: Goal | None = None, team: Team | None = None
) -> bool:
    """Who may change what it threatens: a director all, a manager own teams and below, a lead the own team."""
    if deliverable is not None:
        return can_edit_deliverable(user, deliverable)
    if goal is not None:
        return can_edit_goal(user, goal)
    return team is not None and team.pk in teams_run(user)


def can_edit_risk(user: User, risk: Risk) -> bool:
    """The same as for adding one."""
    return can_add_risk(user, deliverable=risk.deliverable, goal=risk.goal, team=risk.team)


def can_manage_risk_rules(user: User) -> bool:
    """Change the thresholds of the register's rules."""
    return has_role(user, Role.ADMIN)


def possible_risk_owners(teams: Collection[int], *, day: date, current: int | None = None) -> QuerySet[Person]:
    """Who may own a risk that concerns ``teams``: their people, everybody who leads people, and who owns it now."""
    working = Membership.objects.on(day).filter(team__in=teams).values("person")
    leads = Q(role__in=(Role.DIRECTOR, Role.MANAGER, Role.LEAD))
    return Person.objects.filter(leads | Q(pk=current) | Q(pk__in=working), is_active=True).order_by("name", "pk")


def can_see_goal(user: User, goal: Goal) -> bool:
    return visible_goals(user).filter(pk=goal.pk).exists()


def can_edit_goal(user: User, goal: Goal) -> bool:
    """A director every goal; a manager those of own teams and groups; a lead those of the own team."""
    if goal.confidential and not has_role(user, Role.DIRECTOR) and not can_see_goal(user, goal):
        return False
    return can_add_goal(user, team=goal.team_id, group=goal.group_id)


def can_add_goal(user: User, *, team: int | None = None, group: int | None = None) -> bool:
    """Write a goal down for a team, a group, or (neither) the company: who may edit such a goal."""
    if has_role(user, Role.DIRECTOR):
        return True
    return team in teams_run(user) if team else bool(group) and group in groups_run(user)


def can_add_deliverable(user: User, team: int) -> bool:
    """A director everywhere; a manager and a lead for their teams."""
    return team in teams_run(user)


def can_edit_deliverable(user: User, deliverable: Deliverable) -> bool:
    """A director every deliverable; a manager and a lead those of their teams."""
    return deliverable.team_id in teams_run(user)


@dataclass(frozen=True, slots=True)
class PlanReach:
    """Whose goals and deliverables one may change, worked out once for many rows."""

    everything: bool = False
    teams: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()


def plan_reach(user: User) -> PlanReach:
    """The same as can_edit_goal, can_add_goal, can_edit_deliverable and can_add_deliverable say one by one."""
    if has_role(user, Role.DIRECTOR):
        return PlanReach(everything=True)
    return PlanReach(teams=frozenset(teams_run(user)), groups=frozenset(groups_run(user)))


def reaches(reach: PlanReach, *, team: int | None = None, group: int | None = None) -> bool:
    """Of a goal that one may see, and of a deliverable."""
    return reach.everything or (team in reach.teams if team else bool(group) and group in reach.groups)


def can_check_in_goal(user: User, goal: Goal) -> bool:
    """Who may edit a goal, and the manager or lead who owns it."""
    return can_edit_goal(user, goal) or _owns(user, goal.owner_id)


def can_check_in_deliverable(user: User, deliverable: Deliverable) -> bool:
    """Who may edit a deliverable, and the manager or lead who owns it."""
    return can_edit_deliverable(user, deliverable) or _owns(user, deliverable.owner_id)


def visible_actions(user: User) -> QuerySet[Action]:
    """Every action; one about the risk of a confidential goal only where one may see the goal."""
    actions = _all_for_the_known(user, Action.objects.all())
    return actions.filter(Q(risk__goal__isnull=True) | Q(risk__goal__in=visible_goals(user)))


def can_add_action(user: User, deliverable: Deliverable) -> bool:
    """Who may edit the deliverable."""
    return can_edit_deliverable(user, deliverable)


def can_edit_action(user: User, action: Action) -> bool:
    """A director every action; a manager and a lead those about their teams' deliverables, risks and goals."""
    if action.deliverable is not None:
        return can_edit_deliverable(user, action.deliverable)
    if action.risk is not None and action.risk.goal is not None:
        return can_edit_goal(user, action.risk.goal)
    return action.risk is not None and action.risk.team_id in teams_run(user)


def can_move_action(user: User, action: Action) -> bool:
    """Its state and notes: who may edit it, and the one whose action it is."""
    own = action.owner_id is not None and action.owner_id == user.pk
    return (own and has_role(user, *_AT_WORK)) or can_edit_action(user, action)


def possible_owners() -> QuerySet[Person]:
    """Whom an action may be given to: everybody who may have one of their own."""
    return Person.objects.filter(is_active=True, role__in=_AT_WORK)


def visible_bets(user: User) -> QuerySet[Bet]:
    """Every bet; one on a confidential goal only where the goal may be seen."""
    bets = _all_for_the_known(user, Bet.objects.all())
    return bets.filter(Q(goal__isnull=True) | Q(goal__in=visible_goals(user)))


def can_add_bet(user: User, team: int) -> bool:
    """A director everywhere; a manager and a lead for their teams."""
    return team in teams_run(user)


def can_edit_bet(user: User, bet: Bet) -> bool:
    """Who may add one for its team, where they may see what it is about."""
    return can_add_bet(user, bet.team_id) and (bet.goal is None or can_see_goal(user, bet.goal))


def visible_scenarios(user: User) -> QuerySet[Scenario]:
    """Every what-if that somebody kept: what is proposed and decided about a promise is as open as the promise."""
    return _all_for_the_known(user, Scenario.objects.all())


def can_propose_scenario(user: User, deliverable: Deliverable) -> bool:
    """Keep and propose a what-if: directors, managers and leads, and the engineers of its team and of its helpers."""
    if not has_role(user, Role.ENGINEER):
        return has_role(user, Role.DIRECTOR, Role.MANAGER, Role.LEAD)
    teams = Q(team=deliverable.team_id) | Q(team__helps_with=deliverable)
    return Membership.objects.on(timezone.localdate()).filter(teams, person=user.pk).exists()  # type: ignore[attr-defined]


def can_decide_scenario(user: User, scenario: Scenario) -> bool:
    """Who may edit the deliverable that it is about."""
    return can_edit_deliverable(user, scenario.deliverable)


def can_withdraw_scenario(user: User, scenario: Scenario) -> bool:
    """Whoever kept or proposed it."""
    return is_known(user) and scenario.by_id == user.pk


def deciders(deliverable: Deliverable) -> list[Person]:
    """Whom a what-if may be put before, the owner first: the owner who may decide, lead, manager, directors."""
    team, owner = deliverable.team, deliverable.owner
    found = [owner] if owner is not None and owner.is_active and can_edit_deliverable(owner, deliverable) else []
    placed = Q(role=Role.LEAD, pk=team.lead_id) | Q(role=Role.MANAGER, pk=team.manager_id) | Q(role=Role.DIRECTOR)
    others = Person.objects.filter(placed, is_active=True)
    nearness = {Role.LEAD: 0, Role.MANAGER: 1, Role.DIRECTOR: 2}
    found += sorted(others, key=lambda one: (nearness[Role(one.role)], one.name))
    return list(dict.fromkeys(found))


def _owns(user: User, owner: int | None) -> bool:
    return owner is not None and owner == user.pk and has_role(user, Role.MANAGER, Role.LEAD)


def _all_for_the_known(user: User, rows: QuerySet[Row]) -> QuerySet[Row]:
    return rows if is_known(user) else rows.none()
