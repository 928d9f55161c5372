"""What forecasts learn from earlier ones: scored once, resolved later, and never with facts of a later day."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from delivery import calibration
from delivery.calibration import TRIALS, load_record, score_outcomes, seed_of
from delivery.core.calibration import SHIPPED, Correction
from delivery.core.chance import quantiles
from delivery.core.forecast import deliverable_days
from delivery.forecasts import forecast_all
from delivery.models import Deliverable, Forecast, ForecastOutcome, Scope, Source, SourceSlice
from teams.models import Team
from tests import builders
from tests.builders import TODAY, at

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOW = at(TODAY, 6)


def correction_for(team: Team, *, day: date) -> Correction:
    """What a forecast of ``team`` made on ``day`` uses."""
    return load_record().correction(team.pk, day)


@pytest.fixture
def team() -> Team:
    """An item a week for 40 weeks, each open for 20 days."""
    made = builders.team("Ranking")
    source = builders.project(made)
    for week in range(40):
        ended = TODAY - (7 * week + 1) * DAY
        builders.item(source, created=at(ended - 20 * DAY), started=at(ended - 9 * DAY), finished=at(ended))
    return made


def promised(team: Team, *, weeks_ago: int, took: int | None = None) -> Deliverable:
    """Two items from the first day on; delivered after ``took`` days, or open."""
    start = TODAY - 7 * weeks_ago * DAY
    source = Source.objects.get(team_scopes__team=team)
    end = None if took is None else start + took * DAY
    finished = at(end) if end else None
    items = tuple(builders.item(source, created=at(start), finished=finished) for _ in range(2))
    return builders.deliverable(team, start=start, items=items, delivered=end)


def quick_team(team: Team, count: int = 12) -> None:
    """Deliverables of the last year that all took fifteen days."""
    for number in range(count):
        promised(team, weeks_ago=4 + 2 * number, took=15)


def test_a_deliverable_is_scored_once_at_each_age_at_which_it_was_open(team: Team) -> None:
    one = promised(team, weeks_ago=30, took=60)
    assert score_outcomes(day=TODAY) == 4
    rows = ForecastOutcome.objects.order_by("age")
    assert [(row.age, (row.day - one.start).days) for row in rows] == [(0, 0), (2, 14), (4, 28), (8, 56)]
    assert all(row.finished == one.delivered and 0 < (row.pit or 0) < 1 for row in rows)


def test_a_second_run_writes_nothing(team: Team) -> None:
    promised(team, weeks_ago=30, took=60)
    promised(team, weeks_ago=9)
    score_outcomes(day=TODAY)
    before = list(ForecastOutcome.objects.values())
    assert score_outcomes(day=TODAY) == 0
    assert list(ForecastOutcome.objects.values()) == before
    assert score_outcomes(day=TODAY + 30 * DAY) == 1  # the open one has grown older


def test_a_score_is_the_uncorrected_forecast_of_what_was_known_that_day(team: Team) -> None:
    quick_team(team)
    one = promised(team, weeks_ago=10)
    source = Source.objects.get(team_scopes__team=team)
    later = builders.item(source, created=at(one.start + 20 * DAY), started=at(one.start + 22 * DAY))
    one.scoped.create(item=later, since=later.created)  # type: ignore[attr-defined]
    score_outcomes(day=TODAY)
    at_two, at_four = ForecastOutcome.objects.filter(deliverable=one, age__in=(2, 4)).order_by("age")
    assert [(row.open_items, row.started) for row in (at_two, at_four)] == [(2, 0), (3, 1)]

    evidence = calibration.load_evidence([one], at_two.day)
    team_items, own = evidence.team_items(one, at_two.day), evidence.own_items(one, at_two.day)
    days = deliverable_days(team_items, own, at_two.day, trials=TRIALS, seed=seed_of(one, at_two.day))
    assert at_two.quantiles == quantiles(days)


def test_an_end_is_written_down_when_it_is_known_and_taken_off_when_it_was_none(team: Team) -> None:
    one = promised(team, weeks_ago=10)
    score_outcomes(day=TODAY)
    row = ForecastOutcome.objects.get(age=2)
    assert (row.finished, row.pit) == (None, None)

    Deliverable.objects.update(delivered=TODAY - DAY)
    assert score_outcomes(day=TODAY) == 4
    row.refresh_from_db()
    below = np.mean(np.array([np.inf if day is None else day for day in row.quantiles]) < 55)
    assert row.finished == TODAY - DAY
    assert row.pit == pytest.approx(below, abs=0.03)

    Deliverable.objects.update(delivered=None)
    assert score_outcomes(day=TODAY) == 4
    row.refresh_from_db()
    assert (row.finished, row.pit) == (None, None)
    Deliverable.objects.filter(pk=one.pk).update(delivered=one.start + 20 * DAY)
    score_outcomes(day=TODAY)
    assert list(ForecastOutcome.objects.values_list("age", flat=True)) == [0, 2]  # it had ended before the others


def test_nothing_that_happened_later_changes_the_correction_of_a_day(team: Team) -> None:
    then = TODAY - 40 * DAY
    quick_team(team)
    one = promised(team, weeks_ago=26)
    score_outcomes(day=then)
    before = correction_for(team, day=then)
    score_outcomes(day=TODAY)
    assert correction_for(team, day=then) == before != SHIPPED

    Deliverable.objects.filter(pk=one.pk).update(delivered=then)
    promised(team, weeks_ago=5, took=3)
    score_outcomes(day=TODAY)
    assert correction_for(team, day=then) == before
    assert correction_for(team, day=TODAY) != before


def test_a_dropped_one_says_only_that_it_was_not_done_by_then(team: Team) -> None:
    one = promised(team, weeks_ago=20)
    Deliverable.objects.filter(pk=one.pk).update(dropped=TODAY - 60 * DAY)
    score_outcomes(day=TODAY)
    assert {row.finished for row in ForecastOutcome.objects.all()} == {None}
    assert correction_for(team, day=TODAY - 59 * DAY) == correction_for(team, day=TODAY)
    assert correction_for(team, day=TODAY).shift > 0


def test_a_team_that_delivers_sooner_than_said_is_forecast_sooner(team: Team) -> None:
    one = promised(team, weeks_ago=0)
    forecast_all(day=TODAY, made=NOW)
    shipped = Forecast.objects.get()
    quick_team(team, 20)
    forecast_all(day=TODAY, made=NOW)
    row = Forecast.objects.get(deliverable=one)
    assert shipped.shift is None
    assert row.shift is not None
    assert row.shift < 0
    correction = correction_for(team, day=TODAY)
    assert (row.scale, row.learnt_from) == (correction.scale, ForecastOutcome.objects.count())
    assert (row.p50 or date.max) < (shipped.p50 or date.max)


def test_a_team_without_a_record_uses_the_organisations(team: Team) -> None:
    quick_team(team)
    score_outcomes(day=TODAY)
    young = builders.team("New")
    own, others = correction_for(team, day=TODAY), correction_for(young, day=TODAY)
    assert own.shift < others.shift < 0
    assert correction_for(young, day=TODAY - timedelta(weeks=40)) == SHIPPED


def test_the_past_is_not_scored_while_its_source_is_read_for_the_first_time(team: Team) -> None:
    one = promised(team, weeks_ago=10)
    source = Source.objects.get(team_scopes__team=team)
    Scope.objects.create(deliverable=one, source=source, rule=Scope.Rule.PARENT, value="ABC-1")
    part = SourceSlice.objects.create(source=source, kind="items", scope="ABC")
    assert score_outcomes(day=TODAY) == 0
    part.bookmark = NOW
    part.save()
    assert score_outcomes(day=TODAY) == 4


def test_what_an_older_version_said_is_said_again(team: Team) -> None:
    promised(team, weeks_ago=10)
    score_outcomes(day=TODAY)
    ForecastOutcome.objects.update(version=0)
    assert score_outcomes(day=TODAY) == 4


def test_what_cannot_be_forecast_is_not_scored() -> None:
    young = builders.team()
    builders.project(young)
    promised(young, weeks_ago=10)
    assert score_outcomes(day=TODAY) == 0


@pytest.mark.parametrize("count", [1, 12])
def test_the_number_of_queries_does_not_grow(
    count: int, team: Team, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        promised(team, weeks_ago=4 + number, took=10)
    with django_assert_num_queries(10):
        score_outcomes(day=TODAY)
    with django_assert_num_queries(4):
        score_outcomes(day=TODAY)
    with django_assert_num_queries(1):
        correction_for(team, day=TODAY)
