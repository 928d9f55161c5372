"""The list of deliverables, and one of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from dashboards import shell
from dashboards.pages import deliverable as one
from dashboards.pages import deliverables as page
from dashboards.pages.deliverables_csv import as_csv
from delivery.access import can_edit_deliverable, visible_deliverables
from teams.access import teams_run


def deliverables(request: HttpRequest) -> HttpResponse:
    made = page.deliverables(request.user, request.GET, day=timezone.localdate())
    if request.GET.get("format") == "csv":
        headers = {"Content-Disposition": f'attachment; filename="headway-deliverables-{timezone.localdate()}.csv"'}
        return HttpResponse(as_csv(made.shown), content_type="text/csv; charset=utf-8", headers=headers)
    shell.remember(request, made.everything)
    return render(request, "deliverables/deliverables.html", {"page": made, "may_add": bool(teams_run(request.user))})


def deliverable(request: HttpRequest, pk: int) -> HttpResponse:
    rows = visible_deliverables(request.user).filter(dropped__isnull=True).select_related("team__group")
    row = get_object_or_404(rows, pk=pk)
    made = one.deliverable(request.user, row, now=timezone.now(), day=timezone.localdate(), query=request.GET)
    shell.remember(request, made.everything, made.ages)
    return render(
        request, "deliverables/deliverable.html", {"page": made, "may_edit": can_edit_deliverable(request.user, row)}
    )
