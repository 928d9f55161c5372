"""The nightly backtest of the organisation's own history, and what it keeps for the page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from delivery import accuracy, backtests, recalibrated, tasks
from delivery.accuracy import Slice
from delivery.core.backtest import BACKTEST_VERSION
from delivery.models import BacktestAnswer, CalibrationEffect
from teams.models import Team
from tests import builders
from tests.builders import TODAY, at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def still_clock(time_machine: Any) -> None:
    time_machine.move_to(at(TODAY, 12), tick=False)


@pytest.fixture
def streaming() -> Team:
    """An item finished every third day for a year and a half."""
    team = builders.team("Streaming", slug="streaming")
    source = builders.project(team, "STR")
    for days in range(3, 540, 3):
        end = TODAY - timedelta(days=days)
        builders.item(source, "STR", created=at(end - timedelta(days=9)), finished=at(end))
    return team


def test_a_night_asks_each_question_once(streaming: Team) -> None:
    written = backtests.backtest_team(streaming.pk, day=TODAY)
    assert written == BacktestAnswer.objects.count() > 0
    assert backtests.backtest_team(streaming.pk, day=TODAY) == 0


def test_no_question_is_asked_before_its_horizon_is_over(streaming: Team) -> None:
    backtests.backtest_team(streaming.pk, day=TODAY)
    assert all(row.day + timedelta(days=row.horizon) < TODAY for row in BacktestAnswer.objects.all())


def test_answers_of_an_older_formula_are_made_again(streaming: Team) -> None:
    written = backtests.backtest_team(streaming.pk, day=TODAY)
    BacktestAnswer.objects.update(version=BACKTEST_VERSION - 1)
    assert backtests.backtest_team(streaming.pk, day=TODAY) == written


def test_effects_of_an_organisation_without_outcomes_say_that_there_are_none() -> None:
    assert recalibrated.write_effects(day=TODAY) == 1
    effect = CalibrationEffect.objects.get()
    assert (effect.team, effect.n, effect.learnt_from, effect.held) == (None, 0, 0, [])


def test_what_a_night_kept_is_read_with_four_queries_and_never_worked_out_again(
    streaming: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = builders.person()
    backtests.backtest_team(streaming.pk, day=TODAY)
    fresh = accuracy.accuracy(reader, day=TODAY)
    accuracy.keep_accuracy(day=TODAY)

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("a request reads the history")

    monkeypatch.setattr(accuracy, "read_answers", never)
    with CaptureQueriesContext(connection) as asked:
        assert accuracy.accuracy(reader, day=TODAY) == fresh
    assert len(asked) == 4
    quarter = fresh.quarters[0]
    for part in (Slice("streaming"), Slice(span="short"), Slice("streaming", "medium", quarter)):
        accuracy.accuracy(reader, day=TODAY, part=part)


def test_a_new_answer_is_told_at_once(streaming: Team) -> None:
    reader = builders.person()
    assert accuracy.accuracy(reader, day=TODAY).backtest.questions == 0
    backtests.backtest_team(streaming.pk, day=TODAY)
    assert accuracy.accuracy(reader, day=TODAY).backtest.questions > 0


def test_the_nightly_task_queues_each_team_and_then_keeps_the_figures_once(
    streaming: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[tuple[str, dict[str, Any]]] = []
    for task in (tasks.backtest_team, tasks.keep_accuracy):
        monkeypatch.setattr(
            task, "apply_async", lambda kwargs=None, task=task, **_: queued.append((task.name, kwargs or {}))
        )
    tasks.backtest_due()
    assert queued == [
        ("delivery.tasks.backtest_team", {"team_id": streaming.pk}),
        ("delivery.tasks.keep_accuracy", {}),
    ]
    tasks.backtest_team(team_id=streaming.pk)
    assert len(queued) == 2
    tasks.keep_accuracy()
