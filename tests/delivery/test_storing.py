"""What a page of records becomes."""

from __future__ import annotations

from typing import Any

import pytest

from delivery.models import (
    Commit,
    Deployment,
    FieldChange,
    PullRequest,
    Repository,
    Source,
    StageMapping,
    Transition,
    WorkItem,
)
from delivery.store import meanings, pages
from delivery.store.pages import Stored
from people.models import Account
from tests import builders
from tests.delivery import facts
from tests.delivery.facts import account, commit, day, path, review

pytestmark = pytest.mark.django_db


def stored(source: Source, *records: Any, kind: str = "issues") -> Stored:
    return pages.store(source, kind, records)


def accounts() -> dict[str, Account]:
    return {one.native_id: one for one in Account.objects.all()}


def test_the_same_page_twice_writes_nothing_the_second_time() -> None:
    source = builders.source()
    item = facts.item("1", transitions=path("To Do", 1, "Done"), changes=(facts.change("sprint", 1, "", "7"),))
    assert stored(source, item) == Stored(read=1, written=1)
    assert stored(source, item) == Stored(read=1)
    assert (WorkItem.objects.count(), Transition.objects.count(), FieldChange.objects.count()) == (1, 1, 1)


def test_an_item_that_comes_twice_in_a_page_counts_as_the_last_said() -> None:
    source = builders.source()
    stored(source, facts.item("1", title="early"), facts.item("1", title="late"))
    assert WorkItem.objects.get().title == "late"


def test_an_item_that_moved_keeps_its_row_and_takes_its_new_key() -> None:
    source = builders.source()
    stored(source, facts.item("1", key="ABC-1"))
    stored(source, facts.item("1", key="XYZ-9", project="XYZ", changes=(facts.change("key", 2, "ABC-1", "XYZ-9"),)))
    assert WorkItem.objects.values_list("native_id", "key", "project").get() == ("1", "XYZ-9", "XYZ")


def test_an_item_that_comes_back_is_no_longer_deleted() -> None:
    source = builders.source()
    stored(source, facts.item("1"))
    WorkItem.objects.update(deleted=day(3))
    stored(source, facts.item("1"))
    assert WorkItem.objects.get().deleted is None


def test_text_with_nul_is_stored_without_it() -> None:
    item = facts.item(
        "1", title="a\x00b", labels=("c\x00d",), accounts=(account("ann", name="An\x00n"),), assignee="ann"
    )
    assert stored(builders.source(), item) == Stored(read=1, written=1)
    found = WorkItem.objects.select_related("assignee").get()
    assert (found.title, found.labels, found.assignee and found.assignee.name) == ("ab", ["cd"], "Ann")


def test_a_record_the_database_refuses_does_not_keep_the_others_out() -> None:
    source = builders.source()
    good = [facts.item(str(number)) for number in range(1, 8)]
    bad = facts.item("8" * 61, key="BAD-1")
    told = stored(source, *good[:3], bad, *good[3:])
    assert (told.read, told.written, told.failed) == (8, 7, 1)
    assert told.troubles[0].startswith("BAD-1: It was read and could not be stored: ")


def test_people_are_known_by_their_id_and_found_by_their_mail_in_any_case() -> None:
    source, person = builders.source(), builders.person(email="ann@example.test")
    stored(source, facts.item("1", assignee="ann", accounts=(account("ann", email="Ann@Example.TEST"),)))
    assert accounts()["ann"].person == person
    assert (accounts()["ann"].kind, accounts()["ann"].origin) == (source.kind, source.url)


def test_a_person_that_was_set_is_never_overwritten() -> None:
    source, mine = builders.source(), builders.person()
    builders.person(email="ann@example.test")
    item = facts.item("1", assignee="ann", accounts=(account("ann"),))
    stored(source, item)
    Account.objects.update(person=mine)
    stored(source, facts.item("1", assignee="ann", accounts=(account("ann", email="ann@example.test"),)))
    assert accounts()["ann"].person == mine


def test_a_poorer_answer_takes_nothing_away() -> None:
    source = builders.source()
    stored(source, facts.item("1", assignee="ann", accounts=(account("ann", email="a@b.test", is_bot=True),)))
    stored(source, facts.item("1", assignee="ann", accounts=(account("ann", name=""),)))
    ann = accounts()["ann"]
    assert (ann.name, ann.email, ann.is_bot) == ("Ann", "a@b.test", True)


def test_somebody_only_named_gets_a_bare_account() -> None:
    stored(builders.source(), facts.item("1", transitions=path("To Do", 1, "Done", author="ghost")))
    assert Transition.objects.get().author == accounts()["ghost"]


def test_a_bot_is_nobody_even_with_a_persons_mail() -> None:
    builders.person(email="bot@example.test")
    item = facts.item("1", assignee="bot", accounts=(account("bot", email="bot@example.test", is_bot=True),))
    stored(builders.source(), item)
    assert accounts()["bot"].person is None


def test_statuses_are_guessed_and_a_persons_word_stays() -> None:
    source = builders.source()
    stored(source, *facts.STATUSES.values(), kind="statuses")
    guessed = dict(StageMapping.objects.values_list("status", "stage"))
    assert guessed == {
        "To Do": "todo",
        "In Progress": "active",
        "In Review": "waiting",
        "Done": "done",
        "Released": "done",
        "Won't Do": "dropped",
    }
    StageMapping.objects.filter(status="Released").update(stage="active", guessed=False)
    stored(source, facts.StatusRecord("6", "Released!", "done"), kind="statuses")
    assert StageMapping.objects.values_list("status", "stage", "guessed").get(status_id="6") == (
        ("Released!", "active", False)
    )


def test_a_status_that_got_another_category_restages_its_items() -> None:
    source = builders.source()
    stored(source, *facts.STATUSES.values(), kind="statuses")
    stored(source, facts.item("1", transitions=path("To Do", 1, "In Progress")))
    stored(source, facts.StatusRecord("3", "In Progress", "new"), kind="statuses")
    item = WorkItem.objects.get()
    assert (item.stage, item.started) == ("todo", None)


@pytest.mark.parametrize(
    ("type", "level", "labels", "kind"),
    [
        ("Story", 0, (), "feature"),
        ("Epic", 1, (), "epic"),
        ("Initiative", 2, ("bug",), "epic"),
        ("Bug", 0, (), "bug"),
        ("Spike", 0, (), "experiment"),
        ("Experiment", 0, (), "experiment"),
        ("Incident", 0, (), "incident"),
        ("Task", 0, (), "chore"),
        ("Sub-task", -1, (), "chore"),
        ("Story", 0, ("Incident",), "incident"),
        ("Story", 0, ("bug",), "feature"),
        ("Issue", 0, ("type: bug",), "bug"),
        ("Issue", 0, (), "feature"),
        ("Debugging session", 0, (), "feature"),
    ],
)
def test_the_kind_of_work_is_read_from_plain_rules(type: str, level: int, labels: tuple[str, ...], kind: str) -> None:
    assert meanings.kind(type, level, labels) == kind


@pytest.mark.parametrize(
    ("name", "category", "stage"),
    [
        ("Code Review", "indeterminate", "waiting"),
        ("Blocked", "indeterminate", "waiting"),
        ("On hold", "indeterminate", "waiting"),
        ("Ready for QA", "indeterminate", "waiting"),
        ("Testing", "indeterminate", "waiting"),
        ("Experiment running", "indeterminate", "active"),
        ("Declined", "done", "dropped"),
        ("Duplicate", "done", "dropped"),
        ("Closed as not planned", "done", "dropped"),
        ("Review backlog", "new", "todo"),
        ("Deployed", "", "done"),
        ("Baking", "", "active"),
    ],
)
def test_stages_are_guessed_by_category_and_name(name: str, category: str, stage: str) -> None:
    assert meanings.stage(name, category) == stage


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ("production", True),
        ("prod-eu", True),
        ("eu_prod", True),
        ("Live", True),
        ("preprod", False),
        ("pre-production", False),
        ("non-prod", False),
        ("staging", False),
        ("product-demo", False),
        ("delivery", False),
        ("prod-like", False),
    ],
)
def test_production_is_read_from_the_name(environment: str, expected: bool) -> None:
    assert meanings.is_production(environment) is expected


def pull(**fields: Any) -> PullRequest:
    source = builders.source("github")
    people = tuple(account(name) for name in ("ann", "ben", "cat")) + (account("bot", is_bot=True),)
    stored(source, facts.repository(), facts.pull(accounts=people, **fields), kind="pulls")
    return PullRequest.objects.get()


def test_the_first_review_is_by_somebody_else_who_is_no_bot() -> None:
    reviews = (review("ann", "commented", 1.1), review("bot", "approved", 1.2), review("ben", "commented", 2))
    found = pull(reviews=reviews)
    assert (found.first_review, found.approved) == (day(2), None)


def test_an_administrators_bot_is_a_bot_in_the_next_reading() -> None:
    first = pull(reviews=(review("ben", "approved", 2),))
    assert first.approved == day(2)
    Account.objects.filter(native_id="ben").update(is_bot=True)
    stored(first.repository.source, facts.pull(reviews=(review("ben", "approved", 2),)), kind="pulls")
    first.refresh_from_db()
    assert first.approved is None


@pytest.mark.parametrize(
    ("reviews", "approved"),
    [
        ((("ben", "approved", 2), ("cat", "approved", 3)), 2),
        ((("ben", "dismissed", 2), ("cat", "approved", 3)), 3),
        ((("ben", "approved", 2), ("ben", "changes_requested", 3), ("ben", "approved", 4)), 4),
        ((("ben", "approved", 2), ("cat", "changes_requested", 3)), 2),
        ((("ben", "approved", 6),), None),  # merged on day 5
        ((("ann", "approved", 2),), None),
        ((("ben", "approved", 2), ("ben", "changes_requested", 6)), 2),
        ((), None),
    ],
)
def test_approved_is_the_first_approval_that_stood(
    reviews: tuple[tuple[str, str, float], ...], approved: float | None
) -> None:
    found = pull(reviews=tuple(review(*one) for one in reviews), merged=day(5), closed=day(5))
    assert found.approved == (None if approved is None else day(approved))


def test_the_first_commit_is_the_earliest_and_unknown_after_a_force_push_replaced_it() -> None:
    assert pull(created=day(1), commits=(commit(0.5), commit(0.2))).first_commit == day(0.2)
    later = facts.pull(2, created=day(1), commits=(commit(3),))
    stored(Source.objects.get(), later, kind="pulls")
    assert PullRequest.objects.get(number=2).first_commit is None


def test_reviews_and_commits_follow_the_source() -> None:
    found = pull(reviews=(review("ben", "approved", 2),), commits=(commit(0.5), commit(0.6)))
    stored(found.repository.source, facts.pull(commits=(commit(0.7),)), kind="pulls")
    assert found.reviews.count() == 0
    assert [one.authored for one in Commit.objects.all()] == [day(0.7)]


def test_unknown_sizes_stay_unknown() -> None:
    found = pull()
    assert (found.additions, found.deletions, found.changed_files) == (None, None, None)


def test_a_renamed_repository_keeps_its_row() -> None:
    source = builders.source("github")
    stored(source, facts.repository("acme/old"), kind="pulls")
    stored(source, facts.repository("acme/new"), facts.deployment(1), kind="deployments")
    assert Repository.objects.get().name == "acme/new"
    assert Deployment.objects.get().production


def test_a_pull_request_of_an_unknown_repository_is_told() -> None:
    told = stored(builders.source("github"), facts.pull(repository="404"), kind="pulls")
    assert told.failed == 1
    assert "never told of a repository with the id 404" in told.troubles[0]
