"""The rules' thresholds as this organisation has them, and what would change if one of them did."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from delivery.core.risk import DeliverableEvidence, Evidence, Reading, Rule, TeamEvidence, Thresholds
from delivery.core.risk_rules import RULES
from delivery.models import Risk, RiskRule
from people.models import Person


class Changed(Exception):
    """Somebody else changed the rule meanwhile; ``setting`` is how it is now."""

    def __init__(self, setting: Setting) -> None:
        super().__init__("Somebody else changed this rule meanwhile.")
        self.setting = setting


@dataclass(frozen=True, slots=True)
class Setting:
    """A rule as it is applied; without ``changed`` by its defaults."""

    rule: Rule
    enabled: bool
    enter: float
    leave: float
    days: int
    changed_by: Person | None = None
    changed: datetime | None = None

    @property
    def limits(self) -> Thresholds:
        return Thresholds(self.enter, self.leave, self.days, self.rule.worse)


@dataclass(frozen=True, slots=True)
class Read:
    """What a rule reads today, and of which things it cannot say anything: what is open there stays open."""

    readings: list[tuple[Evidence, Reading]] = field(default_factory=list)
    unknown: set[tuple[str, int]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Opening:
    """A risk that would open: its title, what it threatens, and the deliverable's id where it is one."""

    title: str
    threatens: str
    deliverable: int | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do at once: a risk that has to be there for some days opens only after them."""

    opens: tuple[Opening, ...]
    closes: tuple[Risk, ...]
    stays: int


def settings() -> dict[str, Setting]:
    """Every rule by its slug; one query."""
    rows = {row.rule: row for row in RiskRule.objects.select_related("changed_by")}
    return {slug: _setting(rule, rows.get(slug)) for slug, rule in RULES.items()}


def _setting(rule: Rule, row: RiskRule | None) -> Setting:
    if row is None:
        return Setting(rule, True, rule.enter, rule.leave, rule.days)
    return Setting(rule, row.enabled, row.enter, row.leave, row.days, row.changed_by, row.changed)


@transaction.atomic
def change(
    slug: str, *, enabled: bool, enter: float, leave: float, days: int, by: Person, seen: datetime | None
) -> Setting:
    """Apply other thresholds from the next run on; ``seen`` is when the rule was changed last, as far as ``by`` saw.

    Raises Changed where somebody else did so since, ValueError with a sentence for thresholds that make no sense.
    """
    rule = RULES[slug]
    problem = Thresholds(enter, leave, days, rule.worse).problem()
    if problem:
        raise ValueError(problem)
    row = RiskRule.objects.select_for_update(of=("self",)).select_related("changed_by").filter(rule=slug).first()
    if row is not None and row.changed != seen:
        raise Changed(_setting(rule, row))
    values = {"enabled": enabled, "enter": enter, "leave": leave, "days": days, "changed_by": by}
    row, _ = RiskRule.objects.update_or_create(rule=slug, defaults=values)
    return _setting(rule, row)


def read(rule: Rule, evidence: list[Evidence]) -> Read:
    """What ``rule`` reads of everything it is about."""
    readings: list[tuple[Evidence, Reading]] = []
    unknown = set()
    for one in evidence:
        if not isinstance(one, rule.about):
            continue
        found = rule.read(one)
        if found is None:
            unknown.add(subject_of(one))
        readings += [(one, reading) for reading in found or ()]
    return Read(readings, unknown)


def preview(slug: str, *, enabled: bool, limits: Thresholds, evidence: list[Evidence]) -> Preview:
    """What these thresholds would open and close, held against what is open now; one query."""
    rule = RULES[slug]
    is_open = {key_of_row(row): row for row in Risk.objects.filter(rule=slug).exclude(state__in=("closed", "pending"))}
    found = read(rule, evidence)
    doubtful = [is_open.pop(key) for key in list(is_open) if enabled and key[:2] in found.unknown]
    opens, closes, stays = [], [], len(doubtful)
    for one, reading in found.readings:
        row, value = is_open.pop(key_of(one, reading), None), reading.value
        if row is None:
            if enabled and value is not None and limits.is_bad(value):
                opens.append(_opening(one, reading))
        elif not enabled or (value is not None and limits.is_better(value)):
            closes.append(row)
        else:
            stays += 1
    return Preview(tuple(opens), (*closes, *is_open.values()), stays)


Key = tuple[str, int, str]


def key_of(one: Evidence, reading: Reading) -> Key:
    """What tells the risks of one rule apart."""
    return (*subject_of(one), reading.cause)


def key_of_row(row: Risk) -> Key:
    for name in ("deliverable", "goal", "team"):
        pk = getattr(row, f"{name}_id")
        if pk:
            return name, pk, row.cause
    raise ValueError("a risk is about something")


def subject_of(one: Evidence) -> tuple[str, int]:
    """(deliverable, goal or team, its id)."""
    if isinstance(one, DeliverableEvidence):
        return "deliverable", one.promise.id
    return ("team" if isinstance(one, TeamEvidence) else "goal"), one.id


def _opening(one: Evidence, reading: Reading) -> Opening:
    if isinstance(one, DeliverableEvidence):
        return Opening(reading.title, one.promise.title, one.promise.id)
    return Opening(reading.title, one.name if isinstance(one, TeamEvidence) else one.title, None)
