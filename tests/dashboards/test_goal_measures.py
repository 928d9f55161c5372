"""What a goal's page says of its key results: what each rests on, its weeks, its parts, and who sees which of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from dashboards.glyphs import SPARK_HEIGHT, line
from delivery import fed
from delivery.models import Goal, KeyResult, KeyResultValue
from tests import builders
from tests.builders import TODAY, at
from tests.dashboards.goal_rows import goal, measure
from tests.dashboards.risk_rows import page, signed_in
from tests.dashboards.roles import Organisation, organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
DAY = timedelta(days=1)


@pytest.fixture
def org(db: None) -> Organisation:
    return organisation()


def shown(client: Client, one: Goal) -> str:
    return page(client, f"/goals/{one.pk}/")


def value(of: KeyResult, number: float | None, ago: int, **fields: Any) -> KeyResultValue:
    values = {"day": TODAY - ago * DAY, "at": at(TODAY - ago * DAY), "measured": True, "n": 3, "formula": 1}
    return KeyResultValue.objects.create(key_result=of, value=number, **(values | fields))


def test_a_fed_key_result_says_what_it_rests_on_and_as_of_when(client: Client, org: Organisation) -> None:
    one = goal("Served", "team", team=org.team)
    measure(one, title="Work done", fed_by="deliverables")
    for title, delivered in (("Done", TODAY), ("Empty", None)):
        builders.deliverable(org.team, title=title, delivered=delivered).goals.add(one)
    fed.feed(day=TODAY, at=at(TODAY))
    signed_in(client, org.executive)
    html = shown(client, one)
    assert f"as of {TODAY:%a} {TODAY.day} {TODAY:%b}; n = 1 deliverable; 1 without items left out" in html
    assert "(formula 1)" in html
    assert "100%" in html


def test_what_is_not_known_says_why_and_what_was_not_counted_yet_says_that(client: Client, org: Organisation) -> None:
    one = goal("Nothing yet", "team", team=org.team)
    measure(one, title="By parts", fed_by="parts")
    fed.feed(day=TODAY, at=at(TODAY))
    measure(one, title="New", fed_by="deliverables")
    signed_in(client, org.executive)
    html = shown(client, one)
    assert fed.NO_PART in html
    assert "n = 0 key results" in html
    assert "Headway has not counted it yet: it does so every six hours while the goal runs." in html


def test_a_typed_key_result_that_was_measured_before_rests_on_no_count(client: Client, org: Organisation) -> None:
    one = goal("Switched")
    row = measure(one, 7, current_on=TODAY)
    value(row, 5, ago=0)
    signed_in(client, org.executive)
    assert "n = " not in shown(client, one)
    KeyResult.objects.filter(pk=row.pk).update(fed_by="parts")
    assert "n = 3 key results" in shown(client, one)


def test_its_weeks_are_a_line_and_only_the_last_value_of_each_is_told(client: Client, org: Organisation) -> None:
    one = goal("Weeks")
    row = measure(one, 40, fed_by="deliverables", unit_word="producers", current_on=TODAY)
    for ago in range(50):
        value(row, 200 - ago, ago=ago)
    signed_in(client, org.executive)
    html = shown(client, one)
    first = goal_weeks(one)[0]
    assert f"200 producers on {TODAY:%a} {TODAY.day} {TODAY:%b}, {len(goal_weeks(one))} weeks with a value" in html
    assert html.count("(formula 1)</li>") == len(goal_weeks(one))
    assert f"From {200 - (TODAY - first).days} producers" in html
    assert 'class="spark spark--line"' in html


def goal_weeks(one: Goal) -> list[date]:
    """The last day with a value of each week of the goal's period among the last 50 days, the oldest first."""
    days = [day for ago in range(50) if (day := TODAY - ago * DAY) >= one.start]
    return sorted({day.isocalendar()[:2]: day for day in reversed(days)}.values())


def test_one_value_is_no_line(client: Client, org: Organisation) -> None:
    one = goal("One")
    value(measure(one, 3, fed_by="parts", current_on=TODAY), 3, ago=0)
    signed_in(client, org.executive)
    assert "spark--line" not in shown(client, one)


def test_a_line_falls_where_its_target_is_below_and_breaks_where_nothing_is_known() -> None:
    first, last = date(2026, 10, 1), date(2027, 1, 9)
    points = [(first, 48.0), (first + 50 * DAY, None), (last, 8.0)]
    found = line(points, first=first, last=last, low=48, high=8)
    assert found is not None
    assert found.path == f"M0.0 1.0M100.0 {SPARK_HEIGHT - 1.0}"
    assert found.target == SPARK_HEIGHT - 1
    joined = line([points[0], points[2]], first=first, last=last, low=48, high=8)
    assert joined is not None
    assert joined.path.count("L") == 1


@pytest.mark.parametrize(
    ("who", "sees"), [("director", True), ("lead", True), ("manager", True), ("engineer", False), ("executive", False)]
)
def test_a_sum_stands_and_tells_no_part_that_is_not_for_the_reader(
    client: Client, org: Organisation, who: str, sees: bool
) -> None:
    top = goal("Open whole")
    whole = measure(top, title="Whole", target=100, fed_by="parts")
    secret = goal("Secret merger", "team", team=org.team, owner=org.lead, parent=top, confidential=True)
    measure(secret, 17, title="Hidden part", target=50, counts_towards=whole)
    plain = goal("Plain", "team", team=org.team, owner=org.lead, parent=top)
    measure(plain, 4, title="Shown part", target=50, counts_towards=whole)
    measure(goal("Gone", parent=top, dropped=TODAY), 9, title="Dropped part", counts_towards=whole)
    fed.feed(day=TODAY, at=at(TODAY))
    signed_in(client, getattr(org, who))
    html = shown(client, top)
    assert "<strong>21</strong>" in html
    assert "n = 2 key results" in html
    assert "Shown part: 4 of 50" in html
    assert "Dropped part" not in html
    for told in ("Hidden part", "Secret merger", "17 of 50"):
        assert (told in html) is sees, told
    assert ("Also 1 in goals that are not shown to you" in html) is not sees


@pytest.mark.parametrize("who", ["director", "engineer"])
@pytest.mark.parametrize(("target", "dropped", "short"), [(60, False, False), (50, False, True), (60, True, True)])
def test_whether_parts_add_up_is_counted_over_hidden_ones_too(
    client: Client, org: Organisation, who: str, target: int, dropped: bool, short: bool
) -> None:
    top = goal("Open whole")
    whole = measure(top, title="Whole", target=100)
    plain = goal("Plain", "team", team=org.team, parent=top)
    measure(plain, target=40, counts_towards=whole)
    day = TODAY if dropped else None
    secret = goal("Secret", "team", team=org.team, parent=top, confidential=True, owner=org.director, dropped=day)
    measure(secret, target=target, counts_towards=whole)
    signed_in(client, getattr(org, who))
    assert ("short of its 100" in shown(client, top)) is short


@pytest.mark.parametrize(("who", "sees"), [("lead", True), ("engineer", False)])
def test_what_counts_towards_a_hidden_goal_does_not_name_it(
    client: Client, org: Organisation, who: str, sees: bool
) -> None:
    secret = goal("Secret merger", "group", group=org.group, owner=org.lead, confidential=True)
    whole = measure(secret, title="Hidden whole", fed_by="parts")
    below = goal("Below", "team", team=org.team, parent=secret)
    measure(below, 2, counts_towards=whole)
    signed_in(client, getattr(org, who))
    assert ("Hidden whole" in shown(client, below)) is sees


@pytest.mark.parametrize("many", [1, 6])
def test_the_number_of_queries_does_not_grow_with_values_and_parts(
    client: Client, org: Organisation, many: int, django_assert_num_queries: Any
) -> None:
    top = goal("Top")
    low = goal("Low", "team", team=org.team, parent=top)
    for number in range(many):
        whole = measure(top, number, title=f"Whole {number}", fed_by="parts", current_on=TODAY, position=number)
        measure(low, number, title=f"Part {number}", counts_towards=whole)
        for ago in range(10 * many):
            value(whole, ago, ago=ago)
    signed_in(client, org.director)
    shown(client, top)
    with django_assert_num_queries(24):
        shown(client, top)
