"""Bets: all of them with what was learned, and the forms to lay, change and decide one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from dashboards import typed, words
from dashboards.forms import bet as forms
from dashboards.pages import bet_form as page
from dashboards.pages import learning as ledger
from delivery import bets
from delivery.access import can_add_bet, can_edit_bet, visible_bets
from delivery.models import Bet
from delivery.plan_changes import Difference
from delivery.refused import Conflict, Wrong
from teams.access import teams_run

Errors = Mapping[str, Sequence[str]]
ELSEWHERE = {"team": ["You may lay bets for the teams that you run: choose one of these."]}


def learning(request: HttpRequest) -> HttpResponse:
    day = timezone.localdate()
    made = ledger.learning(request.user, request.GET, day=day)
    if request.GET.get("format") == "csv":
        headers = {"Content-Disposition": f'attachment; filename="headway-bets-{day}.csv"'}
        return HttpResponse(ledger.as_csv(made, day), content_type="text/csv; charset=utf-8", headers=headers)
    return render(request, "learning/learning.html", {"page": made})


def bet_new(request: HttpRequest) -> HttpResponse:
    """Lay a bet for a team that the reader runs."""
    run = teams_run(request.user)
    if not run:
        raise PermissionDenied
    data = typed.posted(request)
    if data is None:
        team = str(min(run)) if len(run) == 1 else ""
        first = {"team": team, "owner": str(request.user.pk), "started": timezone.localdate().isoformat()}
        return _form(request, None, first)
    form = forms.BetForm(request.user, None, data)
    if request.method != "POST" or not form.is_valid():
        return _form(request, None, _flat(data), forms.first_errors(form))
    if not can_add_bet(request.user, form.told.team.pk):
        return _form(request, None, _flat(data), ELSEWHERE)
    made = bets.add_bet(form.told)
    messages.success(request, f"“{made.title}” is laid. It waits for its verdict until {_day(made)}.")
    return _shown(made)


def bet_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a bet; who was second sees both versions."""
    found = _found(request, pk)
    data = typed.posted(request)
    if data is None:
        return _form(request, found, forms.values_of(found))
    values = forms.values_of(found) | _flat(data)
    form = forms.BetForm(request.user, found, values)
    if request.method != "POST" or not form.is_valid():
        return _form(request, found, values, forms.first_errors(form))
    if not can_add_bet(request.user, form.told.team.pk):
        return _form(request, found, values, ELSEWHERE)
    try:
        made = bets.change_bet(found, form.told, seen=forms.seen(values["seen"]))
    except Wrong as wrong:
        return _form(request, found, values, {name: [text] for name, text in wrong.errors.items()})
    except Conflict:
        now = _found(request, pk)
        return _form(request, now, values | {"seen": str(now.version)}, clash=bets.bet_differences(now, form.told))
    messages.success(request, f"“{made.title}” is kept.")
    return _shown(made)


def bet_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what came of a bet, or correct what was said."""
    found = _found(request, pk)
    today, data = timezone.localdate(), typed.posted(request)
    if data is None:
        return _verdict(request, found, forms.verdict_of(found, today))
    values = forms.verdict_of(found, today) | _flat(data)
    form = forms.VerdictForm(found, today, values)
    if request.method != "POST" or not form.is_valid():
        return _verdict(request, found, values, forms.first_errors(form))
    try:
        made = bets.decide_bet(found, form.told, by=request.user, today=today, seen=forms.seen(values["seen"]))
    except Wrong as wrong:
        return _verdict(request, found, values, {name: [text] for name, text in wrong.errors.items()})
    except Conflict:
        now = _found(request, pk)
        clash = bets.verdict_differences(now, form.told)
        return _verdict(request, now, values | {"seen": str(now.version)}, clash=clash)
    messages.success(request, f"“{made.title}” counts as {words.word_of(made.verdict).lower()}.")
    return _shown(made)


def _found(request: HttpRequest, pk: int) -> Bet:
    """The bet, for who may change it; 404 where they may not see it."""
    rows = visible_bets(request.user).select_related("team", "goal", "owner", "decided_by")
    found = get_object_or_404(rows, pk=pk)
    if not can_edit_bet(request.user, found):
        raise PermissionDenied
    return found


def _form(
    request: HttpRequest,
    found: Bet | None,
    values: Mapping[str, str],
    errors: Errors | None = None,
    clash: Sequence[Difference] | None = None,
) -> HttpResponse:
    made = page.form_page(request.user, found, values, day=timezone.localdate(), errors=errors, clash=clash)
    return render(request, "learning/form.html", {"page": made})


def _verdict(
    request: HttpRequest,
    found: Bet,
    values: Mapping[str, str],
    errors: Errors | None = None,
    clash: Sequence[Difference] | None = None,
) -> HttpResponse:
    made = page.verdict_page(found, values, errors=errors, clash=clash)
    return render(request, "learning/decide.html", {"page": made})


def _shown(bet: Bet) -> HttpResponse:
    return redirect(f"{reverse('learning')}#bet-{bet.pk}")


def _day(bet: Bet) -> str:
    return words.long_day(bet.decide_by, timezone.localdate())


def _flat(data: Mapping[str, str]) -> dict[str, str]:
    return {name: str(data[name]) for name in data}
