"""The register where something is not known, comes late or comes from another day: it stays as it is, and says so."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from delivery import risk_history, risks
from delivery.forecasts import forecast_all
from delivery.models import CheckIn, Commitment, Deliverable, Goal, Risk, RiskEvent, SourceSlice, WorkItem
from people.models import Role
from teams.models import Team
from tests import builders
from tests.builders import TODAY, at
from tests.delivery.promising import DAY, SOON, a_team, promised

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    return a_team()


def keep(day: date = TODAY) -> risks.Kept:
    return risks.keep_risks(day=day, now=at(day, 7))


def keep_days(first: int, last: int) -> None:
    for number in range(first, last + 1):
        day = TODAY + number * DAY
        forecast_all(day=day, made=at(day, 6))
        keep(day)


def open_rules() -> set[str]:
    return set(Risk.objects.exclude(state__in=("closed", "pending")).values_list("rule", flat=True))


def in_danger(team: Team) -> Deliverable:
    one = promised(team, target=TODAY + 25 * DAY, items=25)
    CheckIn.objects.create(deliverable=one, day=TODAY, status="on_track", confidence=95)
    return one


def test_what_is_waited_for_stuck_or_held_by_one_stays_while_nothing_is_known_of_what_lies_ahead(team: Team) -> None:
    late, waiting = in_danger(a_team("Data")), promised(team, target=TODAY + 20 * DAY, items=4)
    waiting.depends_on.add(late)
    WorkItem.objects.filter(scoped_in__deliverable=waiting).update(flagged=True, started=at(TODAY - 5 * DAY))
    keep_days(0, 3)
    before = open_rules()
    assert before >= {"waiting", "stuck_items"}
    for number in range(4, 12):
        keep(TODAY + number * DAY)
    assert open_rules() >= before


def test_a_goal_whose_forecast_is_late_keeps_its_risks(team: Team) -> None:
    one = in_danger(team)
    one.goals.add(
        Goal.objects.create(title="Grow", level="team", team=team, start=TODAY - 90 * DAY, end=SOON + 99 * DAY)
    )
    keep_days(0, 0)
    assert "goal_untold" in open_rules()
    for number in range(1, 8):
        keep(TODAY + number * DAY)
    assert "goal_untold" in open_rules()


def test_a_change_to_a_risk_that_a_rule_has_closed_meanwhile_is_told_and_not_made(team: Team) -> None:
    one, by = in_danger(team), builders.person(role=Role.DIRECTOR)
    keep_days(0, 2)
    seen = Risk.objects.get(deliverable=one, rule="likely_to_miss")
    Deliverable.objects.filter(pk=one.pk).update(dropped=TODAY + 3 * DAY)
    keep(TODAY + 3 * DAY)
    with pytest.raises(risks.Conflict) as conflict:
        risks.change_risk(seen, by=by, at=at(TODAY + 3 * DAY), seen=seen.updated, state="mitigating")
    assert conflict.value.risk.state == "closed"


def test_the_register_does_not_go_back_behind_what_it_has_told(team: Team) -> None:
    in_danger(team)
    keep_days(0, 2)
    before = list(Risk.objects.order_by("pk").values("state", "opened", "closed", "seen", "value"))
    told = RiskEvent.objects.count()
    with pytest.raises(risk_history.Past, match=f"kept through {TODAY + 2 * DAY}"):
        risks.keep_risks(day=TODAY + DAY, now=at(TODAY + 2 * DAY, 8))
    assert list(Risk.objects.order_by("pk").values("state", "opened", "closed", "seen", "value")) == before
    assert RiskEvent.objects.count() == told


def test_a_date_that_has_passed_is_one_risk_and_not_a_likely_miss_besides(team: Team) -> None:
    one = in_danger(team)
    Commitment.objects.create(deliverable=one, given=TODAY, target=TODAY + DAY)
    keep_days(0, 4)
    assert "date_passed" in open_rules()
    assert "likely_to_miss" not in open_rules()


def test_one_that_a_person_closes_closes_once_in_its_history(team: Team) -> None:
    one, by = in_danger(team), builders.person(role=Role.DIRECTOR)
    keep_days(0, 2)
    risk = Risk.objects.get(deliverable=one, rule="likely_to_miss")
    risks.close_risk(risk, by=by, at=at(TODAY + 2 * DAY), seen=risk.updated, reason="The date has moved.")
    told = [(event.what, event.before, event.note) for event in risk.events.order_by("pk")][1:]
    assert told == [("closed", "New", "The date has moved.")]


def test_opening_many_takes_as_many_queries_as_opening_few(team: Team) -> None:
    def asked(number: int) -> int:
        Risk.objects.all().delete()
        forecast_all(day=TODAY, made=at(TODAY, 6))
        with CaptureQueriesContext(connection) as captured:
            kept = keep()
        assert kept.opened >= number
        return len(captured)

    for _ in range(2):
        promised(team, target=TODAY - 2 * DAY)
    few = asked(2)
    for _ in range(6):
        promised(team, target=TODAY - 2 * DAY)
    assert asked(8) == few


def test_after_a_clock_that_had_jumped_ahead_the_register_goes_on(team: Team) -> None:
    in_danger(team)
    keep_days(0, 0)
    Risk.objects.update(seen=TODAY + 900 * DAY)
    keep_days(1, 3)
    assert "likely_to_miss" in open_rules()


def test_a_source_that_is_not_read_neither_closes_a_risk_nor_opens_one(team: Team) -> None:
    one = in_danger(team)
    WorkItem.objects.filter(scoped_in__deliverable=one).update(started=at(TODAY - 9 * DAY))
    Deliverable.objects.update(start=TODAY)
    keep_days(0, 7)
    assert "piling_up" in open_rules()
    assert "nothing_finished" not in open_rules()
    was_read = at(TODAY + 7 * DAY)
    SourceSlice.objects.create(
        source=one.team.scopes.get().source,
        kind="issues",
        scope=one.team.scopes.get().scope,
        last_success=was_read,
    )
    for number in range(9, 60, 10):
        keep(TODAY + number * DAY)
    assert "piling_up" in open_rules()
    assert "nothing_finished" not in open_rules()
    assert "silent_source" in open_rules()


def test_numbers_that_move_leave_the_version_that_people_edit_and_a_closing_does_not(team: Team) -> None:
    one = in_danger(team)
    keep_days(0, 2)
    before = Risk.objects.get(deliverable=one, rule="likely_to_miss")
    Risk.objects.filter(pk=before.pk).update(value=1.0, title="Older")
    keep_days(3, 3)
    moved = Risk.objects.get(pk=before.pk)
    assert (moved.title, moved.updated) == (before.title, before.updated)
    Deliverable.objects.filter(pk=one.pk).update(dropped=TODAY + 4 * DAY)
    keep(TODAY + 4 * DAY)
    assert Risk.objects.get(pk=before.pk).updated != before.updated


def test_a_second_run_with_nothing_new_writes_nothing(team: Team) -> None:
    in_danger(team)
    keep_days(0, 2)
    with CaptureQueriesContext(connection) as captured:
        keep(TODAY + 2 * DAY)
    assert [asked["sql"] for asked in captured if asked["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []
