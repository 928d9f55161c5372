"""Whose forecasts have to be made again: the teams whose work was read since their outlook was."""

from __future__ import annotations

from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Lower

from delivery.models import Deliverable, Source, SyncRun, TeamScope
from teams.models import Team


def forecast_teams() -> list[int]:
    """Ids of the living teams that have anything open, in order; what is promised by another is none of theirs."""
    open_ones = Deliverable.objects.filter(delivered__isnull=True, dropped__isnull=True, team__archived=False)
    return sorted(set(open_ones.values_list("team_id", flat=True)))


def teams_behind(source: Source) -> list[int]:
    """Ids of the teams that something of ``source`` came for since they were last looked at.

    That is what came for their own projects and repositories, and for the items in their deliverables.
    """
    looked_at = dict(Team.objects.annotate(at=Max("outlooks__made")).values_list("pk", "at"))
    came = dict(
        SyncRun.objects.filter(Q(written__gt=0) | Q(deleted__gt=0), source=source, finished__isnull=False)
        .order_by()
        .values(scope=Lower("slice__scope"))
        .annotate(last=Max("finished"))
        .values_list("scope", "last")
    )
    behind = set()
    for team, scope in _parts(source):
        last, at = came.get(scope), looked_at.get(team)
        if last is not None and (at is None or last > at):
            behind.add(team)
    return sorted(behind & set(forecast_teams()))


def _parts(source: Source) -> QuerySet[TeamScope, tuple[int, str]]:
    """(team, project or repository) pairs, in small letters."""
    own = TeamScope.objects.filter(source=source).order_by().values_list("team_id", Lower("scope"))
    here = Deliverable.objects.filter(
        delivered__isnull=True, dropped__isnull=True, items__source=source, scoped__until__isnull=True
    )
    theirs = here.order_by().values_list(F("team_id"), Lower("items__project")).distinct()
    return own.union(theirs)
