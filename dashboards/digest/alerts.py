"""What is told at once to those who asked for it: a deliverable that crosses their chance, a source that is old for a day.

Several things go in one message; a reader gets at most one in RATE, and none in their quiet hours. What was so when they
asked is not news, and what is over before it could be told is not told. A crossing is over once the chance is BACK points
below the line, so that one that hovers there is told once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from dashboards import words
from dashboards.digest import links
from dashboards.digest.due import live
from dashboards.digest.readers import reader_of
from dashboards.digest.schedule import is_quiet
from dashboards.models import Alert, Delivery, Subscription
from dashboards.pages.freshness import SourceAge, source_ages
from delivery import locks
from delivery.core.promise import Promise
from delivery.followed import followed, ids_followed
from delivery.models import Source
from delivery.promises import promises
from people.access import stand_in
from people.models import Role

RATE: Final = timedelta(hours=4)
BACK: Final = 5  # points
OLD: Final = timedelta(days=1)
MOST: Final = 10  # lines of one message


@dataclass(frozen=True, slots=True)
class News:
    """Everything that may be told: by deliverable and by source."""

    day: date
    promises: Mapping[int, Promise]
    old: Mapping[int, SourceAge]


def look_out(now: datetime) -> int:
    """Note what crossed a line and what is over, and write down the messages whose time it is; how many. Safe to run twice."""
    with locks.held(locks.ALERTS, 0) as mine:
        if not mine:
            return 0
        rows = live().exclude(alert_from=None, alert_stale=False).select_related("person")
        readers = [row for row in rows.prefetch_related("groups", "teams") if row.mail or row.chat]
        news = _news(now) if readers else None
        return sum(_look_for(row, news, now) for row in readers) if news else 0


def _news(now: datetime) -> News:
    """As anybody sees it: deliverables and sources are nobody's secret."""
    user, day = stand_in(Role.EXECUTIVE), timezone.localdate(now)
    old = {one.name: one for one in source_ages(user, now) if one.in_trouble and one.read and now - one.read >= OLD}
    ids = dict(Source.objects.filter(name__in=old).values_list("pk", "name"))
    return News(day, {one.id: one for one in promises(user, day=day)}, {pk: old[name] for pk, name in ids.items()})


@transaction.atomic
def _look_for(row: Subscription, news: News, now: datetime) -> int:
    row = Subscription.objects.select_for_update(of=("self",)).select_related("person").get(pk=row.pk)
    lasting = list(row.alerts.filter(cleared=None))
    _clear(row, lasting, news, now)
    _note(row, lasting, news, now)
    Subscription.objects.filter(pk=row.pk).update(watched=now)
    return _tell(row, news, now)


def _above(row: Subscription, news: News) -> dict[int, int]:
    """Whole per cent of missing by deliverable, of what is above the reader's line."""
    if row.alert_from is None:
        return {}
    mine = ids_followed(followed(*reader_of(row).slugs))
    known = ((pk, one.missing) for pk, one in news.promises.items() if mine is None or pk in mine)
    shown = {pk: words.percent(missing) for pk, missing in known if missing is not None}
    return {pk: missing for pk, missing in shown.items() if missing >= row.alert_from}


def _clear(row: Subscription, lasting: Iterable[Alert], news: News, now: datetime) -> None:
    for one in lasting:
        if _is_over(one, row, news):
            one.cleared = now
            one.quiet = one.quiet or one.message_id is None
            one.save(update_fields=["cleared", "quiet"])


def _is_over(one: Alert, row: Subscription, news: News) -> bool:
    if one.source_id is not None:
        return one.source_id not in news.old or not row.alert_stale
    promise = news.promises.get(one.deliverable_id or 0)
    if row.alert_from is None or promise is None:
        return True
    return promise.missing is not None and words.percent(promise.missing) < row.alert_from - BACK


def _note(row: Subscription, lasting: Sequence[Alert], news: News, now: datetime) -> None:
    there = {(one.deliverable_id, one.source_id) for one in lasting if one.cleared is None}
    found = [Alert(deliverable_id=pk, missing=missing) for pk, missing in _above(row, news).items()]
    found += [Alert(source_id=pk) for pk in news.old] if row.alert_stale else []
    for one in found:
        if (one.deliverable_id, one.source_id) not in there:
            one.subscription, one.seen, one.quiet = row, now, row.watched is None
            one.save()


def _tell(row: Subscription, news: News, now: datetime) -> int:
    """One message per channel about all that waits to be told, unless it is too soon, quiet, or paused."""
    waits = list(row.alerts.filter(cleared=None, quiet=False, message=None).order_by("-missing", "seen", "pk"))
    lately = row.deliveries.filter(kind=Delivery.Kind.ALERT, created__gt=now - RATE, created__lte=now).exists()
    paused = row.paused_until is not None and news.day < row.paused_until
    quiet = is_quiet(now, zone=row.zone, start=row.quiet_from, end=row.quiet_until)
    if not waits or lately or quiet or paused:
        return 0
    told = _words(waits, row, news)
    channels = [name for name, on in ((Delivery.Channel.MAIL, row.mail), (Delivery.Channel.CHAT, bool(row.chat))) if on]
    made = [
        Delivery.objects.create(subscription=row, kind=Delivery.Kind.ALERT, channel=channel, words=told)
        for channel in channels
    ]
    Alert.objects.filter(pk__in=[one.pk for one in waits]).update(message=made[0])
    return len(made)


def _words(waits: Sequence[Alert], row: Subscription, news: News) -> dict[str, Any]:
    lines = [_line(one, row, news) for one in waits[:MOST]]
    rest = len(waits) - len(lines)
    subject = f"Headway: {lines[0]['title']} {lines[0]['short']}"
    if len(waits) > 1:
        subject += f", and {words.plural(len(waits) - 1, 'other')}"
    told = [f"{one['title']}: {one['says']}{_where(one['url'])}" for one in lines]
    told += [f"And {words.plural(rest, 'other')}."] if rest else []
    note = f"You get this at once because you asked for it; at most one e-mail in {RATE // timedelta(hours=1)} hours."
    stop = f"Stop every e-mail: {links.stop_url(row)}"
    change = f"Change it: {links.absolute(reverse('digest_subscription'))}\n" if row.person_id else ""
    text = "\n\n".join([*told, f"-- \n{note}\n{change}{stop}"])
    return {"subject": subject, "text": text + "\n", "lines": lines}


def _where(url: str) -> str:
    return f"\n{url}" if url else ""


def _line(one: Alert, row: Subscription, news: News) -> dict[str, str]:
    """An address without a login is led nowhere: every page asks for one."""
    if one.source_id is not None:
        age = news.old[one.source_id]
        url = links.absolute(reverse("sources")) if row.person_id else ""
        says = f"{age.says.removeprefix(f'{age.name}: ')}. Numbers that rest on it are as old as that."
        return {"title": age.name, "short": "is not read for a day", "says": says, "url": url}
    promise = news.promises[one.deliverable_id or 0]
    missing = promise.missing or 0.0
    url = links.absolute(reverse("deliverable", args=[promise.id])) if row.person_id else ""
    says = f"{words.per_cent(missing)} to miss its date, {words.chance_in_words(words.percent(missing))}"
    dates = f"; promised {words.long_day(promise.target, news.day)}" if promise.target else ""
    likely = f", likely {words.long_day(promise.p50, news.day)}" if promise.p50 else ""
    return {
        "title": promise.title,
        "short": f"crossed {row.alert_from}%",
        "says": f"{says}{dates}{likely}.",
        "url": url,
    }
