"""Several parts at once: threads, each with its own connection to the database and its own connector."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from itertools import groupby
from queue import Empty, LifoQueue
from threading import Event
from typing import TypeVar

from django.db import connection

from delivery.connectors.contract import Connector
from delivery.models import SourceSlice

T = TypeVar("T")
Work = Callable[[SourceSlice], T]
Lend = Callable[[], AbstractContextManager[Connector]]
BREATH = 0.5  # seconds after which the main thread listens for Ctrl-C again
RANK = {"statuses": 0, "sprints": 0, "worklogs": 2}  # before the items that name them; after the items they are of


def each(
    parts: Sequence[SourceSlice],
    work: Work[T],
    *,
    at_once: int,
    over: Callable[[list[T]], bool],
    enough: Event,
) -> list[T]:
    """``work`` done for each of ``parts``, what others rest on first; the results in the order of their ends.

    No further part is begun once ``over`` says so of the results. On Ctrl-C ``enough`` is set, and all are waited for:
    a part in work sees it at its next page. Inside a transaction nobody else would see what it wrote, so there
    everything happens here, one after the other.
    """
    ordered, done = sorted(parts, key=_rank), list[T]()
    if at_once < 2 or connection.in_atomic_block:
        for part in ordered:
            done.append(work(part))
            if over(done):
                break
        return done
    with _threads(at_once, enough) as pool:
        for _, phase in groupby(ordered, key=_rank):
            _work_off(pool, at_once, iter(list(phase)), work, done, over)
    return done


def _work_off(
    pool: ThreadPoolExecutor,
    at_once: int,
    waiting: Iterator[SourceSlice],
    work: Work[T],
    done: list[T],
    over: Callable[[list[T]], bool],
) -> None:
    """No more parts are handed out than there are threads: what waits can still be left out."""
    running: set[Future[T]] = set()
    while True:
        while len(running) < at_once and not (done and over(done)) and (part := next(waiting, None)) is not None:
            running.add(pool.submit(_alone, work, part))
        if not running:
            return
        ended, running = wait(running, timeout=BREATH, return_when=FIRST_COMPLETED)
        done.extend(future.result() for future in ended)


def _alone(work: Work[T], part: SourceSlice) -> T:
    """In a thread of its own, whose connection to the database ends with the part."""
    try:
        return work(part)
    finally:
        connection.close()


@contextmanager
def _threads(at_once: int, enough: Event) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="part")
    try:
        yield pool
    except BaseException:
        enough.set()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def lent(first: Connector, another: Callable[[], Connector]) -> Iterator[Lend]:
    """One connector for each thread that asks for one at the same time: ``first``, then others; closed together."""
    free, made = LifoQueue[Connector](), [first]
    free.put(first)

    @contextmanager
    def lend() -> Iterator[Connector]:
        try:
            mine = free.get_nowait()
        except Empty:
            mine = another()
            made.append(mine)
        try:
            yield mine
        finally:
            free.put(mine)

    try:
        yield lend
    finally:
        for one in made:
            one.close()


def _rank(part: SourceSlice) -> int:
    return RANK.get(part.kind, 1)
