"""Which deliverables serve a goal, to choose from: those that the reader may change, and what others did meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Exists, OuterRef, Q

from dashboards.pages.filters import Choice
from delivery.access import plan_reach, reaches, visible_deliverables
from delivery.models import Deliverable, Goal
from people.access import User

LIST: Final = "Choose of the list: somebody may have dropped or delivered what you chose."


@dataclass(frozen=True, slots=True)
class Work:
    """Deliverables by id that may serve the goal and that the reader may change; titles of others that serve it."""

    mine: Mapping[int, Deliverable]
    others: Sequence[str]

    def serving(self) -> set[int]:
        return {pk for pk, row in self.mine.items() if row.serves}  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class LinkPage:
    """``was``: what served the goal when the page was made, in the form of the choices' values."""

    goal: Goal
    choices: tuple[Choice, ...]
    was: tuple[str, ...]
    others: Sequence[str]
    clash: Sequence[str]
    errors: Mapping[str, list[str]]
    note: str
    none: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What was sent: by id the version looked at, of what is to serve the goal and of what did when it was shown."""

    chosen: Mapping[int, int]
    was: Mapping[int, int]

    def wishes(self) -> dict[int, bool]:
        """What is to be otherwise."""
        return dict.fromkeys(self.chosen.keys() - self.was.keys(), True) | dict.fromkeys(
            self.was.keys() - self.chosen.keys(), False
        )

    def seen(self) -> dict[int, int]:
        return {**self.was, **self.chosen}


def work_for(user: User, goal: Goal, day: date) -> Work:
    """Open deliverables, and delivered ones that serve the goal; of a goal that is over or dropped only what serves it."""
    serves = Deliverable.goals.through.objects.filter(deliverable=OuterRef("pk"), goal=goal)
    rows = visible_deliverables(user).filter(dropped=None).select_related("team").annotate(serves=Exists(serves))
    runs = goal.dropped is None and goal.end > day
    rows = rows.filter(Q(serves=True) | Q(delivered=None) if runs else Q(serves=True)).order_by("title", "pk")
    reach = plan_reach(user)
    found = [(row, reaches(reach, team=row.team_id)) for row in rows]
    others = [_label(row) for row, may in found if row.serves and not may]  # type: ignore[attr-defined]
    return Work({row.pk: row for row, may in found if may}, others)


def link_page(
    goal: Goal,
    work: Work,
    asked: Asked | None = None,
    *,
    clash: Sequence[str] = (),
    errors: Mapping[str, list[str]] | None = None,
    note: str = "",
) -> LinkPage:
    """What was wished stays chosen; what others did since the page was made stands as well."""
    serving = work.serving()
    wishes = asked.wishes() if asked else {}
    chosen = {pk for pk in work.mine if wishes.get(pk, pk in serving)}
    picks = (Choice(_value(row), _label(row), pk in chosen) for pk, row in work.mine.items())
    return LinkPage(
        goal=goal,
        choices=tuple(sorted(picks, key=lambda one: not one.chosen)),
        was=tuple(_value(work.mine[pk]) for pk in sorted(serving)),
        others=work.others,
        clash=clash,
        errors=errors or {},
        note=note,
        none="There is no open deliverable that you may change.",
    )


def clash_of(work: Work, asked: Asked) -> tuple[str, ...]:
    """What was changed meanwhile of the deliverables that were to be otherwise."""
    seen = asked.seen()
    moved = [work.mine[pk] for pk in asked.wishes() if pk in work.mine and work.mine[pk].version != seen[pk]]
    return tuple(
        f"“{row.title}” was changed; it {'serves' if row.serves else 'does not serve'} this goal now."  # type: ignore[attr-defined]
        for row in moved
    )


def asked_of(chosen: Iterable[str], was: Iterable[str]) -> Asked | None:
    """What was sent; None for what no page of ours sends."""
    found = [_pairs(texts) for texts in (chosen, was)]
    return None if None in found else Asked(found[0] or {}, found[1] or {})


def _pairs(texts: Iterable[str]) -> dict[int, int] | None:
    found = {}
    for text in texts:
        pk, _, version = text.partition("-")
        if not all(one.isascii() and one.isdigit() and len(one) < 10 for one in (pk, version)):
            return None
        found[int(pk)] = int(version)
    return found


def _value(row: Deliverable) -> str:
    return f"{row.pk}-{row.version}"


def _label(row: Deliverable) -> str:
    return f"{row.title} ({row.team.name}{', delivered' if row.delivered else ''})"
