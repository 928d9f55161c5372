"""Readers of the digest, and looks at what they get."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dashboards.digest import alerts
from dashboards.digest.addresses import Addresses
from dashboards.digest.composing import preview
from dashboards.digest.readers import Reader
from dashboards.digest.records import Digest
from dashboards.models import Delivery, DigestIssue, Subscription
from delivery.models import Deliverable
from people.models import Person
from tests.builders import TODAY
from tests.dashboards.conftest import NOW
from tests.dashboards.roles import Organisation
from tests.dashboards.rows import promised

PAGES = Addresses("https://headway.example")


def subscribed(person: Person | None = None, **fields: Any) -> Subscription:
    """A reader of everything, on Mondays at seven; an address without a login where nobody is given."""
    long_ago = fields.pop("since", NOW - timedelta(days=30))
    values: dict[str, Any] = {"since": long_ago, "confirmed": long_ago, "weekday": 0, "hour": 7} | fields
    if person is None:
        values = {"email": "board@example.test", "name": "The board"} | values
    return Subscription.objects.create(person=person, **values)


def told(person: Person, *, now: datetime = NOW, **narrowed: Any) -> Digest:
    """What ``person`` is told on TODAY."""
    return preview(Reader(person, weekday=0, **narrowed), now=now, day=TODAY)


def waiting(row: Subscription, week: str = "2026-W48", **fields: Any) -> Delivery:
    """This week's digest of a reader, written down and not handed over yet."""
    issue = DigestIssue.objects.create(subscription=row, week=week, day=TODAY)
    return Delivery.objects.create(subscription=row, issue=issue, kind="digest", channel="mail", **fields)


def set_missing(row: Deliverable, missing: float) -> None:
    row.forecasts.update(chance=1 - missing)


def crossed(people: Organisation, now: datetime, title: str = "Event schema") -> Deliverable:
    """A deliverable that was at 30% at the first look and is at 70% since."""
    row = promised(people.team, title, 0.3)
    alerts.look_out(now)
    set_missing(row, 0.7)
    return row
