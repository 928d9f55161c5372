"""Promised days: given, moved, corrected; and the ledger of how they moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date

from dashboards import typed
from dashboards.forms.goal import A_DAY
from dashboards.pages import slips as ledger
from delivery import commitments as words
from delivery.access import can_edit_deliverable, visible_commitments, visible_deliverables
from delivery.models import Commitment, Deliverable, SlipCause
from delivery.promises import promises
from delivery.refused import Conflict, Wrong

CAUSES = [("", "Choose a cause"), *SlipCause.choices]


def deliverable_promise(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the first day, or move it."""
    row = get_object_or_404(visible_deliverables(request.user).filter(dropped=None).select_related("team"), pk=pk)
    if not can_edit_deliverable(request.user, row):
        raise PermissionDenied
    day = timezone.localdate()
    latest = words.latest_of(row, day)
    data = typed.posted(request)
    values = {"target": "", "cause": "", "note": ""} | ({} if data is None else _flat(data))
    shown = _shown(request, row, latest, values, day)
    if request.method != "POST" or data is None:
        return render(request, "promises/promise.html", shown)
    target = _day(values["target"])
    if target is None:
        return render(request, "promises/promise.html", shown | {"errors": {"target": [A_DAY]}})
    told = {"cause": values["cause"], "note": values["note"]}
    try:
        words.commit(row, target, by=request.user, day=day, seen=_number(values.get("seen", "")), **told)
    except Wrong as wrong:
        return render(request, "promises/promise.html", shown | {"errors": {k: [v] for k, v in wrong.errors.items()}})
    except Conflict as conflict:
        now = _shown(request, row, conflict.row, values, day)
        return render(request, "promises/promise.html", now | {"clash": True})
    messages.success(request, f"“{row.title}” is promised for {target:%-d %B %Y}.")
    return redirect("deliverable", row.pk)


def commitment_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """A further entry that stands for one that was written down wrongly."""
    rows = visible_commitments(request.user).filter(deliverable__dropped=None).select_related("deliverable__team", "by")
    entry = get_object_or_404(rows, pk=pk)
    if not can_edit_deliverable(request.user, entry.deliverable):
        raise PermissionDenied
    data = typed.posted(request)
    first = {"target": entry.target.isoformat(), "cause": entry.cause, "note": ""}
    values = first if data is None else first | _flat(data)
    shown: dict[str, Any] = {"entry": entry, "values": values, "errors": {}, "causes": _causes(values["cause"])}
    if request.method != "POST" or data is None:
        return render(request, "promises/correct.html", shown)
    target = _day(values["target"])
    if target is None:
        return render(request, "promises/correct.html", shown | {"errors": {"target": [A_DAY]}})
    told = {"cause": values["cause"], "note": values["note"]}
    try:
        words.correct(entry, target, by=request.user, day=timezone.localdate(), **told)
    except Wrong as wrong:
        return render(request, "promises/correct.html", shown | {"errors": {k: [v] for k, v in wrong.errors.items()}})
    except Conflict:
        return render(request, "promises/correct.html", shown | {"clash": True})
    messages.success(request, "Corrected by a further entry; the first one stays readable.")
    return redirect("deliverable_promise", entry.deliverable_id)


def deliverable_slips(request: HttpRequest) -> HttpResponse:
    day = timezone.localdate()
    made = ledger.slips(request.user, request.GET, day=day)
    if request.GET.get("format") == "csv":
        headers = {"Content-Disposition": f'attachment; filename="headway-slips-{day}.csv"'}
        return HttpResponse(ledger.as_csv(made), content_type="text/csv; charset=utf-8", headers=headers)
    return render(request, "promises/slips.html", {"page": made})


def _shown(
    request: HttpRequest, row: Deliverable, latest: Commitment | None, values: dict[str, str], day: date
) -> dict[str, Any]:
    found = promises(request.user, day=day, ids=[row.pk], include_delivered=True)
    entries: Sequence[Commitment] = list(
        Commitment.objects.filter(deliverable=row).select_related("by", "corrects", "corrected_by").order_by("-pk")
    )
    standing = {one.pk for one in words.standing_of(row, day)}
    return {
        "row": row,
        "latest": latest,
        "seen": latest.pk if latest else 0,
        "values": values,
        "errors": {},
        "causes": _causes(values["cause"]),
        "promise": found[0] if found else None,
        "entries": [(one, one.pk in standing) for one in entries],
    }


def _causes(chosen: str) -> list[tuple[str, str, bool]]:
    return [(value, str(label), value == chosen) for value, label in CAUSES]


def _flat(data: Any) -> dict[str, str]:
    return {name: str(value) for name, value in data.dict().items()}


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
