"""GitHub's recorded pages become records."""

from datetime import UTC, datetime

import pytest

from delivery.connectors.github import issues, parse
from delivery.connectors.keys import keys
from delivery.core.records import AccountRecord, CommitRecord, ReviewRecord, TransitionRecord
from tests.connectors.pages import page


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def reading():
    return parse.Reading("500", "acme/store")


def pulls():
    nodes = page("github_pulls")["data"]["repository"]["pullRequests"]["nodes"]
    with_people = reading()
    return [parse.pull_request(node, with_people) for node in nodes]


@pytest.fixture
def pull():
    return pulls()[0]


def test_facts_of_a_pull_request(pull):
    assert (pull.native_id, pull.repository, pull.number, pull.author) == ("5123456789", "500", 41, "9001")
    assert (pull.created, pull.updated) == (at(2026, 3, 2, 9), at(2026, 3, 5, 10))
    assert (pull.merged, pull.closed) == (at(2026, 3, 5, 9, 30), at(2026, 3, 5, 9, 30))
    assert (pull.additions, pull.deletions, pull.changed_files) == (120, 8, 5)
    assert (pull.labels, pull.requested_reviewers, pull.draft) == (("store",), ("9002",), False)
    assert pull.merge_sha == "f00d000000000000000000000000000000000001"


def test_keys_come_from_branch_title_body_and_commits_in_this_order(pull):
    assert pull.keys == ("PLAT-78", "PLAT-77", "OLD-5", "UTF-8", "PLAT-79")


def test_a_key_of_a_data_center_may_hold_an_underscore():
    assert keys(["MY_PROJ-12 and MY_PROJ-3"]) == ("MY_PROJ-12", "PROJ-12", "MY_PROJ-3", "PROJ-3")
    assert keys([], "fix_abc-1") == ("FIX_ABC-1", "ABC-1")  # links are made where there is such an item
    assert keys(["fix_ABC-1", "xABC-1", "ABC-012"]) == ("ABC-1",)


def test_ready_is_the_event_or_the_creation_and_nothing_while_a_draft():
    was_draft, draft, drafted_later = pulls()
    assert was_draft.ready == at(2026, 3, 3, 8)
    assert (draft.draft, draft.ready) == (True, None)
    assert drafted_later.ready == drafted_later.created


def test_reviews_without_the_pending_one(pull):
    assert pull.reviews == (
        ReviewRecord("4294967311", "9100", "commented", at(2026, 3, 3, 9)),
        ReviewRecord("4294967312", "9002", "changes_requested", at(2026, 3, 3, 12)),
        ReviewRecord("4294967314", None, "approved", at(2026, 3, 5, 9)),
    )


def test_commits_name_keys_and_authors_who_are_known(pull):
    first, second = pull.commits
    sha = "c0ffee0000000000000000000000000000000001"
    assert first == CommitRecord(sha, "9001", at(2026, 3, 1, 22), at(2026, 3, 2, 8, 55), ("PLAT-79",))
    assert (second.author, second.keys) == (None, ())


def test_commits_beyond_what_github_tells_are_flagged():
    assert [pull.commits_complete for pull in pulls()] == [True, False, True]


def test_bots_are_marked_and_have_the_login_that_rest_gives_them(pull):
    people = {account.native_id: account for account in pull.accounts}
    assert people["9100"] == AccountRecord("9100", "lint-friend[bot]", "lint-friend[bot]", "", True)
    assert people["9001"] == AccountRecord("9001", "Robin Example", "robin-example")
    assert people.keys() == {"9001", "9002", "9100"}


def test_what_is_not_known_is_none():
    ghost = pulls()[2]
    assert (ghost.author, ghost.additions, ghost.deletions, ghost.changed_files) == (None, None, None, None)
    assert (ghost.labels, ghost.requested_reviewers, ghost.reviews, ghost.merged) == ((), (), (), None)


def test_deployments_end_with_their_first_terminal_status():
    nodes = page("github_deployments")["data"]["repository"]["deployments"]["nodes"]
    found = [parse.deployment(node, reading()) for node in nodes]
    assert [(row.state, row.finished) for row in found] == [
        ("success", at(2026, 3, 5, 10, 4)),
        ("error", at(2026, 3, 6, 10, 9)),
        ("in_progress", None),
        ("unknown", None),
    ]
    assert [(row.native_id, row.environment, row.ref, row.creator) for row in found] == [
        ("2999999999", "production", "main", "9102"),
        ("30", "prod-eu", "", "9102"),
        ("31", "staging", "main", "9001"),
        ("32", "", "", None),
    ]


def test_a_superseded_deployment_without_an_end_is_unknown():
    assert parse.end([{"state": "INACTIVE", "createdAt": "2026-03-05T10:00:00Z"}]) == ("unknown", None)


def issue_records():
    nodes = page("github_issues")["data"]["repository"]["issues"]["nodes"]
    return [issues.work_item(node, reading()) for node in nodes]


def test_issues_are_work_items():
    done, refused, opened = issue_records()
    assert (done.key, done.project, done.type, done.native_id) == ("acme/store#7", "acme/store", "Bug", "3123456789")
    assert [(row.status_id, row.status_category, row.type) for row in (done, refused, opened)] == [
        ("closed", "done", "Bug"),
        ("closed_not_planned", "done", "Issue"),
        ("open", "new", "Issue"),
    ]
    assert (done.labels, done.fix_versions, done.story_points) == (("bug", "old-form"), ("2026.1",), None)
    assert (done.assignee, done.reporter, done.parent_key) == ("9001", "9002", "acme/plans#3")
    assert (opened.resolved, refused.reporter, refused.parent_key) == (None, None, "")


def test_every_closing_and_reopening_of_an_issue_is_a_transition():
    done, refused, opened = issue_records()
    no, yes = ("closed_not_planned", "Closed as not planned"), ("closed", "Closed")
    assert done.transitions == (
        TransitionRecord("3123456789:0", at(2026, 3, 5, 9), "open", "Open", *no, None),
        TransitionRecord("3123456789:1", at(2026, 3, 6, 9), *no, "open", "Open", "9002"),
        TransitionRecord("3123456789:2", at(2026, 3, 8, 9), "open", "Open", *yes, "9101"),
    )
    imported = TransitionRecord("3123456790:0", at(2026, 3, 3, 9), "open", "Open", *no, None)
    assert refused.transitions == (imported,)
    assert [(move.to_id, move.at.day) for move in opened.transitions] == [("closed", 7), ("open", 9)]


def test_the_last_closing_has_the_reason_that_the_issue_itself_has_now():
    """An event may not tell one, or another one than is true by now; then nobody would know which to count."""
    node = page("github_issues")["data"]["repository"]["issues"]["nodes"][1]
    event = {"__typename": "ClosedEvent", "createdAt": "2026-03-03T09:00:00Z", "stateReason": None, "actor": None}
    found = issues.work_item({**node, "timelineItems": {"nodes": [event]}}, reading())
    assert found.status_id == "closed_not_planned"
    assert [(move.from_id, move.to_id, move.to_name) for move in found.transitions] == [
        ("open", "closed_not_planned", "Closed as not planned")
    ]


def test_a_repository_keeps_its_id():
    row = {"id": 500, "full_name": "acme/store", "default_branch": "main", "archived": True, "html_url": "https://x"}
    found = parse.repository(row)
    assert (found.native_id, found.name, found.default_branch, found.archived) == ("500", "acme/store", "main", True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("PLAT-1, PLAT-2 and PLAT-1", ("PLAT-1", "PLAT-2")),
        ("plat-1 in lower case is a word", ()),
        ("XPLAT-1 a2b-3 A-1 PLAT-0 PLAT-12x", ("XPLAT-1", "PLAT-12")),
        ("https://jira.example.test/browse/PLAT-9?x", ("PLAT-9",)),
        (None, ()),
    ],
)
def test_keys_in_a_text(text, found):
    assert keys((text,)) == found


def test_a_branch_may_write_keys_in_any_case():
    assert keys((), "feature/plat-12_slices") == ("PLAT-12",)
