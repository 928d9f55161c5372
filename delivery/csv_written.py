"""Deliverables of a file kept all at once, with their links, scope, promised days and history, in few queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from django.utils import timezone

from delivery import plan_changes, scope_rules, scopes
from delivery.csv_kinds import Draft, World, by
from delivery.deliverables import LINKED
from delivery.forecast_rows import chance_of
from delivery.models import Commitment, Deliverable, Forecast, PlanChange, Scope
from delivery.plan_changes import Difference
from delivery.promise_facts import FRESH_DAYS

_ENDS: Final = {
    "helping_teams": ("deliverable", "team"),
    "goals": ("deliverable", "goal"),
    "depends_on": ("from_deliverable", "to_deliverable"),
}
_BATCH: Final = 1000


def write_all(world: World, drafts: Sequence[Draft], fields: Sequence[str], labels: Mapping[str, str]) -> None:
    """``fields`` are the columns of their rows; ``labels`` what their history calls what was changed."""
    rows = [draft.row for draft in drafts]
    for draft in drafts:
        draft.row.version += draft.before is not None
    Deliverable.objects.bulk_create([one for one in rows if one.pk is None], batch_size=_BATCH)
    Deliverable.objects.bulk_create(
        [draft.row for draft in drafts if draft.before is not None],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[*fields, "delivered", "dropped", "version"],
        batch_size=_BATCH,
    )
    for name in LINKED:
        _link(drafts, name)
    _keep_promises(world, drafts)
    _keep_scopes(drafts)
    found = (plan_changes.rows_of(one.row, _differences(one, labels), by=by(world), at=world.now) for one in drafts)
    PlanChange.objects.bulk_create([row for rows in found for row in rows], batch_size=_BATCH)


def ends_of(name: str) -> tuple[str, str]:
    """What the rows of a link call the deliverable, and what it is linked with."""
    return _ENDS[name]


def _link(drafts: Sequence[Draft], name: str) -> None:
    """Links that the person cannot see are in neither before nor after, and stay."""
    through: Any = getattr(Deliverable, name).through
    own, column = ends_of(name)
    new, gone = [], []
    for draft in drafts:
        before = {one.pk for one in draft.before[name]} if draft.before is not None else set()
        after = {one.pk for one in draft.after[name]}
        new += [through(**{f"{own}_id": draft.row.pk, f"{column}_id": pk}) for pk in sorted(after - before)]
        gone += [(draft.row.pk, pk) for pk in before - after]
    if gone:
        old = through.objects.filter(**{f"{own}__in": {mine for mine, _ in gone}})
        pairs = old.values_list("pk", f"{own}_id", f"{column}_id")
        leaving = set(gone)
        through.objects.filter(pk__in=[pk for pk, mine, other in pairs if (mine, other) in leaving]).delete()
    through.objects.bulk_create(new, batch_size=_BATCH, ignore_conflicts=True)


def _keep_promises(world: World, drafts: Sequence[Draft]) -> None:
    moved = [draft for draft in drafts if draft.after["promised"] and _differs(draft, "promised")]
    today = timezone.localdate(world.now)
    forecasts = _forecasts([draft.row.pk for draft in moved], today)
    Commitment.objects.bulk_create(
        [
            Commitment(
                deliverable=draft.row,
                given=_given(world, draft, today),
                target=draft.after["promised"],
                by=plan_changes.person(by(world)),
                cause=draft.after["slip_cause"],
                note=draft.after["slip_note"],
                chance=_chance(forecasts.get(draft.row.pk), draft, world, today),
            )
            for draft in moved
        ],
        batch_size=_BATCH,
    )


def _given(world: World, draft: Draft, today: date) -> date:
    return today if draft.row.pk in world.promises else draft.after["promised_on"] or today


def _chance(forecast: Forecast | None, draft: Draft, world: World, today: date) -> float | None:
    """Of a promise that is given today; of an earlier one nobody said it then."""
    if forecast is None or _given(world, draft, today) != today:
        return None
    return chance_of(forecast, draft.after["promised"])


def _forecasts(deliverables: Sequence[int], day: date) -> dict[int, Forecast]:
    fresh = Forecast.objects.filter(day__lte=day, day__gt=day - timedelta(days=FRESH_DAYS)).exclude(quantiles=[])
    return {one.deliverable_id: one for one in fresh.filter(deliverable__in=deliverables).order_by("day")}


def _keep_scopes(drafts: Sequence[Draft]) -> None:
    new, gone, touched = [], [], []
    for draft in drafts:
        if not _differs(draft, "scope"):
            continue
        there = {_rule(one): one.pk for one in (draft.before["scope"] if draft.before is not None else ())}
        wanted = {_rule(one): one for one in draft.after["scope"]}
        gone += [pk for key, pk in there.items() if key not in wanted]
        new += [
            Scope(deliverable=draft.row, source=one.source, rule=one.rule, value=one.value)
            for key, one in wanted.items()
            if key not in there
        ]
        touched.append(draft.row)
    Scope.objects.filter(pk__in=gone).delete()
    Scope.objects.bulk_create(new, batch_size=_BATCH)
    if new or gone:
        scopes.resolve(deliverables=touched)


def _rule(one: Any) -> tuple[int, str, str]:
    return one.source.pk, one.rule, one.value


def _differs(draft: Draft, name: str) -> bool:
    """A new one differs where something is said."""
    return bool(draft.after[name]) if draft.before is None else name in draft.changed


def _differences(draft: Draft, labels: Mapping[str, str]) -> list[Difference]:
    """Promised days have their own history."""
    if draft.before is None:
        return [Difference("Written down", "", "")]
    pairs = [(what, _value(draft.before[name]), _value(draft.after[name])) for name, what in labels.items()]
    if "scope" in draft.changed:
        rules = (scope_rules.in_words(values["scope"]) for values in (draft.before, draft.after))
        pairs.append(("Scope", *rules))  # type: ignore[arg-type]
    return plan_changes.differences(pairs)


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else value
