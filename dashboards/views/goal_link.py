"""Link deliverables with a goal, and unlink them."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from dashboards import typed, words
from dashboards.pages import goal_link as page
from delivery import fed, goal_work
from delivery.access import can_edit_goal, visible_goals
from delivery.models import Goal
from delivery.refused import Conflict, Wrong

LONGEST_NOTE = 2000
NOTE = f"Keep it to {LONGEST_NOTE:,} letters."


def goal_link(request: HttpRequest, pk: int) -> HttpResponse:
    """For who may edit the goal; of the deliverables, those that they may edit."""
    goal = get_object_or_404(visible_goals(request.user), pk=pk)
    if not can_edit_goal(request.user, goal):
        raise PermissionDenied
    data = typed.posted(request)
    work = page.work_for(request.user, goal, timezone.localdate())
    if data is None:
        return _shown(request, page.link_page(goal, work))
    asked = page.asked_of(data.getlist("deliverables"), data.getlist("was"))
    note = str(data.get("note", ""))
    if asked is None or not asked.wishes().keys() <= work.mine.keys():
        errors = {"deliverables": [page.LIST]}
        return _shown(request, page.link_page(goal, work, asked, errors=errors, note=note))
    if request.method != "POST":
        return _shown(request, page.link_page(goal, work, asked, note=note))
    if len(note) > LONGEST_NOTE:
        return _shown(request, page.link_page(goal, work, asked, errors={"note": [NOTE]}, note=note))
    return _keep(request, goal, work, asked, note)


def _keep(request: HttpRequest, goal: Goal, work: page.Work, asked: page.Asked, note: str) -> HttpResponse:
    wishes = {work.mine[pk]: serves for pk, serves in asked.wishes().items()}
    at = timezone.now()
    try:
        count = goal_work.link(goal, wishes, by=request.user, at=at, seen=asked.seen(), note=note)
    except Wrong as wrong:
        errors = {name: [says] for name, says in wrong.errors.items()}
        return _shown(request, page.link_page(goal, work, asked, errors=errors, note=note))
    except Conflict:
        now = page.work_for(request.user, goal, timezone.localdate())
        clash = page.clash_of(now, asked)
        return _shown(request, page.link_page(goal, now, asked, clash=clash, note=note))
    fed.feed_goal(goal, at=at)
    says = (
        f"{words.plural(count, 'deliverable')} changed. It is in the history of each." if count else "Nothing changed."
    )
    messages.success(request, says)
    return redirect("goal", goal.pk)


def _shown(request: HttpRequest, made: page.LinkPage) -> HttpResponse:
    return render(request, "goals/link.html", {"page": made})
