"""One risk: what it rests on, what happened to it, what is done about it, and its forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from dashboards import words
from dashboards.forms import risk as forms
from dashboards.pages.filters import Choice
from dashboards.pages.log import Entry
from dashboards.pages.risk_rows import RiskRow, row_of
from delivery.access import can_edit_risk
from delivery.core.risk_rules import RULES
from delivery.models import Action, Risk, RiskEvent
from people.access import User

HISTORY: Final = 200  # entries of the log
CAUSES: Final = {
    "size": "Size of the work against the time left",
    "scope": "Scope that grew since the promise",
    "pace": "Pace of the team against its usual one",
    "ageing": "Blocked and very old items",
    "reviews": "Wait for a first review",
    "unplanned": "Unplanned work",
    "absence": "People away, or work that rests on one",
    "waiting": "Other deliverables it waits for",
    "late_start": "Start later than is usual",
}
HAPPENED: Final = {
    RiskEvent.What.OPENED: "Opened.",
    RiskEvent.What.MOVED: "The probability moved.",
    RiskEvent.What.STATE: "State:",
    RiskEvent.What.OWNER: "Owner:",
    RiskEvent.What.REVIEW: "Review date:",
    RiskEvent.What.NOTE: "Note.",
    RiskEvent.What.EDITED: "Edited.",
    RiskEvent.What.CLOSED: "Closed.",
}


@dataclass(frozen=True, slots=True)
class ActionRow:
    title: str
    kind: str
    state: str
    due: str
    owner: str
    effect: str


@dataclass(frozen=True, slots=True)
class RiskPage:
    """``theirs``: the risk as it is now, line by line, for who typed something else meanwhile."""

    row: RiskRow
    detail: str
    found_by: str
    measures: str
    roam: str
    evidence: tuple[tuple[str, str], ...]
    drivers: tuple[tuple[str, str], ...]
    log: tuple[Entry, ...]
    actions: tuple[ActionRow, ...]
    is_open: bool
    is_manual: bool
    may_edit: bool
    values: Mapping[str, Any]
    errors: Mapping[str, Any]
    theirs: tuple[tuple[str, str], ...]
    kept: tuple[str, ...] = ()  # what was typed, where the form is gone
    states: tuple[Choice, ...] = ()
    roams: tuple[Choice, ...] = ()
    owners: tuple[Choice, ...] = ()


def risk(
    user: User,
    found: Risk,
    *,
    day: date,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Any] | None = None,
    clash: bool = False,
) -> RiskPage:
    """The page of ``found``, which ``user`` may see; ``values``: what was typed, where the form comes back."""
    may_edit, is_open = can_edit_risk(user, found), found.closed is None
    shown = forms.values_of(found) if values is None else values
    owners = forms.owners_for(found.owner_id, *forms.team_ids(found)) if may_edit and is_open else ()
    return RiskPage(
        row=row_of(found, day),
        detail=found.detail,
        found_by=_found_by(found),
        measures=_measures(found),
        roam=found.get_roam_display() if found.roam else "",
        evidence=tuple((str(one.get("says", "")), _link(str(one.get("url", "")))) for one in found.evidence),
        drivers=tuple((CAUSES.get(one["cause"], one["cause"]), _share(one["share"])) for one in found.drivers),
        log=tuple(_entry(event, day) for event in found.events.select_related("by")[:HISTORY]),
        actions=tuple(_action(one, day) for one in found.actions.all()),
        is_open=is_open,
        is_manual=not found.rule,
        may_edit=may_edit,
        values=shown,
        errors=errors or {},
        theirs=forms.told(found) if clash else (),
        kept=tuple(str(shown[name]) for name in forms.TYPED if shown.get(name)) if clash and not is_open else (),
        states=_choices(forms.STATES, shown.get("state")),
        roams=_choices(forms.ROAMS, shown.get("roam")),
        owners=_choices([("", "Nobody"), *((str(one.pk), one.name) for one in owners)], shown.get("owner")),
    )


def _choices(pairs: Any, chosen: Any) -> tuple[Choice, ...]:
    return tuple(Choice(value, label, value == str(chosen or "")) for value, label in pairs)


def _found_by(found: Risk) -> str:
    if found.rule:
        return f"Found by the rule “{RULES[found.rule].title}”" if found.rule in RULES else "Found by a former rule"
    return f"Written by {found.by.name}" if found.by else "Written by somebody who left"


def _measures(found: Risk) -> str:
    """Chance of missing the promised day: 61%."""
    rule = RULES.get(found.rule)
    if rule is None or found.value is None or rule.unit == "yes/no":
        return rule.measures if rule else ""
    return f"{rule.measures}: {amount(found.value, rule.unit)}"


def amount(value: float, unit: str) -> str:
    """A value of a rule with its unit: 61%, 3 weeks, 1.5 days."""
    shown = f"{value:,.1f}".removesuffix(".0").replace("-", "−")
    if unit == "%":
        return f"{shown}%"
    return f"{shown} {unit.removesuffix('s') if shown in ('1', '−1') else unit}"


def _link(url: str) -> str:
    """Only what is certainly an address of a page."""
    return url if url.startswith(("https://", "http://")) or (url.startswith("/") and url[1:2] != "/") else ""


def _share(share: float) -> str:
    """raises the chance of missing by 12 points."""
    points = round(100 * abs(share))
    verb = "raises" if share >= 0 else "lowers"
    return f"{verb} the chance of missing by {words.plural(points, 'point') if points else 'less than a point'}"


def _entry(event: RiskEvent, day: date) -> Entry:
    decided = event.what in (RiskEvent.What.STATE, RiskEvent.What.CLOSED)
    if event.what == RiskEvent.What.OPENED:
        text = f"Probability {_sampled(event.after)}." if event.after else ""
    elif event.what == RiskEvent.What.MOVED:
        text = f"{_sampled(event.before)} → {_sampled(event.after)}"
    elif event.what == RiskEvent.What.CLOSED or not (event.before or event.after):
        text = ""
    else:
        text = f"{event.before or 'none'} → {event.after or 'none'}"
    when = "Today" if event.day == day else f"{event.day:%a} {words.long_day(event.day, day)}"
    # The state a person closes it with is told as an event of state; its reason follows as a note.
    return Entry(
        event.day, decided, HAPPENED[RiskEvent.What(event.what)], text, event.note,
        f"{when}, {event.by.name if event.by else 'Headway'}",
    )  # fmt: skip


def _sampled(told: str) -> str:
    """A per cent that was written down; a sample cannot know 0 or 100."""
    number = told.removesuffix("%")
    return f"{words.short_of_certain(int(number))}%" if number.isdecimal() else told


def _action(one: Action, day: date) -> ActionRow:
    owner = one.owner.name if one.owner else "nobody"
    return ActionRow(
        one.title, one.get_kind_display(), one.get_state_display(), words.dated(one.due, day), owner, _effect(one)
    )


def _effect(one: Action) -> str:
    """expected 14 points less, measured 9 points less."""
    told = ["expected " + _fall(one.expected)] if one.expected is not None else []
    told.append("not measured yet" if one.measured is None else "measured " + _fall(one.measured))
    return ", ".join(told)


def _fall(fall: float) -> str:
    points = round(100 * fall)
    if not points:
        return "no change"
    return f"{words.plural(abs(points), 'point')} {'less' if points > 0 else 'more'}"
