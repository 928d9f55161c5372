"""The delivery log of the digest."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboards.access import can_see_delivery_log, can_send_again, can_subscribe_others, visible_deliveries
from dashboards.digest import log as words
from dashboards.views.queued import hand_over_soon


def digest_log(request: HttpRequest) -> HttpResponse:
    if not can_see_delivery_log(request.user):
        raise PermissionDenied
    if request.GET.get("format") == "csv":
        headers = {"Content-Disposition": f'attachment; filename="headway-digest-log-{timezone.localdate()}.csv"'}
        told = words.as_csv(request.user, request.GET)
        return HttpResponse(told, content_type="text/csv; charset=utf-8", headers=headers)
    query = request.GET.copy()
    query["format"] = "csv"
    context = {
        "page": words.log(request.user, request.GET, now=timezone.now()),
        "csv": f"?{query.urlencode()}",
        "may_subscribe_others": can_subscribe_others(request.user),
        "may_see_log": True,
    }
    return render(request, "digest/log.html", context)


@require_POST
def digest_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a message over once more, because a person says so."""
    row = get_object_or_404(visible_deliveries(request.user), pk=pk)
    if not can_send_again(request.user):
        raise PermissionDenied
    if words.send_again(row, now=timezone.now()):
        hand_over_soon([row.pk])
        messages.success(request, "It is handed over once more.")
    else:
        messages.warning(request, "Nothing to do: it is neither failed nor without an answer any more.")
    return redirect("digest_log")
