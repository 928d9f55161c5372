"""What the demo's managers typed in: the pretend organisation's plan becomes rows. Safe to run again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction

from delivery.models import CheckIn, Commitment, Deliverable, Goal, KeyResult, Scope, Source, TeamScope
from people.models import Account, Person, Role
from simulator import records
from teams.models import Group, Holiday, Membership, OpenRole, Team, TimeOff

LOGINS = ("director", "manager", "engineer", "executive", "admin")


@dataclass(frozen=True, slots=True)
class Sources:
    """The demo's three connections."""

    cloud: Source
    datacenter: Source
    github: Source

    def jira_of(self, group: str) -> Source:
        """Machine Learning lives in Jira Cloud, everyone else in Data Center."""
        return self.cloud if group == "machine-learning" else self.datacenter


@transaction.atomic
def seed(plan: records.Plan, sources: Sources) -> None:
    """Write every row of ``plan`` that is not there yet."""
    people = _people(plan)
    teams = _teams(plan, people)
    _memberships(plan, people, teams)
    _open_roles(plan, teams)
    _team_scopes(plan, teams, sources)
    goals = _goals(plan, people, teams)
    _deliverables(plan, people, teams, goals, sources)


def link_github_accounts(plan: records.Plan) -> None:
    """GitHub tells no e-mail address: the demo's people say which login is theirs."""
    by_login = {person.github_login.lower(): person.email for person in plan.people if person.github_login}
    people = {person.email: person for person in Person.objects.filter(email__in=by_login.values())}
    unlinked = list(Account.objects.filter(kind="github", person=None, is_bot=False))
    for account in unlinked:
        account.person = people.get(by_login.get(account.login.lower(), ""))
    Account.objects.bulk_update(unlinked, ["person"])


def _people(plan: records.Plan) -> dict[str, Person]:
    roles = set(Role.values)
    there = {person.email: person for person in Person.objects.all()}
    new = [person for person in plan.people if not person.is_bot and person.email not in there]
    made = [
        Person(
            email=one.email,
            name=one.name,
            timezone=one.timezone,
            role=one.role if one.role in roles else Role.ENGINEER,
            is_staff=one.role == Role.ADMIN,
        )
        for one in new
    ]
    for person in made:
        login = person.email.partition("@")[0]
        if settings.DEMO and login in LOGINS:
            person.set_password("demo")
        else:
            person.set_unusable_password()
    Person.objects.bulk_create(made)
    there |= {person.email: person for person in made}
    return {one.id: there[one.email] for one in plan.people if not one.is_bot}


def _teams(plan: records.Plan, people: dict[str, Person]) -> dict[str, Team]:
    groups = {
        group.slug: Group.objects.update_or_create(
            slug=group.slug, defaults={"name": group.name, "director": people.get(group.director)}
        )[0]
        for group in plan.groups
    }
    for day in plan.holidays:
        Holiday.objects.get_or_create(day=day, team=None)
    return {
        team.slug: Team.objects.update_or_create(
            slug=team.slug,
            defaults={
                "name": team.name,
                "group": groups[team.group],
                "timezone": team.timezone,
                "manager": people.get(team.manager),
                "lead": people.get(team.lead),
            },
        )[0]
        for team in plan.teams
    }


def _memberships(plan: records.Plan, people: dict[str, Person], teams: dict[str, Team]) -> None:
    Membership.objects.bulk_create(
        [
            Membership(
                person=people[one.person],
                team=teams[one.team],
                role=one.role,
                start=one.start,
                end=one.end,
                share=round(one.share, 3),
            )
            for one in plan.memberships
            if one.person in people
        ],
        ignore_conflicts=True,
    )
    TimeOff.objects.bulk_create(
        [
            TimeOff(person=people[one.person], start=one.start, end=one.end)
            for one in plan.time_off
            if one.person in people
        ],
        ignore_conflicts=True,
    )


def _open_roles(plan: records.Plan, teams: dict[str, Team]) -> None:
    """A role that is there keeps what was changed of it: somebody may have come, or its day may have moved."""
    for one in plan.open_roles:
        OpenRole.objects.get_or_create(
            team=teams[one.team],
            title=one.title,
            defaults={"start": one.start, "share": round(one.share, 3), "ramp_weeks": one.ramp_weeks},
        )


def _team_scopes(plan: records.Plan, teams: dict[str, Team], sources: Sources) -> None:
    rows = []
    for team in plan.teams:
        rows.append(TeamScope(team=teams[team.slug], source=sources.jira_of(team.group), scope=team.project))
        rows += [TeamScope(team=teams[team.slug], source=sources.github, scope=name) for name in team.repositories]
    TeamScope.objects.bulk_create(rows, ignore_conflicts=True)


def _goals(plan: records.Plan, people: dict[str, Person], teams: dict[str, Team]) -> dict[str, Goal]:
    groups = {group.slug: group for group in Group.objects.all()}
    made: dict[str, Goal] = {}
    for goal in sorted(plan.goals, key=lambda one: ("company", "group", "team").index(one.level)):
        team = teams.get(goal.team or "")
        row, is_new = Goal.objects.get_or_create(
            title=goal.title,
            level=goal.level,
            start=goal.start,
            end=goal.end + timedelta(days=1),  # the plan names the last day, a row the first one after it
            team=team if goal.level == "team" else None,
            group=groups.get(goal.group or "") if goal.level == "group" else None,
            defaults={
                "slug": goal.slug,
                "owner": people.get(goal.owner),
                "parent": made.get(goal.parent or ""),
                "ambition": goal.ambition,
            },
        )
        made[goal.slug] = row
        if is_new:
            KeyResult.objects.bulk_create(
                KeyResult(
                    goal=row,
                    title=one.title,
                    unit=one.unit,
                    start=one.start,
                    target=one.target,
                    current=one.current,
                    position=position,
                )
                for position, one in enumerate(goal.key_results)
            )
            _words_on_goal(row, plan.day)
    return made


def _words_on_goal(goal: Goal, day: date) -> None:
    """Fortnightly check-ins of the goal's owner; on every sixth goal nobody has said a word for months."""
    last = min(day, goal.end - timedelta(days=1))
    if goal.pk % 6 == 0:
        last -= timedelta(weeks=9)
    days = [last - timedelta(days=last.weekday() + 4, weeks=2 * back) for back in range(4)]
    CheckIn.objects.bulk_create(
        CheckIn(goal=goal, day=on, by=goal.owner, status="on_track", confidence=70, note="Going to plan.")
        for on in days
        if on >= goal.start
    )


def _deliverables(
    plan: records.Plan,
    people: dict[str, Person],
    teams: dict[str, Team],
    goals: dict[str, Goal],
    sources: Sources,
) -> None:
    group_of = {team.slug: team.group for team in plan.teams}
    rows: dict[str, Deliverable] = {}
    for one in plan.deliverables:
        row, is_new = Deliverable.objects.get_or_create(
            title=one.title,
            team=teams[one.team],
            start=one.start,
            defaults={
                "slug": one.slug,
                "kind": one.kind,
                "owner": people.get(one.owner),
                "size_low": one.size[0] if one.size else None,
                "size_high": one.size[1] if one.size else None,
            },
        )
        rows[one.slug] = row
        if is_new and one.goal in goals:
            row.goals.add(goals[one.goal])
        if is_new and one.epic:
            source = sources.jira_of(group_of[one.team])
            Scope.objects.create(deliverable=row, source=source, rule=Scope.Rule.PARENT, value=one.epic)
        _words(one, row, people)
    for one in plan.deliverables:
        rows[one.slug].depends_on.add(*(rows[other] for other in one.depends_on if other in rows))


def _words(one: records.Deliverable, row: Deliverable, people: dict[str, Person]) -> None:
    """Commitments and check-ins that are not there yet; what is there is never touched."""
    given = set(row.commitments.values_list("given", "target"))  # type: ignore[attr-defined]
    Commitment.objects.bulk_create(
        Commitment(
            deliverable=row,
            given=each.given,
            target=each.target,
            by=people.get(each.by),
            cause=each.cause,
            note=each.note,
        )
        for each in one.commitments
        if (each.given, each.target) not in given
    )
    days = set(row.check_ins.values_list("day", flat=True))  # type: ignore[attr-defined]
    CheckIn.objects.bulk_create(
        CheckIn(
            deliverable=row,
            day=each.day,
            by=people.get(each.by),
            status=each.status,
            confidence=each.confidence,
            note=each.note,
        )
        for each in one.check_ins
        if each.day not in days
    )
