"""To Atlassian and back: only for who manages sources, only with one's own question, and nothing readable in between."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.messages import get_messages
from django.test import Client, override_settings
from django.urls import reverse

from dashboards.views import source_oauth
from delivery import credentials, sync
from delivery.models import Source
from people.models import Role
from tests import builders, doors
from tests.delivery.served import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def door() -> Iterator[doors.Doors]:
    with doors.doors() as running:
        yield running


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(builders.person("Ada Admin", Role.ADMIN))
    return client


def start(client: Client, **words: Any) -> Any:
    return client.get(reverse("source_oauth_start"), words)


def consented(url: str) -> str:
    """What a person who allows it brings back: the callback with its query."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def allowed(client: Client, **words: Any) -> Any:
    return client.get(consented(start(client, **words).url))


def test_what_was_allowed_waits_sealed_in_the_session(admin: Client, door: doors.Doors) -> None:
    answer = allowed(admin, next="/sources/new/")
    assert (answer.status_code, answer.url) == (302, "/sources/new/")
    kept = admin.session[source_oauth.ALLOWED]
    (token,) = door.atlassian.access
    assert token not in kept
    request = answer.wsgi_request
    consent = source_oauth.consent_of(request)
    assert consent is not None
    assert [site.url for site in consent.resources] == [door.running.jira_cloud_url]
    how = consent.sign_in(consent.resources[0])
    assert (how.auth, how.token, how.secret["cloud_id"]) == ("oauth", token, consent.resources[0].id)
    source_oauth.forget_consent(request)
    assert source_oauth.consent_of(request) is None


def test_a_source_that_lost_its_way_is_connected_again_and_goes_on(admin: Client, door: doors.Doors) -> None:
    source = door.by_oauth()
    sync.sync_source(source, now=NOW)
    marks = sorted(source.slices.values_list("kind", "bookmark"))
    before = source.secret
    door.atlassian.refresh.clear()
    answer = allowed(admin, source=source.pk, next="/sources/")
    assert said(answer) == [f"{source.name} is connected again and goes on where it stopped."]
    source.refresh_from_db()
    assert source.secret != before
    assert sorted(source.slices.values_list("kind", "bookmark")) == marks
    assert credentials.credentials_of(source, now=source.renew_at).token  # the new refresh token is a good one


def test_consent_to_another_site_does_not_become_this_source(admin: Client, door: doors.Doors) -> None:
    source = door.by_oauth()
    Source.objects.update(url="https://api.example.test/ex/jira/other", browse="https://other.example.test")
    (told,) = said(allowed(admin, source=source.pk))
    assert "choose that site" in told
    source.refresh_from_db()
    assert source.url == "https://api.example.test/ex/jira/other"


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.MANAGER, Role.ENGINEER, Role.EXECUTIVE])
def test_whoever_does_not_manage_sources_gets_no_further(client: Client, door: doors.Doors, role: str) -> None:
    client.force_login(builders.person(role=role))
    assert start(client).status_code == 403
    assert client.get(reverse("source_oauth_callback"), {"state": "x", "code": "y"}).status_code == 403
    assert client.get(reverse("source_oauth_start")).status_code == 403


def test_without_a_login_one_is_sent_to_the_login(client: Client) -> None:
    assert start(client).url.startswith("/accounts/login/")


def test_an_answer_to_nobodys_question_is_refused(admin: Client, door: doors.Doors) -> None:
    """Somebody else's code must not become our source."""
    back = consented(start(admin).url)
    admin.session.flush()
    admin.force_login(builders.person(role=Role.ADMIN))
    (told,) = said(admin.get(back))
    assert "belongs to no question of yours" in told
    wrong = start(admin) and admin.get(reverse("source_oauth_callback"), {"state": "guessed", "code": "c"})
    assert "belongs to no question of yours" in said(wrong)[-1]
    assert door.atlassian.access == {}


def test_a_question_is_answered_once(admin: Client, door: doors.Doors) -> None:
    back = consented(start(admin).url)
    admin.get(back)
    assert "belongs to no question of yours" in said(admin.get(back))[-1]


def test_who_says_no_at_atlassian_changes_nothing(admin: Client, door: doors.Doors) -> None:
    state = parse_qs(urlsplit(start(admin).url).query)["state"][0]
    answer = admin.get(reverse("source_oauth_callback"), {"state": state, "error": "access_denied"})
    assert said(answer) == ["You did not allow it at Atlassian: nothing was changed."]
    assert source_oauth.ALLOWED not in admin.session


def test_nobody_is_led_to_another_site_afterwards(admin: Client, door: doors.Doors) -> None:
    assert allowed(admin, next="https://evil.example.test/").url == reverse("sources")
    assert allowed(admin, next="//evil.example.test/").url == reverse("sources")


def test_where_oauth_is_not_set_up_the_page_says_who_does_that(admin: Client) -> None:
    with override_settings(JIRA_OAUTH_CLIENT_ID="", JIRA_OAUTH_CLIENT_SECRET=""):
        answer = start(admin)
    assert answer.url == reverse("sources")
    assert "JIRA_OAUTH_CLIENT_ID" in said(answer)[0]
