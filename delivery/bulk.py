"""Many rows at once: COPY into a temporary table, then one statement that writes only what differs.

A temporary table is made once per connection and set of columns, and empties itself at commit: the catalogue is not
written for every page.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection, models

from delivery import copy_text
from delivery.copy_text import Row


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows were new, changed and taken away; unchanged rows are not written and not counted."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    @property
    def total(self) -> int:
        return self.inserted + self.updated

    def __add__(self, other: Written) -> Written:
        return Written(self.inserted + other.inserted, self.updated + other.updated, self.deleted + other.deleted)


def upsert(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    key: Sequence[str],
    keep: Sequence[str] = (),
) -> Written:
    """Insert ``rows`` or bring the ones with the same ``key`` up to date; of rows with one key the last one counts.

    ``columns`` are the model's attribute names (``source_id``). Those in ``keep`` are written with a new row only.
    Call it inside a transaction. Text longer than its column is cut, except in ``key``: there it is an error.
    """
    found = list(rows)
    if not found:
        return Written()
    incoming = _Incoming(model, columns, key)
    incoming.load(found)
    return incoming.merge([f'"{name}"' for name in keep])


def replace(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    owner: str,
    key: str,
    owners: Sequence[int],
) -> Written:
    """Make ``rows`` the only ones that the ``owners`` have: others are deleted, new ones inserted, equal ones left."""
    incoming = _Incoming(model, columns, (owner, key))
    loaded = incoming.load(rows)
    gone = incoming.delete_others(owner, key, owners)
    return (incoming.merge(()) if loaded else Written()) + Written(deleted=gone)


def without_waiting() -> None:
    """Let the present transaction's commit not wait for the disk: for what a source can be asked again.

    A crash of the machine may take the last moments of it, but then bookmark, cursor and rows together, and never
    half of them; a later commit that does wait makes these safe as well.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


def take_stock(tables: Iterable[type[models.Model]]) -> None:
    """Let the planner know tables that grew by half or more, before the first page asks them.

    By itself PostgreSQL takes a minute; and to look at a large table that only grew a little costs for nothing.
    """
    names = [model._meta.db_table for model in tables]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")  # what this connection wrote counts now, not in a second
        cursor.execute(
            "SELECT s.relname FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid "
            "WHERE s.relname = ANY(%s) AND n_mod_since_analyze >= greatest(reltuples, 0) / 2",
            [names],
        )
        grown = [name for (name,) in cursor.fetchall()]
        if grown:
            cursor.execute(f"ANALYZE {', '.join(grown)}")


class _Incoming:
    """The temporary table of one model and one choice of columns."""

    def __init__(self, model: type[models.Model], columns: Sequence[str], key: Sequence[str]) -> None:
        fields = {field.attname: field for field in model._meta.concrete_fields}
        self.table = model._meta.db_table
        self.columns = [f'"{fields[name].column}"' for name in columns]  # quoted: a sprint has an end
        self.key = [f'"{fields[name].column}"' for name in key]
        self.places = [columns.index(name) for name in key]
        self.renders = [copy_text.column_of(fields[name], cut=name not in key) for name in columns]
        digest = zlib.crc32(",".join([self.table, *self.columns]).encode())
        self.name = f"incoming_{digest:08x}"

    def load(self, rows: Iterable[Row]) -> int:
        """Fill the table with ``rows``, one per key; the number of them."""
        places = self.places
        unique = {tuple(row[place] for place in places): row for row in rows}
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMPORARY TABLE IF NOT EXISTS {self.name} ON COMMIT DELETE ROWS AS "
                f"SELECT {', '.join(self.columns)} FROM {self.table} WITH NO DATA; "
                f"DELETE FROM {self.name}"  # what an earlier batch of the same transaction left
            )
            if unique:
                with connection.wrap_database_errors:
                    text = copy_text.text_of(unique.values(), self.renders)
                    cursor.copy_expert(f"COPY {self.name} ({', '.join(self.columns)}) FROM STDIN", text)
        return len(unique)

    def merge(self, keep: Sequence[str]) -> Written:
        """Carry the rows over, touching only what differs."""
        names = ", ".join(self.columns)
        fresh = [name for name in self.columns if name not in self.key and name not in keep]
        action = "DO NOTHING"
        if fresh:
            mine = ", ".join(f"t.{name}" for name in fresh)
            theirs = ", ".join(f"excluded.{name}" for name in fresh)
            action = f"DO UPDATE SET ({', '.join(fresh)}) = ROW({theirs}) WHERE ({mine}) IS DISTINCT FROM ({theirs})"
        statement = (
            f"WITH written AS (INSERT INTO {self.table} AS t ({names}) SELECT {names} FROM {self.name} "
            f"ON CONFLICT ({', '.join(self.key)}) {action} RETURNING (t.xmax = 0) AS is_new) "
            "SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement)
            inserted, updated = cursor.fetchone()
        return Written(inserted, updated)

    def delete_others(self, owner: str, key: str, owners: Sequence[int]) -> int:
        """Delete the rows of ``owners`` that did not come."""
        with connection.cursor() as cursor:
            cursor.execute(
                f'DELETE FROM {self.table} t WHERE t."{owner}" = ANY(%s) AND NOT EXISTS '
                f'(SELECT FROM {self.name} i WHERE i."{owner}" = t."{owner}" AND i."{key}" = t."{key}")',
                [list(owners)],
            )
            return int(cursor.rowcount)
