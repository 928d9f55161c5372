"""Whether a message that was written down is still wanted when its turn comes."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from dashboards.digest.schedule import day_of, last_slot
from dashboards.models import Delivery

NOT_ANY_MORE: Final = "The reader gets nothing any more."
SWITCHED_OFF: Final = "The reader has switched {} off."
OVERTAKEN: Final = "It could not be sent before the next one was due. What changed is in that one."
NOT_ASKED: Final = "The address was taken away before it was asked."


def not_any_more(row: Delivery, now: datetime) -> str:
    """Why it is not sent: somebody stopped, paused, lost their login or took the channel away since, or the next one is
    due; empty where it is.
    """
    told = row.subscription
    if row.kind == Delivery.Kind.CONFIRM:
        asked = told.stopped is None or (told.asked is not None and told.asked > told.stopped)
        return "" if asked else NOT_ASKED
    gone = told.stopped is not None or (told.person is not None and not told.person.is_active)
    if gone or told.confirmed is None:
        return NOT_ANY_MORE
    if not (told.mail if row.channel == Delivery.Channel.MAIL else told.chat):
        return SWITCHED_OFF.format(row.get_channel_display().lower())
    if row.kind == Delivery.Kind.TEST:
        return ""
    return _paused(row, now) or _overtaken(row, now)


def _paused(row: Delivery, now: datetime) -> str:
    """A digest that somebody sends before its day is of that day."""
    told, today = row.subscription, day_of(now, row.subscription.zone)
    day = max(row.issue.day, today) if row.issue else today
    paused = told.paused_until is not None and day < told.paused_until
    return f"Paused until {told.paused_until:%-d %B %Y}." if paused else ""


def _overtaken(row: Delivery, now: datetime) -> str:
    """Weeks do not pile up; what a person had sent again is wanted, however old."""
    told = row.subscription
    if row.issue is None or row.again:
        return ""
    last = last_slot(now, zone=told.zone, weekday=told.weekday, hour=told.hour)
    return OVERTAKEN if row.issue.week < last.week else ""
