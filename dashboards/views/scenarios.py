"""What-ifs that are kept, compared, proposed and decided."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from dashboards import typed as typed_before
from dashboards.forms.what_if import Decide, Keep, WhatIf
from dashboards.pages import scenarios as pages
from dashboards.pages import what_if_words
from dashboards.views.queued import later_if_away
from delivery import access, tasks
from delivery import scenarios as kept
from delivery.models import Deliverable, Scenario
from delivery.open_levers import open_levers
from people.access import is_known
from people.models import Person


def scenarios(request: HttpRequest, pk: int) -> HttpResponse:
    """All that were kept of a deliverable, and those of ``?compare=`` side by side."""
    row = _deliverable(request, pk)
    asked = [int(text) for text in request.GET.getlist("compare") if text.isdecimal() and len(text) < 18]
    page = pages.scenarios(request.user, row, day=timezone.localdate(), compare=asked)
    return render(request, "deliverables/scenarios.html", {"page": page})


def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is tried under a name, and with ``propose`` put it before somebody."""
    row, day = _deliverable(request, pk), timezone.localdate()
    if not access.can_propose_scenario(request.user, row):
        raise PermissionDenied
    to = access.deciders(row)
    if request.method != "POST":
        return _keeping(request, row, to, "")
    typed = Keep(request.POST)
    if not typed.is_valid():
        return _keeping(request, row, to, "Shorten the name to 200 letters and the note to 4,000.")
    query = QueryDict(typed.cleaned_data["query"])
    form = WhatIf(query, row, open_levers(row, day=day), day=day)
    if not form.is_valid():
        return _keeping(request, row, to, " ".join(str(texts[0]) for texts in form.errors.values()))
    names = what_if_words.names(form.levers)
    name = typed.cleaned_data["name"] or what_if_words.doing(form.levers, names, day)
    try:
        made = kept.keep(
            row,
            form.levers,
            name=name,
            by=_me(request),
            day=day,
            now=timezone.now(),
            proposal=_proposal(request, typed, to),
        )
    except kept.ScenarioError as error:
        return _keeping(request, row, to, str(error))
    said = f"“{made.name}” is proposed to {made.proposed_to}." if made.proposed_to else f"“{made.name}” is kept."
    messages.success(request, said)
    return redirect(f"{reverse('deliverable', args=[row.pk])}#scenarios")


def propose(request: HttpRequest, pk: int) -> HttpResponse:
    found = _scenario(request, pk)
    if request.method != "POST":
        return _deciding(request, found)
    if not access.can_propose_scenario(request.user, found.deliverable):
        raise PermissionDenied
    to = access.deciders(found.deliverable)
    try:
        if not to:
            raise kept.ScenarioError("Nobody may decide about it: give its team a lead or a manager first.")
        kept.propose(found, kept.Proposal(to[0]), day=timezone.localdate(), now=timezone.now())
    except kept.ScenarioError as error:
        return _refused(request, found, str(error))
    return _done(request, found, f"“{found.name}” is proposed to {to[0].name}.")


def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide for it: what Headway keeps changes at once, the rest becomes actions, and the team is forecast anew."""
    found = _to_decide(request, pk)
    if request.method != "POST":
        return _deciding(request, found)
    form = Decide(request.POST)
    if not form.is_valid():
        return _refused(request, found, "Choose a cause among those shown, and shorten the note to 4,000 letters.")
    told = form.cleaned_data
    try:
        done = kept.accept(
            found,
            by=_me(request),
            day=timezone.localdate(),
            now=timezone.now(),
            note=told["note"],
            cause=told["cause"],
        )
    except kept.ScenarioError as error:
        return _refused(request, found, str(error))
    with later_if_away():
        tasks.forecast_team.delay(team_id=found.deliverable.team_id)
    return _done(request, found, f"“{found.name}” is accepted. {' '.join(done)} A new forecast is on its way.")


def decline(request: HttpRequest, pk: int) -> HttpResponse:
    found = _to_decide(request, pk)
    if request.method != "POST":
        return _deciding(request, found)
    form = Decide(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else request.POST.get("note", "")[:4000]
    try:
        kept.decline(found, by=_me(request), now=timezone.now(), note=note)
    except kept.ScenarioError as error:
        return _refused(request, found, str(error))
    return _done(request, found, f"“{found.name}” is declined. Nothing changes.")


def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    found = _scenario(request, pk)
    if request.method != "POST":
        return _deciding(request, found)
    if not access.can_withdraw_scenario(request.user, found):
        raise PermissionDenied
    try:
        kept.withdraw(found)
    except kept.ScenarioError as error:
        return _refused(request, found, str(error))
    return _done(request, found, f"“{found.name}” is withdrawn.")


def _me(request: HttpRequest) -> Person:
    if not is_known(request.user):
        raise PermissionDenied
    return request.user


def _deliverable(request: HttpRequest, pk: int) -> Deliverable:
    rows = access.visible_deliverables(request.user).filter(dropped=None).select_related("team", "owner")
    return get_object_or_404(rows, pk=pk)


def _scenario(request: HttpRequest, pk: int) -> Scenario:
    rows = access.visible_scenarios(request.user).select_related("deliverable__team", "deliverable__owner")
    return get_object_or_404(rows, pk=pk)


def _to_decide(request: HttpRequest, pk: int) -> Scenario:
    found = _scenario(request, pk)
    if not access.can_decide_scenario(request.user, found):
        raise PermissionDenied
    return found


def _proposal(request: HttpRequest, typed: Keep, to: list[Person]) -> kept.Proposal | None:
    """To whom it is put, where that was asked for. Raises ScenarioError for somebody who may not decide."""
    if "propose" not in request.POST:
        return None
    chosen = typed.cleaned_data["to_whom"] or (to[0].pk if to else None)
    for one in to:
        if one.pk == chosen:
            return kept.Proposal(one, typed.cleaned_data["note"])
    raise kept.ScenarioError("Choose somebody who may decide about it: its owner, lead, manager or a director.")


def _keeping(request: HttpRequest, row: Deliverable, to: list[Person], wrong: str) -> HttpResponse:
    values = typed_before.posted(request) or request.GET
    context = {"row": row, "to": to, "wrong": wrong, "values": values}
    return render(request, "deliverables/scenario_keep.html", context, status=400 if wrong else 200)


def _refused(request: HttpRequest, found: Scenario, said: str) -> HttpResponse:
    """The list with what stands in the way, and with what was typed."""
    page = pages.scenarios(request.user, found.deliverable, day=timezone.localdate(), compare=[found.pk])
    typed = {name: request.POST.get(name, "") for name in ("note", "cause")}
    context = {"page": replace(page, wrong=said, about=found.pk, typed=typed)}
    return render(request, "deliverables/scenarios.html", context, status=409)


def _deciding(request: HttpRequest, found: Scenario) -> HttpResponse:
    """The form again for who had to sign in first, with what was typed."""
    data = typed_before.back(request) or QueryDict()
    page = pages.scenarios(request.user, found.deliverable, day=timezone.localdate(), compare=[found.pk])
    typed = {name: data.get(name, "") for name in ("note", "cause")}
    return render(request, "deliverables/scenarios.html", {"page": replace(page, about=found.pk, typed=typed)})


def _done(request: HttpRequest, found: Scenario, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect(f"{reverse('deliverable', args=[found.deliverable_id])}#log-title")
