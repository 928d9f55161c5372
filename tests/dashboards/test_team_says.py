"""What a team's headline dares to say, and the DORA tiles in words: by hand-worked numbers."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from dashboards.charts import throughput
from dashboards.pages import team_dora, team_says
from delivery.core.chance import Level
from delivery.core.dora import Dora
from delivery.core.measure import Measure, Spread
from delivery.core.promise import Tally

MONDAY = date(2026, 8, 17)
HOUR = timedelta(hours=1)
NOTHING = Spread(None, None, None, 0)


def weeks(*counts: int) -> list[tuple[date, int]]:
    return [(MONDAY + timedelta(weeks=place), count) for place, count in enumerate(counts)]


def pace(*counts: int) -> str:
    return team_says.pace(weeks(*counts))


@pytest.mark.parametrize(
    ("before", "now", "says"),
    [
        (43, 10, "at less than half of August’s pace"),
        (43, 20, "at half of August’s pace"),
        (43, 27, "at two thirds of August’s pace"),
        (100, 75, "at three quarters of August’s pace"),
        (400, 355, "a little slower than in August"),
        (400, 445, "a little faster than in August"),
        (100, 125, "a quarter faster than in August"),
        (43, 70, "half as fast again as in August"),
        (43, 86, "about twice as fast as in August"),
        (43, 400, "more than twice as fast as in August"),
    ],
)
def test_the_last_four_weeks_are_held_against_the_earliest_four(before: int, now: int, says: str) -> None:
    assert pace(before, 0, 0, 0, 9, 9, 9, 9, now, 0, 0, 0) == f"Work finishes {says}"


def test_a_difference_that_may_be_chance_is_none() -> None:
    assert (
        pace(5, 6, 5, 6, 0, 0, 0, 0, 4, 4, 4, 4) == "4.0 items finish a week, 5.5 in August: too few to tell a change"
    )
    assert pace(11, 11, 11, 10, 0, 0, 0, 0, 12, 11, 11, 11) == (
        "Work finishes about as fast as in August: 11.2 items a week, 10.8 then"
    )


@pytest.mark.parametrize("longer", [(), (40,) * 14])
def test_it_speaks_of_the_same_weeks_as_the_means_in_the_chart(longer: tuple[int, ...]) -> None:
    shown = (*longer, 5, 6, 5, 6, 0, 0, 0, 0, 4, 4, 4, 4)
    means = throughput.figure(weeks(*shown)).layout["annotations"]
    assert [word["text"] for word in means] == ["5.5 a week", "4.0 a week"]
    assert "4.0 items finish a week, 5.5 in " in pace(*shown)


def test_few_items_are_counted_and_not_compared() -> None:
    assert pace(0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 1) == "3 items finished in the last 4 weeks"


def test_a_young_team_is_not_compared() -> None:
    assert pace(5, 6, 7) == "18 items finished in the last 3 weeks"


def test_nothing_finished_is_said() -> None:
    assert pace(0, 0, 0) == "Nothing finished in the last 3 weeks"
    assert pace() == "No week is known yet"


@pytest.mark.parametrize(
    ("now", "text", "stress"),
    [
        ({}, "nothing is promised.", "quiet"),
        ({Level.NONE: 2}, "no forecast yet for 2 promises.", "quiet"),
        ({Level.LIKELY: 1, Level.AT_RISK: 2, Level.ON_TRACK: 2}, "1 of 5 promises is likely to miss.", "em"),
        ({Level.LIKELY: 2}, "2 of 2 promises are likely to miss.", "em"),
        ({Level.AT_RISK: 2, Level.ON_TRACK: 1}, "2 of 3 promises are at risk.", "em"),
        ({Level.ON_TRACK: 1, Level.NONE: 1}, "1 of 2 promises is on track.", "quiet"),
    ],
)
def test_the_worst_that_any_promise_stands_at_is_told(now: dict[Level, int], text: str, stress: str) -> None:
    told = team_says.headline([], Tally(dict.fromkeys(Level, 0) | now))[1]
    assert (told.text, told.stress) == (text, stress)


@pytest.mark.parametrize(
    ("half", "says"),
    [
        (None, ""),
        (5 * HOUR, "Half of all changes get a first review within 5 hours of working time."),
        (20 * HOUR, "Half of all changes wait more than 2.5 working days for a first review."),
        (8 * HOUR, "Half of all changes wait more than 1 working day for a first review."),
    ],
)
def test_waiting_for_a_review_is_told_in_working_time(half: timedelta | None, says: str) -> None:
    assert team_says.review_wait(Spread(half, half, half, 9)) == says


def dora(**fields: Measure | Spread) -> Dora:
    missing = Measure(None, 2)
    values = {"frequency": missing, "days_deployed": missing, "fail_rate": missing, "rework": missing}
    return Dora(**(values | {"lead_time": NOTHING, "recovery": NOTHING} | fields))  # type: ignore[arg-type]


WEEKLY = pd.DataFrame({"week": [MONDAY], "deployments": [4], "failed": [1]})


def tile(title: str, now: Dora, before: Dora) -> team_dora.Tile:
    return next(one for one in team_dora.tiles(now, before, WEEKLY) if one.title == title)


def test_too_little_says_so_instead_of_zero() -> None:
    for one in team_dora.tiles(dora(), dora(), WEEKLY):
        assert one.value == ""
        assert one.why.startswith("Not enough data: ")


def test_many_deployments_are_told_a_day_and_few_a_week() -> None:
    often = tile("Deployments", dora(frequency=Measure(23.8, 95)), dora(frequency=Measure(28.7, 115)))
    assert (often.value, often.unit, often.trend, often.before) == ("3.4", "a day", "Less often", "than 4.1 before")
    seldom = tile("Deployments", dora(frequency=Measure(2.0, 24)), dora())
    assert (seldom.value, seldom.unit, seldom.before) == ("2.0", "a week", "not enough data before to compare")


def test_a_lead_time_keeps_the_unit_it_is_compared_in() -> None:
    now, before = Spread(74 * HOUR, None, None, 40), Spread(53 * HOUR, None, None, 41)
    one = tile("Lead time for a change", dora(lead_time=now), dora(lead_time=before))
    assert (one.value, one.unit, one.trend, one.before) == ("3.1", "days", "Longer", "than 2.2 before")
    assert one.basis == "half of 40 changes"


def test_a_small_change_is_about_the_same() -> None:
    one = tile("Changes that failed", dora(fail_rate=Measure(0.066, 60)), dora(fail_rate=Measure(0.07, 60)))
    assert (one.value, one.trend, one.before) == ("7%", "About the same", "as 7% before")


def test_what_was_left_out_stands_beside_the_number() -> None:
    rate = Measure(0.1, 60, 2, "2 incidents tied to no deployment")
    assert tile("Changes that failed", dora(fail_rate=rate), dora()).basis == (
        "of 60 deployments; 2 incidents tied to no deployment"
    )


@pytest.mark.parametrize(
    ("measure", "says"),
    [
        (Measure(None, 3), ""),
        (Measure(0.04, 50), "4% of 50 deployments were unplanned repairs."),
        (Measure(0.04, 50, 1, "1 incident"), "At least 4% of 50 deployments were unplanned repairs; 1 incident."),
        (Measure(0.0, 50), "0% of 50 deployments were unplanned repairs."),
        (Measure(0.0, 50, 9, "9 incidents"), "How many deployments were unplanned repairs is not known: 9 incidents."),
    ],
)
def test_repairs_nobody_linked_are_not_told_as_none(measure: Measure, says: str) -> None:
    assert team_dora.rework(measure) == says


def test_guessed_links_are_counted() -> None:
    assert team_dora.guesses(0) == ""
    assert team_dora.guesses(1) == "1 link between an incident and its deployment is a guess."
    assert team_dora.guesses(3) == "3 links between an incident and its deployment are guesses."
