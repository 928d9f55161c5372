"""What an alert says, by e-mail and in a channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.urls import reverse

from dashboards import words
from dashboards.digest import links
from dashboards.digest.news import News
from dashboards.digest.plain import wrapped
from dashboards.digest.readers import eyes_of, reads_tickets
from dashboards.digest.tickets import without_tickets
from dashboards.models import Alert, Subscription

RATE: Final = timedelta(hours=4)
MOST: Final = 10  # lines of one message
LONGEST_TITLE: Final = 120
LONGEST_IN_SUBJECT: Final = 60

Line = dict[str, str]


def words_of(told: Sequence[Alert], row: Subscription, news: News) -> dict[str, Any]:
    """Subject, text and lines; ``more``: how many others there are. Executives read no ticket numbers."""
    lines = [_line(one, row, news) for one in told[:MOST]]
    if not reads_tickets(eyes_of(row)):
        lines = without_tickets(lines, news.projects)
    lines = [one | {"title": words.short(one["title"], LONGEST_TITLE)} for one in lines]
    subject = f"Headway: {words.short(lines[0]['title'], LONGEST_IN_SUBJECT)} {lines[0]['short']}"
    if len(told) > 1:
        subject += f", and {words.plural(len(told) - 1, 'other')}"
    more = len(told) - len(lines)
    return {"subject": subject, "text": _text(lines, more, row), "lines": lines, "more": more}


def _text(lines: Sequence[Line], more: int, row: Subscription) -> str:
    told = ["\n".join([*wrapped(f"{one['title']}: {one['says']}"), *filter(None, [one["url"]])]) for one in lines]
    told += [f"And {words.plural(more, 'other')}."] if more else []
    return "\n\n".join([*told, "\n".join(_foot(row))]) + "\n"


def _foot(row: Subscription) -> list[str]:
    hours = RATE // timedelta(hours=1)
    note = wrapped(f"You get this at once because you asked for it; at most one e-mail in {hours} hours.")
    change = [f"Change it: {links.absolute(reverse('digest_subscription'))}"] if row.person_id else []
    return ["-- ", *note, *change, f"Stop every e-mail: {links.stop_url(row)}"]


def _line(one: Alert, row: Subscription, news: News) -> Line:
    """An address without a login is led nowhere: every page asks for one."""
    line, path = _of_deliverable(one, row, news) if one.source_id is None else _of_source(one, news)
    return line | {"url": links.absolute(path) if row.person_id else ""}


def _of_source(one: Alert, news: News) -> tuple[Line, str]:
    age = news.old[one.source_id or 0]
    says = f"{age.says.removeprefix(f'{age.name}: ')}. Numbers that rest on it are as old as that."
    return {"title": age.name, "short": "is not read for a day", "says": says}, reverse("sources")


def _of_deliverable(one: Alert, row: Subscription, news: News) -> tuple[Line, str]:
    promise, missing = news.promises[one.deliverable_id or 0], news.missing[one.deliverable_id or 0]
    says = f"{words.short_of_certain(missing)}% to miss its date, {words.chance_in_words(missing)}"
    dates = f"; promised {words.long_day(promise.target, news.day)}" if promise.target else ""
    likely = f", likely {words.long_day(promise.p50, news.day)}" if promise.p50 else ""
    line = {"title": promise.title, "short": f"crossed {row.alert_from}%", "says": f"{says}{dates}{likely}."}
    return line, reverse("deliverable", args=[promise.id])
