"""The sentences that answer, worked by hand."""

from __future__ import annotations

from datetime import date

import pytest

from dashboards import sentences
from dashboards.answers import answers
from dashboards.sentences import Sentence, lateness, odds, promise_headline, stands_out
from delivery.core.chance import Level
from delivery.core.promise import Tally
from tests.dashboards.made import in_days, promise

L, A, T, N = Level.LIKELY, Level.AT_RISK, Level.ON_TRACK, Level.NONE


def text(sentence: Sentence) -> str:
    return "".join(phrase.text for phrase in sentence)


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        ({L: 7, A: 11, T: 22, N: 2}, {L: 4, A: 15}, "7 of 42 deliverables are likely to miss their date; 3 more than last week."),
        ({L: 1, T: 1}, {}, "1 of 2 deliverables is likely to miss its date."),
        ({A: 2, T: 3}, {A: 2}, "2 of 5 deliverables are at risk; none is likely to miss; same as last week."),
        ({T: 3, N: 1}, {}, "All 3 deliverables with a forecast are on track."),
        ({T: 1}, {}, "The one deliverable with a forecast is on track."),
        ({N: 2}, {}, "2 deliverables, and no forecast yet."),
    ],
)  # fmt: skip
def test_the_headline_speaks_of_the_worst_level(now: dict[Level, int], before: dict[Level, int], said: str) -> None:
    assert text(sentences.overview_headline(Tally(now, before))) == said


def test_a_headline_says_the_chance_the_date_and_how_late() -> None:
    said = promise_headline(promise(missing=0.81))
    assert text(said) == "About a 4 in 5 chance of missing 11 December; most likely done on 22 December, 11 days late."
    assert said[0].stress == "em"


def test_an_on_track_headline_is_not_stressed() -> None:
    said = promise_headline(promise(missing=0.04, p50=date(2026, 12, 2), p85=date(2026, 12, 9)))
    assert (
        text(said) == "Less than a 1 in 20 chance of missing 11 December; most likely done on 2 December, 9 days early."
    )
    assert said[0].stress == ""


def test_headlines_without_a_forecast_a_date_or_an_end() -> None:
    assert text(promise_headline(promise(missing=None))) == "No forecast yet for 11 December."
    undated = promise(missing=None, target=None)
    assert text(promise_headline(undated)) == "No date is promised, and there is no forecast yet."
    endless = promise(missing=0.99, p50=None, p85=None)
    assert text(promise_headline(endless)) == "Almost certain to miss 11 December; no end in sight within ten years."
    done = promise(missing=None, delivered=date(2026, 12, 3))
    assert text(promise_headline(done)) == "Delivered on 3 December, 8 days early."


@pytest.mark.parametrize(
    ("per_cent", "said"),
    [(47, "A little under even odds of missing"), (50, "Even odds of missing"), (97, "Almost certain to miss")],
)
def test_odds_begin_a_sentence(per_cent: int, said: str) -> None:
    assert odds(per_cent) == said


def test_lateness_is_counted_in_days_then_weeks() -> None:
    target = date(2026, 12, 11)
    assert lateness(target, target) == "on the day"
    assert lateness(date(2027, 1, 15), target) == "5 weeks late"


NOTHING_BEGUN = {"items_done": 0, "items_begun": 0, "last_finish": None}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "No blocked items, scope as agreed"),
        ({"grown": 26}, "Scope grew 45% since the date was set"),
        ({"blocked": 5}, "5 of 28 open items blocked"),
        ({"waits_for": ("Event schema v3",)}, "Waits for Event schema v3"),
        ({"waits_for": ("A", "B", "C"), "blocked": 5}, "Waits for A and 2 others; 5 of 28 open items blocked"),
        ({"target": in_days(-3)}, "The promised day was 3 days ago"),
        ({"moves": 2}, "The date moved twice"),
        ({"items_done": 0, "last_finish": None, "start": in_days(-20)}, "No item finished yet"),
        ({"items_done": 0, "last_finish": None, "start": in_days(-21)}, "No item finished for 3 weeks"),
        ({"last_finish": in_days(-20)}, "No blocked items, scope as agreed"),
        ({"last_finish": in_days(-30)}, "No item finished for 4 weeks"),
        ({"last_finish": in_days(-90), "start": in_days(-5)}, "No blocked items, scope as agreed"),
        ({"last_finish": in_days(-30), "items_done": 84}, "No blocked items, scope as agreed"),
        ({"last_finish": in_days(-30), "start": in_days(9)}, "No blocked items, scope as agreed"),
        (NOTHING_BEGUN | {"target": in_days(70)}, "Nothing started 10 weeks before the date"),
        (NOTHING_BEGUN | {"target": in_days(13)}, "Nothing started 13 days before the date"),
        (NOTHING_BEGUN | {"target": in_days(0)}, "Nothing started by the promised day"),
        (NOTHING_BEGUN | {"target": in_days(71)}, "No item finished for 9 weeks"),
        (NOTHING_BEGUN | {"target": in_days(30), "items": 0}, "No blocked items, scope as agreed"),
        ({"items_done": 81}, "Last 3 items open"),
        ({"missing": None}, "A forecast needs 5 finished items."),
        ({"at_commitment": 0, "grown": 9}, "No blocked items, scope as agreed"),
    ],
)
def test_what_stands_out_is_the_strongest_measured_fact(fields: dict[str, object], said: str) -> None:
    assert stands_out(promise(**fields)) == said  # type: ignore[arg-type]


def test_one_piece_of_work_that_others_wait_for_is_the_threat_and_comes_first() -> None:
    schema = promise("Event schema v3", 0.81, blocked=5)
    waiting = [promise(name, 0.6, waits_for=("Event schema v3",)) for name in ("Home feed", "Cold start")]
    found = answers([schema, *waiting])
    assert found.threat is schema
    assert found.first is schema
    assert text(found.threatens) == (
        "One piece of work, Event schema v3: 2 of the 3 in danger cannot finish without it."
        " Its own chance of missing is 81%."
    )
    assert text(found.do_first) == ("Clear the 5 blocked items of Event schema v3; 2 others in danger wait for it.")


def test_goals_that_hold_the_misses_are_named() -> None:
    found = [promise(goal="Fresh data"), promise(goal="Fresh data"), promise(goal="Home page"), promise(missing=0.1)]
    assert text(answers(found).will_we) == (
        "Less than half of it. Fresh data and Home page hold 3 of the 3 likely to miss; the latest by 11 days."
    )


@pytest.mark.parametrize(
    ("places", "said"),
    [
        (
            (("A", "X"), ("B", "X"), ("C", "Y"), ("D", "Y"), ("E", "Z")),
            "Of the 5 likely to miss, 2 are in X, 2 in Y and 1 in Z",
        ),
        ((("A", "X"), ("B", "X"), ("C", "X"), ("D", "X"), ("E", "X")), "The 5 likely to miss are spread over 5 teams"),
        (
            (("A", "V"), ("B", "W"), ("C", "X"), ("D", "Y"), ("E", "Z")),
            "Of the 5 likely to miss, 1 is in V, 1 in W, 1 in X and 2 elsewhere",
        ),
    ],
)
def test_places_that_hold_less_than_half_of_the_misses_are_not_named_as_the_place(
    places: tuple[tuple[str, str], ...], said: str
) -> None:
    found = [promise(goal=f"Goal {team}", team=team, team_slug=team, group=group) for team, group in places]
    assert text(answers(found).will_we) == f"Less than half of it. {said}; the latest by 11 days."


def test_a_disputed_promise_comes_first_where_nothing_is_measured() -> None:
    green = promise("Lakehouse", 0.63, declared="on_track", confidence=90)
    found = answers([promise("Other", 0.7), green])
    assert found.threat is None
    assert found.first is green
    assert "know that the forecast does not" in text(found.do_first)


def test_answers_stay_calm_without_danger_and_honest_without_forecasts() -> None:
    calm = answers([promise(missing=0.05)])
    assert text(calm.will_we) == "As it looks, yes: the one with a forecast is not likely to miss."
    assert calm.first is None
    assert text(answers([promise(missing=None)]).will_we) == "Nobody can say yet: no deliverable has a forecast."
