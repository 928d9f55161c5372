"""Accounts: who somebody is in a source, and which person that is where the e-mail tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from delivery import bulk
from delivery.core.records import AccountRecord
from delivery.models import Source
from people.models import Account

_COLUMNS = ("kind", "origin", "native_id", "login", "name", "email", "is_bot")
_KEY = ("kind", "origin", "native_id")


class _Stored(NamedTuple):
    """An account as its row has it."""

    id: int
    login: str
    name: str
    email: str
    is_bot: bool


@dataclass(frozen=True, slots=True)
class Known:
    """The accounts a page names: row ids by native id, and which of them are bots."""

    ids: dict[str, int]
    bots: frozenset[str]

    def id(self, native_id: str | None) -> int | None:
        return None if native_id is None else self.ids.get(native_id)


def store(source: Source, records: Iterable[AccountRecord], mentioned: Iterable[str | None]) -> Known:
    """Write what is new about the accounts of ``records``; somebody only ``mentioned`` gets a bare account.

    ``person`` is never taken away, a bot stays one (an administrator may have said so), and what a poorer answer
    leaves empty is kept.
    """
    wanted = {native_id: AccountRecord(native_id, "") for native_id in mentioned if native_id}
    wanted |= {record.native_id: record for record in records}
    if not wanted:
        return Known({}, frozenset())
    there = _read(source, wanted)
    rows = {native_id: _row(source, record, there.get(native_id)) for native_id, record in wanted.items()}
    # In one order everywhere: two slices that meet the same people must not wait for each other in a circle.
    new = [row for native_id, row in sorted(rows.items()) if _differs(row, there.get(native_id))]
    if new:
        bulk.upsert(Account, _COLUMNS, new, key=_KEY)
        there = _read(source, wanted)
        link_people([there[row[2]].id for row in new if row[2] in there])
    return Known(
        {native_id: account.id for native_id, account in there.items()},
        frozenset(native_id for native_id, account in there.items() if account.is_bot),
    )


def link_people(accounts: Iterable[int]) -> None:
    """Give accounts that are nobody's yet to the person with their e-mail address."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE people_account a SET person_id = p.id FROM people_person p "
            "WHERE a.id = ANY(%s) AND a.person_id IS NULL AND NOT a.is_bot AND a.email <> '' "
            "AND lower(p.email) = lower(a.email)",
            [list(accounts)],
        )


def _read(source: Source, wanted: Iterable[str]) -> dict[str, _Stored]:
    with connection.cursor() as cursor:  # at every page, so without the weight of model instances
        cursor.execute(
            "SELECT native_id, id, login, name, email, is_bot FROM people_account "
            "WHERE kind = %s AND origin = %s AND native_id = ANY(%s)",
            [source.kind, source.url, list(wanted)],
        )
        return {native_id: _Stored(*rest) for native_id, *rest in cursor.fetchall()}


def _row(source: Source, new: AccountRecord, old: _Stored | None) -> tuple[str, str, str, str, str, str, bool]:
    login, name, email = _clean(new.login, 200), _clean(new.name, 200), _clean(new.email, 254)
    if old is not None:
        login, name, email = login or old.login, name or old.name, email or old.email
    is_bot = new.is_bot or (old is not None and old.is_bot)
    return (source.kind, source.url, new.native_id, login, name, email, is_bot)


def _clean(text: str, limit: int) -> str:
    """As it will lie in the row, so that comparing with the row tells the truth."""
    return text.replace("\x00", "")[:limit]


def _differs(row: tuple[str, str, str, str, str, str, bool], old: _Stored | None) -> bool:
    return old is None or row[3:] != (old.login, old.name, old.email, old.is_bot)
