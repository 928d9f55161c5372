"""The first look at a new source: what has come already, drawn before the rest is there, and how its words are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
from django.urls import reverse

from dashboards import words
from dashboards.charts import throughput
from dashboards.charts.common import Figure
from dashboards.pages import source_state, source_table
from dashboards.pages.source_table import SliceRow
from dashboards.pages.source_wizard import TITLES, Step
from dashboards.sentences import Phrase, Sentence
from delivery.core import flow
from delivery.core.zoned import day_of, instants
from delivery.freshness import SourceState, State, freshness
from delivery.models import DeploymentRule, PullRequest, Source, SourceKind, StageMapping, WorkItem
from people.access import User

WEEKS: Final = 12
NEW: Final = timedelta(days=1)
NAMED: Final = 3  # projects or repositories that a line names
SPARE: Final = timedelta(weeks=WEEKS + 2)


@dataclass(frozen=True, slots=True)
class Meaning:
    """How the source's own words are read so far; ``url`` leads to where a person says otherwise."""

    title: str
    says: str
    url: str


@dataclass(frozen=True, slots=True)
class FirstPage:
    """``reading``: it asks again by itself. ``why``: why nothing is drawn yet."""

    id: int
    name: str
    headline: Sentence
    steps: tuple[Step, ...]
    share: float
    of: int
    progress: str
    parts: tuple[SliceRow, ...]
    trouble: str
    figure: Figure | None
    why: str
    meanings: tuple[Meaning, ...]
    reading: bool


def page(user: User, source: Source, *, now: datetime) -> FirstPage:
    """It asks again until everything was read once, also while no worker is free yet; not for ever."""
    zone = ZoneInfo(getattr(user, "timezone", "UTC"))
    state = next(one for one in freshness(now) if one.id == source.pk)
    reading = state.state not in (State.PAUSED, State.STOPPED) and (
        source_state.goes_on(state, now) or (state.last_success is None and now - source.created < NEW)
    )
    figure = _figure(source, str(zone), now)
    done = source_state.progress(state)
    return FirstPage(
        id=source.pk,
        name=source.name,
        headline=_headline(state, figure, now),
        steps=_steps(source),
        share=done.done if done else sum(1.0 for part in state.slices if part.last_success),
        of=len(state.slices),
        progress=source_table.progress_says(state),
        parts=source_table.rows(state, now=now, zone=zone),
        trouble=state.error,
        figure=figure,
        why="" if figure else _why(state, reading),
        meanings=_meanings(source),
        reading=reading,
    )


def _headline(state: SourceState, figure: Figure | None, now: datetime) -> Sentence:
    if state.state == State.STOPPED:
        return (Phrase(f"{state.name} is connected; "), Phrase("reading stopped.", "em"))
    if state.last_success is not None and state.missing:
        lacks = f"{words.plural(state.missing, 'thing')} could not be read."
        return (Phrase(f"{state.name} is read; "), Phrase(lacks, "em"))
    if state.last_success is not None:
        return (Phrase(f"{state.name} is read whole; "), Phrase("from now on only what changes is read.", "quiet"))
    if state.state == State.PAUSED:
        return (Phrase(f"{state.name} is connected; "), Phrase("reading is paused.", "em"))
    if figure:
        return (Phrase("Here is a first look; "), Phrase(f"{state.name} is still being read.", "quiet"))
    so_far = "reading has begun." if source_state.goes_on(state, now) else "reading begins with the next free worker."
    return (Phrase(f"{state.name} is connected; "), Phrase(so_far, "quiet"))


def _steps(source: Source) -> tuple[Step, ...]:
    said = {
        "source_new": f"{source.get_kind_display()}.",
        "source_new_sign_in": f"{source.browse or source.url} as {source.account or 'the token'}.",
        "source_new_scopes": f"{words.listed(_scopes(source))}.",
        "source_new_history": f"Since {source.backfill_from:%-d %B %Y}." if source.backfill_from else "All of it.",
    }
    done = [Step(number, TITLES[name], "is-done", says) for number, (name, says) in enumerate(said.items(), 1)]
    return (*done, Step(len(done) + 1, TITLES["source_first"], "is-next", ""))


def _scopes(source: Source) -> list[str]:
    more = len(source.scopes) - NAMED
    return [*source.scopes[:NAMED], *([f"{words.number(more)} more"] if more > 0 else [])]


def _figure(source: Source, zone: str, now: datetime) -> Figure | None:
    """Twelve weeks up to the newest thing that was read: the oldest history may come first."""
    merged = source.kind == SourceKind.GITHUB
    ended = _merged(source) if merged else _finished(source)
    if not ended:
        return None
    until = min(day_of(max(ended), zone) + timedelta(weeks=1), day_of(now, zone))
    frame = pd.DataFrame({"finished": instants(pd.Series(list(ended)))})
    since = day_of(min(ended), zone)
    weeks = flow.throughput(frame["finished"], until, zone, weeks=WEEKS, since=since - timedelta(days=since.weekday()))
    if not weeks.total:
        return None
    return _named(throughput.figure(weeks.weeks), max(ended), zone, merged)


def _named(figure: Figure, newest: datetime, zone: str, merged: bool) -> Figure:
    note = f"{figure.note} Of what is read so far, the newest is from {words.short_day(day_of(newest, zone))}."
    if not merged:
        return replace(figure, note=note)
    data: list[dict[str, Any]] = [
        {**trace, "hovertemplate": "Week of %{x}: %{y} merged<extra></extra>"} for trace in figure.data
    ]
    return replace(
        figure,
        title="How much gets merged?",
        note=note.replace("Items finished", "Pull requests merged"),
        alt=figure.alt.replace("Items finished", "Pull requests merged").replace(
            "items finished", "pull requests merged"
        ),
        columns=("Week of", "Merged"),
        data=data,
    )


def _finished(source: Source) -> Sequence[datetime]:
    rows = WorkItem.objects.countable().filter(source=source, finished__isnull=False)
    newest = rows.order_by("-finished").values_list("finished", flat=True).first()
    found = rows.filter(finished__gt=newest - SPARE).values_list("finished", flat=True) if newest else []
    return [at for at in found if at is not None]


def _merged(source: Source) -> Sequence[datetime]:
    rows = PullRequest.objects.filter(repository__source=source, deleted__isnull=True, merged__isnull=False)
    newest = rows.order_by("-merged").values_list("merged", flat=True).first()
    found = rows.filter(merged__gt=newest - SPARE).values_list("merged", flat=True) if newest else []
    return [at for at in found if at is not None]


def _why(state: SourceState, reading: bool) -> str:
    what = "pull request was merged" if state.kind == SourceKind.GITHUB else "item was finished"
    if reading or state.last_success is None:
        return f"The chart appears once the first whole week in which an {what} is read.".replace("an pull", "a pull")
    return f"No {what} in a whole week that was read."


def _meanings(source: Source) -> tuple[Meaning, ...]:
    if source.kind == SourceKind.GITHUB:
        rules = DeploymentRule.objects.filter(source=source).count()
        says = (
            f"{words.plural(rules, 'rule')} of yours."
            if rules
            else "Every environment whose name says production counts."
        )
        kinds = "Bugs, upkeep and experiments are told by labels and types."
        return (
            Meaning("What counts as a deployment", says, reverse("source_deployments", args=[source.pk])),
            Meaning("Which issues are bugs", kinds, reverse("source_kinds", args=[source.pk])),
        )
    guessed = list(StageMapping.objects.filter(source=source, project="").values_list("guessed", flat=True))
    told = f"{words.plural(len(guessed), 'status', 'statuses')}, {sum(guessed)} of them guessed from Jira's own categories."
    return (
        Meaning(
            "What statuses mean",
            told if guessed else "They are guessed from Jira's own categories as they are read.",
            reverse("source_statuses", args=[source.pk]),
        ),
        Meaning(
            "Which issues are bugs",
            "Bugs, upkeep and experiments are told by their types.",
            reverse("source_kinds", args=[source.pk]),
        ),
    )
