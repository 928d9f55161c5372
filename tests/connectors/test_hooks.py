"""What webhooks say, and whether whoever sent them knows the secret (J34, G25)."""

from __future__ import annotations

from typing import Any

import pytest

from delivery.connectors.github.hooks import HOOKS as GITHUB
from delivery.connectors.hook import Hint, is_signed, signature
from delivery.connectors.jira.hooks import HOOKS as JIRA

REPOSITORY = {"id": 1, "full_name": "acme/store", "name": "store", "owner": {"login": "acme"}}
ISSUE = {"id": "10042", "key": "ABC-7", "fields": {"project": {"key": "ABC"}}}


def test_the_signature_is_the_one_github_gives_as_an_example() -> None:
    """G25: the documented test vector."""
    header = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert signature(b"Hello, World!", "It's a Secret to Everybody") == header
    assert is_signed(header, b"Hello, World!", "It's a Secret to Everybody")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256=",
        "sha1=757107ea0eb2509fc211221cce984b8a37570b6d",
        "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e18",
        "sha256=\udcff\u00e4",
    ],
)
def test_any_other_signature_is_wrong(header: str) -> None:
    assert not is_signed(header, b"Hello, World!", "It's a Secret to Everybody")


def test_without_a_secret_nothing_is_signed() -> None:
    assert not is_signed(signature(b"body", ""), b"body", "")


@pytest.mark.parametrize(
    ("event", "payload", "hint"),
    [
        ("jira:issue_created", {"issue": ISSUE}, Hint("issues", "ABC", ("10042",))),
        ("jira:issue_updated", {"issue": ISSUE}, Hint("issues", "ABC", ("10042",))),
        ("jira:issue_deleted", {"issue": ISSUE}, Hint("issues", "ABC", ("10042",))),
        ("jira:issue_hovered", {"issue": ISSUE}, Hint("issues", "ABC", ("10042",))),
        ("jira:issue_updated", {"issue": {"id": 10042, "key": "A_B-7"}}, Hint("issues", "A_B", ("10042",))),
        (
            "issuelink_created",
            {"issueLink": {"sourceIssueId": 1, "destinationIssueId": 2}},
            Hint("issues", "", ("1", "2")),
        ),
        ("sprint_closed", {"sprint": {"id": 7, "originBoardId": 3}}, Hint("sprints")),
        ("board_configuration_changed", {"configuration": {"id": 3}}, Hint("sprints")),
        ("worklog_deleted", {"worklog": {"id": "5", "issueId": "10042"}}, Hint("worklogs")),
        ("jira:worklog_updated", {"issue": ISSUE}, Hint("worklogs")),
        ("project_updated", {"project": {"key": "ABC"}}, Hint("issues", "ABC")),
        ("project_deleted", {"project": {"key": "ABC"}}, Hint("issues", "ABC")),
        ("project_created", {"project": {"key": "NEW"}}, Hint("scopes", "NEW")),
    ],
)
def test_jiras_events_say_where_to_look(event: str, payload: dict[str, Any], hint: Hint) -> None:
    assert JIRA.event({}, {"webhookEvent": event}) == event
    assert JIRA.hint(event, payload) == hint


@pytest.mark.parametrize("event", ["comment_created", "user_updated", "jira:version_released", "brand_new_event", ""])
def test_what_of_jira_headway_does_not_keep_says_nothing(event: str) -> None:
    assert JIRA.hint(event, {"issue": ISSUE, "comment": {"id": "1"}}) is None


@pytest.mark.parametrize("event", ["jira:issue_updated", "issuelink_deleted", "project_updated"])
@pytest.mark.parametrize("payload", [{}, {"issue": None}, {"issue": "text"}, {"issue": {"id": None}}, {"project": []}])
def test_odd_payloads_of_jira_say_nothing(event: str, payload: dict[str, Any]) -> None:
    assert JIRA.hint(event, payload) is None


@pytest.mark.parametrize(
    ("event", "payload", "hint"),
    [
        ("pull_request", {"action": "closed", "pull_request": {"number": 41}}, Hint("pulls", "acme/store", ("41",))),
        ("pull_request", {"action": "folded", "pull_request": {"number": 41}}, Hint("pulls", "acme/store", ("41",))),
        ("pull_request_review", {"pull_request": {"number": 41}}, Hint("pulls", "acme/store", ("41",))),
        ("issues", {"action": "deleted", "issue": {"number": 9}}, Hint("issues", "acme/store", ("acme/store#9",))),
        ("deployment", {"deployment": {"id": 5}}, Hint("deployments", "acme/store")),
        ("deployment_status", {"deployment": {"id": 5}}, Hint("deployments", "acme/store")),
        ("release", {"action": "published"}, Hint("releases", "acme/store")),
        ("create", {"ref": "v1", "ref_type": "tag"}, Hint("releases", "acme/store")),
        ("push", {"ref": "refs/tags/v1"}, Hint("releases", "acme/store")),
        ("workflow_run", {"action": "completed"}, Hint("workflows", "acme/store")),
        ("repository", {"action": "archived"}, Hint("pulls", "acme/store")),
        (
            "repository",
            {"action": "renamed", "changes": {"repository": {"name": {"from": "shop"}}}},
            Hint("pulls", "acme/shop"),
        ),
        (
            "repository",
            {"action": "transferred", "changes": {"owner": {"from": {"user": {"login": "ann"}}}}},
            Hint("pulls", "ann/store"),
        ),
        ("repository", {"action": "created"}, Hint("scopes", "acme/store")),
    ],
)
def test_githubs_events_say_where_to_look(event: str, payload: dict[str, Any], hint: Hint) -> None:
    assert GITHUB.event({"x-github-event": event}, payload) == event
    assert GITHUB.hint(event, {**payload, "repository": REPOSITORY}) == hint


def test_another_choice_of_repositories_of_an_app_is_a_hint_without_a_repository() -> None:
    assert GITHUB.hint("installation_repositories", {"repositories_added": [REPOSITORY]}) == Hint("scopes")


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("ping", {"zen": "Keep it logically awesome."}),
        ("push", {"ref": "refs/heads/main"}),
        ("create", {"ref": "topic", "ref_type": "branch"}),
        ("star", {"action": "created"}),
        ("pull_request", {"pull_request": None}),
        ("pull_request", {"pull_request": {"number": True}}),
        ("issues", {}),
    ],
)
def test_what_of_github_headway_does_not_keep_says_nothing(event: str, payload: dict[str, Any]) -> None:
    assert GITHUB.hint(event, {**payload, "repository": REPOSITORY}) is None


def test_an_event_of_no_repository_says_nothing() -> None:
    assert GITHUB.hint("pull_request", {"pull_request": {"number": 41}, "repository": None}) is None
