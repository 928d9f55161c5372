"""What-ifs and suggestions: they start from the number that is shown, and keep nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from delivery import what_if
from delivery.core.levers import Lever, LeverKind
from delivery.forecasts import forecast_all
from delivery.models import Commitment, Deliverable, Forecast
from delivery.promises import promises
from delivery.suggestions import suggest
from people.models import Role
from teams.models import OpenRole, Team
from tests import builders
from tests.builders import TODAY
from tests.delivery.promising import DAY, NOW, SOON, a_team, chance, promised

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    return a_team()


def test_a_what_if_starts_from_the_number_that_is_shown_and_keeps_nothing(
    team: Team, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one, other = promised(team, items=14), promised(team)
    forecast_all(day=TODAY, made=NOW)
    (shown, _) = promises(builders.person(role=Role.DIRECTOR), day=TODAY)
    lever = Lever(LeverKind.PUT_FIRST, one.pk)
    with django_assert_num_queries(4):
        outcome = what_if.what_if(one, [lever], day=TODAY)
    with django_assert_num_queries(3):
        assert what_if.what_if(one, [lever], day=TODAY) == outcome
    assert outcome is not None
    assert outcome.subject.now.missing == shown.missing
    assert (outcome.subject.change or 0) < 0
    assert {effect.deliverable for effect in outcome.others} <= {other.pk}
    assert Forecast.objects.count() == 2
    assert not Deliverable.objects.exclude(priority=None).exists()


def test_a_what_if_knows_a_date_that_moved_since_the_forecast(team: Team) -> None:
    one = promised(team, items=14)
    forecast_all(day=TODAY, made=NOW)
    Commitment.objects.create(deliverable=one, given=TODAY, target=SOON + 200 * DAY)
    outcome = what_if.what_if(one, [], day=TODAY)
    assert outcome is not None
    assert outcome.subject.now.target == SOON + 200 * DAY
    (shown,) = promises(builders.person(role=Role.DIRECTOR), day=TODAY)
    assert outcome.subject.now.missing == pytest.approx(shown.missing, abs=0.01)


def test_without_a_forecast_there_is_nothing_to_try(team: Team) -> None:
    one = promised(team)
    assert what_if.what_if(one, [], day=TODAY) is None
    assert suggest(one, day=TODAY) == ()
    forecast_all(day=TODAY, made=NOW)
    Deliverable.objects.filter(pk=one.pk).update(delivered=TODAY)
    forecast_all(day=TODAY, made=NOW + timedelta(hours=1))
    assert what_if.what_if(one, [], day=TODAY) is None


def test_suggestions_bring_it_back_or_say_that_they_do_not(team: Team) -> None:
    one = promised(team, items=20)
    forecast_all(day=TODAY, made=NOW)
    found = suggest(one, day=TODAY)
    assert found
    for suggestion in found:
        now, then = suggestion.outcome.subject.now.missing, suggestion.outcome.subject.then.missing
        assert now is not None
        assert then is not None
        assert then < now == 1 - chance(one)
        assert suggestion.reaches == (then < 0.15)
    Commitment.objects.create(deliverable=one, given=TODAY, target=SOON + 3000 * DAY)
    assert suggest(one, day=TODAY) == ()


def test_an_open_role_helps_from_its_day_and_counts_for_nothing_once_that_has_passed(team: Team) -> None:
    one = promised(team, items=12)
    forecast_all(day=TODAY, made=NOW)
    without = chance(one)
    role = OpenRole.objects.create(team=team, title="Engineer", start=TODAY - DAY, ramp_weeks=2)
    forecast_all(day=TODAY, made=NOW)
    assert chance(one) == without
    OpenRole.objects.filter(pk=role.pk).update(start=TODAY + 3 * DAY)
    forecast_all(day=TODAY, made=NOW)
    assert chance(one) > without
    outcome = what_if.what_if(one, [Lever(LeverKind.HIRE, role=role.pk, day=TODAY + 30 * DAY)], day=TODAY)
    assert outcome is not None
    assert (outcome.subject.change or 0) > 0
