"""What webhooks hinted at is read again: by its id, once, as it is now (J8, J15, J34, G25)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from delivery import hearing, hooks, sources, sync
from delivery.hooks import Accepted, Sent
from delivery.models import HookDelivery, PullRequest, Source, SyncRun, WorkItem
from simulator import webhooks
from simulator.webhooks import Delivery
from tests.delivery import served
from tests.delivery.changing import LATER, Place, changed, newest, placed
from tests.delivery.served import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Iterator[Place]:
    with placed() as found:
        yield found


def heard(source: Source, *deliveries: Delivery, at: datetime = LATER) -> hearing.Heard:
    """They came in, and are heard."""
    for delivery in deliveries:
        tell(source, delivery, at=at)
    return hearing.hear(source, now=at)


def tell(source: Source, delivery: Delivery, at: datetime = LATER) -> Accepted:
    secret = hooks._secret(source)
    headers = {name.lower(): value for name, value in delivery.signed(secret).headers}
    return hooks.accept(source.kind, source.pk, Sent(headers, delivery.body), now=at)


def test_a_changed_issue_is_read_by_its_id_and_nothing_else_is(place: Place) -> None:
    """J8: the index may lag; an id is asked for as it is."""
    source = place.jira()
    item = newest(source)
    now = place.issues.edit(item.key, title="Changed a moment ago", status="Done")
    done = heard(source, changed(now))
    item.refresh_from_db()
    assert (item.title, item.status) == ("Changed a moment ago", "Done")
    assert [(run.state, run.written) for run in done.runs] == [("done", 1)]
    assert done.changed
    assert len(place.running.requests) < 10
    assert HookDelivery.objects.get().done == LATER
    source.refresh_from_db()
    assert source.hook_heard == LATER


def test_many_deliveries_about_one_issue_ask_once(place: Place) -> None:
    source = place.jira()
    now = place.issues.edit(newest(source).key, title="Changed")
    done = heard(source, *(changed(now, str(number), votes=number) for number in range(20)))
    assert len(done.runs) == 1
    assert HookDelivery.objects.filter(done=LATER).count() == 20


def test_a_repeated_delivery_is_heard_once(place: Place) -> None:
    source = place.jira()
    now = place.issues.edit(newest(source).key, title="Changed")
    heard(source, changed(now))
    place.running.forget()
    assert tell(source, changed(now)) == Accepted.KNOWN
    assert hearing.hear(source, now=LATER) == hearing.Heard()
    assert place.running.requests == []


def test_old_and_unordered_payloads_leave_what_the_source_says_now(place: Place) -> None:
    """J34: payloads may be old; what is stored is what the source says when it is asked."""
    source = place.jira()
    item = newest(source)
    states = ["In Progress", "Done", "In Progress", "Done"]
    deliveries = []
    for number, status in enumerate(states):
        now = place.issues.edit(item.key, status=status, title=f"Version {number}")
        deliveries.append(changed(now, str(number), status={"name": status}, summary=now.title))
    for delivery in webhooks.unruly(deliveries, random.Random(7), twice=0.9):  # noqa: S311
        heard(source, delivery)
    item.refresh_from_db()
    assert (item.title, item.status) == ("Version 3", "Done")
    undisturbed = item.transitions.count()
    sync.sync_source(source, now=LATER, full=True)
    assert item.transitions.count() == undisturbed


def test_a_deleted_issue_is_marked_deleted_and_a_restored_one_comes_back(place: Place) -> None:
    """J16: a webhook tells it at once."""
    source = place.jira()
    item = newest(source)
    gone = place.issues.delete(item.key)
    done = heard(source, changed(gone, event="jira:issue_deleted"))
    item.refresh_from_db()
    assert item.deleted is not None
    assert done.changed
    assert sum(run.deleted for run in done.runs) == 1
    place.issues.restore(gone.id)
    heard(source, changed(gone, "two"))
    item.refresh_from_db()
    assert item.deleted is None


def test_a_deletion_that_is_not_true_deletes_nothing(place: Place) -> None:
    source = place.jira()
    item = newest(source)
    heard(source, changed(place.issues.get(item.key), event="jira:issue_deleted"))
    item.refresh_from_db()
    assert item.deleted is None


def test_an_issue_that_moved_to_a_project_we_do_not_read_is_followed(place: Place) -> None:
    """J15: it is asked for by its id, where we hold it."""
    source = place.jira()
    item = newest(source)
    other = served.world().teams[1].project
    moved = place.issues.move(item.key, other)
    heard(source, changed(moved))
    item.refresh_from_db()
    assert item.key == moved.key or item.deleted is not None
    assert not WorkItem.objects.filter(
        source=source, key__startswith=f"{place.project}-", native_id=str(moved.id)
    ).exists()


def test_a_new_issue_is_there_after_its_webhook(place: Place) -> None:
    source = place.jira()
    made = place.issues.add(place.project, title="Brand new")
    heard(source, changed(made, event="jira:issue_created"))
    assert WorkItem.objects.get(source=source, native_id=str(made.id)).title == "Brand new"


def test_a_changed_pull_request_is_read_by_its_number(place: Place) -> None:
    source = place.github()
    pull = PullRequest.objects.filter(repository__source=source, closed=None, merged=None).order_by("-number")[0]
    place.code.merge(place.repository, pull.number)
    place.running.forget()
    heard(source, webhooks.github_pull("closed", place.repository.upper(), pull.number, "g1", merged=False))
    pull.refresh_from_db()
    assert pull.merged is not None


def test_sprints_and_deployments_are_looked_through_as_a_whole(place: Place) -> None:
    jira, github = place.jira(), place.github()
    runs = heard(jira, webhooks.jira("sprint_closed", {"sprint": {"id": 1}}, "s1")).runs
    assert {run.slice.kind for run in runs} == {"sprints"}
    deployed = webhooks.github("deployment_status", {"repository": {"full_name": place.repository}}, "d1")
    runs = heard(github, deployed).runs
    assert [(run.slice.kind, run.state) for run in runs] == [("deployments", SyncRun.State.DONE)]


def test_what_is_no_business_of_ours_is_done_without_a_question(place: Place) -> None:
    source = place.jira()
    for number, event in enumerate(("comment_created", "brand_new_event")):
        heard(source, webhooks.jira(event, {}, str(number)))
    heard(source, webhooks.jira_issue("jira:issue_updated", "999", "ELSEWHERE-1", "three"))
    assert place.running.requests == []
    assert HookDelivery.objects.filter(done=None).count() == 0


def test_a_paused_source_reads_nothing_and_has_it_all_once_it_is_resumed(place: Place) -> None:
    source = place.jira()
    item = newest(source)
    now = place.issues.edit(item.key, title="Changed while paused")
    sources.pause(source)
    heard(source, changed(now))
    assert place.running.requests == []
    assert not HookDelivery.objects.filter(done=None).exists()
    sources.resume(source)
    sync.sync_source(source, now=LATER)
    item.refresh_from_db()
    assert item.title == "Changed while paused"


def test_what_a_webhook_missed_polling_brings(place: Place) -> None:
    source = place.jira()
    item = newest(source)
    place.issues.edit(item.key, title="Nobody told us")
    sync.sync_source(source, now=LATER)
    item.refresh_from_db()
    assert item.title == "Nobody told us"


def test_while_the_source_does_not_answer_a_delivery_stays_open_for_an_hour(place: Place) -> None:
    source = place.jira()
    now = place.issues.edit(newest(source).key, title="Changed")
    Source.objects.filter(pk=source.pk).update(url=f"{place.running.url}/nowhere")
    source.refresh_from_db()
    heard(source, changed(now))
    assert HookDelivery.objects.get().done is None
    assert list(hearing.unheard(LATER + timedelta(seconds=1))) == [source]
    Source.objects.filter(pk=source.pk).update(url=place.running.jira_cloud_url)
    source.refresh_from_db()
    assert [run.state for run in hearing.hear(source, now=LATER + timedelta(minutes=5)).runs] == ["done"]
    Source.objects.filter(pk=source.pk).update(url=f"{place.running.url}/nowhere")
    source.refresh_from_db()
    heard(source, changed(now, "two", votes=2))
    assert HookDelivery.objects.filter(done=None).exists()
    hearing.hear(source, now=LATER + timedelta(minutes=61))
    assert not HookDelivery.objects.filter(done=None).exists()


def test_what_waited_for_hours_because_nobody_worked_is_heard_all_the_same(place: Place) -> None:
    """A deletion shows in no search: giving it up unheard would leave it to the next count."""
    source = place.jira()
    item = newest(source)
    gone = place.issues.delete(item.key)
    tell(source, changed(gone, event="jira:issue_deleted"))
    hearing.hear(source, now=LATER + timedelta(hours=9))
    item.refresh_from_db()
    assert item.deleted is not None
    assert not HookDelivery.objects.filter(done=None).exists()


def test_with_a_token_that_ran_out_webhooks_do_not_ask_again_and_again(place: Place) -> None:
    source = place.jira()
    source.slices.update(error="The token ran out.", error_kind="credentials")
    assert heard(source, changed(place.issues.get(newest(source).key))).runs == ()
    assert place.running.requests == []


def test_a_new_project_that_fits_a_pattern_joins(place: Place) -> None:
    source = place.jira(choices=sources.Choices(patterns=(f"{place.project}*",)))
    other = served.world().teams[1].project
    Source.objects.filter(pk=source.pk).update(patterns=[other])
    source.refresh_from_db()
    heard(source, webhooks.jira("project_created", {"project": {"key": other}}, "p1"))
    source.refresh_from_db()
    assert source.scopes == [place.project, other]
    assert source.slices.filter(scope=other, kind="issues").exists()
    assert not HookDelivery.objects.filter(done=None).exists()


def test_deliveries_are_forgotten_after_a_week(place: Place) -> None:
    source = place.jira()
    tell(source, changed(place.issues.get(newest(source).key)), at=NOW - timedelta(days=8))
    tell(source, changed(place.issues.get(newest(source).key), "two", votes=2), at=NOW)
    assert hooks.forget_old(NOW) == 1
    assert HookDelivery.objects.get().delivery == "two"
