"""What proposed rules for deployments would do to the deployments and the change lead time of the last weeks. Reads
only; the rules are applied by the SQL that applies them for good (``deployments``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Q

from delivery import deployments, wildcards
from delivery.core import dora
from delivery.core.measure import Spread
from delivery.core.period import Period, weeks_back
from delivery.core.zoned import day_of, start_of
from delivery.deployments import Rule
from delivery.models import Deployment, PullRequest, Repository, Source

WEEKS: Final = 12
ZONE: Final = "UTC"  # a source has teams in several zones
LOOK_BACK: Final = timedelta(weeks=26)
EXAMPLES: Final = 3
KNOWN: Final = 8  # names of each sort that are told
_WORDS: Final = """
words AS (
    SELECT d.repository_id, 'deployment' AS what, d.environment AS word, '' AS name, false AS prerelease
    FROM delivery_deployment d WHERE d.origin = 'deployment'
    UNION ALL SELECT repository_id, 'release', tag, name, prerelease FROM delivery_release
    WHERE NOT tag_only AND published IS NOT NULL
    UNION ALL SELECT repository_id, 'tag', tag, '', prerelease FROM delivery_release WHERE published IS NOT NULL
    UNION ALL SELECT repository_id, 'workflow', workflow, '', false FROM delivery_workflowrun
    WHERE event NOT IN ('pull_request', 'pull_request_target') AND conclusion <> 'skipped'
)
"""
_AFTER: Final = """
SELECT d.id, d.repository_id, d.created, d.finished, d.state, d.sha
FROM judged j JOIN delivery_deployment d ON d.id = j.id WHERE j.counts
UNION ALL
SELECT -row_number() OVER (), repository_id, created, finished, state, sha FROM wanted
"""
_FITTING: Final = f"""
SELECT r.id, count(*), (array_agg(DISTINCT p.name || ': ' || w.word))[:%(examples)s]
FROM ruled r JOIN words w ON w.repository_id = r.repository_id AND w.what = r.what
JOIN delivery_repository p ON p.id = r.repository_id
WHERE ({wildcards.fits("w.word", "r.pattern")} OR w.name <> '' AND {wildcards.fits("w.name", "r.pattern")})
    AND (r.prereleases OR NOT w.prerelease)
GROUP BY r.id
"""
_NAMES: Final = """
SELECT what, word, count FROM (
    SELECT what, word, count(*) AS count, row_number() OVER (PARTITION BY what ORDER BY count(*) DESC, word) AS place
    FROM words w JOIN delivery_repository p ON p.id = w.repository_id WHERE p.source_id = %(source)s
    GROUP BY what, word
) counted WHERE place <= %(known)s ORDER BY what, place
"""


@dataclass(frozen=True, slots=True)
class Fitting:
    """How many deployments, releases, tags or runs a rule fits, of all that are stored, and a few of them."""

    count: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reached:
    """What reached production in the weeks looked at: successful deployments of each repository by its name, and how
    long changes took to get there (of a repository's very first deployment the changes are left out, U14)."""

    deployments: Mapping[str, int]
    weekly: float
    lead_time: Spread


@dataclass(frozen=True, slots=True)
class Preview:
    """``rules`` stand in the order of the proposed ones; deployments under ``before`` and ``after`` in ``period``."""

    period: Period
    rules: tuple[Fitting, ...]
    before: Reached
    after: Reached


def preview(source: Source, rules: Sequence[Rule], *, at: datetime) -> Preview:
    """What ``rules`` would do, over the last whole WEEKS."""
    period = weeks_back(day_of(at, ZONE), WEEKS)
    proposed, values = deployments.proposed(source, rules)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {proposed}, {_WORDS} {_FITTING}", values | {"examples": EXAMPLES})
        fitting = {place: Fitting(count, tuple(some)) for place, count, some in cursor.fetchall()}
        cursor.execute(f"WITH {proposed} {_AFTER}", values)
        after = [_deployed(row) for row in cursor.fetchall()]
    now = Deployment.objects.filter(repository__source=source, production=True).order_by()
    before = [_deployed(row) for row in now.values_list("id", "repository_id", "created", "finished", "state", "sha")]
    names = dict(Repository.objects.filter(source=source).values_list("pk", "name"))
    merged = _merged(source, start_of(period.start, ZONE) - LOOK_BACK)
    return Preview(
        period,
        tuple(fitting.get(place, Fitting()) for place in range(1, len(rules) + 1)),
        _reached(before, merged, period, names),
        _reached(after, merged, period, names),
    )


def names_of(source: Source) -> dict[str, list[tuple[str, int]]]:
    """The names that rules can be about, by what they are names of: the most frequent, with how often."""
    found: dict[str, list[tuple[str, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {_WORDS} {_NAMES}", {"source": source.pk, "known": KNOWN})
        for what, word, count in cursor.fetchall():
            found.setdefault(what, []).append((word, count))
    return found


def _deployed(row: Sequence[Any]) -> dora.Deployed:
    pk, repository, created, finished, state, sha = row
    return dora.Deployed(pk, repository, created, finished, state == "success", sha)


def _merged(source: Source, since: datetime) -> list[dora.Merged]:
    rows = PullRequest.objects.filter(repository__source=source, deleted__isnull=True, merged__gte=since)
    rows = rows.filter(Q(author__isnull=True) | Q(author__is_bot=False))
    names = ("id", "repository_id", "first_commit", "merged", "merge_sha")
    return [dora.Merged(*row) for row in rows.values_list(*names)]


def _reached(done: list[dora.Deployed], merged: list[dora.Merged], period: Period, names: Mapping[int, str]) -> Reached:
    records = dora.Records(done, merged, (), ZONE)
    counts: dict[str, int] = {}
    for one in records.successes:
        if one.finished and day_of(one.finished, ZONE) in period:
            name = names[one.repository]
            counts[name] = counts.get(name, 0) + 1
    return Reached(counts, sum(counts.values()) / WEEKS, dora.change_lead_time(records, period))
