"""The register of risks: kept by rules, one row a cause, and by people, with everything that happened to each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from delivery import locks, risk_rules
from delivery.core.risk import DeliverableEvidence, Evidence, Reading, Standing, Step, step
from delivery.core.risk_rules import CAUSES
from delivery.models import Deliverable, Goal, Risk, RiskEvent
from delivery.risk_evidence import load_risk_evidence
from delivery.risk_history import closed_before, demand_not_told, last_told
from delivery.risk_impacts import Impacts, load_impacts
from delivery.risk_rules import Key, Read, Setting
from people.models import Person
from teams.models import Team

WORTH_TELLING: Final = 0.1
"""A probability that moved by less is not told in the history."""
KEPT: Final = (
    *("title", "state", "probability", "impact", "value", "evidence", "drivers"),
    *("better_since", "opened", "closed", "seen"),
)
OVER: Final = "What it threatened has ended, or what caused it is gone."
OFF: Final = "Its rule was switched off."
BETTER: Final = "It has been better than its threshold for long enough."
CLOSED: Final = Risk.State.CLOSED
PENDING: Final = Risk.State.PENDING


class Conflict(Exception):
    """Somebody else changed the risk meanwhile; ``risk`` is how it is now."""

    def __init__(self, risk: Risk) -> None:
        super().__init__("Somebody else changed this risk meanwhile.")
        self.risk = risk


@dataclass(frozen=True, slots=True)
class Kept:
    """What a run of the rules did, and how many risks are open after it."""

    opened: int
    closed: int
    open: int


@dataclass(slots=True)
class _Changes:
    """What a run will write."""

    new: list[Risk] = field(default_factory=list)
    changed: list[Risk] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    events: list[RiskEvent] = field(default_factory=list)


@transaction.atomic
def keep_risks(*, day: date, now: datetime, teams: Collection[int] | None = None) -> Kept:
    """Run every rule over what is known on ``day``; of ``teams`` only, where given (goals wait for the whole run).

    Running it twice on a day changes nothing; a killed run leaves nothing behind. One process at a time. Raises Past for
    a day before the last one that was kept; today is always possible, also after a clock that had jumped ahead.
    """
    locks.wait_for(locks.RISKS, 0)
    demand_not_told(day, now)
    evidence = load_risk_evidence(day, now, teams=teams)
    impacts = load_impacts(evidence, day)
    there = _there(evidence, whole=teams is None)
    run = _Run(day, now, impacts, last_told(there.values()), closed_before(), _Changes())
    for setting in risk_rules.settings().values():
        mine = {key: row for (slug, key), row in there.items() if slug == setting.rule.slug}
        run.apply(setting, risk_rules.read(setting.rule, evidence) if setting.enabled else Read(), mine)
    return _write(run.changes, now)


def _there(evidence: Sequence[Evidence], *, whole: bool) -> dict[tuple[str, Key], Risk]:
    """Risks that are not closed and were found by rules; those whose subject is not looked at stay out of a part's run."""
    rows = Risk.objects.exclude(state=CLOSED).exclude(rule="").select_for_update()
    found = {(row.rule, risk_rules.key_of_row(row)): row for row in rows}
    if whole:
        return found
    looked_at = {risk_rules.subject_of(one) for one in evidence}
    return {place: row for place, row in found.items() if place[1][:2] in looked_at}


@dataclass(frozen=True, slots=True)
class _Run:
    day: date
    now: datetime
    impacts: Impacts
    told: Mapping[int, float]
    earlier: Mapping[tuple[str, Key], date]
    changes: _Changes

    def apply(self, setting: Setting, read: Read, there: dict[Key, Risk]) -> None:
        """One rule: what it reads, and the risks of it that it reads nothing of any more."""
        for one, reading in read.readings:
            key = risk_rules.key_of(one, reading)
            self._step(setting, one, reading, there.pop(key, None), key)
        for key, row in there.items():
            if key[:2] in read.unknown:
                continue
            if row.state == PENDING:
                self.changes.gone.append(row.pk)
            else:
                self._close(row, OVER if setting.enabled else OFF)
                self.changes.changed.append(row)

    def _step(self, setting: Setting, one: Evidence, reading: Reading, row: Risk | None, key: Key) -> None:
        before = _values(row) if row else None
        standing = self._standing(row) if row else None
        what = step(standing, reading.value, setting.limits, self.day)
        if what == Step.NOTHING:
            return
        if what == Step.FORGET and row is not None:
            self.changes.gone.append(row.pk)
            return
        if row is None:
            name, pk, cause = key
            row = Risk(rule=setting.rule.slug, kind=setting.rule.kind, cause=cause, seen=self.day, state=PENDING)
            setattr(row, f"{name}_id", pk)
            self.changes.new.append(row)
        self._describe(row, one, reading)
        row.better_since = (row.better_since or self.day) if what in (Step.BETTER, Step.CLOSE) else None
        if what == Step.OPEN:
            self._open(row)
        elif what == Step.CLOSE:
            self._close(row, BETTER)
        elif what == Step.STAY:
            self._tell_move(row)
        if before and before != _values(row):
            self.changes.changed.append(row)

    def _standing(self, row: Risk) -> Standing:
        """A clock that had jumped ahead left days that are still to come: they begin today."""
        row.seen = min(row.seen, self.day)
        row.better_since = min(row.better_since, self.day) if row.better_since else None
        return Standing(row.seen, row.state != PENDING, row.better_since)

    def _describe(self, row: Risk, one: Evidence, reading: Reading) -> None:
        """What it rests on today; a value that is not known today leaves the last one."""
        row.title = reading.title[:300]
        row.impact = self.impacts.of(one)
        row.probability = self.impacts.probability(one)
        if reading.value is None:
            return
        row.value = reading.value
        row.evidence = [{"says": proof.says, "url": proof.url} for proof in reading.proofs]
        told = one.drivers if isinstance(one, DeliverableEvidence) else None
        causes = CAUSES.get(row.rule, ())
        shares = told.shares if told else ()
        row.drivers = [{"cause": each.cause.value, "share": each.share} for each in shares if each.cause in causes]

    def _open(self, row: Risk) -> None:
        row.state, row.opened = Risk.State.NEW, self.day
        before = self.earlier.get((row.rule, risk_rules.key_of_row(row)))
        note = f"It was open before, until {before:%d %B %Y}." if before else ""
        self._event(row, RiskEvent.What.OPENED, after=_percent(row.probability), note=note)

    def _close(self, row: Risk, reason: str) -> None:
        before, row.state, row.closed = row.get_state_display(), CLOSED, self.day
        self._event(row, RiskEvent.What.CLOSED, before=before, note=reason)

    def _tell_move(self, row: Risk) -> None:
        before = self.told.get(row.pk)
        if row.probability is None or before is None or abs(row.probability - before) < WORTH_TELLING:
            return
        self._event(row, RiskEvent.What.MOVED, before=_percent(before), after=_percent(row.probability))

    def _event(self, row: Risk, what: str, *, before: str = "", after: str = "", note: str = "") -> None:
        self.changes.events.append(
            RiskEvent(risk=row, at=self.now, day=self.day, what=what, before=before, after=after, note=note)
        )


def _percent(probability: float | None) -> str:
    return "" if probability is None else f"{round(100 * probability)}%"


def _values(row: Risk) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in KEPT)


def _write(changes: _Changes, now: datetime) -> Kept:
    """What people edit stays out, ``updated`` too: their forms hold while numbers move, and not once a risk has closed."""
    Risk.objects.filter(pk__in=changes.gone).delete()
    Risk.objects.bulk_create(changes.new, batch_size=500)
    Risk.objects.bulk_create(
        changes.changed, batch_size=500, update_conflicts=True, unique_fields=["id"], update_fields=KEPT
    )
    closed_rows = [row.pk for row in changes.changed if row.state == CLOSED]
    Risk.objects.filter(pk__in=closed_rows).update(updated=now)
    RiskEvent.objects.bulk_create(changes.events, batch_size=500)
    opened = sum(event.what == RiskEvent.What.OPENED for event in changes.events)
    closed = sum(event.what == RiskEvent.What.CLOSED for event in changes.events)
    return Kept(opened, closed, Risk.objects.exclude(state__in=(CLOSED, PENDING)).count())


@transaction.atomic
def add_risk(
    *,
    by: Person,
    at: datetime,
    kind: str,
    title: str,
    detail: str = "",
    deliverable: Deliverable | None = None,
    goal: Goal | None = None,
    team: Team | None = None,
    probability: float | None = None,
    impact: float | None = None,
    owner: Person | None = None,
    review_on: date | None = None,
) -> Risk:
    """A risk that a person sees and no rule does; it stays until a person closes it."""
    risk = Risk.objects.create(
        kind=kind,
        title=title,
        detail=detail,
        deliverable=deliverable,
        goal=goal,
        team=team,
        probability=probability,
        impact=impact,
        owner=owner,
        review_on=review_on,
        by=by,
        seen=at.date(),
        opened=at.date(),
    )
    RiskEvent.objects.create(
        risk=risk, at=at, day=at.date(), by=by, what=RiskEvent.What.OPENED, after=_percent(probability)
    )
    return risk


TOLD: Final[Mapping[str, str]] = {
    "state": RiskEvent.What.STATE,
    "roam": RiskEvent.What.STATE,
    "owner": RiskEvent.What.OWNER,
    "review_on": RiskEvent.What.REVIEW,
}


@transaction.atomic
def change_risk(risk: Risk, *, by: Person, at: datetime, seen: datetime, note: str = "", **fields: Any) -> Risk:
    """Set ``fields`` of an open risk and write down what changed. Raises Conflict when it changed since ``seen``.

    ``note`` belongs to the closing where it closes; of a closed risk nothing changes any more, but it may be noted.
    """
    row = Risk.objects.select_for_update(of=("self",)).select_related("owner").get(pk=risk.pk)
    if row.updated != seen or (row.state == CLOSED and fields):
        raise Conflict(row)
    events = []
    for name, value in fields.items():
        before = getattr(row, name)
        if before == value:
            continue
        setattr(row, name, value)
        closes = name == "state" and value == CLOSED
        what = RiskEvent.What.CLOSED if closes else TOLD.get(name, RiskEvent.What.EDITED)
        told = "" if closes else _said(name, value)
        events.append(_event_of(row, by, at, what, _said(name, before), told, note if closes else ""))
    if row.state == CLOSED and row.closed is None:
        row.closed = at.date()
    elif note:
        events.append(_event_of(row, by, at, RiskEvent.What.NOTE, note=note))
    row.save()
    RiskEvent.objects.bulk_create(events)
    return row


@transaction.atomic
def close_risk(risk: Risk, *, by: Person, at: datetime, seen: datetime, reason: str) -> Risk:
    """Close a risk for a reason; a rule that still sees its cause will open another one."""
    return change_risk(risk, by=by, at=at, seen=seen, note=reason, state=CLOSED)


def _event_of(
    row: Risk, by: Person, at: datetime, what: str, before: str = "", after: str = "", note: str = ""
) -> RiskEvent:
    return RiskEvent(risk=row, at=at, day=at.date(), by=by, what=what, before=before, after=after, note=note)


def _said(name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    labels = {"state": Risk.State, "roam": Risk.Roam}
    if name in labels:
        return str(labels[name](value).label)
    if name in ("probability", "impact"):
        return _percent(value)
    return str(value)[:300]
