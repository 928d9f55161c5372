"""All deliverables, the likeliest to be missed first, as the URL's filters ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict

from dashboards import sentences
from dashboards.pages import filters as asked
from dashboards.pages.filters import Choice, Filters
from dashboards.pages.rows import Table, table
from delivery import promises as plans
from delivery.core.chance import Level
from delivery.core.promise import Promise
from people.access import User
from teams.access import visible_groups, visible_teams


@dataclass(frozen=True, slots=True)
class Deliverables:
    everything: list[Promise]  # open ones
    shown: list[Promise]
    total: int
    helped_too: str
    level: Level
    headline: sentences.Sentence
    table: Table
    filters: Filters
    levels: tuple[Choice, ...]
    teams: tuple[Choice, ...]
    groups: tuple[Choice, ...]
    several: str  # groups and teams, where more are asked for than the choices show
    kinds: tuple[Choice, ...]
    sorts: tuple[Choice, ...]
    csv: str


def deliverables(user: User, query: QueryDict, *, day: date) -> Deliverables:
    asked_for = [slug for slug in query.getlist("team") if "\0" not in slug]
    there = Q(archived=False) | Q(slug__in=asked_for)  # who follows an archived team still asks for it
    names = dict(visible_teams(user).filter(there).order_by("name").values_list("slug", "name"))
    groups = dict(visible_groups(user).values_list("slug", "name"))
    filters = asked.read(query, names, groups)
    ids = asked.meant(filters)
    found = plans.promises(user, day=day, include_delivered=filters.delivered)
    everything = [one for one in found if one.delivered is None]
    told = [one for one in found if ids is None or one.id in ids]
    tally = plans.tally(told, day=day, past=plans.past_weeks(user, day=day, ids=ids))
    shown = asked.kept(found, filters)
    return Deliverables(
        everything=everything,
        shown=shown,
        total=len(found),
        helped_too=asked.helped_too(filters, names),
        level=sentences.worst(tally),
        headline=sentences.overview_headline(tally),
        table=table(shown, day),
        filters=filters,
        levels=asked.level_choices(found, filters),
        teams=asked.team_choices(names, filters),
        groups=asked.group_choices(groups, filters),
        several=asked.several(filters, names, groups),
        kinds=asked.kind_choices(filters),
        sorts=asked.sort_choices(filters),
        csv=_csv_address(query),
    )


def _csv_address(query: QueryDict) -> str:
    """The same choice as a file."""
    pairs = [(name, value) for name, values in query.lists() for value in values if name != "format"]
    return f"?{urlencode([*pairs, ('format', 'csv')])}"
