"""Signing in by something else than a plain token, through the wizard and against the pretend doors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from django.test import Client

from dashboards.pages.source_ways import OAUTH, WAYS, ways
from delivery import credentials, sync
from delivery.connectors.jira import oauth
from delivery.models import Source
from people.models import Role
from tests import builders, doors

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_cache")]
NEW, SIGN_IN, SCOPES, HISTORY = (f"/sources/new/{step}" for step in ("", "sign-in/", "scopes/", "history/"))


@pytest.fixture
def door() -> Iterator[doors.Doors]:
    with doors.doors() as running:
        yield running


@pytest.fixture
def admin(client: Client, settings: Any) -> Client:
    settings.ALLOW_PRIVATE_SOURCES = True
    client.force_login(builders.person("Ada Admin", Role.ADMIN))
    return client


def connected(client: Client, scope: str) -> Source:
    assert scope in client.get(SCOPES).content.decode()
    client.post(SCOPES, {"shown": [scope], "scope": [scope], "patterns": ""})
    with patch("delivery.tasks.read_now.delay"):
        answer = client.post(HISTORY, {"window": "all", "share": "50"})
    assert answer.status_code == 302, re.findall(r'role="alert".*?</div>', answer.content.decode(), re.DOTALL)
    return Source.objects.get()


def allowed(client: Client) -> str:
    """Off to Atlassian, where everybody consents, and back; where one is led then."""
    parts = urlsplit(client.get("/sources/oauth/start/", {"next": SIGN_IN})["Location"])
    connection = HTTPConnection(parts.netloc)
    connection.request("GET", f"{parts.path}?{parts.query}")
    back = urlsplit(connection.getresponse().headers["Location"])
    connection.close()
    return str(client.get(f"{back.path}?{back.query}")["Location"])


def test_oauth_asks_at_atlassian_and_connects_the_site_that_was_allowed(admin: Client, door: doors.Doors) -> None:
    """J32, J33: nothing is pasted, and the wizard hands over what renews the token."""
    admin.post(NEW, {"way": "oauth"})
    text = admin.get(SIGN_IN).content.decode()
    assert "Agree at Atlassian" in text
    assert 'name="token"' not in text
    assert allowed(admin) == SIGN_IN
    text = admin.get(SIGN_IN).content.decode()
    site = door.running.jira_cloud_url
    assert f'value="{site}" checked' in text
    assert admin.post(SIGN_IN, {"name": "Jira", "url": site})["Location"] == SCOPES
    source = connected(admin, door.project)
    assert (source.auth, source.url, source.browse) == ("oauth", door.gateway, site)
    assert credentials.credentials_of(source).token
    assert source.secret
    again = admin.get(f"/sources/{source.pk}/token/").content.decode()
    assert f"/sources/oauth/start/?source={source.pk}" in again
    assert "source_oauth_allowed" not in admin.session


def test_a_site_that_was_not_allowed_is_refused(admin: Client, door: doors.Doors) -> None:
    admin.post(NEW, {"way": "oauth"})
    allowed(admin)
    text = admin.post(SIGN_IN, {"name": "Jira", "url": "https://other.example.com"}).content.decode()
    assert "Agree to it at Atlassian first" in text


def test_a_scoped_token_is_taken_to_the_address_where_it_works(admin: Client, door: doors.Doors) -> None:
    """J32."""
    admin.post(NEW, {"way": "scoped"})
    typed = {"name": "Jira", "url": door.running.jira_cloud_url, "email": doors.SCOPED.email}
    assert admin.post(SIGN_IN, typed | {"token": doors.SCOPED.secret})["Location"] == SCOPES
    source = connected(admin, door.project)
    assert (source.url, source.browse, source.token_kind) == (door.gateway, door.running.jira_cloud_url, "scoped")


def test_a_github_app_signs_in_with_its_key_and_what_it_lacks_is_told(admin: Client, door: doors.Doors) -> None:
    """G23. Browsers send the lines of a key with carriage returns."""
    door.app.permissions = {"metadata": "read", "contents": "read", "pull_requests": "read", "issues": "read"}
    admin.post(NEW, {"way": "app"})
    typed = {"name": "GitHub", "url": door.running.github_api_url, **door.app_secret()}
    typed["private_key"] = typed["private_key"].replace("\n", "\r\n")
    answer = admin.post(SIGN_IN, typed)
    assert answer.status_code == 302, answer.content.decode()
    text = admin.get(SCOPES).content.decode()
    assert "The token is good" in text
    assert "The App lacks read access to Deployments" in text
    assert "BEGIN" not in text
    source = connected(admin, door.repository)
    assert (source.auth, source.token_kind) == ("app", "app")
    runs = sync.sync_source(source, now=datetime(2026, 11, 2, 9, tzinfo=UTC))
    assert "done" in {run.state for run in runs}


def test_a_wrong_key_is_said_at_its_field_and_never_shown(admin: Client, door: doors.Doors) -> None:
    admin.post(NEW, {"way": "app"})
    typed = {"name": "GitHub", "url": door.running.github_api_url, **door.app_secret(private_key="-----BEGIN nothing")}
    text = admin.post(SIGN_IN, typed).content.decode()
    assert 'id="private_key-error"' in text
    assert "BEGIN nothing" not in text
    assert door.app.id in text


def test_without_an_oauth_app_of_the_operator_it_is_not_offered(admin: Client, settings: Any) -> None:
    settings.JIRA_OAUTH_CLIENT_ID = ""
    assert "OAuth 2.0" not in admin.get(NEW).content.decode()
    assert OAUTH not in ways("jira", oauth=False)


def test_the_advice_names_exactly_the_scopes_that_are_asked_for() -> None:
    told = {one.what for one in OAUTH.permissions}
    assert set(oauth.SCOPES) == told


def test_no_kind_of_token_is_advised_to_write() -> None:
    for way in WAYS.values():
        assert not [one.what for one in way.permissions if re.search(r"write|admin(?!:jira-software)|delete", one.what)]
