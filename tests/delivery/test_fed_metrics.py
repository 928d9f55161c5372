"""Key results that Headway feeds by a metric of their team: the number of its page, or why there is none."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from dashboards.pages import team as team_page
from delivery import fed, fed_metrics
from delivery.models import Deployment, KeyResult, KeyResultValue, WorkItem
from people.models import Role
from teams.models import Team
from tests import builders
from tests.builders import TODAY, at
from tests.delivery.fed_world import DAY, METRICS, NOW, busy_team, fed_now, goal, key_result

pytestmark = pytest.mark.django_db


def of_metrics(team: Team | None, *metrics: str) -> list[KeyResult]:
    mine = goal(team)
    return [key_result(mine, "metric", metric=one) for one in metrics or METRICS]


def standing(rows: list[KeyResult]) -> dict[str, tuple[float | None, str]]:
    now = KeyResult.objects.in_bulk([one.pk for one in rows])
    return {one.metric: (now[one.pk].current, now[one.pk].unknown) for one in rows}


def test_every_metric_there_is_can_be_read() -> None:
    assert set(fed_metrics.READ) == set(KeyResult.Metric.values) == set(METRICS)


def test_each_metric_is_what_it_is_by_hand() -> None:
    rows = of_metrics(busy_team())
    assert fed.feed(day=TODAY, at=NOW) == len(METRICS)
    assert standing(rows) == {metric: (pytest.approx(value), "") for metric, value in METRICS.items()}
    counted = dict(KeyResultValue.objects.values_list("key_result__metric", "n"))
    assert counted == {
        **dict.fromkeys(("throughput", "cycle_time", "deployments", "fail_rate"), 6),
        **dict.fromkeys(("review_wait", "lead_time"), 5),
        "wip": 2,
    }


def test_each_metric_is_the_number_on_the_page_of_the_team() -> None:
    team = busy_team()
    rows = of_metrics(team)
    fed.feed(day=TODAY, at=NOW)
    found = {metric: value for metric, (value, _) in standing(rows).items()}
    made = team_page.page(builders.person(role=Role.DIRECTOR), team, weeks="", now=NOW, today=TODAY)
    tiles = {one.title: one for one in made.delivery.tiles}
    assert (tiles["Deployments"].value, tiles["Deployments"].unit) == (f"{found['deployments']:.1f}", "a week")
    assert tiles["Changes that failed"].value == f"{found['fail_rate']:.0f}%"
    lead = tiles["Lead time for a change"]
    assert (float(lead.value), lead.unit) == (found["lead_time"], "days")
    shown = [panel.figure.alt + panel.figure.note for panel in made.flow if panel.figure]
    assert f"to {found['throughput']:.1f} in the last four weeks" in shown[0]
    assert f"6 in 7 within {found['cycle_time']:.0f} days" in shown[1]
    assert f"{found['wip']:.0f} items in progress" in shown[2]
    assert f"more than {found['review_wait']:.0f} hours of working time" in shown[3]


def test_what_is_in_progress_is_counted_exactly_and_may_be_nothing() -> None:
    team = busy_team()
    WorkItem.objects.filter(ended=None).update(ended=NOW - DAY, finished=NOW - DAY)
    assert standing([fed_now(of_metrics(team, "wip")[0])]) == {"wip": (0, "")}


def test_a_team_that_nothing_is_tied_to_has_no_number() -> None:
    rows = of_metrics(builders.team())
    fed.feed(day=TODAY, at=NOW)
    assert standing(rows) == dict.fromkeys(METRICS, (None, fed_metrics.NO_SCOPE))


def test_a_team_of_which_nothing_was_read_has_no_number_and_no_0() -> None:
    team = builders.team()
    builders.project(team)
    rows = of_metrics(team)
    fed.feed(day=TODAY, at=NOW)
    few = "Not enough data: 0 {} in the last 12 weeks are too few; 5 are needed."
    assert standing(rows) == {
        "throughput": (None, fed_metrics.NO_ITEMS),
        "cycle_time": (None, few.format("items finished with a known start")),
        "wip": (None, fed_metrics.NO_ITEMS),
        "review_wait": (None, few.format("changes with a known first review")),
        **dict.fromkeys(("deployments", "lead_time", "fail_rate"), (None, fed_metrics.NO_DEPLOYMENT)),
    }


def test_too_few_are_told_and_are_no_number() -> None:
    team = busy_team()
    rows = of_metrics(team, "throughput", "deployments", "fail_rate", "lead_time")
    WorkItem.objects.filter(finished__lt=NOW - 3 * DAY).delete()
    Deployment.objects.filter(finished__lt=NOW - 8 * DAY).delete()
    fed.feed(day=TODAY, at=NOW)
    few = "Not enough data: 1 {} weeks is too few; 5 are needed."
    deployed = (None, few.format("deployment to production in the last 12"))
    assert standing(rows) == {
        "throughput": (None, few.format("item finished in the last 4")),
        "deployments": deployed,
        "fail_rate": deployed,
        "lead_time": (
            None,
            "Not enough data: 0 changes that reached production in the last 12 weeks are too few; 5 are needed.",
        ),
    }
    assert set(KeyResultValue.objects.values_list("value", "n")) == {(None, 1), (None, 0)}


def test_weeks_before_the_record_begins_are_no_weeks_without_work() -> None:
    team = busy_team()
    row = of_metrics(team, "throughput")[0]
    WorkItem.objects.filter(finished__lt=NOW - 14 * DAY).delete()
    WorkItem.objects.update(created=at(TODAY - 15 * DAY))
    assert fed_now(row).unknown == "Only 2 weeks of this team’s work are known whole; 4 are needed."
    WorkItem.objects.exclude(finished=None).delete()
    WorkItem.objects.update(created=NOW)
    assert fed_now(row).unknown == fed_metrics.NO_WEEK


def test_only_a_goal_of_a_team_can_be_fed_by_its_metric() -> None:
    team = busy_team()
    of_group = goal(level="group", group=team.group)
    rows = [*of_metrics(None, "wip"), key_result(of_group, "metric", metric="wip")]
    fed.feed(day=TODAY, at=NOW)
    for row in rows:
        row.refresh_from_db()
        assert (row.current, row.current_on, row.unknown) == (None, TODAY, fed.ONLY_TEAMS)


def test_one_team_is_read_once_however_many_key_results_it_has(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    team = busy_team()
    of_metrics(team)
    with django_assert_num_queries(1 + 10 + 6):  # what is fed, the team, the writing
        fed.feed(day=TODAY, at=NOW)
    KeyResultValue.objects.all().delete()
    of_metrics(team)
    with django_assert_num_queries(1 + 10 + 6):
        fed.feed(day=TODAY, at=NOW)
