"""The what-ifs that were kept: how they stand beside each other, and which wait for a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from dashboards import words
from dashboards.forms.what_if import as_query
from dashboards.pages import what_if_words as told
from dashboards.pages.what_if import Answer, outcome_told
from delivery.access import can_decide_scenario, can_propose_scenario, can_withdraw_scenario, visible_scenarios
from delivery.core.levers import Lever, LeverKind, from_json
from delivery.core.what_if import Outcome
from delivery.core.what_if import from_json as outcome_from
from delivery.models import Deliverable, Scenario, SlipCause
from people.access import User

SHOWN: Final = 20
STATE_TAGS: Final = dict(Scenario.State.choices)
Said = dict[str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """One scenario as it is listed and compared."""

    id: int
    name: str
    state: str
    state_name: str
    what: str
    from_to: str
    when: str
    note: str
    by: str
    to: str
    decided: str
    decision_note: str
    again: str  # the link that runs it again today
    old: bool  # made on an earlier day
    attached: str  # the forecast that was attached
    answer: Answer | None
    may_decide: bool
    may_withdraw: bool
    may_propose: bool
    moves_date: bool


@dataclass(frozen=True, slots=True)
class Scenarios:
    """``title``s are of the deliverable; ``typed`` and ``wrong`` what came back from a form that failed."""

    id: int
    title: str
    kept: tuple[Kept, ...]
    compared: tuple[Kept, ...] = ()
    causes: tuple[tuple[str, str], ...] = tuple(SlipCause.choices)
    wrong: str = ""
    about: int = 0
    typed: Said = field(default_factory=dict)

    @property
    def waiting(self) -> tuple[Kept, ...]:
        return tuple(one for one in self.kept if one.state == Scenario.State.PROPOSED)


def scenarios(user: User, row: Deliverable, *, day: date, compare: Sequence[int] = ()) -> Scenarios:
    """The latest of ``row``, the newest first; a fixed number of queries."""
    rows = visible_scenarios(user).filter(deliverable=row).select_related("by", "proposed_to", "decided_by", "forecast")
    found = list(rows.exclude(state=Scenario.State.WITHDRAWN)[:SHOWN])
    read = [(one, from_json(one.levers), outcome_from(one.outcome) if one.outcome else None) for one in found]
    known = told.names([lever for _, levers, _ in read for lever in levers], [made for _, _, made in read if made])
    rights = _rights(user, row, found)
    kept = tuple(_kept(user, one, levers, made, known, rights, day) for one, levers, made in read)
    by_id = {one.id: one for one in kept}
    return Scenarios(row.pk, row.title, kept, tuple(by_id[pk] for pk in dict.fromkeys(compare) if pk in by_id))


def _rights(user: User, row: Deliverable, found: Sequence[Scenario]) -> tuple[bool, bool]:
    """Whether ``user`` may decide and propose: the same for all of one deliverable."""
    if not found:
        return False, False
    found[0].deliverable = row
    return can_decide_scenario(user, found[0]), can_propose_scenario(user, row)


def _kept(
    user: User,
    one: Scenario,
    levers: Sequence[Lever],
    made: Outcome | None,
    known: told.Names,
    rights: tuple[bool, bool],
    day: date,
) -> Kept:
    waits = one.state == Scenario.State.PROPOSED
    open_still = one.state in (Scenario.State.PROPOSED, Scenario.State.DRAFT)
    return Kept(
        id=one.pk,
        name=one.name,
        state=one.state,
        state_name=STATE_TAGS[one.state],
        what=told.doing(levers, known, one.day),
        from_to=told.from_to(made.subject) if made else "not known",
        when="Today" if one.day == day else f"As it looked on {words.long_day(one.day, day)}",
        note=one.note,
        by=one.by.name if one.by else "somebody who left",
        to=one.proposed_to.name if one.proposed_to else "",
        decided=_decided(one, day),
        decision_note=one.decision_note,
        again=as_query(levers),
        old=one.day != day,
        attached=_attached(one, day),
        answer=outcome_told(one.deliverable_id, levers, made, known, query="", day=one.day) if made else None,
        may_decide=waits and rights[0],
        may_withdraw=open_still and can_withdraw_scenario(user, one),
        may_propose=one.state == Scenario.State.DRAFT and one.day == day and rights[1],
        moves_date=any(lever.kind == LeverKind.MOVE_DATE for lever in levers),
    )


def _decided(one: Scenario, day: date) -> str:
    if one.decided_at is None:
        return ""
    who = one.decided_by.name if one.decided_by else "somebody who left"
    return f"{one.get_state_display()} by {who} on {words.long_day(one.decided_at.date(), day)}"


def _attached(one: Scenario, day: date) -> str:
    kept = one.forecast
    if kept is None:
        return ""
    missing = None if kept.chance is None else 1 - kept.chance
    return f"Forecast of {words.long_day(kept.day, day)} attached: {words.per_cent(missing)} chance of missing"
