"""The weekly check-in: the week, one form after the other, and drafts that are kept as one types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from dashboards import typed
from dashboards.forms import check_in as forms
from dashboards.pages import check_in as page
from dashboards.pages import check_in_week as weeks
from delivery import check_ins as words
from delivery.access import (
    can_check_in_deliverable,
    can_check_in_goal,
    visible_deliverables,
    visible_goals,
)
from delivery.due_check_ins import due
from delivery.models import CheckIn, CheckInDraft
from delivery.plan_changes import Subject
from delivery.refused import Conflict, Wrong
from people.models import Person

DRAFT = "draft"
ANEW = "anew"
PUBLISHED = "You have published your word on this in another window meanwhile: this is not kept as a draft."


def check_in_week(request: HttpRequest) -> HttpResponse:
    return render(request, "check_in/week.html", {"page": weeks.week(request.user, day=timezone.localdate())})


def check_in(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """The form; publishing leads to the next that waits."""
    subject = _subject(request, kind, pk)
    data = typed.posted(request)
    if data is None and (over := words.ended(subject)):
        messages.info(request, over)
        return redirect(kind, pk)
    if data is None:
        return _shown(request, subject)
    if request.method != "POST":
        return _shown(request, subject, _flat(data))
    if data.get("do") == ANEW:
        words.forget_draft(subject, by=_user(request))
        return redirect("check_in", kind, pk)
    if DRAFT in data:
        return _kept(request, subject, data)
    return _publish(request, subject, data)


def check_in_draft(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """What is typed so far, kept; answers with when."""
    subject = _subject(request, kind, pk)
    if request.method != "POST":
        return redirect("check_in", kind, pk)
    return render(request, "check_in/_draft.html", _keep(request, subject, typed.posted(request) or QueryDict()))


def _publish(request: HttpRequest, subject: Subject, data: QueryDict) -> HttpResponse:
    user, day = _user(request), timezone.localdate()
    read = forms.read(_flat(data), words.typed_key_results(subject))
    chance = words.computed(user, subject, day).chance
    wrong = {**words.problems(read.told, chance=chance, typed=words.typed_key_results(subject)), **read.errors}
    if wrong:
        _keep(request, subject, data)
        return _shown(request, subject, _flat(data), {name: [text] for name, text in wrong.items()})
    try:
        words.check_in(subject, read.told, chance=chance, by=user, day=day, at=timezone.now(), seen=_seen(data))
    except Wrong as refused:
        return _shown(request, subject, _flat(data), {name: [text] for name, text in refused.errors.items()})
    except Conflict as conflict:
        _keep(request, subject, data)
        return _shown(request, subject, _flat(data), theirs=conflict.row)
    _forget_draft(request, subject, data)
    return _onward(request, subject)


def _forget_draft(request: HttpRequest, subject: Subject, data: QueryDict) -> None:
    """The draft of what was published; a newer one of another window stays."""
    there = words.draft_of(subject, by=_user(request))
    if there is None:
        return
    if _is_mine(there, forms.kept(_flat(data), words.typed_key_results(subject)), data):
        words.forget_draft(subject, by=_user(request))


def _is_mine(there: CheckInDraft, values: Mapping[str, str], data: QueryDict) -> bool:
    """Whether a draft was typed in this window, or looked at in it, or says the same."""
    own = there.values.get(forms.WINDOW, "") == values.get(forms.WINDOW)
    return own or data.get("saved") == _moment(there) or forms.same_words(there.values, values)


def _moment(draft: CheckInDraft) -> str:
    """When it was kept, as the form says it."""
    return f"{draft.saved.timestamp():.6f}"


def _onward(request: HttpRequest, subject: Subject) -> HttpResponse:
    """To the next that waits, or back to the week."""
    waiting = [one for one in due(request.user, day=timezone.localdate()) if one.waiting]
    if not waiting:
        messages.success(request, f"Your word on “{subject.title}” is published. That was the last one this week.")
        return redirect("check_in_week")
    messages.success(request, f"Your word on “{subject.title}” is published. Next:")
    return redirect(weeks.address(waiting[0]))


def _kept(request: HttpRequest, subject: Subject, data: QueryDict) -> HttpResponse:
    told = _keep(request, subject, data)
    if "at" not in told:
        return _shown(request, subject, _flat(data), told=told)
    messages.success(request, "Your draft is kept. Nobody else sees it until you publish it.")
    return redirect(request.path)


def _keep(request: HttpRequest, subject: Subject, data: QueryDict) -> dict[str, Any]:
    """Keep the draft and tell when (``at``), or why it is not kept.

    A newer draft of the same person, in another tab, is not written over: both are shown.
    """
    user, now = _user(request), timezone.now()
    values = forms.kept(_flat(data), words.typed_key_results(subject))
    there = words.draft_of(subject, by=user)
    if there is not None and not _is_mine(there, values, data) and "force" not in data:
        return {"other": there}
    try:
        made = words.keep_draft(subject, values, by=user, at=now, seen=_seen(data))
    except Wrong as wrong:
        return {"error": " ".join(wrong.errors.values())}
    except Conflict:
        return {"error": PUBLISHED}
    return {"at": f"{timezone.localtime(made.saved):%H:%M}", "saved": _moment(made)}


def _shown(
    request: HttpRequest,
    subject: Subject,
    values: dict[str, str] | None = None,
    errors: dict[str, list[str]] | None = None,
    theirs: CheckIn | None = None,
    told: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """``told``: what came of its draft, where that is not kept."""
    first = forms.first(words.latest_of(subject), words.typed_key_results(subject))
    made = page.check_in_page(
        _user(request), subject, day=timezone.localdate(), values=values, errors=errors, theirs=theirs, first=first
    )
    return render(request, "check_in/form.html", {"page": made, **(told or {})})


def _subject(request: HttpRequest, kind: str, pk: int) -> Subject:
    """What is checked in on, for who may; 404 for what is hidden, 403 for who may not."""
    found: Subject
    if kind == "goal":
        found = get_object_or_404(visible_goals(request.user), pk=pk)
        may = can_check_in_goal(request.user, found)
    elif kind == "deliverable":
        found = get_object_or_404(visible_deliverables(request.user), pk=pk)
        may = can_check_in_deliverable(request.user, found)
    else:
        raise Http404
    if not may:
        raise PermissionDenied
    return found


def _user(request: HttpRequest) -> Person:
    return cast(Person, request.user)


def _flat(data: QueryDict) -> dict[str, str]:
    return {name: str(value) for name, value in data.dict().items()}


def _seen(data: QueryDict) -> int:
    seen = str(data.get("seen", ""))
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else 0
