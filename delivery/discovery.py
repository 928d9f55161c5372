"""Scopes to come: a source may name its projects or repositories by a pattern, and new ones join by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from django.db import transaction

from delivery.connectors.contract import Connector, Found
from delivery.models import Source

ONE_BY_ONE = 10  # scopes that are asked for each by itself while a person waits
FEW = 3  # of more than these, so many that are listed are asked for all the same


def fits(scope: str, patterns: Iterable[str]) -> bool:
    """Whether ``*`` of any of the patterns can stand for the rest of ``scope``; case does not matter.

    A pattern without a slash is one of a repository's name, whoever owns it.
    """
    low = scope.lower()
    wanted = [pattern.strip().lower() for pattern in patterns if pattern.strip()]
    return any(fnmatchcase(low if "/" in one else low.rpartition("/")[2], one) for one in wanted)


def matching(found: Iterable[Found], patterns: Sequence[str]) -> list[str]:
    """The scopes that patterns take: archived ones do not join by themselves, there is nothing new in them."""
    return [one.scope for one in found if not one.archived and fits(one.scope, patterns)]


def there(connector: Connector, patterns: Sequence[str]) -> list[str]:
    """The scopes at the source that patterns take now. Asked one by one: some are listed only to who names their
    owner. Raises ConnectorError.
    """
    found = (one for pattern in patterns for one in connector.discover(pattern))
    return list(dict.fromkeys(matching(found, patterns)))


def split(connector: Connector, scopes: Sequence[str]) -> tuple[list[str], list[str]]:
    """Which of ``scopes`` are to be checked one by one, and which others the source's own list vouches for, as it
    spells them. A few are always checked: what the token may read in one it mostly may in all. Raises ConnectorError.
    """
    if len(scopes) <= ONE_BY_ONE:
        return list(scopes), []
    listed = {one.scope.lower(): one.scope for one in connector.discover()}
    known = [listed[scope.lower()] for scope in scopes if scope.lower() in listed]
    unknown = [scope for scope in scopes if scope.lower() not in listed]
    return [*unknown, *known[:FEW]], known[FEW:]


def expand(source: Source, connector: Connector) -> tuple[str, ...]:
    """Add what fits the source's patterns and is new there; the scopes that were added. Raises ConnectorError."""
    if not source.patterns:
        return ()
    found = there(connector, source.patterns)
    with transaction.atomic():
        row = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
        known = {scope.lower() for scope in row.scopes}
        new = tuple(scope for scope in found if scope.lower() not in known)
        if new:
            row.scopes = [*row.scopes, *new]
            row.save(update_fields=["scopes"])
    source.scopes = row.scopes
    return new
