"""What persons said about one project or repository follows it to another name (J15, G10)."""

from __future__ import annotations

from typing import Final

from django.db.models import Model

from delivery.models import DeploymentRule, KindRule, Source, StageMapping

_SAID: Final[tuple[tuple[type[Model], str, tuple[str, ...]], ...]] = (
    (StageMapping, "project", ("status_id",)),
    (KindRule, "scope", ("field", "pattern", "kind", "position")),
    (DeploymentRule, "scope", ("what", "pattern")),
)


def rename(source: Source, old: str, new: str) -> bool:
    """What was said of ``old`` holds for ``new``; where the same was said of ``new`` before, that stays.

    Whether something was: then what is called ``new`` from now on may mean something else than before.
    """
    known = False
    for model, scope, same in _SAID:
        rows = model._default_manager.filter(source=source)
        there = set(rows.filter(**{scope: new}).values_list(*same))
        known = known or bool(there)
        for pk, *what in rows.filter(**{f"{scope}__iexact": old}).exclude(**{scope: new}).values_list("pk", *same):
            one = rows.filter(pk=pk)
            if tuple(what) in there:
                one.delete()
            else:
                one.update(**{scope: new})
    return known
