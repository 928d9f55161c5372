"""Whether a subscription stands: confirmed, paused, stopped, started again. Who may is for the caller to ask."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import F, QuerySet

from dashboards.models import Subscription
from dashboards.models.subscription import BY_LETTER
from delivery.refused import Wrong
from people.models import Person

LATEST_PAUSE: Final = timedelta(days=366)
THEIRS: Final = (
    "They stopped it themselves: only they can start it again, on their own page or from any of its e-mails."
)


def confirm(row: Subscription, *, now: datetime) -> None:
    """The address says yes; also after it had stopped."""
    Subscription.objects.filter(pk=row.pk).update(confirmed=now, since=now, stopped=None, stopped_why="")


def pause(row: Subscription, until: date | None, *, today: date) -> None:
    """Nothing is sent before ``until``; None ends the pause. Raises Wrong."""
    if until is not None and not today < until <= today + LATEST_PAUSE:
        raise Wrong({"until": "Choose a day after today and within a year."})
    Subscription.objects.filter(pk=row.pk).update(paused_until=until)


def stop(row: Subscription, *, now: datetime, why: str) -> None:
    """Nothing is sent any more; what was sent stays in the archive."""
    _settle(Subscription.objects.filter(pk=row.pk, stopped=None), stopped=now, stopped_why=why[:200])


def start(row: Subscription, *, by: Person, now: datetime) -> None:
    """It comes again. Raises Wrong: what its reader stopped only they start, and an address is asked."""
    if row.person_id is None:
        raise Wrong({"do": "An address without a login is asked again instead."})
    if row.stopped_by_reader and row.person_id != by.pk:
        raise Wrong({"do": THEIRS})
    _settle(Subscription.objects.filter(pk=row.pk, stopped__isnull=False), stopped=None, stopped_why="", since=now)


def take_back(row: Subscription, *, now: datetime) -> None:
    """Its reader takes back what they said from an e-mail; nobody else’s word."""
    _settle(Subscription.objects.filter(pk=row.pk, stopped_why=BY_LETTER), stopped=None, stopped_why="", since=now)


def _settle(rows: QuerySet[Subscription], **values: Any) -> None:
    """A form that was opened before says so when it is sent: else it would start what was stopped."""
    rows.update(version=F("version") + 1, **values)
