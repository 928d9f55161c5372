"""Work that follows what a page has done: it is queued where a queue answers, and else done at a later beat."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from dashboards import tasks

log = logging.getLogger(__name__)


@contextmanager
def later_if_away() -> Iterator[None]:
    """What was done before stands, whether or not the queue answers; only for work that beats see to as well."""
    try:
        yield
    except (OperationalError, RedisError):
        log.exception("The queue does not answer: what a page asked for is done at a later beat.")


def hand_over_soon(ids: Sequence[int]) -> None:
    """Messages that somebody waits for."""
    with later_if_away():
        tasks.queue(ids)
