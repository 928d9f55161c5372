"""One deliverable: how sure, by when, why, and what was said about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import pandas as pd
from django.http import QueryDict

from dashboards import sentences, words
from dashboards.charts import burnup, curve, history
from dashboards.charts.common import Figure
from dashboards.pages import drivers, log_changes, log_decisions, scenarios, what_if
from dashboards.pages.actions import Panel, panel
from dashboards.pages.disputes import DECLARED
from dashboards.pages.evidence import Evidence, evidence
from dashboards.pages.freshness import Freshness, SourceAge, concerning, freshness, source_ages
from dashboards.pages.log import Entry, log
from dashboards.pages.log_told import told
from dashboards.pages.risk_rows import RiskRow, of_deliverable
from delivery import promises as plans
from delivery.core.chance import Level, level_of
from delivery.core.promise import Promise
from delivery.due_check_ins import STALE
from delivery.models import CheckIn, Deliverable, Forecast
from people.access import User

FUTURES: Final = 10


@dataclass(frozen=True, slots=True)
class Future:
    """One of ten futures, at its place in two rows of five."""

    misses: bool
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Declared:
    """An owner's last word beside the forecast. ``sure``: 75%, was 95%."""

    level: Level
    word: str
    sure: str
    was: str
    note: str


@dataclass(frozen=True, slots=True)
class Linked:
    id: int
    title: str


@dataclass(frozen=True, slots=True)
class DeliverablePage:
    everything: list[Promise]  # open ones: the shell counts them
    ages: list[SourceAge]
    freshness: Freshness  # of what it rests on: its team's work and the items in it
    promise: Promise
    kicker: str
    headline: sentences.Sentence
    lead: str
    futures: tuple[Future, ...]
    futures_say: str
    promised: str
    moved: str
    work: str
    declared: Declared | None
    stale: str
    waits_for: tuple[Linked, ...]
    waited_for_by: tuple[Linked, ...]
    done_when: str
    burnup: Figure | None
    curve: Figure | None
    history: Figure | None
    missing: tuple[str, ...]  # what a forecast lacks, in words
    evidence: Evidence
    actions: Panel
    log: tuple[Entry, ...]
    risks: tuple[RiskRow, ...]
    why: drivers.Why | None
    what_if: what_if.Panel | None  # None: it is delivered
    scenarios: scenarios.Scenarios


def deliverable(
    user: User, row: Deliverable, *, now: datetime, day: date, query: QueryDict | None = None
) -> DeliverablePage:
    """The page of ``row``, which ``user`` may see; ``query`` holds levers that are pulled."""
    everything = plans.promises(user, day=day)
    promise = next((one for one in everything if one.id == row.pk), None) or _delivered(user, row, day)
    check_ins = list(row.check_ins.filter(day__lte=day).select_related("by"))
    weeks, ages = plans.forecast_history(row, day=day), source_ages(user, now)
    frame, doing = plans.burn_up(row, day=day), panel(user, row, promise.missing, day=day)
    return DeliverablePage(
        everything=everything,
        ages=ages,
        freshness=freshness(concerning(ages, _rests_on(row), now), now),
        promise=promise,
        kicker=_since_last_week(promise),
        headline=sentences.promise_headline(promise),
        lead=sentences.confident_date(promise),
        futures=() if promise.missing is None else futures(promise.missing),
        futures_say=_futures_say(promise),
        promised=words.full_day(promise.target) if promise.target else "No date yet",
        moved=_moved(promise),
        work=_work(promise),
        declared=_declared(check_ins, day),
        stale=_stale(promise, day),
        waits_for=_linked(row, "depends_on"),
        waited_for_by=_linked(row, "waited_for_by"),
        done_when=row.done_when,
        burnup=_burnup(frame, promise),
        curve=curve.figure(promise) if promise.quantiles and not promise.delivered else None,
        history=_history(weeks, day),
        missing=_lacks(promise),
        evidence=evidence(row, now=now, day=day),
        risks=of_deliverable(user, row, day),
        actions=doing,
        log=log(row, check_ins, day, also=(*told(weeks, frame, doing.ended, day), *_kept(user, row, day))),
        why=None if row.delivered else drivers.why(row, promise, drivers.latest_of(weeks, day)),
        what_if=None if row.delivered else what_if.made(user, row, promise, query=query, day=day),
        scenarios=scenarios.scenarios(user, row, day=day),
    )


def _kept(user: User, row: Deliverable, day: date) -> tuple[Entry, ...]:
    """What was decided of it, and what was changed."""
    return *log_decisions.decided(row, day), *log_changes.changed(user, row, day)


def _rests_on(row: Deliverable) -> set[tuple[str, str]]:
    """Projects and repositories, each with its source's name."""
    own = row.team.scopes.values_list("source__name", "scope")
    return set(own.union(row.scoped.values_list("item__source__name", "item__project")))


def _delivered(user: User, row: Deliverable, day: date) -> Promise:
    return plans.promises(user, day=day, ids=[row.pk], include_delivered=True)[0]


def futures(missing: float) -> tuple[Future, ...]:
    """Ten marks, as many missing as futures in ten miss."""
    misses = (words.percent(missing) + 5) // 10
    return tuple(Future(n < misses, 10 + 28 * (n % 5), 10 + 28 * (n // 5)) for n in range(FUTURES))


def _futures_say(promise: Promise) -> str:
    if promise.missing is None or promise.target is None:
        return ""
    misses = (words.percent(promise.missing) + 5) // 10
    verb = "misses" if misses == 1 else "miss"
    return f"{misses} of {FUTURES} simulated futures {verb} {words.long_day(promise.target, promise.day)}"


def _since_last_week(promise: Promise) -> str:
    if promise.missing is None or promise.missing_before is None:
        return ""
    return f"{words.moved(words.points(promise.missing, promise.missing_before))} since last week"


def _moved(promise: Promise) -> str:
    if not promise.moves or promise.first_target is None or promise.target is None:
        return ""
    first = words.short_day(promise.first_target)
    return f"moved {words.times(promise.moves)}, first {first}"


def _work(promise: Promise) -> str:
    if not promise.items:
        return "No items in its scope"
    return f"{promise.items_done} of {words.plural(promise.items, 'item')} done"


def _stale(promise: Promise, day: date) -> str:
    """That its last word says nothing any more; empty where it does, or where none is asked for."""
    silent = day - (promise.declared_on or promise.start)
    if promise.delivered or silent < STALE:
        return ""
    return f"no word for {words.days(silent.days)}"


def _declared(check_ins: list[CheckIn], day: date) -> Declared | None:
    if not check_ins:
        return None
    last, earlier = check_ins[0], check_ins[1:2]
    level, word = DECLARED[last.status]
    before = earlier[0].confidence if earlier else None
    return Declared(
        level=level,
        word=word,
        sure="" if last.confidence is None else f"{last.confidence}% sure",
        was="" if before is None or before == last.confidence else f"was {before}%",
        note=words.near_day(last.day, day),
    )


def _linked(row: Deliverable, relation: str) -> tuple[Linked, ...]:
    found = getattr(row, relation).filter(delivered__isnull=True, dropped__isnull=True).order_by("title")
    return tuple(Linked(*pair) for pair in found.values_list("pk", "title"))


def _burnup(frame: pd.DataFrame, promise: Promise) -> Figure | None:
    days = [burnup.Day(at, int(scope), int(done)) for at, scope, done in frame.itertuples(index=False)]
    return burnup.figure(promise, days) if days else None


def _history(weeks: list[Forecast], day: date) -> Figure | None:
    past = [history.Past(one.day, one.p50, one.p85, one.target, level_of(one.chance)) for one in weeks]
    return history.figure(past, day) if any(one.p50 for one in past) else None


def _lacks(promise: Promise) -> tuple[str, ...]:
    """Why there is no chance to show; empty where there is one, or the work is delivered."""
    if promise.missing is not None or promise.delivered:
        return ()
    lacks = []
    if promise.target is None:
        lacks.append("No date was promised. The chance to make a date needs a date.")
    if not promise.items:
        lacks.append("No work item is in its scope. Scope is a Jira epic, a fix version, a label or a milestone.")
    return (*lacks, promise.reason) if promise.reason else tuple(lacks)
