"""The organisation's own backtest: every question about the teams' last two years, asked once its horizon is over.

The rows are kept, so a night asks only what became due; docs/decisions/0018.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from django.db.models import QuerySet

from delivery.capacity import load_capacity
from delivery.core.backtest import BACKTEST_VERSION, Answer, answer
from delivery.core.forecast import NotEnoughHistory
from delivery.core.questions import (
    EPOCH,
    EVERY_NIGHT,
    FIRST_DAYS,
    RECORD_DAYS,
    Question,
    as_date,
    as_number,
    asked_on,
)
from delivery.evidence import team_finishes
from delivery.models import BacktestAnswer, SourceSlice
from teams.models import Team

MEMORY: Final = timedelta(days=RECORD_DAYS)
"""An organisation's own record is short: it asks every four weeks."""
FIRST_MONDAY: Final = 4  # days since 1970: the grid of days does not move when older items are read


def due_teams() -> list[int]:
    """Teams whose sources have been read: the past of the others is not known yet."""
    unread = SourceSlice.objects.filter(bookmark__isnull=True, error_kind="")
    rows = Team.objects.filter(archived=False).exclude(scopes__source__slices__in=unread)
    return list(rows.order_by("id").values_list("id", flat=True).distinct())


def backtest_team(team_id: int, *, day: date) -> int:
    """Ask what is due of a team and not asked yet; returns the rows written. May run twice, or be killed."""
    BacktestAnswer.objects.filter(team=team_id).exclude(version=BACKTEST_VERSION).delete()
    rows: list[BacktestAnswer] = []
    for team in Team.objects.filter(pk=team_id):
        there = set(BacktestAnswer.objects.filter(team=team).values_list("day", "size"))
        capacity = load_capacity([team.pk])[team.pk]
        for question in _questions(team, day):
            on = as_date(question.today)
            if (on, question.size) not in there:
                rows.append(_row(team, question, capacity.calendar(on, past=True)))
    BacktestAnswer.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return len(rows)


def _questions(team: Team, day: date) -> Iterator[Question]:
    done = np.sort((team_finishes(team, day - 2 * MEMORY) - EPOCH).astype(np.int64))
    end = as_number(day)
    done = done[done < end]
    if len(done) == 0:
        return
    first = max(int(done[0]) + FIRST_DAYS, end - MEMORY.days)
    start = first + (FIRST_MONDAY - first) % EVERY_NIGHT.apart
    yield from asked_on(range(start, end, EVERY_NIGHT.apart), done, end - 1, EVERY_NIGHT, ("", str(team.pk)))


def _row(team: Team, question: Question, calendar: Any) -> BacktestAnswer:
    row = BacktestAnswer(
        team=team,
        day=as_date(question.today),
        size=question.size,
        expected=question.expected,
        horizon=question.horizon,
        outcome=question.outcome,
        version=BACKTEST_VERSION,
    )
    try:
        found = answer(question, calendar)
    except NotEnoughHistory as error:
        row.reason = str(error)
        return row
    row.events, row.said = list(found.events), [list(one) for one in found.said]
    row.pits, row.crps, row.log_crps, row.widths = (
        list(one) for one in (found.pits, found.crps, found.log_crps, found.widths)
    )
    return row


def stored_answers(*, team: str | None, since: date | None, day: date) -> tuple[list[Answer], int]:
    """For the command: ask what is due of every team (or the one of that name or slug), then read all answers."""
    teams = Team.objects.filter(pk__in=due_teams())
    if team:
        teams = teams.filter(slug=team) | teams.filter(name=team)
    for pk in teams.values_list("id", flat=True):
        backtest_team(pk, day=day)
    rows = BacktestAnswer.objects.filter(team__in=teams)
    return read_answers(rows.filter(day__gte=since) if since else rows)


def read_answers(rows: QuerySet[BacktestAnswer]) -> tuple[list[Answer], int]:
    """Scored answers by the teams' slugs, and how many had too little history; one query."""
    names = ("team__slug", "day", "size", "expected", "horizon", "outcome", "events", "said")
    scores = ("pits", "crps", "log_crps", "widths")
    found, unanswered = [], 0
    for slug, day, size, expected, horizon, outcome, events, said, *scored in rows.order_by(
        "team", "day", "size"
    ).values_list(*names, *scores):
        if not scored[0]:
            unanswered += 1
            continue
        chances = tuple(tuple(one) for one in said) or ((), (), ())
        found.append(
            Answer("", slug, day, size, expected, horizon, outcome, tuple(events), chances, *map(tuple, scored))
        )
    return found, unanswered
