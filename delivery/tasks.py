"""What happens by itself. Every task may run twice and may be killed; unknown keywords are swallowed, so that workers
of an older version survive newer callers."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from delivery import (
    accuracy,
    backtests,
    calibration,
    census,
    changed,
    fed,
    forecasts,
    hearing,
    hooks,
    measured,
    recalibrated,
    removal,
    risks,
    runs,
    scope_jql,
    scopes,
    sources,
    sync,
    turns,
)
from delivery.connectors.contract import ConnectorError
from delivery.models import Deliverable, Scope, Source, SourceSlice, SyncRun

SETTLING = 20  # seconds in which changes of a team are taken together
HOURLY = 3600.0  # seconds between two beats of count_due


@shared_task  # type: ignore[untyped-decorator]
def sync_due(**_: Any) -> None:
    """Queue every slice whose turn it is, what a sync left unsettled, and scopes that a source is to be asked for.

    What waits in vain until the next beat is queued again by that one.
    """
    now = timezone.now()
    runs.forget_old(now)
    wait = sync.EVERY.total_seconds()
    for source in sync.behind() | scope_jql.due(now):
        after_sync.apply_async(kwargs={"source_id": source.pk}, expires=wait)
    for part in sync.due(now):
        sync_slice_task.apply_async(kwargs={"slice_id": part.pk}, expires=wait)


@shared_task  # type: ignore[untyped-decorator]
def sync_slice_task(*, slice_id: int, **_: Any) -> None:
    """Read one slice, if it is still its turn, and have settled what rests on it."""
    now = timezone.now()
    for part in sync.due(now, among=SourceSlice.objects.filter(pk=slice_id)):
        run = sync.sync_slice(part, now=now)
        if (run.written or run.deleted) and run.state != SyncRun.State.RUNNING:
            after_sync.delay(source_id=part.source_id)


@shared_task  # type: ignore[untyped-decorator]
def read_now(*, source_id: int, full: bool = False, **_: Any) -> None:
    """Read a whole source because a person asked: also what is not due, or what only a person can have mended."""
    for source in turns.live().filter(pk=source_id):
        sync.sync_source(source, now=timezone.now(), full=full)


@shared_task  # type: ignore[untyped-decorator]
def retry_slice(*, slice_id: int, full: bool = False, **_: Any) -> None:
    """Read one part, and what of it is missing, because a person asked."""
    for part in SourceSlice.objects.filter(turns.of_live_sources(), pk=slice_id).select_related("source"):
        sync.retry_slice(part, now=timezone.now(), full=full)


@shared_task  # type: ignore[untyped-decorator]
def count_due(**_: Any) -> None:
    """Once a day for each source: take in the projects that match its patterns; for each part: count it."""
    now = timezone.now()
    for source in turns.live().exclude(patterns=[]):
        expand_patterns.apply_async(kwargs={"source_id": source.pk}, expires=HOURLY)
    for part in census.due(now):
        count_slice.apply_async(kwargs={"slice_id": part.pk}, expires=HOURLY)


@shared_task  # type: ignore[untyped-decorator]
def count_slice(*, slice_id: int, **_: Any) -> None:
    """Count one part, if it is still to be counted today, and have settled what rests on it."""
    now = timezone.now()
    for part in census.due(now):
        if part.pk != slice_id:
            continue
        run = census.take(part, now=now)
        if (run.written or run.deleted) and run.state != SyncRun.State.RUNNING:
            after_sync.delay(source_id=part.source_id)


@shared_task  # type: ignore[untyped-decorator]
def expand_patterns(*, source_id: int, **_: Any) -> None:
    """Read from now on what a source has that matches its patterns and is new. What it refuses, its parts say."""
    for source in turns.live().filter(pk=source_id):
        with suppress(ConnectorError):
            sources.expand_patterns(source)


@shared_task  # type: ignore[untyped-decorator]
def after_sync(*, source_id: int, **_: Any) -> None:
    """Links, incidents and scopes after something of a source changed; then the forecasts of the teams it is about."""
    now = timezone.now()
    for source in Source.objects.filter(pk=source_id):
        sync.settle(source, now=now)
        for team in changed.teams_behind(source):
            ask_for_forecast(team)


def ask_for_forecast(team: int) -> None:
    """Queue the forecast of a team once for all that changes within SETTLING seconds."""
    if cache.add(f"forecast-of-team-{team}", True, SETTLING):
        forecast_team.apply_async(kwargs={"team_id": team}, countdown=SETTLING, expires=HOURLY)


@shared_task  # type: ignore[untyped-decorator]
def forecast_today(**_: Any) -> None:
    """Queue today's forecasts, a team at a time, from scopes that hold what was read last."""
    now = timezone.now()
    for source in sync.behind():
        sync.settle(source, now=now)
    score_forecasts.delay()
    for team in changed.forecast_teams():
        forecast_team.apply_async(kwargs={"team_id": team}, expires=HOURLY)


@shared_task  # type: ignore[untyped-decorator]
def score_forecasts(**_: Any) -> None:
    """Hold what has ended against what was said of it, for the corrections of later forecasts."""
    calibration.score_outcomes(day=timezone.now().date())


@shared_task  # type: ignore[untyped-decorator]
def measure_actions(**_: Any) -> None:
    """What actions brought whose due date is past."""
    now = timezone.now()
    measured.measure(day=now.date(), at=now)


@shared_task  # type: ignore[untyped-decorator]
def feed_key_results(**_: Any) -> None:
    """Today's values of the key results that Headway feeds itself."""
    now = timezone.now()
    fed.feed(day=now.date(), at=now)


@shared_task  # type: ignore[untyped-decorator]
def forecast_team(*, team_id: int, **_: Any) -> None:
    """Today's forecast of what one team answers for, and of what waits for it."""
    now = timezone.now()
    forecasts.forecast_teams([team_id], day=now.date(), made=now)
    if cache.add("keep-risks", True, SETTLING):
        keep_risks.apply_async(countdown=SETTLING, expires=HOURLY)


@shared_task  # type: ignore[untyped-decorator]
def keep_risks(**_: Any) -> None:
    """Run the rules of the register over today's forecasts, once for all teams that were forecast together."""
    now = timezone.now()
    risks.keep_risks(day=now.date(), now=now)


@shared_task  # type: ignore[untyped-decorator]
def backtest_due(**_: Any) -> None:
    """Every night: each team's questions that became due, what recalibration changed, and the figures of both."""
    for team_id in backtests.due_teams():
        backtest_team.apply_async(kwargs={"team_id": team_id}, expires=HOURLY * 12)
    recalibrated.write_effects(day=timezone.now().date())
    _keep_accuracy_soon()


@shared_task  # type: ignore[untyped-decorator]
def backtest_team(*, team_id: int, **_: Any) -> None:
    """Put to one team's past what is due and was not asked yet."""
    if backtests.backtest_team(team_id, day=timezone.now().date()):
        _keep_accuracy_soon()


@shared_task  # type: ignore[untyped-decorator]
def keep_accuracy(**_: Any) -> None:
    """Work out every figure of the Accuracy page, so that no request must."""
    accuracy.keep_accuracy(day=timezone.localdate())


def _keep_accuracy_soon() -> None:
    """Once for all teams that are asked together."""
    if cache.add("keep-accuracy", True, SETTLING):
        keep_accuracy.apply_async(countdown=SETTLING, expires=HOURLY)


@shared_task  # type: ignore[untyped-decorator]
def hear(*, source_id: int, **_: Any) -> None:
    """Read again what webhooks of a source hinted at."""
    for source in Source.objects.filter(pk=source_id):
        heard = hearing.hear(source, now=timezone.now())
        if heard.changed:
            after_sync.delay(source_id=source.pk)
        if heard.waits:  # for another process that reads the same just now
            hear.apply_async(kwargs={"source_id": source.pk}, countdown=10, expires=300)


@shared_task  # type: ignore[untyped-decorator]
def ask_scopes(deliverable_id: int, **_: Any) -> None:
    """Ask Jira for the new JQL rules of a deliverable, rather than at the next sync."""
    for scope in Scope.objects.filter(deliverable=deliverable_id, rule=Scope.Rule.JQL, asked=None):
        scope_jql.ask(scope, now=timezone.now())
    scopes.resolve(deliverables=Deliverable.objects.filter(pk=deliverable_id))


@shared_task  # type: ignore[untyped-decorator]
def remove_source(*, source_id: int, **_: Any) -> None:
    """Delete what was read of a source that a person took away; the next beat goes on where this ends."""
    for source in removal.unfinished().filter(pk=source_id):
        removal.remove(source)


@shared_task  # type: ignore[untyped-decorator]
def catch_up(**_: Any) -> None:
    """What a lost word left: webhooks that nobody heard, and sources that are half removed."""
    now = timezone.now()
    hooks.forget_old(now)
    for source in hearing.unheard(now - timedelta(seconds=30)):
        hear.apply_async(kwargs={"source_id": source.pk}, expires=60)
    for source in removal.unfinished():
        remove_source.apply_async(kwargs={"source_id": source.pk}, expires=60)
