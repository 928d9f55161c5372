"""A team's page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from dashboards import shell
from dashboards.pages import team as pages
from teams.access import can_change_team, visible_teams


def team(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(visible_teams(request.user).select_related("group", "lead", "manager"), slug=slug)
    weeks = request.GET.get("weeks", "")
    page = pages.page(request.user, found, weeks=weeks, now=timezone.now(), today=timezone.localdate())
    shell.remember(request, page.everything, page.ages)
    return render(request, "team/team.html", {"page": page, "may_change": can_change_team(request.user, found)})
