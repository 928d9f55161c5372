"""Whose digest is due: a row for each reader and week, made once however often and by however many this is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Lower, NullIf

from dashboards.digest.schedule import WEEK, Slot, last_slot, week_of
from dashboards.models import Delivery, DigestIssue, Subscription
from dashboards.models.delivery import channels_of

AT_ONCE: Final = 1000  # rows of one transaction
MOST_MISSED: Final = 8  # weeks that are told one by one
MISSED: Final = "Headway did not run when it was due, or the login was switched off. What changed is in the next one."
LONGEST_WAIT: Final = timedelta(hours=2)  # between two tries
NO_WAY: Final = "Neither e-mail nor chat is chosen."


def live() -> QuerySet[Any]:
    """Those that get something: confirmed, not stopped, of an address or of somebody who may log in.

    An address where somebody who may log in gets their e-mails is left out: one mailbox gets one.
    """
    rows = Subscription.objects.filter(stopped=None, confirmed__isnull=False)
    people = rows.filter(person__is_active=True, mail=True)
    twice = people.annotate(mailbox=Lower("person__email")).values("mailbox")
    return rows.filter(Q(person=None) & ~Q(email__in=twice) | Q(person__is_active=True)).annotate(
        clock=Coalesce(NullIf("person__timezone", Value("")), NullIf("timezone", Value("")), Value("UTC"))
    )


def take(now: datetime) -> int:
    """Write down what is due at ``now`` and not written down yet; how many issues were. Safe to run twice at once."""
    return sum(_take(slot, weekday, hour, zone) for slot, weekday, hour, zone in _slots(now))


def _slots(now: datetime) -> Iterable[tuple[Slot, int, int, str]]:
    """The last slot of every clock, weekday and hour that anybody has."""
    for zone, weekday, hour in live().order_by().values_list("clock", "weekday", "hour").distinct():
        yield last_slot(now, zone=zone, weekday=weekday, hour=hour), weekday, hour, zone


def _take(slot: Slot, weekday: int, hour: int, zone: str) -> int:
    there = DigestIssue.objects.filter(subscription=OuterRef("pk"), week=slot.week)
    rows = live().filter(~Exists(there), clock=zone, weekday=weekday, hour=hour, since__lte=slot.at)
    rows = rows.annotate(last=Max("issues__day")).order_by("pk")
    taken = 0
    while chunk := list(rows[:AT_ONCE]):
        with transaction.atomic():
            taken += _write(chunk, slot)
    return taken


def take_one(row: Subscription, slot: Slot) -> int:
    """The same for one reader, whether or not it is time; 0 where the week has its issue."""
    rows = live().filter(~Exists(DigestIssue.objects.filter(subscription=OuterRef("pk"), week=slot.week)), pk=row.pk)
    with transaction.atomic():
        return _write(list(rows.annotate(last=Max("issues__day"))), slot)


def _write(rows: Sequence[Subscription], slot: Slot) -> int:
    """The rows of one slot. A beat that is at it at the same time waits at the lock of the first row, and finds them."""
    made = [DigestIssue(subscription=row, week=slot.week, day=slot.day) for row in rows]
    missed = [one for row in rows for one in _missed(row, slot)]
    DigestIssue.objects.bulk_create([*made, *missed], ignore_conflicts=True)
    by_reader = {row.pk: row for row in rows}
    issues = DigestIssue.objects.filter(subscription__in=by_reader, week__in={one.week for one in [*made, *missed]})
    deliveries = [one for issue in issues for one in _deliveries(issue, by_reader[issue.subscription_id], slot)]
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    return len(made)


def _missed(row: Subscription, slot: Slot) -> Iterable[DigestIssue]:
    """The weeks between its last one and this one: nobody sends them any more."""
    last = row.last  # type: ignore[attr-defined]
    if last is None:
        return
    for back in range(1, MOST_MISSED + 1):
        day = slot.day - WEEK * back
        if week_of(day) <= week_of(last) or slot.at - WEEK * back < row.since:
            return
        yield DigestIssue(subscription=row, week=week_of(day), day=day)


def _deliveries(issue: DigestIssue, row: Subscription, slot: Slot) -> Iterable[Delivery]:
    skipped = _why_not(issue, row, slot)
    for channel in channels_of(row) or [Delivery.Channel.MAIL]:
        made = Delivery(subscription=row, issue=issue, kind=Delivery.Kind.DIGEST, channel=channel)
        if skipped:
            made.state, made.reason, made.ended = Delivery.State.SKIPPED, skipped, slot.at
        yield made


def _why_not(issue: DigestIssue, row: Subscription, slot: Slot) -> str:
    if issue.week != slot.week:
        return MISSED
    if row.paused_until and slot.day < row.paused_until:
        return f"Paused until {row.paused_until:%-d %B %Y}."
    return "" if row.mail or row.chat else NO_WAY


def to_hand_over(now: datetime) -> list[int]:
    """Ids of the messages whose turn it is, and of those whose hand-over somebody began and may not live any more.

    A next try that is further away than any wait is of a clock that has jumped since: its turn is now.
    """
    soon = Q(next_try=None) | Q(next_try__lte=now) | Q(next_try__gt=now + LONGEST_WAIT * 2)
    rows = Delivery.objects.filter(Q(state=Delivery.State.WAITING) & soon | Q(state=Delivery.State.HANDING))
    return list(rows.order_by("pk").values_list("pk", flat=True))
