"""What every page shows around its content."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from dashboards.pages.freshness import Freshness, SourceAge, freshness, source_ages
from delivery.core.chance import Level
from delivery.core.promise import Promise
from delivery.likely import likely_by_team
from people.access import User
from teams.access import visible_teams
from teams.models import Team

PAGES: Final = (
    ("overview", "Overview"),
    ("goals", "Goals"),
    ("deliverables", "Deliverables"),
    ("check_in_week", "Check-in"),
    ("risks", "Risks"),
    ("actions", "Actions"),
    ("learning", "Learning"),
    ("accuracy", "Accuracy"),
    ("digest", "Digest"),
)
PART_OF: Final = {
    "deliverable": "deliverables",
    "check_in": "check_in_week",
    "disagreement": "overview",
    **dict.fromkeys(("deliverable_new", "deliverable_edit", "deliverable_end"), "deliverables"),
    **dict.fromkeys(("deliverable_promise", "deliverable_slips", "commitment_correct"), "deliverables"),
    **dict.fromkeys(("goal", "goal_new", "goal_edit", "goal_move", "goal_drop", "goal_link"), "goals"),
    **dict.fromkeys(("risk", "risk_new", "risk_rules", "risk_rule"), "risks"),
    **dict.fromkeys(("bet_new", "bet_edit", "bet_decide"), "learning"),
    "action_new": "actions",
    "action_edit": "actions",
    "action_state": "actions",
    **dict.fromkeys(("suggestions", "scenarios", "scenario_keep", "scenario_accept"), "deliverables"),
}
STARTS: Final = {"source_": "sources", "digest_": "digest"}

NEEDS_KEPT: Final = 600  # seconds


@dataclass(frozen=True, slots=True)
class Link:
    """``current`` is page, true (the page is part of it) or empty."""

    name: str
    label: str
    url: str
    current: str = ""
    likely: int = 0
    needs: int = 0


@dataclass(frozen=True, slots=True)
class GroupLinks:
    name: str
    teams: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Shell:
    pages: tuple[Link, ...]
    groups: tuple[GroupLinks, ...]
    me: Link
    sources: Link
    freshness: Freshness


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context of the shell, made when a full page asks for it: the teams and the age of the data."""
    if not request.user.is_authenticated:
        return {}
    return {"shell": SimpleLazyObject(lambda: make_shell(request, timezone.now()))}


def remember(request: HttpRequest, found: list[Promise], ages: list[SourceAge] | None = None) -> None:
    """Keep what a page has asked for anyway for the shell of this request: all promises of today, all sources."""
    request.all_promises, request.source_ages = found, ages  # type: ignore[attr-defined]


def remember_needs(request: HttpRequest, count: int) -> None:
    """How many things wait for the reader: other pages tell it for minutes, and ask nothing for it."""
    request.needs = count  # type: ignore[attr-defined]
    cache.set(f"needs-{request.user.pk}", count, NEEDS_KEPT)


def _needs(request: HttpRequest) -> dict[str, int]:
    known = getattr(request, "needs", None)
    return {"overview": (cache.get(f"needs-{request.user.pk}") if known is None else known) or 0}


def make_shell(request: HttpRequest, now: datetime) -> Shell:
    user: User = request.user
    found, ages = getattr(request, "all_promises", None), getattr(request, "source_ages", None)
    if found is None:
        likely = likely_by_team(user, day=timezone.localdate())
    else:
        likely = Counter(one.team_slug for one in found if one.level == Level.LIKELY)
    at = request.resolver_match
    waits = _needs(request)
    here = (at.url_name or "", at.kwargs) if at else ("", {})
    return Shell(
        pages=tuple(
            Link(name, label, reverse(name), _current(name, here[0]), needs=waits.get(name, 0)) for name, label in PAGES
        ),
        groups=_groups(list(visible_teams(user).filter(archived=False).select_related("group")), likely, here),
        me=Link("person", "My page", reverse("person", args=[user.pk]), _current_person(user, here)),
        sources=Link("sources", "Data sources", reverse("sources"), _current("sources", here[0])),
        freshness=freshness(source_ages(user, now) if ages is None else ages, now),
    )


def _groups(teams: list[Team], likely: Counter[str], here: tuple[str, dict[str, Any]]) -> tuple[GroupLinks, ...]:
    """Teams by group, groups and teams by name."""
    groups: dict[str, list[Link]] = {}
    for team in sorted(teams, key=lambda team: (team.group.name, team.name)):
        current = "page" if here[0] == "team" and here[1].get("slug") == team.slug else ""
        link = Link("team", team.name, reverse("team", args=[team.slug]), current, likely[team.slug])
        groups.setdefault(team.group.name, []).append(link)
    return tuple(GroupLinks(name, tuple(links)) for name, links in groups.items())


def _current(name: str, here: str) -> str:
    if name == here:
        return "page"
    part_of = next((page for start, page in STARTS.items() if here.startswith(start)), "") or PART_OF.get(here)
    return "true" if part_of == name else ""


def _current_person(user: User, here: tuple[str, dict[str, Any]]) -> str:
    return "page" if here[0] == "person" and user.pk in here[1].values() else ""
