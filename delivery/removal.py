"""Taking a source away: its credentials at once, and its data too where a person says so, in batches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet

from delivery import locks, throttle
from delivery.models import (
    Deployment,
    HookDelivery,
    PullRequest,
    Release,
    Source,
    SyncRun,
    WorkflowRun,
    WorkItem,
)
from people.models import Account

REMOVING = 7191  # the lock of a source that is being removed (delivery.locks)
BATCH = 1000  # rows of a table, and what hangs on them, in one transaction
# The tables that grow; what is left goes with the source itself.
LARGE: tuple[tuple[type[Model], str], ...] = (
    (PullRequest, "repository__source"),
    (Deployment, "repository__source"),
    (Release, "repository__source"),
    (WorkflowRun, "repository__source"),
    (WorkItem, "source"),
    (SyncRun, "source"),
)


def disconnect(source: Source, *, keep: bool, now: datetime) -> None:
    """Forget every credential of ``source`` and read it no more. Its data stays (``keep``), or goes: then ``remove``
    is to be called, and again until it is done.
    """
    with transaction.atomic():
        row = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
        row.token = row.secret = row.hook_secret = ""
        row.renew_at = row.token_expires = None
        row.disconnected = row.disconnected or now
        row.removing = row.removing or not keep
        row.save()
        HookDelivery.objects.filter(source=row).delete()
    throttle.forget_answers(source)
    source.refresh_from_db()


def unfinished() -> QuerySet[Source]:
    """Sources whose data is to go and is not all gone."""
    return Source.objects.filter(removing=True)


def remove(source: Source) -> bool:
    """Delete everything that was read of ``source``, at last the source. Killed, it goes on with the next call.

    False while a part of it is still being read: whoever reads it would write behind our back. Also while another
    process removes it.
    """
    with locks.held(REMOVING, source.pk) as mine:
        if not mine or set(source.slices.values_list("pk", flat=True)) & locks.numbers_held(locks.SLICE):
            return False
        for model, path in LARGE:
            _in_batches(model, {path: source})
        with transaction.atomic():
            if not Source.objects.filter(kind=source.kind, url=source.url).exclude(pk=source.pk).exists():
                Account.objects.filter(kind=source.kind, origin=source.url).delete()
            source.delete()
    return True


def _in_batches(model: type[Model], which: dict[str, Any]) -> None:
    rows = model._default_manager.filter(**which).order_by("pk")
    while numbers := list(rows.values_list("pk", flat=True)[:BATCH]):
        model._default_manager.filter(pk__in=numbers).delete()
