"""Locks that hold across processes and hosts and die with the connection that took them: PostgreSQL's advisory locks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

SLICE = 7101  # which sort of thing a number names; any fixed number that no other code of ours uses
SETTLING = 7102
STORING = 7103  # a part's page
FORECASTS = 7104
RISKS = 7105
PLANS = 7106  # what rests on more than one goal or deliverable: who is above whom, who waits for whom
ASKING = 7115  # a source for its scopes
MEANINGS = 7110  # of a source: shared by whoever stores its pages, held alone by whoever changes what words mean
DERIVING = 7111
DIGESTS = 7120  # one message to one reader
ALERTS = 7121


@contextmanager
def held(sort: int, number: int) -> Iterator[bool]:
    """Hold the lock inside the block; False when somebody else holds it. A killed process leaves none behind."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [sort, number])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine and connection.connection is not None and not connection.connection.closed:
            # A lost connection has let go of it already; a new one says so in a warning.
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [sort, number])


def share(sort: int, number: int) -> None:
    """Wait until nobody holds the lock alone, and share it until the present transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [sort, number])


def wait_for(sort: int, number: int) -> None:
    """Wait for the lock and hold it until the present transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [sort, number])


def numbers_held(sort: int) -> set[int]:
    """The numbers whose lock somebody holds just now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.objid FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
            "WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database() AND l.classid = %s",
            [sort],
        )
        return {int(number) for (number,) in cursor.fetchall()}
