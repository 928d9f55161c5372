"""Actions as people read them: a panel on a deliverable, the list of all, one with its history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Case, QuerySet, Value, When
from django.http import QueryDict

from dashboards import words
from dashboards.pages.deliverables_csv import written
from dashboards.pages.filters import Choice
from delivery import access, actions, worked
from delivery.core import effect
from delivery.models import Action, ActionEvent, Deliverable
from people.access import User
from teams.access import visible_teams

STATES: Final = {"open": "Open", **dict(Action.State.choices), "all": "All states"}
COLUMNS: Final = (
    "id", "action", "why", "kind", "deliverable", "team", "owner", "chosen", "due", "state", "overdue days", "ended",
    "expected points", "measured points", "usual from points", "usual to points", "compared with", "why not measured",
)  # fmt: skip
NEXT: Final = {  # the buttons of each state: what they make of it, and what they say
    Action.State.PROPOSED: ((Action.State.STARTED, "Start"), (Action.State.DONE, "Mark done")),
    Action.State.STARTED: ((Action.State.DONE, "Mark done"), (Action.State.DROPPED, "Drop")),
    Action.State.DONE: (),
    Action.State.DROPPED: (),
}
MANY: Final = ("no", "the one", "both", "all three", "all four", "all five", "all six")


@dataclass(frozen=True, slots=True)
class Line:
    """``worth``: what it was to bring, in points off the chance of missing. ``brought``: what it did, in words."""

    action: Action
    worth: int | None
    brought: str
    due: str
    late: str
    buttons: tuple[tuple[str, str], ...]  # the state, and the verb


@dataclass(frozen=True, slots=True)
class Panel:
    """What is done about one deliverable."""

    lines: tuple[Line, ...]
    ended: tuple[Line, ...]
    reckoning: str
    may_add: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of action worked here, in words."""

    label: str
    count: int
    expected: str
    measured: str
    beyond: str


@dataclass(frozen=True, slots=True)
class Actions:
    lines: tuple[Line, ...]
    total: int
    mine: bool
    overdue: bool
    teams: tuple[Choice, ...]
    states: tuple[Choice, ...]
    ignored: tuple[str, ...]
    csv: str
    worked: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One thing of an action's history."""

    text: str
    note: str
    who_and_when: str


def panel(user: User, row: Deliverable, missing: float | None, *, day: date) -> Panel:
    """Open actions about ``row``, whose chance of missing is ``missing``, and what ended ones brought."""
    found = list(access.visible_actions(user).filter(deliverable=row).select_related("owner"))
    may = access.can_add_action(user, row)
    lines = [line(one, day, may or _own(user, one)) for one in found]
    here = tuple(one for one in lines if one.action.state in actions.OPEN)
    ended = tuple(one for one in reversed(lines) if one.action.state not in actions.OPEN)
    return Panel(here, ended, reckoning([one.action for one in here], missing), may)


def _own(user: User, action: Action) -> bool:
    """Whether it is the reader's own; an owner's question needs no query."""
    return action.owner_id == user.pk and access.can_move_action(user, action)


def line(action: Action, day: date, may: bool) -> Line:
    late = (day - action.due).days if action.state in actions.OPEN else 0
    return Line(
        action=action,
        worth=None if action.expected is None else round(100 * action.expected),
        brought=brought(action),
        due=words.near_day(action.due, day),
        late=f"{words.days(late)} overdue" if late > 0 else "",
        buttons=tuple((str(state), verb) for state, verb in NEXT[Action.State(action.state)]) if may else (),
    )


def brought(action: Action) -> str:
    """What an action brought, with the spread of what happens anyway; why that is not known; empty while it is open."""
    if action.measured is None:
        return f"Not measured: {action.unknown}" if action.unknown else ""
    fell = _by(action.measured)
    if action.measured_low is None or action.measured_high is None:
        return f"The chance of missing {fell}. There is not enough to compare with, so this may be chance."
    span = f"{_signed(-action.measured_high)} to {_signed(-action.measured_low)} points"
    usual = f"Without an action, 8 in 10 of {action.compared} others moved by {span} in such a span."
    return f"The chance of missing {fell}. {usual}"


def _by(fell: float) -> str:
    points = round(100 * fell)
    if not points:
        return "stayed as it would have been"
    verb = "fell" if points > 0 else "rose"
    return f"{verb} by {words.plural(abs(points), 'point')} against what it would have been"


def _signed(points: float) -> str:
    shown = round(100 * points)
    return f"+{shown}" if shown > 0 else words.number(shown)


def reckoning(found: Sequence[Action], missing: float | None) -> str:
    """What is left of the chance of missing once all of them land; empty where that cannot be said."""
    worth = [one.expected for one in found if one.expected is not None]
    if missing is None or not worth or len(worth) != len(found):
        return ""
    left = words.chance_in_words(words.percent(effect.together(missing, worth)))
    many = MANY[len(found)] if len(found) < len(MANY) else f"all {len(found)}"
    it = "it lands" if len(found) == 1 else f"{many} land"
    return f"If {it}, the chance of missing falls to {left}: a reckoning from what each was to bring, no forecast."


def actions_page(user: User, query: QueryDict, *, day: date) -> Actions:
    """The list that the URL asks for; open ones of everybody unless it says otherwise."""
    names = dict(visible_teams(user).filter(archived=False).order_by("name").values_list("slug", "name"))
    asked = {"team": query.get("team") or "", "state": query.get("state") or "open"}
    ignored = []
    for name, known, otherwise in (("team", names, ""), ("state", STATES, "open")):
        if asked[name] and asked[name] not in known:
            ignored.append(f"There is no {name} “{asked[name]}”")
            asked[name] = otherwise
    mine, overdue = query.get("mine") == "yes", query.get("overdue") == "yes"
    rows = _asked(user, asked, mine=mine, overdue=overdue, day=day)
    return Actions(
        lines=tuple(line(one, day, may=False) for one in rows),
        total=access.visible_actions(user).count(),
        mine=mine,
        overdue=overdue,
        teams=_choices({"": "All teams", **names}, asked["team"]),
        states=_choices(STATES, asked["state"]),
        ignored=tuple(ignored),
        csv=f"?{urlencode([*((k, v) for k, v in query.items() if k != 'format'), ('format', 'csv')])}",
        worked=tuple(_kind(one) for one in worked.by_kind(user)),
    )


def _asked(user: User, asked: dict[str, str], *, mine: bool, overdue: bool, day: date) -> QuerySet[Action]:
    rows = access.visible_actions(user).select_related("owner", "deliverable__team", "risk__team")
    if asked["state"] == "open":
        rows = rows.filter(state__in=actions.OPEN)
    elif asked["state"] != "all":
        rows = rows.filter(state=asked["state"])
    if asked["team"]:
        rows = rows.filter(deliverable__team__slug=asked["team"]) | rows.filter(risk__team__slug=asked["team"])
    if mine:
        rows = rows.filter(owner=user.pk)
    if overdue:
        rows = rows.filter(state__in=actions.OPEN, due__lt=day)
    open_first = Case(When(state__in=actions.OPEN, then=Value(0)), default=Value(1))
    return rows.order_by(open_first, "due", "id")


def _choices(labels: dict[str, str], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, label, value == chosen) for value, label in labels.items())


def _kind(one: worked.Worked) -> Kind:
    few = "not enough data"
    return Kind(
        label=one.label,
        count=one.count,
        expected=few if one.expected is None else f"{_signed(-one.expected)} points, said of {one.foretold}",
        measured=few if one.measured is None else f"{_signed(-one.measured)} points",
        beyond=few if one.beyond is None else f"{one.beyond} of {one.compared}",
    )


def history(action: Action, day: date) -> tuple[Told, ...]:
    """Everything that happened to it, newest first."""
    return tuple(_told(one, day) for one in action.events.select_related("by"))  # type: ignore[attr-defined]


def _told(one: ActionEvent, day: date) -> Told:
    if one.what == ActionEvent.What.ADDED:
        text = f"Added as {one.after.lower()}."
    elif one.what == ActionEvent.What.NOTE:
        text = "Note."
    elif one.what == ActionEvent.What.MEASURED:
        text = f"Measured: {one.after}."
    else:
        text = f"{one.get_what_display()}: {one.before or 'nobody'} → {one.after or 'nobody'}."
    who = one.by.name if one.by else "Headway"
    return Told(text, one.note, f"{words.near_day(one.at.date(), day)}, {who}")


def as_csv(lines: Iterable[Line], day: date) -> str:
    """The list for a spreadsheet; what is not known is an empty cell."""
    return written(COLUMNS, (_cells(one.action, day) for one in lines))


def _cells(one: Action, day: date) -> tuple[Any, ...]:
    about = one.deliverable.team if one.deliverable else (one.risk.team if one.risk else None)
    late = max((day - one.due).days, 0) if one.state in actions.OPEN else ""
    return (
        one.pk, one.title, one.why, one.get_kind_display(), one.deliverable.title if one.deliverable else "",
        about.name if about else "", one.owner.name if one.owner else "", one.chosen, one.due,
        one.get_state_display(), late, one.ended or "",
        _points(one.expected), _points(one.measured), _points(one.measured_low), _points(one.measured_high),
        one.compared or "", one.unknown,
    )  # fmt: skip


def _points(share: float | None) -> int | str:
    return "" if share is None else round(100 * share)
