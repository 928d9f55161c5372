"""For whom a digest is made: with whose eyes it looks, what it is about, and why it comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from dashboards import words
from dashboards.models import Subscription
from people.access import NOBODY, stand_in
from people.models import Person, Role

NAMED: Final = 3
Names = tuple[tuple[str, str], ...]  # (slug, name)


@dataclass(frozen=True, slots=True)
class Reader:
    """``user``: whose eyes; a stand-in where nobody in particular reads. No ``groups`` and ``teams``: everything."""

    user: Person
    groups: Names = ()
    teams: Names = ()
    weekday: int | None = None
    by: str = ""  # who subscribed them, where it was not themselves

    @property
    def is_person(self) -> bool:
        """Whether something can be asked of them."""
        return self.user.pk != NOBODY

    @property
    def slugs(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Of the groups and of the teams."""
        return tuple(slug for slug, _ in self.groups), tuple(slug for slug, _ in self.teams)

    @property
    def names(self) -> list[str]:
        return [name for _, name in (*self.groups, *self.teams)]


def eyes_of(row: Subscription) -> Person:
    """With whose eyes its reader sees; an address without a login sees what an executive sees."""
    return row.person or stand_in(Role.EXECUTIVE)


def reads_tickets(user: Person) -> bool:
    """Executives do not read Jira: its numbers say nothing to them."""
    return user.role != Role.EXECUTIVE


def reader_of(row: Subscription) -> Reader:
    """Who gets the digests of ``row``."""
    return Reader(
        user=eyes_of(row),
        groups=_names(row.groups.all()),
        teams=_names(row.teams.all()),
        weekday=row.weekday,
        by=row.by.name if row.by and row.by_id != row.person_id else "",
    )


def _names(rows: Iterable[object]) -> Names:
    return tuple(sorted(((one.slug, one.name) for one in rows), key=lambda one: one[1]))  # type: ignore[attr-defined]


def about(reader: Reader, all_groups: list[str]) -> str:
    """Machine Learning and Data Platform; all teams where that would be a long list."""
    names = reader.names or all_groups
    if len(names) <= NAMED:
        return words.listed(names) or "All teams"
    return words.listed([*names[:2], f"{len(names) - 2} others"]) if reader.names else "All teams"


def why(reader: Reader) -> str:
    """You get this on Tuesdays because you follow both groups."""
    names = reader.names
    what = (
        words.listed(names) if 0 < len(names) <= NAMED else f"{len(names)} groups and teams" if names else "all teams"
    )
    if reader.weekday is None:
        return f"It is about {what}."
    day = Subscription.Weekday(reader.weekday).label
    if reader.by:
        return f"You get this on {day}s because {reader.by} subscribed you to {what}."
    return f"You get this on {day}s because you follow {what}."


def deliverables_url(reader: Reader, *, level: str = "", delivered: str = "") -> str:
    """The list of deliverables, narrowed to what the reader follows."""
    groups, teams = reader.slugs
    pairs = [(name, value) for name, value in (("level", level), ("delivered", delivered)) if value]
    pairs += [*(("group", slug) for slug in groups), *(("team", slug) for slug in teams)]
    return f"{reverse('deliverables')}?{urlencode(pairs)}" if pairs else reverse("deliverables")


def headline_url(reader: Reader) -> str:
    """Where the same headline stands: of everything the Overview, else the list of deliverables."""
    return deliverables_url(reader) if reader.names else reverse("overview")
