"""The walk-forward backtest, on histories whose answers are known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zlib import crc32

import numpy as np
import pandas as pd
import pytest

from delivery.core import backtest, reliability, rivals, scoring, track_record
from delivery.core.questions import EPOCH, Rules, asked_on
from delivery.core.shown import Shown, standing
from delivery.core.walk import plan

TODAY = date(2026, 11, 23)


def steady(teams: int = 2, days: int = 500, each: int = 2) -> pd.DataFrame:
    """Teams that finish one item every so many days."""
    done = np.arange(0, days, each, dtype=float)
    parts = [
        pd.DataFrame({"source": "", "team": f"t{n}", "created": done - 5, "completed": done}) for n in range(teams)
    ]
    return pd.concat(parts, ignore_index=True)


def test_no_question_knows_what_happened_later_or_asks_past_the_record() -> None:
    for one in plan(steady()).questions:
        assert (one.done <= EPOCH + np.timedelta64(one.today, "D")).all()
        assert one.today + one.horizon <= 498


def test_which_questions_are_asked_does_not_depend_on_what_came_later() -> None:
    done = np.arange(0, 300, 3)
    stopped = done[done <= 120]
    asked = [
        [(one.size, one.expected, one.horizon) for one in asked_on([120], each, 400, Rules(), ("", "a"))]
        for each in (done, stopped)
    ]
    assert asked[0] == asked[1] != []


def test_work_that_never_came_is_clipped_at_the_horizon_and_not_left_out() -> None:
    found = list(asked_on([120], np.arange(0, 121, 3), 400, Rules(), ("", "a")))
    assert found
    assert all(one.outcome == one.horizon for one in found)


def test_the_scores_are_those_of_scoring() -> None:
    question = plan(steady()).questions[0]
    found = backtest.answer(question)
    days = rivals.bootstrap(question, np.random.default_rng([_seed(found), question.size]))
    assert found.crps[1] == pytest.approx(scoring.crps(days, found.outcome, question.horizon))
    assert found.widths[1] == pytest.approx(scoring.sharpness(days))


def _seed(found: backtest.Answer) -> int:
    return crc32(f"{found.source}:{found.team}:{found.day}".encode())


def test_the_same_history_gives_the_same_answers() -> None:
    question = plan(steady()).questions[3]
    assert backtest.answer(question) == backtest.answer(question)


def test_a_team_with_one_finished_item_is_told_and_not_asked() -> None:
    items = pd.concat(
        [steady(1), pd.DataFrame({"source": [""], "team": ["tiny"], "created": [1.0], "completed": [9.0]})]
    )
    found = plan(items)
    assert "1 finished item over" in found.short["tiny"]
    assert {one.team for one in found.questions} == {"t0"}


def test_a_gap_of_two_years_gives_no_nonsense() -> None:
    done = np.concatenate([np.arange(0, 300, 2), np.arange(1030, 1500, 2)]).astype(float)
    items = pd.DataFrame({"source": "", "team": "a", "created": done, "completed": done})
    found, _ = backtest.answers(plan(items).questions)
    made = track_record.account(backtest.tables(found))
    assert made.questions == len(found) > 20
    assert all(np.isfinite(one.brier) for one in made.scores.values())


def test_fewer_than_twenty_questions_have_counts_and_no_figures() -> None:
    found, _ = backtest.answers(plan(steady(1)).questions[:19])
    made = track_record.account(backtest.tables(found))
    assert (made.questions, made.scores, made.bins) == (len(found), {}, ())
    assert track_record.sentences(made)[0].startswith("Not enough yet: ")


def test_bins_hold_every_event_once_and_bands_hold_their_share() -> None:
    rng = np.random.default_rng(1)
    said = rng.random(500)
    found = reliability.bins(said, rng.random(500) < said)
    assert sum(one.n for one in found) == 500
    assert all(one.band.low <= one.came <= one.band.high for one in found)


def test_a_method_has_no_skill_over_itself() -> None:
    errors, alike = np.array([0.1, 0.2, 0.3, 0.1, 0.4, 0.2]), np.ones(6)
    assert reliability.skill(errors, errors, alike, np.arange(6)) == (0.0, (0.0, 0.0))
    assert reliability.skill(errors, np.zeros(6), alike, np.arange(6)) is None


SAID = Shown(
    1,
    "a",
    TODAY - timedelta(days=90),
    0.8,
    TODAY - timedelta(days=60),
    tuple(float(n) for n in range(1, 100)),
    None,
    None,
)


def test_a_forecast_counts_by_its_date_and_never_by_how_it_ended() -> None:
    assert SAID.made_it(TODAY) is False
    assert replace(SAID, delivered=TODAY - timedelta(days=70)).made_it(TODAY) is True
    assert replace(SAID, target=TODAY, delivered=TODAY - timedelta(days=70)).made_it(TODAY) is None
    assert replace(SAID, dropped=TODAY - timedelta(days=80)).made_it(TODAY) is None


def test_a_range_counts_once_its_last_day_is_over() -> None:
    done = replace(SAID, delivered=TODAY - timedelta(days=40))
    assert done.inside(0.5, TODAY) is True
    assert done.inside(0.8, TODAY) is None
    assert done.inside(0.8, TODAY + timedelta(days=1)) is True
    assert SAID.inside(0.5, TODAY) is False


def test_nineteen_outcomes_are_counted_and_give_no_figure() -> None:
    few = standing([replace(SAID, deliverable=n) for n in range(19)], TODAY)
    assert (few.due, few.came, few.bins) == (19, None, ())
    assert standing([replace(SAID, deliverable=n) for n in range(20)], TODAY).came == 0.0
