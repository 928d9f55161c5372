"""Subscriptions: one's own, and for a director everybody's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST

from dashboards import typed
from dashboards.access import can_see_delivery_log, can_subscribe_others, visible_subscriptions
from dashboards.digest import standing, subscriptions
from dashboards.digest.form import SubscriptionForm, first_values, typed_values
from dashboards.digest.listed import READER, listed
from dashboards.models import Subscription
from dashboards.models.subscription import BY_READER
from dashboards.views.queued import hand_over_soon
from dashboards.views.signed_in import reader
from delivery.refused import Conflict, Wrong
from teams.access import visible_groups, visible_teams

LONGEST_QUERY = 500


def digest_subscription(request: HttpRequest) -> HttpResponse:
    """One's own."""
    row = _own(request)
    data = typed.posted(request)
    if data is None:
        return _form(request, row, first_values(row))
    form = SubscriptionForm(data, user=request.user, before=row, outside=False)
    if request.method != "POST" or not form.is_valid():
        return _form(request, row, typed_values(data), form.errors)
    try:
        subscriptions.subscribe(
            reader(request), form.told(), by=reader(request), now=timezone.now(), seen=_seen(data.get("seen"))
        )
    except Conflict as clash:
        return _form(request, clash.row, typed_values(data) | {"seen": clash.row.version}, clash=True)
    except Wrong as wrong:
        return _form(request, row, typed_values(data), {name: [says] for name, says in wrong.errors.items()})
    messages.success(request, "Kept. Your next digest comes as you said.")
    return redirect("digest_subscription")


def _own(request: HttpRequest) -> Subscription | None:
    return visible_subscriptions(request.user).filter(person=request.user.pk).select_related("person", "by").first()


def _seen(told: str | None) -> int:
    return int(told) if told and told.isdecimal() and len(told) < 10 else subscriptions.NONE_YET


def _form(
    request: HttpRequest, row: Subscription | None, values: dict[str, Any], errors: Any = None, *, clash: bool = False
) -> HttpResponse:
    return render(request, "digest/subscription.html", _context(request, row, values, errors, clash))


def _context(request: HttpRequest, row: Subscription | None, values: Any, errors: Any, clash: bool) -> dict[str, Any]:
    return {
        "row": row,
        "values": values,
        "errors": errors,
        "clash": clash,
        "now_so": first_values(row) if clash else None,
        "groups": [(str(pk), name) for pk, name in visible_groups(request.user).values_list("pk", "name")],
        "teams": _teams(request, values["teams"]),
        "weekdays": [(str(value), label) for value, label in Subscription.Weekday.choices],
        "hours": [(str(hour), f"{hour:02d}:00") for hour in range(24)],
        "chats": [("", "No chat"), *Subscription.Chat.choices],
        "may_subscribe_others": can_subscribe_others(request.user),
        "may_see_log": can_see_delivery_log(request.user),
        "today": timezone.localdate(),
    }


def _teams(request: HttpRequest, chosen: Sequence[str]) -> list[tuple[str, str]]:
    """An archived one only where it is chosen: it is not dropped because somebody changes the hour."""
    there = Q(archived=False) | Q(pk__in=[pk for pk in chosen if pk.isdecimal() and len(pk) < 10])
    rows = visible_teams(request.user).filter(there).order_by("name")
    return [(str(row.pk), f"{row.name} (archived)" if row.archived else row.name) for row in rows]


def digest_readers(request: HttpRequest) -> HttpResponse:
    """All readers, and the form for another one."""
    _demand(request)
    data = typed.posted(request)
    if data is None:
        return _readers(request, first_values(None, reader(request).timezone))
    outside = not subscriptions.may_log_in(data.get("email", ""))
    form = SubscriptionForm(data, user=request.user, before=None, outside=outside)
    if request.method != "POST" or not form.is_valid():
        return _readers(request, typed_values(data), form.errors)
    try:
        row = subscriptions.invite(data.get("email", ""), form.told(), by=reader(request), now=timezone.now())
    except Wrong as wrong:
        return _readers(request, typed_values(data), {name: [says] for name, says in wrong.errors.items()})
    if row.person_id is None:
        hand_over_soon(list(row.deliveries.filter(kind="confirm").values_list("pk", flat=True)))
        messages.success(request, f"{row.email} is asked by e-mail, and gets the digest once they say yes.")
    else:
        messages.success(request, f"{row} gets the digest from now on.")
    return redirect("digest_readers")


def _readers(request: HttpRequest, values: dict[str, Any], errors: Any = None) -> HttpResponse:
    rows = visible_subscriptions(request.user).select_related("person", "by").prefetch_related("groups", "teams")
    context = _context(request, None, values, errors, clash=False)
    return render(
        request, "digest/readers.html", context | {"list": listed(rows, request.GET, READER), "outside": True}
    )


def _demand(request: HttpRequest) -> None:
    if not can_subscribe_others(request.user):
        raise PermissionDenied


def digest_reader(request: HttpRequest, pk: int) -> HttpResponse:
    """Change somebody else's."""
    _demand(request)
    row = get_object_or_404(visible_subscriptions(request.user).select_related("person", "by"), pk=pk)
    data = typed.posted(request)
    if data is None:
        return _reader(request, row, first_values(row))
    form = SubscriptionForm(data, user=request.user, before=row, outside=row.person_id is None)
    if request.method != "POST" or not form.is_valid():
        return _reader(request, row, typed_values(data), form.errors)
    try:
        seen = _seen(data.get("seen"))
        row = subscriptions.change(row, form.told(), by=reader(request), now=timezone.now(), seen=seen)
    except Conflict as clash:
        return _reader(request, clash.row, typed_values(data) | {"seen": clash.row.version}, clash=True)
    except Wrong as wrong:
        return _reader(request, row, typed_values(data), {name: [says] for name, says in wrong.errors.items()})
    messages.success(request, f"The digest of {row} is kept as you said.")
    return redirect("digest_readers")


def _reader(
    request: HttpRequest, row: Subscription, values: dict[str, Any], errors: Any = None, *, clash: bool = False
) -> HttpResponse:
    context = _context(request, row, values, errors, clash) | {"outside": row.person_id is None}
    return render(request, "digest/reader.html", context)


@require_POST
def digest_reader_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause, go on, stop, start again, or ask an address once more: of one's own, and for a director of everybody's."""
    row = get_object_or_404(visible_subscriptions(request.user).select_related("person"), pk=pk)
    try:
        messages.success(request, _change_state(request, row))
    except Wrong as wrong:
        messages.error(request, " ".join(wrong.errors.values()))
    among_readers = can_subscribe_others(request.user) and request.POST.get("from") == "readers"
    own = row.person_id == request.user.pk and not among_readers
    if own:
        return redirect("digest_subscription")
    shown = QueryDict(request.POST.get("shown", "")[:LONGEST_QUERY]).urlencode()
    return redirect(f"{reverse('digest_readers')}{f'?{shown}' if shown else ''}")


def _change_state(request: HttpRequest, row: Subscription) -> str:
    now, what = timezone.now(), request.POST.get("do")
    if what == "pause":
        until = _until(request.POST.get("until", ""))
        standing.pause(row, until, today=timezone.localdate())
        return f"Paused until {until:%-d %B %Y}."
    if what == "resume":
        standing.pause(row, None, today=timezone.localdate())
        return "The pause is over."
    if what == "ask" and row.person_id is None:
        subscriptions.ask_again(row, now=now)
        hand_over_soon(list(row.deliveries.filter(kind="confirm", state="waiting").values_list("pk", flat=True)))
        return f"{row.email} is asked once more."
    if what == "start":
        standing.start(row, by=reader(request), now=now)
        return "It comes again."
    if what != "stop":
        raise Wrong({"do": "Nothing was changed: use one of the buttons beside the reader."})
    by = BY_READER if row.person_id == request.user.pk else f"Stopped by {reader(request).name}."
    standing.stop(row, now=now, why=by)
    return "Stopped: no digest goes there any more."


def _until(told: str) -> date:
    """A week from today where nothing is told. Raises Wrong."""
    try:
        found = parse_date(told) if told else timezone.localdate() + timedelta(weeks=1)
    except ValueError:
        found = None
    if found is None:
        raise Wrong({"until": "Write the day as 2026-12-31, or leave it empty for a week."})
    return found
