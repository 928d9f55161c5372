"""Lists of readers and of messages, which grow without end: found by a word, and told a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import QueryDict

from dashboards.pages.filters import find_of

SHOWN: Final = 100
READER: Final = ("person__name", "person__email", "name", "email")
"""Where a subscription keeps its reader’s name and address."""
MESSAGE: Final = ("address", *(f"subscription__{name}" for name in READER))
"""The same of a message: also the address that it went to."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of it. ``find``: the word that was asked for; ``count``: how many there are on all pages."""

    rows: Page[Any]
    find: str

    @property
    def count(self) -> int:
        return self.rows.paginator.count


def listed(rows: QuerySet[Any], query: QueryDict, fields: Sequence[str]) -> Listed:
    """The page that ``query`` asks for: the nearest one there is; two queries."""
    return Listed(Paginator(found_in(rows, query, fields), SHOWN).get_page(query.get("page")), find_of(query))


def found_in(rows: QuerySet[Any], query: QueryDict, fields: Sequence[str]) -> QuerySet[Any]:
    """All that have the word of ``query`` in one of ``fields``."""
    find, like = find_of(query), Q(pk=None)
    for name in fields:
        like |= Q(**{f"{name}__icontains": find})
    return rows.filter(like) if find else rows
