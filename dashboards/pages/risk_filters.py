"""Which risks the reader asks to see, from the URL. A value that says nothing is left out, and the page says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.http import QueryDict

from dashboards.pages.filters import Choice, find_of
from dashboards.pages.risk_rows import OPEN_STATES, team_of, threatened
from delivery.models import Risk
from delivery.models.risk import RiskKind
from people.access import User

STATES: Final = {"": "All open ones", **{state.value: str(state.label) for state in OPEN_STATES}, "closed": "Closed"}
KINDS: Final = {kind.value: str(kind.label) for kind in RiskKind}
NOBODY: Final = "nobody"


@dataclass(frozen=True, slots=True)
class RiskFilters:
    """Empty is "all"; an empty ``state`` is every open one. ``ignored``: what the URL asked for that does not exist."""

    find: str = ""
    kind: str = ""
    state: str = ""
    team: str = ""
    owner: str = ""
    mine: bool = False
    ignored: tuple[str, ...] = field(default=())

    @property
    def is_narrow(self) -> bool:
        return bool(self.find or self.kind or self.state or self.team or self.owner or self.mine)


def read(query: QueryDict, teams: Mapping[str, str], owners: Mapping[str, str]) -> RiskFilters:
    """``teams``: names by slug; ``owners``: names by id, of those who own an open risk."""
    found, ignored = {}, []
    for name, known in (("kind", KINDS), ("state", STATES), ("team", teams), ("owner", {NOBODY: "", **owners})):
        value = query.get(name) or ""
        found[name] = value if value in known else ""
        if value and value not in known:
            ignored.append(f"There is no {name} “{value}”")
    find = find_of(query)
    return RiskFilters(**found, find=find, mine=query.get("mine") == "yes", ignored=tuple(ignored))


def kept(risks: Iterable[Risk], filters: RiskFilters, user: User) -> list[Risk]:
    return [risk for risk in risks if _fits(risk, filters) and (not filters.mine or risk.owner_id == user.pk)]


def _fits(risk: Risk, filters: RiskFilters) -> bool:
    owner = str(risk.owner_id) if risk.owner_id else NOBODY
    return (
        (not filters.kind or risk.kind == filters.kind)
        and (not filters.state or risk.state == filters.state)
        and (not filters.team or team_of(risk)[0] == filters.team)
        and (not filters.owner or owner == filters.owner)
        and filters.find.casefold() in _text(risk)
    )


def _text(risk: Risk) -> str:
    owner = risk.owner.name if risk.owner else ""
    return f"{risk.title} {threatened(risk)[0]} {owner}".casefold()


def owners_of(risks: Sequence[Risk]) -> dict[str, str]:
    """Names by id, by name."""
    found = {str(risk.owner.pk): risk.owner.name for risk in risks if risk.owner}
    return dict(sorted(found.items(), key=lambda one: one[1]))


def choices(labels: Mapping[str, str], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, label, value == chosen) for value, label in labels.items())
