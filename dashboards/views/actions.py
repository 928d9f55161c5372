"""Actions: all of them, one with its history, adding one, and changing its state in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from dashboards import typed
from dashboards.forms.action import EditAction, MoveAction, NewAction, edited
from dashboards.pages import actions as page
from delivery import actions as words
from delivery.access import (
    can_add_action,
    can_edit_action,
    can_move_action,
    possible_owners,
    visible_actions,
    visible_deliverables,
)
from delivery.models import Action, Deliverable


def actions(request: HttpRequest) -> HttpResponse:
    day = timezone.localdate()
    made = page.actions_page(request.user, request.GET, day=day)
    if request.GET.get("format") == "csv":
        headers = {"Content-Disposition": f'attachment; filename="headway-actions-{day}.csv"'}
        return HttpResponse(page.as_csv(made.lines, day), content_type="text/csv; charset=utf-8", headers=headers)
    return render(request, "actions/actions.html", {"page": made})


def action_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add one by hand to a deliverable."""
    row = get_object_or_404(visible_deliverables(request.user).select_related("team"), pk=pk, dropped__isnull=True)
    if not can_add_action(request.user, row):
        raise PermissionDenied
    data = typed.posted(request)
    if data is None:
        return _new(request, row, {"kind": Action.Kind.OTHER, "owner": str(request.user.pk)})
    form = NewAction(data, chosen=timezone.localdate())
    if request.method != "POST" or not form.is_valid():
        return _new(request, row, data.dict(), form.errors)
    told = form.cleaned_data
    made = words.add_action(
        form.told(), by=request.user, deliverable=row, kind=told["kind"], why=told["why"], expected=form.expected
    )
    messages.success(request, f"“{made.title}” is added.")
    return redirect(f"{reverse('deliverable', args=[row.pk])}#actions")


def action_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """One action: its form for who may change it, and its history for everybody."""
    found = _found(request, pk)
    data = typed.posted(request)
    if data is None:
        return _edit(request, found, edited(found))
    if not can_move_action(request.user, found):
        raise PermissionDenied
    form, told = _told(request, found, data)
    if request.method != "POST" or not form.is_valid():
        return _edit(request, found, {**edited(found), **data.dict()}, form.errors)
    return _changed(request, found, told or form.told(), data)  # type: ignore[union-attr]


def action_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the state in place, from the panel of its deliverable; who had to sign in first gets the whole form."""
    found = _found(request, pk)
    if request.method != "POST":
        before = typed.back(request) or QueryDict()
        return _edit(request, found, {**edited(found), **before.dict()})
    if not can_move_action(request.user, found):
        raise PermissionDenied
    form = MoveAction(request.POST)
    if not form.is_valid():
        return _edit(request, found, edited(found), form.errors)
    return _changed(request, found, _moved(found, form), request.POST)


def _told(request: HttpRequest, found: Action, data: QueryDict) -> tuple[EditAction | MoveAction, words.Told | None]:
    """The form that the reader may send; whose own action it is changes nothing but its state."""
    if can_edit_action(request.user, found):
        return EditAction(data, before=found), None
    form = MoveAction(data)
    return form, _moved(found, form) if form.is_valid() else None


def _moved(found: Action, form: MoveAction) -> words.Told:
    return words.Told(found.title, found.owner, found.due, form.cleaned_data["state"])


def _changed(request: HttpRequest, found: Action, told: words.Told, data: QueryDict) -> HttpResponse:
    seen = data.get("seen", "")
    note = str(data.get("note", ""))[:2000]
    try:
        made = words.change(
            found, told, by=request.user, seen=int(seen) if seen.isdecimal() else 0, note=note.replace("\0", "")
        )
    except words.Conflict as conflict:
        now = conflict.action
        values = {**edited(now), **data.dict(), "seen": str(now.version)}
        return _edit(request, now, values, theirs=_theirs(now))
    except words.Wrong as wrong:
        return _edit(request, found, {**edited(found), **data.dict()}, {k: [v] for k, v in wrong.errors.items()})
    messages.success(request, f"“{made.title}” is {made.get_state_display().lower()}.")
    if made.deliverable_id is None:
        return redirect("action_edit", made.pk)
    return redirect(f"{reverse('deliverable', args=[made.deliverable_id])}#actions")


def _theirs(now: Action) -> tuple[tuple[str, str], ...]:
    """The action as somebody else left it."""
    owner = now.owner.name if now.owner else "Nobody yet"
    return (
        ("What", now.title),
        ("Owner", owner),
        ("Due", f"{now.due:%-d %B %Y}"),
        ("State", now.get_state_display()),
    )


def _new(
    request: HttpRequest, row: Deliverable, values: Mapping[str, Any], errors: Mapping[str, Any] | None = None
) -> HttpResponse:
    shown = {"deliverable": row, "values": values, "errors": errors or {}, "owners": list(possible_owners())}
    return render(request, "actions/new.html", {**shown, "kinds": Action.Kind.choices})


def _edit(
    request: HttpRequest,
    found: Action,
    values: Mapping[str, Any],
    errors: Mapping[str, Any] | None = None,
    theirs: tuple[tuple[str, str], ...] = (),
) -> HttpResponse:
    day, may = timezone.localdate(), can_edit_action(request.user, found)
    shown = {
        "action": found,
        "line": page.line(found, day, may=False),
        "values": values,
        "errors": errors or {},
        "theirs": theirs,
        "may_edit": may,
        "may_move": may or can_move_action(request.user, found),
        "owners": list(possible_owners()) if may else [],
        "states": Action.State.choices,
        "history": page.history(found, day),
    }
    return render(request, "actions/edit.html", shown)


def _found(request: HttpRequest, pk: int) -> Action:
    rows = visible_actions(request.user).select_related("owner", "deliverable__team", "risk__goal")
    return get_object_or_404(rows, pk=pk)
