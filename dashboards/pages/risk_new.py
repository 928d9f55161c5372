"""The form for a risk that a person sees: about a deliverable, a goal or a team that they may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, QueryDict

from dashboards.forms import risk as forms
from dashboards.pages.filters import Choice
from dashboards.pages.risk_filters import KINDS, choices
from delivery.access import visible_deliverables, visible_goals
from people.access import User
from teams.access import visible_teams

LONGEST_ID = 18


@dataclass(frozen=True, slots=True)
class NewRisk:
    """``asked``: the part of the URL that says what is threatened."""

    threatens: str
    asked: str
    values: Mapping[str, Any]
    errors: Mapping[str, Any]
    kinds: tuple[Choice, ...]
    owners: tuple[Choice, ...]


def subject(user: User, query: QueryDict) -> tuple[str, forms.Subject]:
    """(deliverable, goal or team, the row), as the URL names one that ``user`` may see; Http404 otherwise."""
    for name, rows, key in (
        ("deliverable", visible_deliverables(user).filter(dropped__isnull=True), "pk"),
        ("goal", visible_goals(user), "pk"),
        ("team", visible_teams(user).filter(archived=False), "slug"),
    ):
        value = query.get(name, "").replace("\0", "")
        if not value:
            continue
        is_id = value.isascii() and value.isdigit() and len(value) <= LONGEST_ID
        found = rows.filter(**{key: value}).first() if key == "slug" or is_id else None  # type: ignore[attr-defined]
        if found is not None:
            return name, found
    raise Http404


def page(
    name: str, about: forms.Subject, values: Mapping[str, Any] | None = None, errors: Mapping[str, Any] | None = None
) -> NewRisk:
    owners = forms.owners_for(None, *forms.subject_teams(about))
    told = values or {}
    pairs = {"": "Nobody", **{str(one.pk): one.name for one in owners}}
    return NewRisk(
        threatens=getattr(about, "title", "") or getattr(about, "name", ""),
        asked=f"?{name}={about.slug if name == 'team' else about.pk}",  # type: ignore[union-attr]
        values=told,
        errors=errors or {},
        kinds=choices({"": "Choose one", **KINDS}, str(told.get("kind", ""))),
        owners=choices(pairs, str(told.get("owner", ""))),
    )
