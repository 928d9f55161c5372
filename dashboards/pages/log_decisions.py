"""What-ifs that were proposed and decided, as lines of a deliverable's log."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from dashboards import words
from dashboards.pages import what_if_words as told
from dashboards.pages.log import Entry, signed
from delivery.core.levers import from_json
from delivery.core.what_if import from_json as outcome_from
from delivery.models import Deliverable, Scenario


def decided(row: Deliverable, day: date) -> tuple[Entry, ...]:
    """Proposals and decisions up to ``day``; a fixed number of queries."""
    rows = Scenario.objects.filter(deliverable=row, proposed_at__isnull=False)
    found = [(one, from_json(one.levers)) for one in rows.select_related("by", "proposed_to", "decided_by")]
    known = told.names([lever for _, levers in found for lever in levers])
    entries = []
    for one, levers in found:
        what = f"{told.doing(levers, known, day)}{_chances(one)}."
        entries += [_proposal(one, what, day), *_decision(one, what, day)]
    return tuple(entry for entry in entries if entry.day <= day)


def _chances(one: Scenario) -> str:
    if not one.outcome:
        return ""
    return f"; chance of missing {told.from_to(outcome_from(one.outcome).subject)}"


def _proposal(one: Scenario, what: str, day: date) -> Entry:
    on = timezone.localdate(one.proposed_at)
    to = f" to {one.proposed_to.name}" if one.proposed_to else ""
    taken_back = " It was withdrawn." if one.state == Scenario.State.WITHDRAWN else ""
    who = signed(on, one.by, day, "proposed by ")
    return Entry(on, False, f"Proposed{to}: {words.short(one.name, 120)}.", f"{what}{taken_back}", one.note, who)


def _decision(one: Scenario, what: str, day: date) -> list[Entry]:
    if one.decided_at is None:
        return []
    on = timezone.localdate(one.decided_at)
    strong = f"{one.get_state_display()}: {words.short(one.name, 120)}."
    return [Entry(on, True, strong, what, one.decision_note, signed(on, one.decided_by, day, "decided by "))]
