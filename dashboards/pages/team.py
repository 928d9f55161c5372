"""One team: what it promised, how work flows through it, what it delivers, who is in it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from dashboards import words
from dashboards.definitions import COUNTED
from dashboards.pages import team_dora, team_flow, team_says
from dashboards.pages.freshness import Freshness, SourceAge, concerning, freshness, source_ages
from dashboards.pages.rows import Table, table
from dashboards.pages.team_dora import Tile
from dashboards.pages.team_flow import Panel
from dashboards.sentences import Sentence, worst
from delivery import promises, queries
from delivery.core import flow
from delivery.core.chance import Level
from delivery.core.period import Period
from delivery.core.promise import Promise
from delivery.core.spread import spread
from delivery.core.zoned import day_of
from delivery.queries.reviews import NOT_KNOWN
from people.access import User
from teams.access import visible_people
from teams.models import Team

CHOICES: Final = (4, 12, 26)  # weeks
USUAL: Final = 12


@dataclass(frozen=True, slots=True)
class Choice:
    weeks: int
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """The DORA tiles and what must be said with them; without any known deployment only ``why``."""

    says: str
    tiles: tuple[Tile, ...]
    notes: tuple[str, ...]
    why: str = ""
    rework: str = ""  # how the share in the notes is counted, where it is told


@dataclass(frozen=True, slots=True)
class Member:
    """Who is in the team: role and days away, never a number. ``linked``: the reader may see the person's page."""

    person_id: int
    name: str
    initials: str
    role: str
    away: str
    linked: bool


@dataclass(frozen=True, slots=True)
class TeamPage:
    everything: list[Promise]  # of all teams: the shell counts them
    ages: list[SourceAge]
    name: str
    slug: str
    group: str
    made_of: str
    headline: Sentence
    level: Level
    more: str  # what holds the work up, where that is known
    freshness: Freshness
    choices: tuple[Choice, ...]
    chosen: str
    promised: Table
    helps: Table
    flow: tuple[Panel, ...]
    delivery: Delivery
    members: tuple[Member, ...]


def page(user: User, team: Team, *, weeks: str, now: datetime, today: date) -> TeamPage:
    """``weeks`` as the address says it; anything but a choice means USUAL.

    Weeks, flow, delivery and absences go by the team's own day. ``today`` is that of the forecasts, which are made
    once for all teams, by UTC.
    """
    chosen, here = _chosen(weeks), day_of(now, team.timezone)
    period = Period(here - timedelta(weeks=chosen), here + timedelta(days=1))
    everything, helped = promises.promises(user, day=today), promises.helped_by(team)
    own = [one for one in everything if one.team_slug == team.slug]
    tally = promises.tally(own, day=today)
    pace = queries.paces_of([team], at=now, weeks=max(chosen, USUAL))[team.pk]
    waits = queries.first_review_waits(team, period)
    usual_wait = spread(waits, NOT_KNOWN)
    scopes, ages = set(team.scopes.values_list("source__name", "scope")), source_ages(user, now)
    fresh = freshness(concerning(ages, scopes, now), now)
    members = _members(user, team, here)
    return TeamPage(
        everything=everything,
        ages=ages,
        name=team.name,
        slug=team.slug,
        group=team.group.name,
        made_of=_made_of(team, len(members)),
        headline=team_says.headline(pace.finished.weeks, tally, _unread(scopes, fresh, pace)),
        level=worst(tally),
        more=team_says.review_wait(usual_wait),
        freshness=fresh,
        choices=tuple(Choice(count, f"Last {count} weeks", count == chosen) for count in CHOICES),
        chosen=f"Last {chosen} weeks",
        promised=table(own, today),
        helps=table([one for one in everything if one.id in helped and one.team_slug != team.slug], today),
        flow=(
            team_flow.finished_a_week(pace.finished.weeks[-chosen:], _begins(pace, here, chosen)),
            team_flow.cycle_times(flow.finished_in(pace.items, period, team.timezone), team.timezone),
            team_flow.ages(queries.open_items(team, at=now, usual=pace.usual, begun=True), pace.usual),
            team_flow.review_waits(waits, usual_wait),
        ),
        delivery=_delivery(team, now, chosen),
        members=members,
    )


def _chosen(weeks: str) -> int:
    return int(weeks) if weeks in map(str, CHOICES) else USUAL


def _unread(scopes: Collection[tuple[str, str]], fresh: Freshness, pace: queries.Pace) -> str:
    """Why nothing is known of a team's work, where that is not because nothing was done."""
    if sum(count for _, count in pace.finished.weeks[-USUAL:]):
        return ""
    if not scopes:
        return "No project or repository is tied to this team yet"
    return "" if fresh.known else "Its work is still being read"


def _begins(pace: queries.Pace, today: date, weeks: int) -> str:
    """The day the record begins, where that is later than the weeks that were asked for."""
    return words.dated(pace.since, today) if pace.since and len(pace.finished.weeks) < weeks else ""


def _made_of(team: Team, people: int) -> str:
    head = f"led by {team.lead.name}" if team.lead else f"managed by {team.manager.name}" if team.manager else ""
    return ", ".join(filter(None, [words.plural(people, "person", "people"), head]))


def _delivery(team: Team, now: datetime, weeks: int) -> Delivery:
    found = queries.dora_of(team, at=now, weeks=weeks)
    says = f"The DORA measures, last {weeks} weeks against the {weeks} before"
    if not found.known:
        why = "No deployment to production of this team’s repositories is known, so there is nothing to measure."
        return Delivery(says, (), (), why)
    rework = team_dora.rework(found.now.rework)
    notes = tuple(filter(None, (rework, team_dora.guesses(found.guesses))))
    tiles = team_dora.tiles(found.now, found.before, found.weekly)
    return Delivery(says, tiles, notes, rework=COUNTED["rework"] if rework else "")


def _members(user: User, team: Team, today: date) -> tuple[Member, ...]:
    open_pages = set(visible_people(user, day=today).values_list("pk", flat=True))
    return tuple(
        Member(
            person_id=one.person_id,
            name=one.name,
            initials=one.initials,
            role=_role(one),
            away=_away(one.away, today),
            linked=one.person_id in open_pages,
        )
        for one in queries.members(team, day=today)
    )


def _role(member: queries.Member) -> str:
    duties = [duty for duty, has in (("leads the team", member.leads), ("manages the team", member.manages)) if has]
    share = [] if member.share == 1 else [f"{round(member.share * 100)}% of the time"]
    return ", ".join([words.capital(member.role), *duties, *share])


def _away(spans: tuple[tuple[date, date], ...], today: date) -> str:
    """The days that are known, last day included: away 21 Dec to 1 Jan; empty for who is here."""
    told = []
    for start, end in spans:
        last = end - timedelta(days=1)
        first = words.dated(start, today)
        told.append(first if last == start else f"{first} to {words.dated(last, today)}")
    return f"away {words.listed(told)}" if told else ""
