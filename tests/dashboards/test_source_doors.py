"""The doors of a source on its pages: what was allowed for one address, what is forgotten, and a queue that is away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from dashboards.pages import source_draft
from dashboards.pages.meaning_rules import digest
from dashboards.views import source_oauth
from delivery import consent
from delivery.connectors.jira.oauth import Grant
from delivery.consent import Consent
from delivery.kinds import rules_of
from delivery.models import Source
from simulator.tokens import DEMO_EMAIL, DEMO_JIRA_TOKEN
from tests import doors
from tests.connectors.pretend import answering, value
from tests.dashboards.roles import Organisation, organisation
from tests.dashboards.test_source_oauth import allowed, start
from tests.delivery.served import Office, office

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_cache")]
NEW, SIGN_IN, SCOPES, HISTORY = (f"/sources/new/{step}" for step in ("", "sign-in/", "scopes/", "history/"))
AWAY = OperationalError("Error 111 connecting to redis")


@pytest.fixture(scope="module")
def served() -> Iterator[Office]:
    with office() as made:
        yield made


@pytest.fixture
def door() -> Iterator[doors.Doors]:
    with doors.doors() as running:
        yield running


@pytest.fixture
def org() -> Organisation:
    return organisation()


@pytest.fixture
def admin(client: Client, org: Organisation) -> Client:
    client.force_login(org.admin)
    return client


@pytest.fixture
def jira(served: Office, db: None) -> Source:
    return served.jira(scopes=served.projects[:1])


def test_a_new_token_is_shown_to_no_other_private_address(admin: Client, jira: Source) -> None:
    """SSRF: what an operator allowed is that one server, not everything that is inside."""
    with answering(lambda asked: value({})) as inside:
        typed = {"way": "api", "url": inside.url, "email": DEMO_EMAIL, "token": DEMO_JIRA_TOKEN}
        text = admin.post(f"/sources/{jira.pk}/token/", typed).content.decode()
        assert inside.asked == []
    assert "its address is private" in text


@pytest.mark.parametrize("after", ["sources", "nowhere-at-all", "sources/new/"])
def test_a_bare_word_to_come_back_to_costs_no_code(admin: Client, door: doors.Doors, after: str) -> None:
    answer = allowed(admin, next=after)
    assert (answer.status_code, answer.url) == (302, reverse("sources"))
    assert source_oauth.ALLOWED in admin.session


def test_an_address_that_is_no_page_of_ours_costs_no_code_either(admin: Client, door: doors.Doors) -> None:
    assert allowed(admin, next="/no/such/page/").url == "/no/such/page/"
    assert source_oauth.ALLOWED in admin.session


def test_beginning_anew_forgets_what_was_allowed_at_atlassian(admin: Client, door: doors.Doors) -> None:
    allowed(admin, next=NEW)
    assert source_oauth.ALLOWED in admin.session
    admin.post(reverse("source_new_forget"))
    assert source_oauth.ALLOWED not in admin.session


def test_what_was_allowed_too_long_ago_is_not_kept(admin: Client, door: doors.Doors) -> None:
    session = admin.session
    over = Consent(Grant("access", "refresh", timezone.now() - timedelta(minutes=1)), ())
    session[source_oauth.ALLOWED] = consent.seal(over)
    session.save()
    request = start(admin).wsgi_request
    assert source_oauth.consent_of(request) is None
    assert source_oauth.ALLOWED not in request.session


def wizard(client: Client, served: Office, name: str) -> Any:
    client.post(NEW, {"way": "api"})
    typed = {"name": name, "url": served.running.jira_cloud_url, "email": DEMO_EMAIL, "token": DEMO_JIRA_TOKEN}
    return client.post(SIGN_IN, typed)


def test_a_name_that_was_refused_is_not_taken_on_another_way(
    admin: Client, org: Organisation, jira: Source, served: Office, settings: Any
) -> None:
    """Typed at the sign-in, refused, and gone on from the address bar: the live source would be replaced."""
    settings.ALLOW_PRIVATE_SOURCES = True
    wizard(admin, served, "Jira of mine")
    admin.post(SCOPES, {"shown": served.projects, "scope": served.projects, "patterns": ""})
    assert "There is a source called Jira already" in wizard(admin, served, "Jira").content.decode()
    assert source_draft.of(org.admin).name == "Jira of mine"
    with patch("delivery.tasks.read_now.delay"):
        admin.post(HISTORY, {"window": "12", "share": "90"})
    jira.refresh_from_db()
    assert (jira.share, jira.scopes) == (50, served.projects[:1])


def test_with_the_queue_away_what_was_done_stands(admin: Client, jira: Source, served: Office, settings: Any) -> None:
    """Reading and deleting go on at the next beat; the page must not say that nothing happened."""
    settings.ALLOW_PRIVATE_SOURCES = True
    path = f"/sources/{jira.pk}/"
    edited = {"name": "Jira", "scopes": jira.scopes[0], "patterns": "", "share": "20"}
    token = {"way": "api", "url": jira.url, "email": DEMO_EMAIL, "token": DEMO_JIRA_TOKEN}
    with patch("delivery.tasks.read_now.delay", side_effect=AWAY):
        assert admin.post(f"{path}edit/", edited).status_code == 302
        assert admin.post(f"{path}token/", token).status_code == 302
        assert admin.post(f"{path}pause/").status_code == 302
        assert admin.post(f"{path}resume/").status_code == 302
        wizard(admin, served, "Another")
        admin.post(SCOPES, {"shown": served.projects, "scope": served.projects[:1], "patterns": ""})
        assert admin.post(HISTORY, {"window": "12", "share": "50"}).status_code == 302
    assert set(Source.objects.values_list("name", "share", "paused")) == {("Jira", 20, False), ("Another", 50, False)}
    with patch("delivery.tasks.after_sync.delay", side_effect=AWAY):
        assert admin.post(f"{path}kinds/", {"seen": digest(rules_of(jira)), "do": "save"}).status_code == 302
    with patch("delivery.tasks.remove_source.delay", side_effect=AWAY):
        assert admin.post(f"{path}disconnect/", {"stays": "delete", "name": "Jira"}).status_code == 302
    assert Source.objects.get(name="Jira").removing


def test_a_paused_source_that_is_connected_again_is_being_read(admin: Client, jira: Source) -> None:
    admin.post(f"/sources/{jira.pk}/pause/")
    admin.post(f"/sources/{jira.pk}/disconnect/", {"stays": "keep"})
    typed = {"way": "api", "url": jira.url, "email": DEMO_EMAIL, "token": DEMO_JIRA_TOKEN}
    with patch("delivery.tasks.read_now.delay") as queued:
        assert admin.post(f"/sources/{jira.pk}/token/", typed).status_code == 302
    queued.assert_called_once_with(source_id=jira.pk)
    jira.refresh_from_db()
    assert not jira.paused
