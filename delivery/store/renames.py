"""A project or repository has another name at the source: everything that names it here follows, at once.

Half done, a team's work would be read under one name and looked for under another.
"""

from __future__ import annotations

import re
from typing import Any

from django.db import connection, transaction

from delivery import kinds, stages
from delivery.models import Board, Missing, Source, SourceSlice, TeamScope, WorkItem
from delivery.store import rules


@transaction.atomic
def rename(source: Source, old: str, new: str) -> None:
    """What was ``old`` at the source is called ``new`` there: the same project, the same repository.

    Where the new name was connected already, it stays as it is, and the old one is let go of. A part of the old name
    may be being read just now, so it goes when the parts are next made from the scopes (sync.slices_of).
    """
    locked = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
    kept = [new if scope.lower() == old.lower() else scope for scope in locked.scopes]
    source.scopes = list(dict.fromkeys(kept))
    Source.objects.filter(pk=source.pk).update(scopes=source.scopes)
    known = SourceSlice.objects.filter(source=source, scope=new)
    parts = SourceSlice.objects.filter(source=source, scope__iexact=old).exclude(scope=new)
    parts.exclude(kind__in=list(known.values_list("kind", flat=True))).update(scope=new)
    _rename_keys(source, old, new)
    _rename_missing(source, old, new)
    meant = rules.rename(source, old, new)
    WorkItem.objects.filter(source=source, project=old).update(project=new)
    Board.objects.filter(source=source, project=old).update(project=new)
    if meant:
        stages.restage(source)
        kinds.rekind(source)
    own = TeamScope.objects.filter(source=source, scope__iexact=old).exclude(scope=new)
    has_new = TeamScope.objects.filter(source=source, scope=new).values("team")
    own.filter(team__in=has_new).delete()
    own.update(scope=new)


# All keys of the items of a project, and every place where another item names one of them. The former keys go on being
# known: branches, commits and plans name them (J15). Who moved away earlier keeps the alias that it has.
_KEYS = """
WITH renamed AS MATERIALIZED (
    SELECT id, key AS old, %(new)s || substr(key, length(%(old)s) + 1) AS new
    FROM delivery_workitem WHERE source_id = %(source)s AND project = %(old)s AND key ~ %(pattern)s
), known AS (
    INSERT INTO delivery_keyalias (source_id, key, item_id) SELECT %(source)s, old, id FROM renamed
    ON CONFLICT (source_id, key) DO UPDATE SET item_id = excluded.item_id
), again AS (
    DELETE FROM delivery_keyalias a USING renamed r WHERE a.source_id = %(source)s AND a.key = r.new AND a.item_id = r.id
)
UPDATE delivery_workitem i SET
    key = coalesce((SELECT r.new FROM renamed r WHERE r.id = i.id), i.key),
    parent_key = coalesce((SELECT r.new FROM renamed r WHERE r.old = i.parent_key), i.parent_key),
    blocked_by = ARRAY(
        SELECT coalesce(r.new, b.key) FROM unnest(i.blocked_by) WITH ORDINALITY AS b(key, place)
        LEFT JOIN renamed r ON r.old = b.key ORDER BY b.place
    )
WHERE i.source_id = %(source)s AND (
    i.id IN (SELECT id FROM renamed) OR i.parent_key IN (SELECT old FROM renamed)
    OR i.blocked_by && (SELECT array_agg(old) FROM renamed)
)
"""


def _rename_keys(source: Source, old: str, new: str) -> None:
    """The items of the project have new keys, at once and not one by one as they are next read."""
    values: dict[str, Any] = {"source": source.pk, "old": old, "new": new, "pattern": f"^{re.escape(old)}[-#][0-9]+$"}
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, values)


def _rename_missing(source: Source, old: str, new: str) -> None:
    """What could not be read is named by the new key from now on: by the old one nothing would strike it out."""
    rows = Missing.objects.filter(slice__source=source, what__iregex=f"^{re.escape(old)}[-#][0-9]")
    for row in rows:
        what = new + row.what[len(old) :]
        if Missing.objects.filter(slice=row.slice_id, what=what).exists():
            row.delete()
        else:
            Missing.objects.filter(pk=row.pk).update(what=what[:200])
