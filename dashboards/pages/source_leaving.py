"""What disconnecting a source means: what stays, what would go, and what rests on it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from dashboards import words
from delivery.models import Deliverable, Deployment, PullRequest, Source, SourceKind, TeamScope, WorkItem


@dataclass(frozen=True, slots=True)
class Leaving:
    """``holds``: what was read, in words. ``rests``: what on other pages rests on it."""

    id: int
    name: str
    holds: str
    rests: str

    @property
    def type(self) -> str:
        return f"Type {self.name}; leave it empty to keep the data."


def page(source: Source) -> Leaving:
    teams = TeamScope.objects.filter(source=source).aggregate(n=Count("team", distinct=True))["n"]
    promised = Deliverable.objects.filter(scoped__item__source=source).distinct().count()
    rests = [
        *([words.plural(teams, "team")] if teams else []),
        *([words.plural(promised, "deliverable")] if promised else []),
    ]
    return Leaving(
        source.pk, source.name, words.listed(_holds(source)) or "nothing yet", _said(rests, teams + promised)
    )


def _said(rests: list[str], count: int) -> str:
    return f"{words.listed(rests)} {'rests' if count == 1 else 'rest'} on it." if rests else ""


def _holds(source: Source) -> list[str]:
    items = WorkItem.objects.filter(source=source).count()
    told = [f"{words.plural(items, 'issue')} with {'its' if items == 1 else 'their'} history"] if items else []
    if source.kind == SourceKind.GITHUB:
        pulls = PullRequest.objects.filter(repository__source=source).count()
        deployments = Deployment.objects.filter(repository__source=source).count()
        told += [words.plural(pulls, "pull request")] if pulls else []
        told += [words.plural(deployments, "deployment")] if deployments else []
    return told
