"""Handing messages over, each at most once (docs/decisions/0026).

A row is worked on under a lock that dies with its process. WAITING: nobody has given the message to a server. HANDING is
written when the server waits for the text, before a byte of it is sent; from there the message is never sent again by
itself. So a process that is killed before it loses nothing, and one that is killed after it, or an answer that never
comes, leaves a row that says LOST: the message has arrived once or not at all, and people are told which rows these are.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from dashboards.digest import chat
from dashboards.digest.composing import Compose, composing, content_of
from dashboards.digest.due import LONGEST_WAIT
from dashboards.digest.message import message_id, message_of, plain_message
from dashboards.digest.post import Answer, Outcome, Post, talking
from dashboards.digest.records import from_json
from dashboards.digest.wanted import not_any_more
from dashboards.models import Delivery
from delivery import locks
from teams.access import organisation_remembered

log = logging.getLogger(__name__)

State = Delivery.State
WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 20, 40, 60))
GIVE_UP: Final = timedelta(days=3)
LEAST_TRIES: Final = 5  # before a clock that jumped may let it give up
INTERRUPTED: Final = (
    "Headway was interrupted while it handed the message over. It may have arrived, and is not sent again by itself."
)
BROKEN: Final = "It could not be composed: the log of the worker says why."

Clock = Callable[[], datetime]


class Overtaken(Exception):
    """Somebody ended the row while it was worked on: nothing was handed over."""


def hand_over(ids: Iterable[int], *, clock: Clock = timezone.now) -> Counter[str]:
    """Work on each of these rows whose turn it is; how many came to stand at each state."""
    return Counter(state for state in handed(ids, clock=clock) if state)


def handed(ids: Iterable[int], *, clock: Clock = timezone.now) -> Iterator[str]:
    """The same one by one: each row's state, or nothing where it is somebody else's or over.

    One reader's failure is that reader's row: the others go on.
    """
    made = composing(now=clock())
    with talking() as post, organisation_remembered():
        for pk in ids:
            with locks.held(locks.DIGESTS, pk) as mine:
                yield _settle(pk, made, post, clock) if mine else ""


def _settle(pk: int, made: Compose, post: Post, clock: Clock) -> str:
    row = _row(pk)
    if row is None:
        return ""
    try:
        return _work_on(row, made, post, clock)
    except Overtaken:
        post.close()  # the server waits for a text that does not come
        return ""
    except Exception:
        log.exception("Message %s could not be handed over", pk)
        post.close()
        return _broken(pk, clock())


def _broken(pk: int, now: datetime) -> str:
    """What the row itself says counts: an attempt to write HANDING that failed has handed nothing over."""
    row = Delivery.objects.get(pk=pk)
    lost = row.state == State.HANDING
    return _end(row, Answer(Outcome.LOST, INTERRUPTED) if lost else Answer(Outcome.LATER, BROKEN), now)


def _row(pk: int) -> Delivery | None:
    rows = Delivery.objects.filter(pk=pk, state__in=(State.WAITING, State.HANDING))
    rows = rows.select_related("subscription__person", "subscription__by", "issue")
    row = rows.prefetch_related("subscription__groups", "subscription__teams").first()
    if row is not None and row.issue is not None:
        row.issue.subscription = row.subscription
    return row


def _work_on(row: Delivery, made: Compose, post: Post, clock: Clock) -> str:
    if row.state == State.HANDING:  # we hold its lock: whoever wrote that is gone
        return _end(row, Answer(Outcome.LOST, INTERRUPTED), clock())
    if reason := not_any_more(row, clock()):
        return _end(row, Answer(Outcome.NEVER, reason), clock(), skipped=True)
    if row.next_try and clock() < row.next_try <= clock() + 2 * LONGEST_WAIT:
        return row.state
    return _end(row, _hand(row, made, post, clock), clock())


def _hand(row: Delivery, made: Compose, post: Post, clock: Clock) -> Answer:
    digest = None
    if row.issue is not None:
        digest = content_of(row.issue, made, clock())
    elif row.kind == Delivery.Kind.TEST:
        digest = from_json(row.words or {})
    if row.channel == Delivery.Channel.CHAT:
        return chat.post(row, digest, lambda: _begin(row, clock()))
    words = row.words or {}
    message = message_of(row, digest) if digest else plain_message(row, words["subject"], words["text"])
    refused = post.prepare(message)
    if refused is not None:
        return refused
    _begin(row, clock())
    return post.finish(message)


def _begin(row: Delivery, now: datetime) -> None:
    """From here on it is not handed over again by itself. Raises Overtaken."""
    mail = row.channel == Delivery.Channel.MAIL
    told = {"message_id": message_id(row), "address": row.subscription.address if mail else "", "handed": now}
    if not Delivery.objects.filter(pk=row.pk, state=State.WAITING).update(state=State.HANDING, **told):
        raise Overtaken


def _end(row: Delivery, answer: Answer, now: datetime, *, skipped: bool = False) -> str:
    if answer.outcome == Outcome.LATER:
        return _later(row, answer, now)
    states = {Outcome.SENT: State.SENT, Outcome.NEVER: State.FAILED, Outcome.LOST: State.LOST}
    tried = row.attempts + (0 if skipped else 1)
    state = State.SKIPPED if skipped else states[answer.outcome]
    return _write(row, answer, state=state, ended=now, next_try=None, attempts=tried)


def _later(row: Delivery, answer: Answer, now: datetime) -> str:
    """Once more after a while that grows; given up after GIVE_UP."""
    tried = row.attempts + 1
    if tried >= LEAST_TRIES and now - row.created >= GIVE_UP:
        given_up = replace(answer, reason=f"Given up after {tried} tries. {answer.reason}")
        return _write(row, given_up, state=State.FAILED, ended=now, next_try=None, attempts=tried)
    wait = WAITS[tried - 1] if tried <= len(WAITS) else LONGEST_WAIT
    return _write(row, answer, state=State.WAITING, ended=None, next_try=now + wait, attempts=tried)


def _write(row: Delivery, answer: Answer, **values: Any) -> str:
    """Nothing where somebody ended the row meanwhile."""
    there = Delivery.objects.filter(pk=row.pk, state__in=(State.WAITING, State.HANDING))
    written = there.update(reason=answer.reason[:300], code=answer.code, **values)
    return values["state"] if written else ""
