"""Two who write one deliverable: where their versions differ, field by field, so that each may be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.forms.deliverable import hidden_goals
from delivery import deliverables as words
from delivery import plan_changes, scope_rules
from delivery.deliverables import LABELS, DeliverableTold
from delivery.models import Deliverable
from delivery.scope_rules import ScopeTold
from people.access import User


@dataclass(frozen=True, slots=True)
class Version:
    """What both say of one field: ``theirs`` counts now, ``mine`` was typed."""

    field: str
    what: str
    theirs: str
    mine: str


def versions(user: User, now: Deliverable, told: DeliverableTold, scope: Sequence[ScopeTold]) -> tuple[Version, ...]:
    """Goals that the reader may not see are told of neither."""
    hidden = {one.pk for one in hidden_goals(user, now)}
    theirs, mine = (tuple(one for one in rows if one.pk not in hidden) for rows in (now.goals.all(), told.goals))
    rules = scope_rules.in_words(now.scopes.select_related("source"))  # type: ignore[attr-defined]
    found = [one for one in words.deliverable_differences(now, told) if one.what != LABELS["goals"]]
    found += plan_changes.differences(
        [(LABELS["goals"], theirs, mine), (LABELS["scope"], rules, scope_rules.in_words(scope))]
    )
    names = {label: name for name, label in LABELS.items()}
    return tuple(Version(names[one.what], one.what, one.before, one.after) for one in found)
