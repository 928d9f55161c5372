"""Goals: all of them as a tree, one with its story, and its forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from dashboards import typed
from dashboards.forms import goal as forms
from dashboards.pages import goal as one
from dashboards.pages import goal_above as above
from dashboards.pages import goal_form as page
from dashboards.pages import goals as tree
from delivery import fed, goal_sight
from delivery import goals as words
from delivery.access import can_add_goal, can_edit_goal, visible_goals
from delivery.goals import GoalTold
from delivery.key_results import KeyResultTold, key_result_clash
from delivery.models import Goal
from delivery.refused import Conflict, Wrong
from teams.access import groups_run, teams_run

MORE = "more"


def goals(request: HttpRequest) -> HttpResponse:
    day = timezone.localdate()
    made = tree.goals_page(request.user, request.GET, day=day)
    if request.GET.get("format") == "csv":
        headers = {"Content-Disposition": f'attachment; filename="headway-goals-{day}.csv"'}
        return HttpResponse(tree.as_csv(made.fitting, day), content_type="text/csv; charset=utf-8", headers=headers)
    return render(request, "goals/goals.html", {"page": made})


def goal(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    return render(request, "goals/goal.html", {"page": one.goal_page(request.user, found, day=timezone.localdate())})


def goal_new(request: HttpRequest) -> HttpResponse:
    """Write a goal down, for whom the reader may."""
    user = request.user
    run = teams_run(user)
    if not (run or groups_run(user) or can_add_goal(user)):
        raise PermissionDenied
    data = typed.posted(request)
    if data is None:
        first = {"level": "team", "team": str(min(run, default="")), "owner": str(user.pk), "ambition": "committed"}
        return _form(request, None, {**first, "parent": request.GET.get("parent", "")})
    form, told, results, errors, places = _read(request, None, data)
    if request.method != "POST" or data.get("do") == MORE:
        return _form(request, None, _more(data))
    if told is None or errors:
        return _form(request, None, data.dict(), errors)
    if not can_add_goal(user, team=_whose(told, "team"), group=_whose(told, "group")):
        errors = {"level": ["You may write goals down for the teams and groups that you run: choose one of these."]}
        return _form(request, None, data.dict(), errors)
    try:
        made = words.add_goal(told, results, by=user, at=timezone.now())
    except Wrong as wrong:
        return _form(request, None, data.dict(), _placed(wrong.errors, places))
    fed.feed_goal(made, at=timezone.now())
    messages.success(request, f"“{made.title}” is written down.")
    return redirect("goal", made.pk)


def goal_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a goal; who was second sees both versions."""
    found = _found(request, pk)
    if not can_edit_goal(request.user, found):
        raise PermissionDenied
    data = typed.posted(request)
    if data is None:
        return _form(request, found, forms.values_of(found, timezone.localdate()))
    form, told, results, errors, places = _read(request, found, data)
    if request.method != "POST" or data.get("do") == MORE:
        return _form(request, found, _more(data))
    if told is None or errors:
        return _form(request, found, data.dict(), errors)
    if not can_add_goal(request.user, team=_whose(told, "team"), group=_whose(told, "group")):
        errors = {"level": ["It would go to where you may not write goals down: choose a team or group that you run."]}
        return _form(request, found, data.dict(), errors)
    try:
        made = words.change_goal(
            found, told, results, by=request.user, at=timezone.now(), seen=_seen(data), note=form.cleaned_data["note"]
        )
    except Wrong as wrong:
        return _form(request, found, data.dict(), _placed(wrong.errors, places))
    except Conflict as conflict:
        now: Goal = conflict.row
        above.demand_sight(request.user, now)
        values = {**data.dict(), **forms.unseen_key_results(now, _flat(data)), "seen": str(now.version)}
        clash = [*above.clash(request.user, now, told), *key_result_clash(now, results)]
        return _form(request, now, values, clash=clash)
    fed.feed_goal(made, at=timezone.now())
    messages.success(request, "Saved. What was changed is in its history.")
    return redirect("goal", made.pk)


def goal_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a goal under another one, by keyboard as well as by mouse."""
    found = _found(request, pk)
    if not can_edit_goal(request.user, found):
        raise PermissionDenied
    day = timezone.localdate()
    parents = page.parents_of(request.user, found, day)
    data = typed.posted(request)
    none = above.no_other(request.user, found)
    now = "" if none == above.STAYS else str(found.parent_id or "")
    chosen = now if data is None else str(data.get("parent", now))
    shown = {"goal": found, "parents": parents, "none": none, "chosen": chosen, "seen": found.version, "error": ""}
    if request.method != "POST" or data is None:
        return render(request, "goals/move.html", shown)
    if chosen and chosen not in parents:
        return render(request, "goals/move.html", shown | {"error": "Choose one of the list, or none."})
    parent = get_object_or_404(visible_goals(request.user), pk=int(chosen)) if chosen else None
    try:
        made = words.move_goal(found, parent, by=request.user, at=timezone.now(), seen=_seen(data))
    except Wrong as wrong:
        return render(request, "goals/move.html", shown | {"error": " ".join(wrong.errors.values())})
    except Conflict as conflict:
        row: Goal = conflict.row
        above.demand_sight(request.user, row)
        clash = {"clash": above.serves(request.user, row), "none": above.no_other(request.user, row)}
        return render(request, "goals/move.html", shown | clash | {"goal": row, "seen": row.version})
    messages.success(request, f"“{found.title}” {above.serves(request.user, made)}.")
    return redirect(f"{reverse('goals')}?open={','.join(_above(request, parent))}#goal-{found.pk}")


def goal_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a goal up with a sentence, or take it up again."""
    found = _found(request, pk)
    if not can_edit_goal(request.user, found):
        raise PermissionDenied
    data = typed.posted(request)
    shown: dict[str, Any] = {
        "goal": found,
        "why": "" if data is None else data.get("why", ""),
        "seen": found.version,
        "errors": {},
    }
    if request.method != "POST" or data is None:
        return render(request, "goals/drop.html", shown)
    day = None if found.dropped else timezone.localdate()
    try:
        words.drop_goal(found, day=day, why=data.get("why", ""), by=request.user, at=timezone.now(), seen=_seen(data))
    except Wrong as wrong:
        return render(request, "goals/drop.html", shown | {"errors": {k: [v] for k, v in wrong.errors.items()}})
    except Conflict as conflict:
        above.demand_sight(request.user, conflict.row)
        return render(
            request, "goals/drop.html", shown | {"goal": conflict.row, "seen": conflict.row.version, "clash": True}
        )
    messages.success(request, f"“{found.title}” is {'dropped' if day else 'taken up again'}.")
    return redirect("goal", found.pk)


def _above(request: HttpRequest, parent: Goal | None) -> list[str]:
    """The goals to unfold for one below ``parent`` to be seen; a query for each level."""
    found: list[str] = []
    while parent is not None:
        found.append(str(parent.pk))
        parent = visible_goals(request.user).filter(pk=parent.parent_id or 0).first()
    return found


def _read(
    request: HttpRequest, before: Goal | None, data: QueryDict
) -> tuple[forms.GoalForm, GoalTold | None, list[KeyResultTold], dict[str, list[str]], list[int]]:
    form = forms.GoalForm(request.user, before, data)
    results, wrong, places = forms.key_results_told(data.dict())  # type: ignore[arg-type]
    errors = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    if form.is_valid():
        told = form.told()
        wrong_here = words.problems(told, around=words.around(before), before=before)
        if before is not None:
            wrong_here = goal_sight.unsaid(before, wrong_here, request.user)
        errors |= _placed(wrong_here, places)
    else:
        told = None
    return form, told, results, errors | {name: [text] for name, text in wrong.items()}, places


def _placed(errors: Mapping[str, str], places: Sequence[int]) -> dict[str, list[str]]:
    """By the row that a key result was typed in, and by the field that a day was typed in."""
    found = {}
    for name, text in errors.items():
        head, _, rest = name.partition("-")
        if head == "kr":
            place, _, part = rest.partition("-")
            name = f"kr-{places[int(place)]}-{part}"
        found[{"end": "last_day", "start": "first_day"}.get(name, name)] = [text]
    return found


def _flat(data: QueryDict) -> dict[str, str]:
    return {name: str(value) for name, value in data.dict().items()}


def _whose(told: GoalTold, level: str) -> int | None:
    row = getattr(told, level)
    return row.pk if row is not None and told.level == level else None


def _more(data: QueryDict) -> dict[str, Any]:
    rows = str(data.get("rows", ""))
    return (
        {**data.dict(), "rows": str(int(rows) + 2)}
        if rows.isascii() and rows.isdigit() and len(rows) < 3
        else data.dict()
    )


def _seen(data: QueryDict) -> int:
    seen = str(data.get("seen", ""))
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0


def _form(
    request: HttpRequest, found: Goal | None, values: Mapping[str, Any], errors: Any = None, clash: Any = None
) -> HttpResponse:
    made = page.form_page(request.user, found, values, day=timezone.localdate(), errors=errors, clash=clash)
    return render(request, "goals/form.html", {"page": made})


def _found(request: HttpRequest, pk: int) -> Goal:
    return get_object_or_404(visible_goals(request.user).select_related("team", "group", "owner", "parent"), pk=pk)
