"""What a refusal means: a token that ran out, was withdrawn, lacks a right, or was renewed; each with its sentence."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from delivery.connectors import refusals
from delivery.connectors.contract import ConnectorError, Credentials
from delivery.connectors.github.site import site_of as github_site
from delivery.connectors.http import Http
from delivery.connectors.jira.site import site_of as jira_site
from delivery.connectors.setup import Setup
from tests.connectors.pretend import TOKEN, Asked, Reply, Waits, answering, http_to, scripted, value

GOOD = value({"ok": True})
UNAUTHORISED = Reply(401, b'{"message": "Bad credentials"}')


def refused(reply, *before, **asking):
    """The error that ``reply`` for ever ends in after some good answers."""
    with scripted(*before, reply) as server, http_to(server.url) as http:
        for _ in before:
            http.get("/things")
        with pytest.raises(ConnectorError) as caught:
            http.get("/things", **asking)
        return caught.value, str(caught.value).replace(server.url, "https://it")


def test_one_401_in_mid_run_is_forgiven():
    waits = Waits()
    with scripted(GOOD, UNAUTHORISED, GOOD) as server, http_to(server.url, waits) as http:
        assert [http.get("/things").json for _ in range(2)] == [{"ok": True}] * 2
    assert waits.seconds == [2.0]


def test_a_token_withdrawn_in_mid_run_is_told_as_that():
    error, said = refused(UNAUTHORISED, GOOD)
    assert error.kind == "credentials"
    assert said == (
        "Jira at https://it no longer takes the token, which was good a moment ago: it was withdrawn or has run out. "
        "What to do: check the e-mail and make a new API token."
    )


def test_what_anybody_is_answered_says_nothing_of_the_token():
    with scripted(GOOD, UNAUTHORISED) as server, http_to(server.url) as http:
        http.get("/serverInfo", public=True)
        with pytest.raises(ConnectorError, match="refused the token"):
            http.get("/myself")
        assert len(server.asked) == 2


@pytest.mark.parametrize(
    "reply",
    [
        Reply(401, b'{"message": "The access token expired"}'),
        Reply(401, b"", {"WWW-Authenticate": 'Bearer error="invalid_token", error_description="The token expired"'}),
    ],
)
def test_an_expired_token_is_told_apart_from_a_wrong_one(reply):
    error, said = refused(reply)
    assert error.kind == "expired"
    assert said == "The token for Jira at https://it has expired: make a new one and put it into the source."


@pytest.mark.parametrize("told", ["2026-11-02 08:59:59 UTC", "2026-11-02 01:59:59 -0700", "2026-11-02 10:59:59 +0200"])
def test_a_token_whose_time_was_told_has_expired_after_it(told):
    """GitHub tells the instant with every answer, and says only "Bad credentials" when it has come."""
    soon = value({}, github_authentication_token_expiration=told)
    with scripted(soon, UNAUTHORISED) as server, http_to(server.url) as http:
        http.get("/things")
        assert http.token_expires is not None
        assert http.token_expires.isoformat() == "2026-11-02T08:59:59+00:00"
        with pytest.raises(ConnectorError) as caught:
            http.get("/things")
    assert caught.value.kind == "expired"


def by_token(good: str):
    """A server that takes one token only."""
    return answering(lambda asked: GOOD if asked.headers["authorization"] == f"Bearer {good}" else UNAUTHORISED)


def test_a_token_of_an_hour_is_renewed_and_the_run_goes_on():
    """J33, G23"""
    renewed = []

    def renew(old: str) -> str:
        renewed.append(old)
        return "the-next-one"

    with by_token("the-next-one") as server, http_to(server.url, renew=renew) as http:
        assert [http.get("/things").json for _ in range(3)] == [{"ok": True}] * 3
        assert renewed == [TOKEN]
        assert len(server.asked) == 4
        assert http.site.clean("Bearer the-next-one") == "Bearer …"
        assert http.site.clean(TOKEN) == "…"


def test_threads_that_meet_the_old_token_together_renew_it_once():
    renewed, gate = [], threading.Barrier(4)

    def answer(asked: Asked) -> Reply:
        if asked.headers["authorization"] == "Bearer next":
            return GOOD
        gate.wait(10)
        return UNAUTHORISED

    def renew(old: str) -> str:
        renewed.append(old)
        return "next"

    with answering(answer) as server, http_to(server.url, renew=renew) as http, ThreadPoolExecutor(4) as threads:
        assert [found.json for found in threads.map(lambda _: http.get("/things"), range(4))] == [{"ok": True}] * 4
    assert renewed == [TOKEN]
    assert http.requests == 8


def test_a_renewed_token_that_is_refused_too_ends_it():
    with by_token("another") as server, http_to(server.url, renew=lambda old: "next") as http:
        with pytest.raises(ConnectorError) as caught:
            http.get("/things")
        assert len(server.asked) == 2
    assert caught.value.kind == "credentials"


def test_a_renewal_that_fails_says_so_itself():
    def renew(old: str) -> str:
        raise ConnectorError("The connection to Jira was withdrawn: connect it again.", kind="credentials")

    again = pytest.raises(ConnectorError, match="connect it again")
    with by_token("another") as server, http_to(server.url, renew=renew) as http, again:
        http.get("/things")


@pytest.mark.parametrize("reason", ["AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED"])
def test_an_answer_for_nobody_is_never_taken_for_an_empty_one(reason):
    """J18: 200 and no issues, in the middle of a run."""
    error, said = refused(value({"issues": []}, X_Seraph_LoginReason=reason), GOOD)
    assert error.kind == "credentials"
    assert ("captcha" in said) == (reason == "AUTHENTICATION_DENIED")


def test_a_captcha_that_is_asked_for_with_403_is_no_lack_of_a_right_and_no_deletion():
    """Data Center says it so; an issue asked for by its id must not read as gone."""
    wanted = {"X_Authentication_Denied_Reason": "CAPTCHA_CHALLENGE; login-url=https://it/login.jsp"}
    for headers in (wanted, wanted | {"X_Seraph_LoginReason": "AUTHENTICATION_DENIED"}):
        error, said = refused(value({}, 403, **headers), passing=(403, 404))
        assert error.kind == "credentials"
        assert "captcha" in said


def test_a_classic_token_that_lacks_a_scope_is_told_which():
    """G13"""
    headers = {"X_OAuth_Scopes": "read:org, gist", "X_Accepted_OAuth_Scopes": "repo"}
    error, said = refused(value({"message": "Must have admin rights"}, 403, **headers), about="acme/x")
    assert error.kind == "permission"
    assert said == (
        "Jira at https://it: the token lacks repo on acme/x. Give it that right, or make a new one that has it."
    )


def test_a_classic_token_with_the_scope_lacks_something_else():
    headers = {"X_OAuth_Scopes": "repo", "X_Accepted_OAuth_Scopes": "repo"}
    error, said = refused(value({"message": "Must have admin rights"}, 403, **headers), about="acme/x")
    assert (error.kind, error.detail) == ("permission", "Must have admin rights")
    assert said == "Jira at https://it does not let this token read acme/x: ask for permission."


def test_a_fine_grained_token_that_lacks_rights_is_told_which():
    headers = {"X_Accepted_GitHub_Permissions": "contents=read,deployments=read; metadata=read"}
    _, said = refused(value({"message": "Resource not accessible"}, 403, **headers), about="acme/x")
    assert "the token lacks contents: read and deployments: read on acme/x." in said


def test_a_scoped_token_of_jira_lacks_what_the_question_needs():
    reply = Reply(401, b'{"code": 401, "message": "Unauthorized; scope does not match"}')
    error, said = refused(reply, about="ABC", needs="read:project")
    assert error.kind == "permission"
    assert "the token lacks read:project on ABC." in said


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/rest/api/3/project/ABC", "the token lacks read:jira-work on ABC."),
        ("/rest/agile/1.0/board", "the token lacks read:board-scope:jira-software and read:project:jira."),
        ("/rest/agile/1.0/board/3/sprint", "the token lacks read:sprint:jira-software."),
    ],
)
def test_what_a_path_needs_and_is_about_need_not_be_said_each_time(path, said):
    with scripted(Reply(401, b'{"message": "Unauthorized; scope does not match"}')) as server:
        site, headers = jira_site(Credentials(server.url, TOKEN))
        http = Http(site, headers, Setup(allow_private=True))
        with closing(http), pytest.raises(ConnectorError, match=said):
            http.get(path)


def test_a_path_of_github_names_its_repository():
    lacking = value({"message": "no"}, 403, X_Accepted_GitHub_Permissions="issues=read")
    with scripted(lacking) as server:
        site, headers = github_site(Credentials(server.url, TOKEN))
        http = Http(site, headers, Setup(allow_private=True))
        with closing(http), pytest.raises(ConnectorError, match="the token lacks issues: read on acme/my.x"):
            http.get("/repos/acme/my.x/issues?page=1")


def test_single_sign_on_is_told_without_the_address_that_is_one_persons_secret():
    reply = value({"message": "Resource protected by organization SAML enforcement."}, 403)
    reply.headers["X-GitHub-SSO"] = "required; url=https://github.com/orgs/acme/sso?authorization_request=AbCdEf"
    error, said = refused(reply, about="acme/x")
    assert error.kind == "permission"
    assert "authorise the token for its single sign-on" in said
    assert "nothing of acme yet" in said
    assert "AbCdEf" not in said + error.detail


def test_a_list_of_allowed_addresses_is_told_as_that():
    text = (
        "Although you appear to have the correct authorization, the `acme` organization has an IP allow list enabled."
    )
    _, said = refused(value({"message": text}, 403))
    assert "lets in only listed addresses" in said


def test_graphql_names_the_scope_that_is_lacking():
    said = "Your token has not been granted the required scopes. The 'name' field requires one of the following scopes: ['read:org'], but …"
    error = refusals.refused(refusals.Site("GitHub", "https://it", "", ""), 403, said, "")
    assert str(error).startswith("GitHub at https://it: the token lacks read:org.")


def test_a_private_repository_may_be_missing_for_want_of_a_scope():
    reply = value({"message": "Not Found"}, 404, X_OAuth_Scopes="", X_Accepted_OAuth_Scopes="repo")
    error, said = refused(reply, missing="There is no repository acme/x.")
    assert error.kind == "missing"
    assert said == "There is no repository acme/x. If it is a private one: the token lacks repo."


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (404, "Not Found", "missing"),
        (410, "This issue was deleted", "missing"),
        (410, "Issues are disabled for this repo", "missing"),
        (410, "The requested API has been removed. CHANGE-2046", "outdated"),
        (451, "Repository access blocked", "missing"),
        (403, "Resource not accessible by integration", "permission"),
    ],
)
def test_missing_gone_removed_and_forbidden_are_told_apart(status, text, kind):
    """G13, J1"""
    error, said = refused(value({"message": text}, status), missing="There is no such thing.")
    assert error.kind == kind
    assert said.startswith("There is no such thing.") == (kind == "missing")
    assert ("legal reasons" in said) == (status == 451)
