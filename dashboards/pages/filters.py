"""What the reader asks to see, from the URL. A value that says nothing is left out, and the page says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict

from dashboards import words
from dashboards.sentences import WORST_FIRST
from delivery.core.chance import Level
from delivery.core.promise import Promise
from delivery.followed import followed, ids_followed
from delivery.models import Deliverable
from delivery.promises import ids_of_team

IN_DANGER: Final = (Level.LIKELY, Level.AT_RISK)
SORTS: Final = {"chance": "By chance", "disagreement": "By disagreement"}
LONGEST_FIND: Final = 100
KINDS: Final = dict(Deliverable.Kind.choices)


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a filter."""

    value: str
    label: str
    chosen: bool
    count: int = 0


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty is "all"; of several teams and groups, what any of them has. ``ignored``: what does not exist, in words."""

    levels: tuple[Level, ...] = ()
    team: str = ""  # the one team, where exactly one is asked for
    teams: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    kind: str = ""
    find: str = ""
    sort: str = "chance"
    delivered: bool = False
    ignored: tuple[str, ...] = field(default=())


def find_of(query: QueryDict) -> str:
    """The word that a list is searched for, as PostgreSQL can hold it."""
    return (query.get("find") or "").replace("\0", "").strip()[:LONGEST_FIND]


def read(
    query: QueryDict,
    teams: Mapping[str, str],
    groups: Mapping[str, str] | None = None,
    *,
    default: Sequence[Level] = (),
) -> Filters:
    """``teams`` and ``groups``: names by slug. ``default`` holds where the URL names no level; ``level=all`` is every level."""
    levels, ignored = _levels(query.getlist("level"), default)
    meant, unknown = _several(query, "team", teams)
    ignored += unknown
    among, unknown = _several(query, "group", groups or {})
    ignored += unknown
    found = {"kind": "", "sort": "chance"}
    for name, known in (("kind", KINDS), ("sort", SORTS)):
        value = query.get(name) or ""
        if value in known:
            found[name] = value
        elif value:
            ignored.append(f"There is no {name} “{value}”")
    find = find_of(query)
    only = meant[0] if len(meant) == 1 and not among else ""
    delivered = query.get("delivered") == "yes"
    return Filters(levels, only, meant, among, **found, find=find, delivered=delivered, ignored=tuple(ignored))


def _several(query: QueryDict, name: str, known: Mapping[str, str]) -> tuple[tuple[str, ...], list[str]]:
    asked = [value for value in dict.fromkeys(query.getlist(name)) if value]
    ignored = [f"There is no {name} “{value}”" for value in asked if value not in known]
    return tuple(value for value in asked if value in known), ignored


def _levels(values: Sequence[str], default: Sequence[Level]) -> tuple[tuple[Level, ...], list[str]]:
    known = {level.value for level in Level}
    asked = [value for value in values if value]
    ignored = [f"There is no level “{value}”" for value in asked if value not in known and value != "all"]
    levels = tuple(Level(value) for value in asked if value in known)
    if levels or "all" in asked:
        return (() if "all" in asked else levels), ignored
    return tuple(default), ignored


def kept(promises: Sequence[Promise], filters: Filters) -> list[Promise]:
    """The promises that ``filters`` ask for, in the order they ask for."""
    mine = meant(filters)
    found = [one for one in promises if _fits(one, filters) and (mine is None or one.id in mine)]
    if filters.sort == "disagreement":
        found.sort(key=lambda one: (one.disagreement is None, -abs(one.disagreement or 0)))
    return found


def meant(filters: Filters) -> set[int] | None:
    """Ids of the deliverables of the teams and groups that are asked for; None of all."""
    if filters.team:
        return ids_of_team(filters.team)
    return ids_followed(followed(filters.groups, filters.teams)) if filters.groups or filters.teams else None


def _fits(one: Promise, filters: Filters) -> bool:
    return (
        (not filters.levels or one.level in filters.levels or one.delivered is not None)
        and (not filters.kind or one.kind == filters.kind)
        and filters.find.casefold() in f"{one.title} {one.owner} {one.goal}".casefold()
    )


def helped_too(filters: Filters, teams: Mapping[str, str]) -> str:
    """What a choice of one team holds beside what it answers for."""
    return f", also what {teams[filters.team]} helps with" if filters.team else ""


def address(filters: Filters) -> str:
    """The same choice on the page of all deliverables."""
    pairs = [("level", level.value) for level in filters.levels]
    pairs += [("team", slug) for slug in filters.teams] + [("group", slug) for slug in filters.groups]
    chosen = {"kind": filters.kind, "find": filters.find}
    pairs += [(name, value) for name, value in chosen.items() if value]
    if filters.sort != "chance":
        pairs.append(("sort", filters.sort))
    return f"?{urlencode(pairs)}" if pairs else ""


def team_choices(teams: Mapping[str, str], filters: Filters) -> tuple[Choice, ...]:
    return _choices({"": "All teams", **teams}, filters.team)


def group_choices(groups: Mapping[str, str], filters: Filters) -> tuple[Choice, ...]:
    alone = filters.groups[0] if len(filters.groups) == 1 and not filters.teams else ""
    return _choices({"": "All groups", **groups}, alone)


def several(filters: Filters, teams: Mapping[str, str], groups: Mapping[str, str]) -> str:
    """Names of the groups and teams, where more are asked for than a choice of one can show: Platform, Search and Ads."""
    names = [groups[slug] for slug in filters.groups] + [teams[slug] for slug in filters.teams]
    return words.listed(names) if len(names) > 1 else ""


def kind_choices(filters: Filters) -> tuple[Choice, ...]:
    return _choices({"": "All kinds", **KINDS}, filters.kind)


def sort_choices(filters: Filters) -> tuple[Choice, ...]:
    return _choices(SORTS, filters.sort)


def level_choices(promises: Sequence[Promise], filters: Filters) -> tuple[Choice, ...]:
    """Every level with its count, ticked where it is shown."""
    still_open = [one for one in promises if one.delivered is None]
    counts = {level: sum(one.level == level for one in still_open) for level in WORST_FIRST}
    shown = filters.levels or WORST_FIRST
    return tuple(Choice(level, words.LEVELS[level], level in shown, counts[level]) for level in WORST_FIRST)


def _choices(labels: Mapping[str, str], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, label, value == chosen) for value, label in labels.items())
