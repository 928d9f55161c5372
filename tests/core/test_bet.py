"""How soon wrong bets end, and what their lessons cost: worked by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dashboards.words import BETS, word_of
from delivery.core.bet import Ended, cost_of_learning, time_to_kill
from delivery.core.measure import Measure

START = date(2026, 9, 1)


def ended(verdict: str, days: int, cost: int | None) -> Ended:
    return Ended(verdict, START, START + timedelta(days=days), cost)


def test_of_disproved_bets_the_median_counts_and_no_other() -> None:
    """10, 30 and 44 days: 30. The validated one of 3 days and the overrun one of 200 are not about killing."""
    bets = [ended("disproved", 44, 5), ended("validated", 3, 1), ended("disproved", 10, 5), ended("overran", 200, 90)]
    assert time_to_kill(bets) == Measure(27.0, 2)
    assert time_to_kill([*bets, ended("disproved", 30, None)]) == Measure(30.0, 3)


def test_a_bet_that_is_disproved_on_its_first_day_took_no_day() -> None:
    assert time_to_kill([ended("disproved", 0, 0)]) == Measure(0.0, 1)


def test_the_cost_of_learning_is_what_disproved_bets_cost_in_all() -> None:
    """4 and 8 working days: 12. One that nobody counted is left out, and told; it is not free."""
    bets = [ended("disproved", 9, 4), ended("disproved", 9, 8), ended("overran", 9, 50), ended("validated", 9, 7)]
    assert cost_of_learning(bets) == Measure(12.0, 2)
    with_unknown = cost_of_learning([*bets, ended("disproved", 9, None)])
    assert (with_unknown.value, with_unknown.n, with_unknown.left_out) == (12.0, 2, 1)
    assert with_unknown.why == "nobody counted what they cost"


@pytest.mark.parametrize("bets", [[], [ended("validated", 9, 4)], [ended("dropped", 9, None)]])
def test_without_a_disproved_bet_nothing_is_known(bets: list[Ended]) -> None:
    assert time_to_kill(bets) == cost_of_learning(bets) == Measure(None, 0)


def test_where_nobody_counted_the_cost_is_not_known() -> None:
    assert cost_of_learning([ended("disproved", 9, None)]).value is None
    assert cost_of_learning([ended("disproved", 9, 0)]).value == 0


def test_only_what_left_the_question_open_is_missed() -> None:
    assert {verdict for verdict, word in BETS.items() if word == "Missed"} == {"overran", "dropped"}
    assert (word_of("validated"), word_of("disproved"), word_of("")) == ("Succeeded", "Learned", "")
