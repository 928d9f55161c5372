"""One person: teams, accounts, what they answer for, and who can see the page. Nothing about how much they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dashboards import words
from delivery import promises
from delivery.access import visible_deliverables, visible_goals
from delivery.core.chance import Level
from delivery.core.promise import Promise
from delivery.models import Goal, SourceKind
from people.access import User
from people.models import Person, Role
from teams.access import onlookers
from teams.models import Membership

NAMED: Final = 3  # what a headline names before it says "others"
RIGHT: Final = {Role.DIRECTOR: "director", Role.MANAGER: "manager"}


@dataclass(frozen=True, slots=True)
class InTeam:
    """A membership with its days: since 1 March 2024, or 1 March 2022 to 29 February 2024."""

    team: str
    slug: str
    role: str
    days: str
    now: bool


@dataclass(frozen=True, slots=True)
class Identity:
    tool: str
    login: str
    server: str


@dataclass(frozen=True, slots=True)
class Owned:
    """A deliverable the person answers for; ``due`` in words."""

    id: int
    title: str
    level: Level
    due: str


@dataclass(frozen=True, slots=True)
class OwnedGoal:
    title: str
    whose: str
    until: str


@dataclass(frozen=True, slots=True)
class PersonPage:
    id: int
    name: str
    first_name: str
    initials: str
    role: str
    is_me: bool
    answers_for: str
    danger: str
    teams: tuple[InTeam, ...]
    zone: str
    identities: tuple[Identity, ...]
    deliverables: tuple[Owned, ...]
    goals: tuple[OwnedGoal, ...]
    sees: str


@dataclass(frozen=True, slots=True)
class Closed:
    """In place of a page that is not the reader's: whose it is, where else to go, whom to ask."""

    title: str
    lead: str
    team_slug: str
    ask: str


def page(user: User, person: Person, *, now: datetime, today: date) -> PersonPage:
    memberships = list(person.memberships.select_related("team").order_by("-start", "team__name"))
    owned = visible_deliverables(user).filter(owner=person).values_list("pk", flat=True)
    found = promises.promises(user, day=today, ids=list(owned))
    goals = list(visible_goals(user).filter(owner=person, end__gt=today).select_related("team", "group"))
    is_me = user.pk == person.pk
    return PersonPage(
        id=person.pk,
        name=person.name,
        first_name=person.name.split()[0] if person.name.split() else person.name,
        initials=person.initials,
        role=Role(person.role).label,
        is_me=is_me,
        answers_for=_answers_for("You answer" if is_me else f"{person.name} answers", found, goals),
        danger=_danger(found),
        teams=tuple(_in_team(one, today) for one in memberships),
        zone=_zone(person.timezone, now),
        identities=tuple(
            Identity(SourceKind(one.kind).label if one.kind in SourceKind else one.kind, str(one), _host(one.origin))
            for one in person.accounts.all()
        ),
        deliverables=tuple(Owned(one.id, one.title, one.level, _due(one)) for one in found),
        goals=tuple(OwnedGoal(goal.title, _whose(goal), _last_day(goal.end, today)) for goal in goals),
        sees=_sees(user, person, onlookers(person, day=today)),
    )


def closed(person: Person, *, today: date) -> Closed:
    """Names who may open it: the organisation is no secret, what is on the page is."""
    seen_by = [one.name for one in onlookers(person, day=today)]
    team = Membership.objects.on(today).filter(person=person).select_related("team").order_by("-share").first()
    return Closed(
        title=f"Only {words.listed([person.name, *seen_by])} can open this page",
        lead="A person’s page is seen by the person and by those they work for. That holds for administrators too.",
        team_slug=team.team.slug if team else "",
        ask=f"Ask {words.listed([person.name, *seen_by[:1]]).replace(' and ', ' or ')}, or the person who runs Headway "
        "here: the teams and their managers decide who sees what. Your visit was not shown to anyone.",
    )


def _answers_for(who: str, found: Sequence[Promise], goals: Sequence[Goal]) -> str:
    titles = [one.title for one in found] + [goal.title for goal in goals]
    if not titles:
        return f"{who} for no promise or goal right now."
    named = titles if len(titles) <= NAMED else [*titles[: NAMED - 1], "others"]
    return f"{who} for {words.listed(named)}{';' if _danger(found) else '.'}"


def _danger(found: Sequence[Promise]) -> str:
    likely = [one.title for one in found if one.level == Level.LIKELY]
    if not likely:
        return ""
    named = likely if len(likely) <= NAMED else [*likely[: NAMED - 1], "others"]
    return f"{words.listed(named)} {'is' if len(likely) == 1 else 'are'} likely to miss {'its' if len(likely) == 1 else 'their'} date."


def _in_team(membership: Membership, today: date) -> InTeam:
    over = membership.end is not None and membership.end <= today
    if membership.end is None:
        days = f"{'since' if membership.start <= today else 'from'} {words.long_day(membership.start, today)}"
    else:
        days = f"{words.long_day(membership.start, today)} to {_last_day(membership.end, today)}"
    share = "" if membership.share == 1 else f", {round(membership.share * 100)}% of the time"
    role = f"{words.capital(membership.role)}{share}"
    return InTeam(membership.team.name, membership.team.slug, role, days, not over)


def _zone(name: str, now: datetime) -> str:
    try:
        return f"{name.replace('_', ' ')}, {now.astimezone(ZoneInfo(name)):%H:%M} there now"
    except (ZoneInfoNotFoundError, ValueError):
        return name


def _host(origin: str) -> str:
    return urlsplit(origin).hostname or origin


def _due(promise: Promise) -> str:
    return f"promised for {words.near_day(promise.target, promise.day)}" if promise.target else "no date promised"


def _whose(goal: Goal) -> str:
    return goal.team.name if goal.team else goal.group.name if goal.group else "Company"


def _last_day(end: date, today: date) -> str:
    return words.long_day(end - timedelta(days=1), today)


def _sees(user: User, person: Person, seen_by: Sequence[Person]) -> str:
    """You, Mara Lindqvist (director) and Ines Duarte (manager); the reader is always "you"."""
    named = [(one.pk, f"{one.name} ({RIGHT[Role(one.role)]})") for one in seen_by]
    others = [f"you ({RIGHT[Role(user.role)]})" if pk == user.pk else name for pk, name in named]
    return words.listed(["You" if user.pk == person.pk else person.name, *others])
