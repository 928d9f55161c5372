"""What reading a whole source again costs: its requests and its time, as the last whole reading had them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from dashboards import words
from dashboards.pages.source_runs import took
from delivery.models import Source, SyncRun


@dataclass(frozen=True, slots=True)
class Resync:
    id: int
    name: str
    says: str


def page(source: Source) -> Resync:
    whole = SyncRun.objects.filter(source=source, full=True, finished__isnull=False).exclude(state=SyncRun.State.FAILED)
    latest = list(whole.order_by("slice_id", "-started", "-pk").distinct("slice_id"))
    if not latest:
        return Resync(source.pk, source.name, "It was never read whole, so nobody knows yet what that costs.")
    requests = sum(run.requests for run in latest)
    spent = sum((run.finished - run.started for run in latest if run.finished), timedelta())
    says = f"The last whole reading took {words.plural(requests, 'request')} and {took(spent)} of reading."
    return Resync(source.pk, source.name, f"{says} Expect about as much, spread so that Headway keeps to its share.")
