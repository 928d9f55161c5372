"""What somebody follows of the organisation: some groups with all that nests in them, and some teams."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from delivery.models import Deliverable
from teams.models import Group, Team


@dataclass(frozen=True, slots=True)
class Followed:
    """Ids of all teams and groups that are meant; None of everything."""

    teams: frozenset[int] | None = None
    groups: frozenset[int] = frozenset()

    def concerns(self, *, team: int | None, group: int | None) -> bool:
        """Whether a goal or risk of ``team``, or else of ``group``, is meant; what is the company's always is."""
        if self.teams is None or (team is None and group is None):
            return True
        return team in self.teams if team is not None else group in self.groups


def followed(groups: Collection[str], teams: Collection[str]) -> Followed:
    """By slugs; neither is everything. Two queries."""
    if not groups and not teams:
        return Followed()
    rows = list(Group.objects.values_list("pk", "parent_id", "slug"))
    found = {pk for pk, _, slug in rows if slug in groups}
    while new := {pk for pk, parent, _ in rows if parent in found} - found:
        found |= new
    meant = Team.objects.filter(Q(group__in=found) | Q(slug__in=teams)).values_list("pk", flat=True)
    return Followed(frozenset(meant), frozenset(found))


def ids_followed(meant: Followed) -> set[int] | None:
    """Ids of the deliverables that one of the teams answers for or helps with; None is all. At most two queries."""
    if meant.teams is None:
        return None
    helps = Deliverable.helping_teams.through.objects.filter(team__in=meant.teams).values_list("deliverable_id")
    own = Deliverable.objects.filter(team__in=meant.teams).values_list("pk")
    return {pk for (pk,) in own.union(helps)}
