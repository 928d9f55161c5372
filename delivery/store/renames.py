"""A project or repository has another name at the source: everything that names it here follows, at once.

Half done, a team's work would be read under one name and looked for under another.
"""

from __future__ import annotations

from django.db import transaction

from delivery.models import Source, SourceSlice, TeamScope, WorkItem


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
    WorkItem.objects.filter(source=source, project=old).update(project=new)
    own = TeamScope.objects.filter(source=source, scope__iexact=old).exclude(scope=new)
    has_new = TeamScope.objects.filter(source=source, scope=new).values("team")
    own.filter(team__in=has_new).delete()
    own.update(scope=new)
