"""Taking a source away: its credentials at once, and its data too where a person says so, in batches."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from delivery.models import HookDelivery, Source

BATCH = 2000  # rows of a table and what hangs on them, in one transaction


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
    source.refresh_from_db()


def unfinished() -> QuerySet[Source]:
    """Sources whose data is to go and is not all gone."""
    return Source.objects.filter(removing=True)
