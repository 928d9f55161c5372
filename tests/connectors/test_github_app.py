"""A GitHub App: its assertion, its token for an hour, and what it says when it gets none (G23)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest

from delivery.connectors.contract import ConnectorError, Credentials, Slice
from delivery.connectors.github import app as github_app
from delivery.connectors.github.app import App
from delivery.connectors.retry import RetryPolicy
from delivery.connectors.setup import Setup
from tests import doors
from tests.connectors.pretend import Waits
from tests.connectors.simulated import opened
from tests.delivery.served import NOW


@pytest.fixture
def door() -> Iterator[doors.Doors]:
    with doors.doors() as running:
        yield running


def setup(ahead: timedelta = timedelta()) -> Setup:
    """``ahead``: by how much our clock is off."""
    return Setup(allow_private=True, policy=RetryPolicy(sleep=lambda seconds: None, now=lambda: NOW + ahead))


def an_app(door: doors.Doors, **fields: str) -> App:
    return replace(App(door.app.id, door.app.installation, doors.private_key()), **fields)


def token(door: doors.Doors, ahead: timedelta = timedelta(), **fields: str) -> github_app.AppToken:
    return github_app.installation_token(an_app(door, **fields), door.running.github_api_url, setup=setup(ahead))


def test_an_assertion_lives_nine_minutes_and_begins_a_minute_ago() -> None:
    word = github_app.assertion(App("4711", "42", doors.private_key()), NOW)
    claims = jwt.decode(word, doors.public_key(), algorithms=["RS256"], options={"verify_exp": False})
    assert claims == {"iss": "4711", "iat": NOW.timestamp() - 60, "exp": NOW.timestamp() + 540}


def test_a_token_of_520_characters_with_dots_reads_a_repository(door: doors.Doors) -> None:
    """G23: the token is opaque."""
    got = token(door)
    assert len(got.token) > 500
    assert "." in got.token
    assert (got.expires, got.selected) == (NOW + timedelta(hours=1), True)
    with opened("github", Credentials(door.running.github_api_url, got.token)) as connector:
        assert connector.check([door.repository]).scopes == (door.repository,)
        assert list(connector.read(Slice("pulls", door.repository), since=None))


def test_after_an_hour_the_token_is_refused(door: doors.Doors) -> None:
    got = token(door)
    door.later(timedelta(minutes=61))
    credentials = Credentials(door.running.github_api_url, got.token)
    with opened("github", credentials, Waits()) as connector, pytest.raises(ConnectorError) as refused:
        connector.check([door.repository])
    assert refused.value.kind in ("credentials", "expired")


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_clock_that_is_ten_minutes_off_signs_by_githubs_own(door: doors.Doors, minutes: int) -> None:
    assert token(door, timedelta(minutes=minutes)).token.startswith("ghs_")


def test_the_only_installation_is_found_by_itself(door: doors.Doors) -> None:
    assert token(door, installation="").installation == door.app.installation


def test_each_refusal_says_what_to_do(door: doors.Doors) -> None:
    with pytest.raises(ConnectorError, match="check the App's id, and make a new private key") as wrong:
        token(door, id="4712")
    with pytest.raises(ConnectorError, match="not installed as number 43") as elsewhere:
        token(door, installation="43")
    door.app.suspended = True
    with pytest.raises(ConnectorError, match="is suspended") as suspended:
        token(door)
    with pytest.raises(ConnectorError, match="not a GitHub App's private key") as broken:
        token(door, private_key="-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----")
    assert {one.value.kind for one in (wrong, elsewhere, suspended, broken)} == {"credentials"}
    assert "MIIEow" not in f"{broken.value} {broken.value.detail}"


def test_what_the_app_may_not_read_is_said_before_it_is_missed(door: doors.Doors) -> None:
    assert github_app.lacks(token(door)) == ()
    door.app.permissions = {"metadata": "read", "contents": "read", "pull_requests": "write", "issues": "read"}
    lacks = github_app.lacks(token(door))
    assert [line.split(":")[0] for line in lacks] == [
        "The App lacks read access to Deployments",
        "The App lacks read access to Actions",
    ]


def test_no_secret_shows_in_what_is_printed(door: doors.Doors) -> None:
    got = token(door)
    assert got.token not in repr(got)
    assert "PRIVATE" not in repr(an_app(door))
