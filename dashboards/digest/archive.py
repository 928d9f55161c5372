"""What was told before: one's own digests by week, and how useful readers found them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from dashboards import words
from dashboards.access import can_subscribe_others, visible_issues, visible_subscriptions
from dashboards.digest.schedule import monday_of
from dashboards.models import DigestIssue
from dashboards.pages.filters import Choice
from people.access import User

SHOWN: Final = 52
MOST_READERS: Final = 200


@dataclass(frozen=True, slots=True)
class Archive:
    issues: Sequence[DigestIssue]
    older: str  # query of the next page, or empty
    readers: tuple[Choice, ...]
    ignored: tuple[str, ...]

    @property
    def filters(self) -> Archive:
        """What the component for ignored filters asks."""
        return self


def archive(user: User, query: QueryDict) -> Archive:
    """One's own; a director chooses whose."""
    ignored: list[str] = []
    asked = query.get("reader") or ""
    readers = _readers(user, asked)
    if asked and asked not in readers:
        ignored.append(f"There is no reader “{asked[:60]}”")
        asked = ""
    rows = visible_issues(user).select_related("subscription__person")
    rows = rows.filter(subscription=int(asked)) if asked else rows.filter(subscription__person=user.pk)
    before = _week(query.get("before") or "", ignored)
    rows = (rows.filter(week__lt=before) if before else rows).order_by("-week", "-pk").defer("content")
    found = list(rows[: SHOWN + 1])
    older = f"?reader={asked}&before={found[SHOWN - 1].week}" if len(found) > SHOWN else ""
    choices = tuple(Choice(value, label, value == asked) for value, label in {"": "Yours", **readers}.items())
    return Archive(found[:SHOWN], older, choices if readers else (), tuple(ignored))


def _week(asked: str, ignored: list[str]) -> str:
    try:
        monday_of(asked) if asked else None
    except ValueError:
        ignored.append(f"There is no week “{asked[:60]}”")
        return ""
    return asked


def _readers(user: User, asked: str) -> dict[str, str]:
    """Whose a director may choose: the first ones, and the one who is ``asked`` for."""
    if not can_subscribe_others(user):
        return {}
    rows = visible_subscriptions(user).exclude(person=user.pk).select_related("person")
    one = rows.filter(pk=int(asked)) if asked.isdecimal() and len(asked) < 10 else rows.none()
    return {str(row.pk): str(row) for row in (*rows[:MOST_READERS], *one)}


def usefulness(rows: QuerySet[DigestIssue]) -> str:
    """How many said that it was useful: 12 of 15 who answered found it useful (40 were sent)."""
    told = rows.aggregate(
        yes=Count("pk", filter=Q(useful=True)),
        answered=Count("pk", filter=Q(useful__isnull=False)),
        sent=Count("pk", filter=Q(content__isnull=False)),
    )
    if not told["sent"]:
        return ""
    if not told["answered"]:
        return f"Nobody has said yet whether it was useful ({words.plural(told['sent'], 'digest')} composed)."
    return (
        f"{words.number(told['yes'])} of {words.number(told['answered'])} who answered found it useful "
        f"({words.plural(told['sent'], 'digest')} composed)."
    )
