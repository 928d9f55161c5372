"""Signing in at Atlassian: consent, refresh tokens that work once, the gateway (J32, J33)."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlsplit

import pytest

from delivery.connectors.contract import ConnectorError
from delivery.connectors.jira import oauth
from delivery.connectors.setup import Setup
from simulator.oauth import CLOUD_ID
from tests import doors
from tests.connectors.pretend import NOW, Reply, Waits, scripted, value

CALLBACK = "https://headway.example.test/sources/oauth/callback/"


@pytest.fixture(scope="module")
def door() -> Iterator[doors.Doors]:
    with doors.doors() as running:
        yield running


def setup(waits: Waits | None = None) -> Setup:
    return Setup(allow_private=True, policy=(waits or Waits()).policy())


def consented(door: doors.Doors, state: str = "state-of-mine") -> dict[str, list[str]]:
    """What a person brings back from Atlassian."""
    parts = urlsplit(oauth.authorize_url(door.registration, callback=CALLBACK, state=state))
    connection = HTTPConnection(parts.netloc)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        back = answer.headers["Location"]
        answer.read()
    finally:
        connection.close()
    assert back.startswith(CALLBACK)
    return parse_qs(urlsplit(back).query)


def test_only_reading_is_asked_for_and_what_makes_a_refresh_token_come() -> None:
    url = oauth.authorize_url(oauth.Registration("me", "secret"), callback=CALLBACK, state="s")
    words = {name: found[0] for name, found in parse_qs(urlsplit(url).query).items()}
    assert url.startswith("https://auth.atlassian.com/authorize?")
    assert (words["audience"], words["client_id"], words["state"]) == ("api.atlassian.com", "me", "s")
    assert (words["redirect_uri"], words["response_type"]) == (CALLBACK, "code")
    scopes = words["scope"].split()
    assert "offline_access" in scopes
    assert all(scope.startswith("read:") for scope in scopes if scope != "offline_access")
    assert "secret" not in url


def test_a_code_becomes_a_grant_which_reaches_the_site_through_the_gateway(door: doors.Doors) -> None:
    back = consented(door)
    assert back["state"] == ["state-of-mine"]
    grant = oauth.exchange(door.registration, back["code"][0], callback=CALLBACK, setup=setup())
    assert (grant.expires - NOW).total_seconds() == 3600
    (site,) = oauth.resources(door.registration, grant.access, setup=setup())
    assert (site.id, site.url) == (CLOUD_ID, door.running.jira_cloud_url)
    assert oauth.gateway(door.door, site.id) == door.gateway


def test_a_code_works_once(door: doors.Doors) -> None:
    code = consented(door)["code"][0]
    oauth.exchange(door.registration, code, callback=CALLBACK, setup=setup())
    with pytest.raises(ConnectorError):
        oauth.exchange(door.registration, code, callback=CALLBACK, setup=setup())


def test_a_refresh_token_works_once_and_the_second_time_says_connect_again(door: doors.Doors) -> None:
    """J33."""
    first = door.granted()["refresh_token"]
    grant = oauth.refresh(door.registration, first, setup=setup())
    assert grant.refresh != first
    with pytest.raises(ConnectorError) as refused:
        oauth.refresh(door.registration, first, setup=setup())
    assert refused.value.kind == "expired"
    assert "connect it again" in str(refused.value)
    assert first not in f"{refused.value} {refused.value.detail}"


@pytest.mark.parametrize(
    "trouble", [value({}, 503), Reply(200, b'{"access_token": "abc', {}, 10), value({}, 500), Reply(200, b"<html>")]
)
def test_a_refresh_is_not_sent_twice_after_an_unclear_failure(trouble: Reply) -> None:
    """J33: the server may have used the token up although its answer was lost."""
    waits = Waits()
    with scripted(trouble, value({"access_token": "a", "refresh_token": "r"})) as server:
        registration = oauth.Registration("me", "secret", server.url, server.url)
        with pytest.raises(ConnectorError) as failed:
            oauth.refresh(registration, "token-that-works-once", setup=setup(waits))
        assert failed.value.kind in ("unreachable", "answer")
        assert len(server.asked) == 1
        assert waits.seconds == []


def test_a_wrong_client_secret_is_the_operators_affair_and_not_the_persons(door: doors.Doors) -> None:
    wrong = oauth.Registration("headway", "not-the-secret", door.door, door.door)
    with pytest.raises(ConnectorError) as refused:
        oauth.refresh(wrong, door.granted()["refresh_token"], setup=setup())
    assert refused.value.kind == "credentials"
    assert "JIRA_OAUTH_CLIENT_SECRET" in str(refused.value)
    assert "not-the-secret" not in f"{refused.value} {refused.value.detail}"


def test_a_site_tells_its_cloud_id_and_what_is_no_cloud_site_is_said_to_be_none(door: doors.Doors) -> None:
    """J32."""
    assert oauth.cloud_id(door.running.jira_cloud_url, setup=setup()) == CLOUD_ID
    with pytest.raises(ConnectorError, match="not the address of a Jira Cloud site") as refused:
        oauth.cloud_id(door.running.jira_datacenter_url, setup=setup())
    assert refused.value.kind == "address"


def test_no_secret_shows_in_what_is_printed(door: doors.Doors) -> None:
    grant = oauth.refresh(door.registration, door.granted()["refresh_token"], setup=setup())
    shown = f"{grant!r} {door.registration!r}"
    assert grant.access not in shown
    assert grant.refresh not in shown
    assert door.registration.client_secret not in shown
