"""The forms of a deliverable: new, changed, at its end; and what its rules take, while one types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date

from dashboards import typed
from dashboards.forms import deliverable as forms
from dashboards.pages import deliverable_form as page
from dashboards.pages.deliverable_clash import versions
from dashboards.views.queued import later_if_away
from delivery import commitments, scope_rules, tasks
from delivery import deliverables as words
from delivery.access import can_add_deliverable, can_edit_deliverable, visible_deliverables
from delivery.deliverables import DeliverableTold
from delivery.models import Deliverable, Scope
from delivery.refused import Conflict, Wrong
from delivery.scope_rules import ScopeTold
from teams.access import teams_run

MORE, COUNT = "more", "count"
STATES = ("", "delivered", "dropped")
STATE = "Choose whether it is open, delivered or dropped."


def deliverable_new(request: HttpRequest) -> HttpResponse:
    run = teams_run(request.user)
    if not run:
        raise PermissionDenied
    data = typed.posted(request)
    day = timezone.localdate()
    if data is None:
        first = {"team": str(min(run)), "owner": str(request.user.pk), "start": day.isoformat(), "kind": "feature"}
        return _form(request, None, first)
    return _write(request, None, data)


def deliverable_edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = _found(request, pk)
    data = typed.posted(request)
    if data is None:
        return _form(request, row, forms.values_of(row))
    return _write(request, row, data)


def deliverable_scope(request: HttpRequest) -> HttpResponse:
    """What the rules typed so far take: a part of the form."""
    if not teams_run(request.user):
        raise PermissionDenied
    values = _flat(typed.posted(request) or QueryDict())
    scope, _, _ = forms.scope_told(request.user, values)
    return render(request, "deliverables/_scope_typed.html", {"counted": page.typing(request.user, values, scope)})


def deliverable_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Delivered or dropped on a day, or open again, with a sentence."""
    row = _found(request, pk, dropped=True)
    data = typed.posted(request)
    today = timezone.localdate().isoformat()
    first = {"state": "delivered" if row.delivered else "dropped" if row.dropped else "", "why": "", "day": today}
    values = first if data is None else {**first, **_flat(data)}
    shown: dict[str, Any] = {"row": row, "values": values, "seen": row.version, "errors": {}}
    if request.method != "POST" or data is None:
        return render(request, "deliverables/end.html", shown)
    state, day = values["state"], _day(values["day"])
    if state not in STATES:
        return render(request, "deliverables/end.html", shown | {"errors": {"state": [STATE]}})
    if state and day is None:
        return render(request, "deliverables/end.html", shown | {"errors": {"day": [forms.A_DAY]}})
    ends = {"delivered": day if state == "delivered" else None, "dropped": day if state == "dropped" else None}
    try:
        words.end_deliverable(row, **ends, why=values["why"], by=request.user, at=timezone.now(), seen=_seen(data))
    except Wrong as wrong:
        errors = {"day" if name in STATES else name: [text] for name, text in wrong.errors.items()}
        return render(request, "deliverables/end.html", shown | {"errors": errors})
    except Conflict as conflict:
        now = {"row": conflict.row, "seen": conflict.row.version, "clash": True}
        return render(request, "deliverables/end.html", shown | now)
    messages.success(request, f"“{row.title}” is {state or 'open again'}.")
    return redirect("deliverables") if state == "dropped" else redirect("deliverable", row.pk)


def _write(request: HttpRequest, row: Deliverable | None, data: QueryDict) -> HttpResponse:
    data = forms.taken(request.user, row, data) if row else data
    scope, wrong, places = forms.scope_told(request.user, _flat(data))
    values = _values(data)
    if request.method != "POST" or data.get("do") in (MORE, COUNT):
        more = {"rows": str(page.rows_of(values) + 2)} if data.get("do") == MORE else {}
        return _form(request, row, values | more, scope=scope)
    form = forms.DeliverableForm(request.user, row, data)
    errors = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    errors |= {name: [text] for name, text in wrong.items()}
    told = form.told() if form.is_valid() else None
    if told is not None:
        errors |= _placed(words.problems(told, waiting=words.waiting(), before=row), places)
        errors |= _placed(scope_rules.problems(scope), places)
        if told.team is not None and not can_add_deliverable(request.user, told.team.pk):
            errors["team"] = ["Choose a team that you run."]
    if not errors:
        errors |= _matching_nothing(scope, places, data, row)
    if told is None or errors:
        return _form(request, row, values, errors, scope=scope)
    return _save(request, row, told, scope, form, values, places)


def _save(
    request: HttpRequest,
    row: Deliverable | None,
    told: DeliverableTold,
    scope: Sequence[ScopeTold],
    form: forms.DeliverableForm,
    values: Mapping[str, Any],
    places: Sequence[int],
) -> HttpResponse:
    more: dict[str, Any] = {"by": request.user, "at": timezone.now()}
    try:
        with transaction.atomic():
            if row is None:
                made = words.add_deliverable(told, scope, **more)
                _promise(request, made, form.cleaned_data["target"])
            else:
                seen = _number(str(values.get("seen", "")))
                made = words.change_deliverable(row, told, scope, seen=seen, note=form.cleaned_data["note"], **more)
    except Wrong as wrong:
        return _form(request, row, values, _placed(wrong.errors, places), scope=scope)
    except Conflict as conflict:
        now: Deliverable = conflict.row
        clash = versions(request.user, now, told, scope)
        return _form(request, now, {**values, "seen": str(now.version)}, clash=clash, scope=scope)
    if Scope.objects.filter(deliverable=made, rule=Scope.Rule.JQL, asked=None).exists():
        with later_if_away():
            tasks.ask_scopes.delay(made.pk)
    messages.success(request, f"“{made.title}” is {'kept' if row else 'written down'}.")
    return redirect("deliverable", made.pk)


def _promise(request: HttpRequest, made: Deliverable, target: date | None) -> None:
    if target is not None:
        commitments.commit(made, target, by=request.user, day=timezone.localdate(), seen=0)


def _matching_nothing(
    scope: Sequence[ScopeTold], places: Sequence[int], data: QueryDict, row: Deliverable | None
) -> dict[str, list[str]]:
    """Rules that take nothing are refused, unless somebody says that their work is still to come, or had them before."""
    if not scope or data.get("allow_empty"):
        return {}
    there = {(one.source_id, one.rule, one.value) for one in row.scopes.all()} if row else set()  # type: ignore[attr-defined]
    found = {}
    for place, one, told in zip(places, scope, page.counted(scope).rules, strict=True):
        is_new = (one.source.pk, one.rule, told.rule.value) not in there
        if is_new and not told.count:
            found[f"scope-{place}-value"] = [f"{told.problem or told.note} Or tick that its work is still to come."]
    return found


def _placed(errors: Mapping[str, str], places: Sequence[int]) -> dict[str, list[str]]:
    """By the row that a rule was typed in."""
    found = {}
    for name, text in errors.items():
        head, _, rest = name.partition("-")
        if head == "scope" and rest:
            place, _, part = rest.partition("-")
            name = f"scope-{places[int(place)]}-{part}"
        found[name] = [text]
    return found


def _form(
    request: HttpRequest, row: Deliverable | None, values: Mapping[str, Any], errors: Any = None, **more: Any
) -> HttpResponse:
    made = page.form_page(request.user, row, values, day=timezone.localdate(), errors=errors, **more)
    return render(request, "deliverables/form.html", {"page": made})


def _found(request: HttpRequest, pk: int, *, dropped: bool = False) -> Deliverable:
    rows = visible_deliverables(request.user).select_related("team", "owner")
    row = get_object_or_404(rows if dropped else rows.filter(dropped=None), pk=pk)
    if not can_edit_deliverable(request.user, row):
        raise PermissionDenied
    return row


def _values(data: QueryDict) -> dict[str, Any]:
    return _flat(data) | {name: data.getlist(name) for name in words.LINKED}


def _flat(data: QueryDict) -> dict[str, str]:
    return {name: str(value) for name, value in data.dict().items()}


def _seen(data: QueryDict) -> int:
    return _number(str(data.get("seen", "")))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
