"""Key results that Headway feeds by deliverables and parts, and how every value of them is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from delivery import fed, tasks
from delivery.models import KeyResult, KeyResultValue
from tests import builders
from tests.builders import TODAY
from tests.delivery.fed_world import DAY, NOW, Q4, busy_team, fed_now, goal, key_result

pytestmark = pytest.mark.django_db


def test_deliverables_bring_it_as_far_as_they_are_done_on_average() -> None:
    team = builders.team()
    jira, mine = builders.project(team), goal(team)
    half = builders.deliverable(team, items=(builders.item(jira, finished=NOW - DAY), builders.item(jira)))
    over = builders.deliverable(team, delivered=TODAY - DAY, items=(builders.item(jira),))
    without = builders.deliverable(team)
    dropped = builders.deliverable(team, dropped=TODAY - DAY, items=(builders.item(jira),))
    mine.deliverables.set([half, over, without, dropped])
    builders.deliverable(team, items=(builders.item(jira),))  # serves another purpose
    rows = [key_result(mine, "deliverables", start=0, target=100), key_result(mine, "deliverables", start=48, target=8)]
    fed.feed(day=TODAY, at=NOW)
    assert [KeyResult.objects.get(pk=one.pk).current for one in rows] == [75, 18]
    assert set(KeyResultValue.objects.values_list("n", "left_out")) == {(2, 1)}


def test_what_is_delivered_later_was_not_delivered_yet() -> None:
    team, mine = builders.team(), goal()
    mine.deliverables.add(builders.deliverable(team, delivered=TODAY + DAY))
    assert fed_now(key_result(mine, "deliverables")).unknown == fed.NO_ITEMS


def test_a_goal_without_deliverables_or_items_has_no_progress_of_0() -> None:
    mine, served = goal(), goal()
    served.deliverables.add(builders.deliverable(builders.team()))
    assert fed_now(key_result(mine, "deliverables")).unknown == fed.NO_DELIVERABLE
    row = fed_now(key_result(served, "deliverables"))
    assert (row.current, row.unknown) == (None, fed.NO_ITEMS)


def test_parts_add_what_they_have_come_and_their_own_parts_come_first() -> None:
    team = busy_team()
    top = key_result(goal(), "parts", start=10)
    middle = key_result(goal(team), "parts", counts_towards=top, start=100, target=130)
    key_result(goal(team), counts_towards=middle, start=5, current=9)
    key_result(goal(team), "metric", metric="wip", counts_towards=middle, start=1)
    key_result(goal(team), counts_towards=top)  # nobody has said what it stands at
    key_result(goal(team, dropped=TODAY), counts_towards=top, current=30)
    assert fed_now(top).current == 10 + (4 + 1)
    middle.refresh_from_db()
    assert middle.current == 105
    assert KeyResultValue.objects.filter(key_result=top).values_list("n", "left_out").get() == (1, 1)


def test_a_part_of_a_goal_that_is_over_counts_with_its_last_value() -> None:
    top = key_result(goal(), "parts")
    over = goal(builders.team(), start=Q4[0], end=TODAY)
    key_result(over, "deliverables", counts_towards=top, current=12, current_on=TODAY - DAY)
    assert fed_now(top).current == 12


def test_without_known_parts_there_is_no_sum() -> None:
    row = key_result(goal(), "parts")
    assert fed_now(row).unknown == fed.NO_PART
    key_result(goal(), counts_towards=row)
    row = fed_now(row)
    assert (row.current, row.unknown) == (None, fed.NO_PART_KNOWN)


def test_a_circle_of_parts_is_told_and_not_run_round() -> None:
    first = key_result(goal(), "parts")
    second = key_result(goal(), "parts", counts_towards=first)
    KeyResult.objects.filter(pk=first.pk).update(counts_towards=second)
    key_result(goal(), counts_towards=second, current=3)
    assert (fed_now(first).current, first.unknown) == (None, fed.CIRCLE)
    assert fed_now(second).unknown == fed.CIRCLE


def test_ten_times_the_goals_take_as_many_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    def more(count: int) -> None:
        team = builders.team()
        for _ in range(count):
            mine = goal(team)
            mine.deliverables.add(builders.deliverable(team))
            key_result(mine, "deliverables", counts_towards=key_result(goal(), "parts"))

    more(1)
    fed.feed(day=TODAY, at=NOW)
    more(1)
    with django_assert_num_queries(11):
        fed.feed(day=TODAY, at=NOW)
    more(10)
    with django_assert_num_queries(11):
        fed.feed(day=TODAY, at=NOW)


def test_what_is_typed_not_running_or_dropped_is_left_alone() -> None:
    key_result(goal(), current=3)
    for fields in ({"end": TODAY}, {"start": TODAY + DAY}, {"dropped": TODAY}):
        key_result(goal(None, **fields), "deliverables")
    assert fed.feed(day=TODAY, at=NOW) == 0
    assert not KeyResultValue.objects.exists()


def test_only_the_given_ones_are_fed() -> None:
    one, _ = key_result(goal(), "parts"), key_result(goal(), "parts")
    assert fed.feed(day=TODAY, at=NOW, key_results=[one, key_result(goal())]) == 1
    assert KeyResultValue.objects.get().key_result == one
    assert fed.feed(day=TODAY, at=NOW, key_results=[]) == 0


def kept() -> list[tuple[Any, ...]]:
    rows = KeyResultValue.objects.order_by("pk").values_list("pk", "day", "at", "value", "n", "measured", "formula")
    return [*rows, *KeyResult.objects.order_by("pk").values_list("current", "current_on", "unknown")]


def test_twice_on_a_day_is_as_once() -> None:
    of_team = goal(busy_team())
    for metric in ("wip", "throughput"):
        key_result(of_team, "metric", metric=metric)
    fed.feed(day=TODAY, at=NOW)
    before = kept()
    assert fed.feed(day=TODAY, at=NOW) == 2
    assert kept() == before


def test_each_day_has_one_measured_value_and_no_other_day_is_touched() -> None:
    row = key_result(goal(), "parts")
    part = key_result(goal(), counts_towards=row, current=4)
    fed.feed(day=TODAY - DAY, at=NOW - DAY)
    typed = KeyResultValue.objects.create(key_result=row, day=TODAY, at=NOW, value=1)  # before it was fed
    fed.feed(day=TODAY, at=NOW)
    KeyResult.objects.filter(pk=part.pk).update(current=7)
    fed.feed(day=TODAY, at=NOW + DAY / 24)
    measured = KeyResultValue.objects.filter(key_result=row, measured=True).order_by("day")
    assert list(measured.values_list("day", "at", "value", "by", "formula")) == [
        (TODAY - DAY, NOW - DAY, 4, None, fed.FORMULA),
        (TODAY, NOW + DAY / 24, 7, None, fed.FORMULA),
    ]
    typed.refresh_from_db()
    assert (typed.value, typed.measured) == (1, False)
    assert fed.feed(day=TODAY - DAY, at=NOW - DAY) == 0
    row.refresh_from_db()
    assert (row.current, row.current_on, measured.count()) == (7, TODAY, 2)


def test_a_value_that_is_no_longer_known_is_not_kept_as_if_it_were() -> None:
    row = key_result(goal(), "parts")
    part = key_result(goal(), counts_towards=row, current=4)
    fed.feed(day=TODAY - DAY, at=NOW - DAY)
    part.delete()
    row = fed_now(row)
    assert (row.current, row.current_on, row.unknown) == (None, TODAY, fed.NO_PART)
    assert KeyResultValue.objects.get(day=TODAY - DAY).value == 4


@contextmanager
def just_before_writing(change: Callable[[], object]) -> Iterator[None]:
    done: list[object] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "FOR NO KEY UPDATE" in sql and not done:
            done.append(change())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield
    assert done


def test_what_a_person_changed_meanwhile_stays_as_they_wrote_it() -> None:
    row = key_result(goal(), "parts")
    key_result(goal(), counts_towards=row, current=4)
    typed = {"fed_by": "typed", "current": 33.0, "current_on": TODAY}
    with just_before_writing(lambda: KeyResult.objects.filter(pk=row.pk).update(**typed)):
        assert fed.feed(day=TODAY, at=NOW) == 0
    row.refresh_from_db()
    assert (row.current, row.unknown, KeyResultValue.objects.count()) == (33, "", 0)


@pytest.mark.django_db(transaction=True)
def test_nobody_who_saves_a_key_result_is_waited_for() -> None:
    busy, free = key_result(goal(), "parts"), key_result(goal(), "parts")
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("UPDATE delivery_keyresult SET title = 'Another' WHERE id = %s", [busy.pk])
        assert fed.feed(day=TODAY, at=NOW) == 1
        other.rollback()
    finally:
        other.close()
    assert KeyResultValue.objects.get().key_result == free
    assert fed.feed(day=TODAY, at=NOW) == 2


def test_the_task_feeds_today_by_itself_and_may_run_twice() -> None:
    row = key_result(goal(), "parts")
    key_result(goal(), counts_towards=row, current=4)
    with travel(NOW, tick=False):
        tasks.feed_key_results(said_by="a newer version")
        tasks.feed_key_results()
    assert KeyResultValue.objects.values_list("day", "value").get() == (TODAY, 4)
    beats = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert tasks.feed_key_results.name in beats


def test_what_a_goal_has_to_be_fed_is_there_as_soon_as_it_is_kept_and_only_while_it_runs() -> None:
    running, later = goal(), goal(title="Later", start=TODAY + DAY)
    given_up, other = goal(title="Given up", dropped=TODAY), goal(title="Another one")
    for one in (running, later, given_up):
        key_result(one, "deliverables")
        assert fed.feed_goal(one, at=NOW) == (one == running)
    left = key_result(other, "deliverables")
    key_result(running, current=3)
    assert fed.feed_goal(running, at=NOW) == 1
    assert {row.key_result.goal_id for row in KeyResultValue.objects.all()} == {running.pk}
    assert (fed_now(left).current_on, KeyResultValue.objects.count()) == (TODAY, 2)
