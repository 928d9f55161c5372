"""What people write of deliverables: checked, kept with its history, and refused where somebody else was quicker.

Who may do so is for the caller to ask (delivery.access). The same checks stand behind form, API and import.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from delivery import endings, locks, plan_changes, scope_rules
from delivery.core.cycles import circle
from delivery.goals import FIRST_DAY, LAST_DAY, LONGEST_TEXT, LONGEST_TITLE, slug_problem
from delivery.models import Deliverable, Goal
from delivery.plan_changes import Difference
from delivery.refused import Conflict, Wrong
from people.access import User
from people.models import Person
from teams.models import Team

MOST_ITEMS: Final = 100_000
MOST_ATTEMPTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class DeliverableTold:
    """What a person may say of a deliverable; an empty ``slug`` is made of the title."""

    title: str
    team: Team | None
    start: date
    kind: str = Deliverable.Kind.FEATURE
    owner: Person | None = None
    helping_teams: Sequence[Team] = ()
    goals: Sequence[Goal] = ()
    depends_on: Sequence[Deliverable] = ()
    done_when: str = ""
    priority: int | None = None
    size_low: int | None = None
    size_high: int | None = None
    stage: str = ""
    success_threshold: str = ""
    attempts_done: int = 0
    attempts_low: int | None = None
    attempts_high: int | None = None
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who waits for whom, by slug, and what they are called: what naming a cycle takes."""

    needs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)


def waiting() -> Waiting:
    """Every dependency there is; one query."""
    links = Deliverable.depends_on.through.objects.values_list(
        "from_deliverable__slug", "from_deliverable__title", "to_deliverable__slug", "to_deliverable__title"
    )
    needs: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for slug, title, needed, needed_title in links:
        needs.setdefault(slug, []).append(needed)
        titles |= {slug: title, needed: needed_title}
    return Waiting(needs, titles)


def problems(told: DeliverableTold, *, waiting: Waiting, before: Deliverable | None = None) -> dict[str, str]:
    """Why ``told`` cannot be kept, by field; empty where it can. ``before``: as it stands. No queries."""
    found = _text_problems(told)
    if told.team is None:
        found["team"] = "Choose the team that answers for it."
    elif told.team in told.helping_teams:
        found["helping_teams"] = f"{told.team.name} answers for it already: choose other teams that help, or none."
    if told.kind not in Deliverable.Kind:
        found["kind"] = f"Choose one of: {', '.join(Deliverable.Kind.values)}."
    if not FIRST_DAY <= told.start <= LAST_DAY:
        found["start"] = "Enter a day between 2000 and 2199, such as 2027-01-04."
    if told.priority is not None and not 1 <= told.priority <= 32_767:
        found["priority"] = "Enter a place in the team’s order, such as 1 for the first, or leave it empty."
    found |= _range_problems("size", told.size_low, told.size_high, MOST_ITEMS, "items, such as 8 to 20")
    found |= _experiment_problems(told)
    says = _cycle(told, waiting, before)
    return found | ({"depends_on": says} if says else {})


def _text_problems(told: DeliverableTold) -> dict[str, str]:
    found = {}
    title = told.title.strip()
    if not title:
        found["title"] = "Say in a line what will be delivered, such as “Event schema v3”."
    elif len(title) > LONGEST_TITLE:
        found["title"] = f"Keep it to {LONGEST_TITLE} letters; these are {len(title):,}."
    if len(told.done_when) > LONGEST_TEXT:
        found["done_when"] = f"Keep it to {LONGEST_TEXT:,} letters; these are {len(told.done_when):,}."
    return found | slug_problem(told.slug, "event-schema-v3")


def _range_problems(name: str, low: int | None, high: int | None, most: int, such: str) -> dict[str, str]:
    if low is None and high is None:
        return {}
    if low is None or high is None:
        return {f"{name}_{'low' if low is None else 'high'}": f"Enter both ends of the range, in {such}; or neither."}
    if not 1 <= low <= most:
        return {f"{name}_low": f"Enter a whole number from 1 to {most:,}."}
    if not low <= high <= most:
        return {f"{name}_high": f"The most is at least the fewest: enter {low:,} or more, up to {most:,}."}
    return {}


def _experiment_problems(told: DeliverableTold) -> dict[str, str]:
    if told.kind != Deliverable.Kind.EXPERIMENT:
        said = told.stage or told.success_threshold or told.attempts_done or told.attempts_low or told.attempts_high
        return (
            {"stage": "Only an experiment has a stage and attempts: choose that kind, or empty these."} if said else {}
        )
    found = _range_problems(
        "attempts", told.attempts_low, told.attempts_high, MOST_ATTEMPTS, "attempts, such as 2 to 5"
    )
    if told.stage and told.stage not in Deliverable.Stage:
        found["stage"] = f"Choose one of: {', '.join(Deliverable.Stage.values)}."
    if len(told.success_threshold) > LONGEST_TITLE:
        found["success_threshold"] = f"Keep it to {LONGEST_TITLE} letters, such as “AUC of 0.82 on last month”."
    if not 0 <= told.attempts_done <= MOST_ATTEMPTS:
        found["attempts_done"] = f"Enter how many attempts are behind it, from 0 to {MOST_ATTEMPTS:,}."
    return found


def _cycle(told: DeliverableTold, waiting: Waiting, before: Deliverable | None) -> str:
    me = before.slug if before else told.slug
    if not me:
        return ""
    found = circle(waiting.needs, me, [one.slug for one in told.depends_on])
    if found is None:
        return ""
    titles = {**waiting.titles, **{one.slug: one.title for one in told.depends_on}, me: told.title.strip()}
    if len(found) == 2:
        return f"“{titles[me]}” cannot wait for itself: take it out."
    named = " waits for ".join(f"“{titles[one]}”" for one in found)
    return f"That would be a circle: {named}. Take out one of them."


@transaction.atomic
def add_deliverable(
    told: DeliverableTold, scope: Sequence[scope_rules.ScopeTold] = (), *, by: User, at: datetime
) -> Deliverable:
    """A new deliverable with its scope. Raises Wrong."""
    locks.wait_for(locks.PLANS, 0)
    wrong = problems(told, waiting=waiting()) | scope_rules.problems(scope)
    if told.slug and Deliverable.objects.filter(slug=told.slug).exists():
        wrong["slug"] = f"There is a deliverable called {told.slug} already: choose another name."
    if wrong:
        raise Wrong(wrong)
    slug = told.slug or plan_changes.free_slug_of(Deliverable, told.title)
    row = Deliverable.objects.create(**columns(told), slug=slug)
    _link(row, told)
    plan_changes.keep(row, [Difference("Written down", "", "")], by=by, at=at)
    scope_rules.keep(row, scope)
    return row


@transaction.atomic
def change_deliverable(
    deliverable: Deliverable,
    told: DeliverableTold,
    scope: Sequence[scope_rules.ScopeTold] | None = None,
    *,
    by: User,
    at: datetime,
    seen: int,
    note: str = "",
) -> Deliverable:
    """The deliverable as ``told``, every difference in its history; ``scope`` None leaves its rules as they are.

    ``seen`` is the version that the person looked at. Raises Conflict where it is not the present one, and Wrong.
    """
    locks.wait_for(locks.PLANS, 0)
    row = locked(deliverable)
    if row.version != seen:
        raise Conflict(row)
    wrong = problems(told, waiting=waiting(), before=row) | scope_rules.problems(scope or ())
    if wrong:
        raise Wrong(wrong)
    found = deliverable_differences(row, told)
    if scope is not None:
        found += plan_changes.differences(
            [("Scope", scope_rules.in_words(row.scopes.all()), scope_rules.in_words(scope))]
        )  # type: ignore[attr-defined]
    if not found and not note.strip():
        return row
    for name, value in columns(told).items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    _link(row, told)
    if scope is not None and any(one.what == "Scope" for one in found):
        scope_rules.keep(row, scope)
    plan_changes.keep(row, found or [Difference("Note", "", "")], by=by, at=at, note=note.strip())
    return row


@transaction.atomic
def end_deliverable(
    deliverable: Deliverable,
    *,
    delivered: date | None = None,
    dropped: date | None = None,
    why: str,
    by: User,
    at: datetime,
    seen: int,
) -> Deliverable:
    """Delivered or dropped on a day, or open again (neither); ``why`` goes into the history. Raises Conflict and Wrong."""
    row = locked(deliverable)
    if row.version != seen:
        raise Conflict(row)
    wrong = endings.problems(row, delivered, dropped, why=why, today=timezone.localdate(at))
    if wrong:
        raise Wrong(wrong)
    found = plan_changes.differences([("Delivered", row.delivered, delivered), ("Dropped", row.dropped, dropped)])
    if found:
        row.delivered, row.dropped, row.version = delivered, dropped, row.version + 1
        row.save(update_fields=["delivered", "dropped", "version"])
        plan_changes.keep(row, found, by=by, at=at, note=why.strip())
    return row


def locked(deliverable: Deliverable) -> Deliverable:
    rows = Deliverable.objects.select_for_update(of=("self",)).select_related("owner", "team")
    return rows.get(pk=deliverable.pk)


def as_told(row: Deliverable, **other: Any) -> DeliverableTold:
    """The deliverable as it stands, with some things otherwise; three queries."""
    many = {name: list(getattr(row, name).all()) for name in LINKED}
    return DeliverableTold(**{name: getattr(row, name) for name in _PLAIN} | many | {"slug": row.slug} | other)


_PLAIN: Final = (
    *("title", "team", "start", "kind", "owner", "done_when", "priority", "size_low", "size_high"),
    *("stage", "success_threshold", "attempts_done", "attempts_low", "attempts_high"),
)


def columns(told: DeliverableTold) -> dict[str, Any]:
    """The deliverable's own columns; its slug never changes."""
    texts = {name: getattr(told, name).strip() for name in ("title", "done_when", "success_threshold")}
    return {name: getattr(told, name) for name in _PLAIN} | texts


def deliverable_differences(row: Deliverable, told: DeliverableTold) -> list[Difference]:
    """In words; three queries for what it is linked with."""
    before, after = as_told(row), columns(told)
    pairs: list[tuple[str, Any, Any]] = [
        (LABELS[name], getattr(before, name), after[name]) for name in _PLAIN if name != "kind"
    ]
    pairs.append((LABELS["kind"], row.get_kind_display(), Deliverable.Kind(told.kind).label))
    pairs += [(LABELS[name], tuple(getattr(before, name)), tuple(getattr(told, name))) for name in LINKED]
    return plan_changes.differences(pairs)


LINKED: Final = ("helping_teams", "goals", "depends_on")
LABELS: Final = {
    "title": "Title",
    "kind": "Kind",
    "team": "Team",
    "start": "Start",
    "owner": "Owner",
    "done_when": "Done when",
    "priority": "Order in the team",
    "size_low": "Fewest items",
    "size_high": "Most items",
    "stage": "Stage",
    "success_threshold": "Success threshold",
    "attempts_done": "Attempts so far",
    "attempts_low": "Fewest attempts",
    "attempts_high": "Most attempts",
    "helping_teams": "Helping teams",
    "goals": "Goals",
    "depends_on": "Waits for",
    "scope": "Scope",
}


def _link(row: Deliverable, told: DeliverableTold) -> None:
    row.helping_teams.set(told.helping_teams)
    row.goals.set(told.goals)
    row.depends_on.set(told.depends_on)
