"""Where repositories are, who sees them and what that costs: over a real socket, line by line of CONNECTORS.md."""

from datetime import UTC, datetime, timedelta

import pytest

from delivery.connectors.contract import ConnectorError
from delivery.connectors.github import rights
from delivery.core.records import PullRequestRecord, RepositoryRecord
from simulator.server import Limits
from simulator.tokens import Token, Tokens
from tests.connectors.hub import OTHER, REPOSITORIES, REPOSITORY, Kept, hub
from tests.connectors.simulated import NOW, world

EVERYTHING = frozenset({"pull_requests", "issues", "deployments", "contents", "actions"})


def token(**fields):
    return {"tokens": Tokens(github=(Token("ghp_demo", **fields),))}


def repositories(at, kind="pulls", since=NOW, scope=REPOSITORY):
    return at.read(kind, RepositoryRecord, since, scope)


@pytest.mark.parametrize("name", ["kestrel/another-name", "elsewhere/moved-here"])
def test_a_renamed_or_transferred_repository_keeps_its_id_and_says_its_name_g10(name):
    with hub() as at:
        (before,) = repositories(at)
        at.world.rename(REPOSITORY, name)
        at.world.merge(name, 1)
        (after,) = repositories(at)
        assert (after.native_id, after.name) == (before.native_id, name)
        assert [path for path, status in at.asked() if status == 301] == [f"/repos/{REPOSITORY}"]
        changed = at.read("pulls", PullRequestRecord, NOW)
        assert [row.number for row in changed] == [1]
        assert at.connector.check([REPOSITORY]).scopes == (name,)


def test_an_archived_repository_is_read_once_more_and_then_only_asked_for_its_name_g10():
    with hub() as at:
        before = at.time[0]
        at.world.merge(REPOSITORY, 1)
        at.world.archive(REPOSITORY)
        assert [row.number for row in at.read("pulls", PullRequestRecord, before)] == [1]
        at.pass_time(hours=1)
        at.asked()
        (row,) = repositories(at, since=at.time[0])
        assert row.archived
        for kind in ("issues", "deployments", "releases", "workflows"):
            repositories(at, kind, at.time[0])
        assert [path for path, _ in at.asked()] == [f"/repos/{REPOSITORY}"] * 5
        at.world.archive(REPOSITORY, archived=False)
        at.world.reopen(REPOSITORY, 1)
        assert [row.number for row in at.read("pulls", PullRequestRecord, at.time[0])] == [1]


def test_a_deleted_repository_is_missing_and_the_token_is_still_good_g13():
    with hub() as at:
        at.world.delete(REPOSITORY)
        with pytest.raises(ConnectorError) as caught:
            at.pages("pulls", NOW)
        assert caught.value.kind == "missing"
        assert repositories(at, scope=OTHER)


@pytest.mark.parametrize(
    ("kind", "permission", "right"),
    [
        ("pulls", "pull_requests", "Pull requests: read"),
        ("issues", "issues", "Issues: read"),
        ("deployments", "deployments", "Deployments: read"),
        ("releases", "contents", "Contents: read"),
        ("workflows", "actions", "actions: read"),
    ],
)
def test_a_permission_that_is_lacking_is_not_a_repository_that_is_gone_and_is_named_g13(kind, permission, right):
    with hub(server=token(kind="fine-grained", denies=frozenset({permission}))) as at:
        with pytest.raises(ConnectorError) as caught:
            at.pages(kind)
        assert caught.value.kind == "permission"
        assert right in str(caught.value)
        assert REPOSITORY in str(caught.value)
        assert at.pages("issues" if kind == "pulls" else "pulls")


def test_what_the_token_sees_is_listed_along_the_links_and_narrowed_by_a_pattern():
    with hub() as at:
        at.world.archive(OTHER)
        found = {one.scope: one.archived for one in at.connector.discover()}
        assert found == {name: name == OTHER for name in REPOSITORIES}
        owner, _, name = REPOSITORY.partition("/")
        assert {one.scope for one in at.connector.discover(f"{owner.upper()}/*")} == {
            one for one in REPOSITORIES if one.startswith(f"{owner}/")
        }
        assert [one.scope for one in at.connector.discover(f"{name[:-2]}??")] == [REPOSITORY]
        assert at.connector.discover("nobody/*") == ()


def test_an_app_is_asked_for_the_repositories_of_its_installation_g23():
    app = Token("ghs_demo", kind="app", repositories=frozenset({OTHER}))
    with hub(server={"tokens": Tokens(github=(app,))}, credentials={"token": "ghs_demo"}) as at:
        assert [one.scope for one in at.connector.discover()] == [OTHER]
        assert [path.partition("?")[0] for path, _ in at.asked()][-1] == "/installation/repositories"
        assert at.connector.check([OTHER]).token_kind == "app"


def test_a_classic_token_with_all_of_repo_is_asked_nothing_more_g13():
    expires = datetime(2027, 1, 31, 10, tzinfo=UTC)
    with hub(server=token(expires=expires)) as at:
        found = at.connector.check([REPOSITORY])
        assert (found.token_kind, found.expires, found.lacks) == ("classic", expires, ())
        assert len(at.asked()) == 2


def test_each_permission_that_is_lacking_is_named_with_its_remedy_g13():
    with hub(server=token(kind="fine-grained", denies=EVERYTHING - {"issues", "contents"})) as at:
        assert at.connector.check([REPOSITORY]).lacks == (
            f"The token may not read pull requests of {REPOSITORY}: give it Pull requests: read.",
            f"The token may not read deployments of {REPOSITORY}: give it Deployments: read.",
            f"The token may not read workflow runs of {REPOSITORY}: give it Actions: read.",
        )


@pytest.mark.parametrize(
    ("secret", "headers", "kind"),
    [
        ("ghp_x", {}, "classic"),
        ("github_pat_x", {}, "fine-grained"),
        ("ghs_x", {}, "app"),
        ("gho_x", {"x-oauth-scopes": "repo"}, "oauth"),
        ("0123456789abcdef", {"x-oauth-scopes": ""}, "classic"),
        ("opaque", {}, ""),
    ],
)
def test_kinds_of_tokens(secret, headers, kind):
    assert rights.kind_of(secret, headers) == kind


@pytest.mark.parametrize("text", ["2026-12-31 10:00:00 UTC", "2026-12-31 12:00:00 +0200", "2026-12-31 03:00:00 -0700"])
def test_when_a_token_runs_out(text):
    headers = {"github-authentication-token-expiration": text}
    assert rights.expiry(headers) == datetime(2026, 12, 31, 10, tzinfo=UTC)
    assert rights.expiry({}) is None


def test_a_server_without_limits_has_no_known_budget_and_is_read_whole_g17():
    with hub(server={"limits": Limits(github=None)}) as at:
        assert len(at.read("pulls", PullRequestRecord)) == len(world().pulls(REPOSITORY, NOW))
        at.connector.check([REPOSITORY])
        assert (at.connector.budget(), at.connector.points) == (None, 0)


def test_what_is_left_of_the_quota_is_known_after_the_first_answer_g11():
    with hub(server={"limits": Limits(github=5000)}) as at:
        assert at.connector.budget() is None
        at.connector.check([REPOSITORY])
        left = at.connector.budget()
        assert (left.limit, left.remaining) == (5000, 4998)  # the account and the repository
        assert left.resets - NOW <= timedelta(hours=1)


def test_what_did_not_change_is_free_g14():
    with hub(server={"limits": Limits(github=5000)}, memory=Kept()) as at:
        later = at.pass_time(days=1)
        for _ in range(3):
            assert at.read("pulls", PullRequestRecord, later) == []
        assert [status for _, status in at.asked()].count(200) == 2
