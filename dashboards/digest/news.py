"""What may be told at once, looked at once for all readers, and what each of them follows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.utils import timezone

from dashboards import words
from dashboards.models import Subscription
from dashboards.pages.freshness import SourceAge, source_ages
from delivery.core.promise import Promise
from delivery.followed import followed, ids_followed
from delivery.models import Source
from delivery.promises import promises
from delivery.sources import jira_projects
from people.access import stand_in
from people.models import Role

OLD: Final = timedelta(days=1)

Follows = Callable[[Subscription], Collection[int] | None]


@dataclass(frozen=True, slots=True)
class News:
    """By deliverable and by source. ``missing``: whole per cent of missing, where it is known. ``projects``: those of Jira."""

    day: date
    promises: Mapping[int, Promise]
    missing: Mapping[int, int]
    old: Mapping[int, SourceAge]
    projects: Collection[str]


def news(now: datetime) -> News:
    """As anybody sees it: deliverables and sources are nobody's secret."""
    user, day = stand_in(Role.EXECUTIVE), timezone.localdate(now)
    old = {one.name: one for one in source_ages(user, now) if one.in_trouble and one.read and now - one.read >= OLD}
    ids = dict(Source.objects.filter(name__in=old).values_list("pk", "name"))
    found = {one.id: one for one in promises(user, day=day)}
    return News(
        day=day,
        promises=found,
        missing={pk: words.percent(one.missing) for pk, one in found.items() if one.missing is not None},
        old={pk: old[name] for pk, name in ids.items()},
        projects=jira_projects(),
    )


def following() -> Follows:
    """A way to ask for the ids of the deliverables that a reader follows, None for all; readers of the same are asked for once."""
    known: dict[tuple[frozenset[str], frozenset[str]], Collection[int] | None] = {}

    def ids(row: Subscription) -> Collection[int] | None:
        slugs = frozenset(one.slug for one in row.groups.all()), frozenset(one.slug for one in row.teams.all())
        if slugs not in known:
            known[slugs] = ids_followed(followed(*slugs))
        return known[slugs]

    return ids
