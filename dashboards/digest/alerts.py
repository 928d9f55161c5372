"""What is told at once to those who asked for it: a deliverable that crosses their chance, a source that is old for a day.

Several things go in one message; a reader gets at most one in RATE, and none in their quiet hours. What was so when they
asked is not news, and what is over before it could be told is not told: below the line, or not followed any more. Once
told, a crossing is over when the chance is BACK points below the line, so that one that hovers there is told once. A
chance that is not known now is no news: it waits.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from dashboards.digest.alert_words import RATE, words_of
from dashboards.digest.due import live
from dashboards.digest.news import Follows, News, following, news
from dashboards.digest.schedule import day_of, is_quiet
from dashboards.models import Alert, Delivery, Subscription
from dashboards.models.delivery import channels_of
from delivery import locks

log = logging.getLogger(__name__)

BACK: Final = 5  # points


@dataclass(frozen=True, slots=True)
class Look:
    """One look for all readers. ``lasting``: what is not over by reader; ``lately``: ids of those told within RATE."""

    now: datetime
    news: News
    follows: Follows
    lasting: Mapping[int, Sequence[Alert]]
    lately: Collection[int]


def look_out(now: datetime) -> int:
    """Note what crossed a line and what is over, and write down the messages whose time it is; how many. Safe to run twice.

    One reader's fault stops nobody else.
    """
    with locks.held(locks.ALERTS, 0) as mine:
        readers = _readers() if mine else []
        if not readers:
            return 0
        look = _look(now)
        return sum(_look_safely(row, look) for row in readers)


def _readers() -> list[Subscription]:
    rows = live().exclude(alert_from=None, alert_stale=False).select_related("person")
    return [row for row in rows.prefetch_related("groups", "teams") if row.mail or row.chat]


def _look(now: datetime) -> Look:
    lasting = defaultdict(list)
    for one in Alert.objects.filter(cleared=None).order_by("pk"):
        lasting[one.subscription_id].append(one)
    sent = Delivery.objects.filter(kind=Delivery.Kind.ALERT, created__gt=now - RATE, created__lte=now)
    lately = set(sent.order_by().values_list("subscription_id", flat=True))
    return Look(now, news(now), following(), lasting, lately)


def _look_safely(row: Subscription, look: Look) -> int:
    try:
        return _look_for(row, look)
    except Exception:
        log.exception("What is told at once could not be looked at for subscription %s", row.pk)
        return 0


def _look_for(row: Subscription, look: Look) -> int:
    """Nothing is locked nor written where nothing changed."""
    there = look.lasting.get(row.pk, [])
    over = {one.pk for one in there if _is_over(one, row, look)}
    lasting = [one for one in there if one.pk not in over]
    found = list(_found(row, lasting, look))
    waits = [one for one in [*lasting, *found] if _waits(one) and _is_known(one, look.news)]
    told = waits if waits and _may_tell(row, look) else []
    if not (over or found or told or row.watched is None):
        return 0
    return _write(row, look, over=over, found=found, told=told)


def _waits(one: Alert) -> bool:
    return not one.quiet and one.message_id is None


def _is_known(one: Alert, news: News) -> bool:
    return one.source_id is not None or one.deliverable_id in news.missing


def _is_over(one: Alert, row: Subscription, look: Look) -> bool:
    """What was told before the reader chose anew was of another line: it has no room to hover."""
    if one.source_id is not None:
        return one.source_id not in look.news.old or not row.alert_stale
    if row.alert_from is None or one.deliverable_id not in look.news.promises or not _is_followed(one, row, look):
        return True
    room = 0 if _waits(one) or row.watched is None else BACK
    missing = look.news.missing.get(one.deliverable_id or 0)
    return missing is not None and missing < row.alert_from - room


def _is_followed(one: Alert, row: Subscription, look: Look) -> bool:
    mine = look.follows(row)
    return mine is None or one.deliverable_id in mine


def _found(row: Subscription, lasting: Sequence[Alert], look: Look) -> Iterator[Alert]:
    """What is new, not written down yet."""
    there = {(one.deliverable_id, one.source_id) for one in lasting}
    fields = {"subscription": row, "seen": look.now, "quiet": row.watched is None}
    if row.alert_from is not None:
        mine = look.follows(row)
        for pk, missing in look.news.missing.items():
            if missing >= row.alert_from and (mine is None or pk in mine) and (pk, None) not in there:
                yield Alert(deliverable_id=pk, missing=missing, **fields)
    if row.alert_stale:
        yield from (Alert(source_id=pk, **fields) for pk in look.news.old if (None, pk) not in there)


def _may_tell(row: Subscription, look: Look) -> bool:
    """Unless it is too soon, quiet, or paused on the reader's own day."""
    if row.pk in look.lately or is_quiet(look.now, zone=row.zone, start=row.quiet_from, end=row.quiet_until):
        return False
    return row.paused_until is None or day_of(look.now, row.zone) >= row.paused_until


@transaction.atomic
def _write(
    row: Subscription, look: Look, *, over: Collection[int], found: Sequence[Alert], told: Sequence[Alert]
) -> int:
    """How many messages are to be sent. Nothing where the reader changed meanwhile: the next look sees it."""
    same = live().filter(pk=row.pk, version=row.version, paused_until=row.paused_until)
    if same.select_for_update(of=("self",)).first() is None:
        return 0
    ended = Alert.objects.filter(pk__in=over)
    ended.filter(message=None).update(quiet=True)
    ended.update(cleared=look.now)
    Alert.objects.bulk_create(found)
    if row.watched is None:
        Subscription.objects.filter(pk=row.pk).update(watched=look.now)
    return _tell(row, sorted(told, key=_worst_first), look.news) if told else 0


def _worst_first(one: Alert) -> tuple[bool, int, datetime]:
    return one.missing is not None, -(one.missing or 0), one.seen


def _tell(row: Subscription, told: Sequence[Alert], news: News) -> int:
    """One message per channel about all of it."""
    says = words_of(told, row, news)
    made = [
        Delivery.objects.create(subscription=row, kind=Delivery.Kind.ALERT, channel=channel, words=says)
        for channel in channels_of(row)
    ]
    Alert.objects.filter(pk__in=[one.pk for one in told]).update(message=made[0])
    return len(made)
