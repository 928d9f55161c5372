"""When something goes wrong: what the reader is told, and where to go from there."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.template.loader import get_template
from django.test import Client

from people.models import Person
from tests import builders

pytestmark = pytest.mark.django_db

VIEW = "dashboards.pages.person.page"


@pytest.fixture
def noor() -> Person:
    return builders.person("Noor Haddad")


@pytest.fixture
def signed_in(noor: Person) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(noor)
    return client


def broken(client: Client, noor: Person, error: Exception, status: int) -> str:
    with patch(VIEW, side_effect=error):
        answer = client.get(f"/people/{noor.pk}/")
    assert answer.status_code == status
    return answer.content.decode()


@pytest.mark.parametrize("inside", [True, False])
def test_an_unknown_address_is_a_page_with_a_way_back(client: Client, noor: Person, *, inside: bool) -> None:
    if inside:
        client.force_login(noor)
    answer = client.get("/no/such/page/<b>/")
    assert answer.status_code == 404
    text = answer.content.decode()
    assert "There is no such page" in text
    assert 'class="button button--primary" href="/"' in text
    assert "<b>/" not in text


def test_a_refusal_says_whom_to_ask(signed_in: Client, noor: Person) -> None:
    text = broken(signed_in, noor, PermissionDenied(), 403)
    assert "Your role does not open this page" in text
    assert "Ask the person who runs Headway here" in text


def test_a_fault_of_ours_is_said_to_be_ours(signed_in: Client, noor: Person) -> None:
    text = broken(signed_in, noor, RuntimeError("a secret in a message"), 500)
    assert "Headway could not make this page" in text
    assert "a secret in a message" not in text


def test_an_unreadable_request_is_told_so(signed_in: Client, noor: Person) -> None:
    assert "makes no sense to Headway" in broken(signed_in, noor, SuspiciousOperation(), 400)


def test_another_name_of_the_host_is_told_so() -> None:
    answer = Client(headers={"host": "evil.test"}, raise_request_exception=False).get("/")
    assert answer.status_code == 400
    assert "ALLOWED_HOSTS" in answer.content.decode()
    assert "evil.test" not in answer.content.decode()


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_the_pages_of_last_resort_need_nothing(name: str, django_assert_num_queries: object) -> None:
    """No database, no context, no request: they are shown when these are what failed."""
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert "<h1>" in get_template(name).render()


class TestOldForm:
    """A form without a valid token, as after a login in another window."""

    @pytest.fixture
    def strict(self, noor: Person) -> Client:
        client = Client(enforce_csrf_checks=True)
        client.force_login(noor)
        return client

    def send(self, client: Client, referer: str = "http://testserver/goals/1/?week=47", **typed: str) -> str:
        answer = client.post("/accounts/logout/", typed, headers={"referer": referer})
        assert answer.status_code == 403
        return answer.content.decode()

    def test_it_says_that_nothing_was_saved_and_leads_back(self, strict: Client) -> None:
        text = self.send(strict)
        assert "Nothing was saved" in text
        assert 'href="/goals/1/?week=47"' in text

    def test_what_was_typed_is_shown_and_not_lost(self, strict: Client) -> None:
        text = self.send(strict, note="Waits for the vendor\n<b>again</b>", confidence="70")
        assert "Waits for the vendor<br>&lt;b&gt;again&lt;/b&gt;" in text
        assert "Confidence" in text

    def test_secrets_are_not_shown(self, strict: Client) -> None:
        text = self.send(strict, password="hunter2hunter2", new_token="tok-4711", csrfmiddlewaretoken="abc4711")
        assert "hunter2" not in text
        assert "4711" not in text

    @pytest.mark.parametrize("referer", ["http://evil.test/form/", "javascript:alert(1)", ""])
    def test_what_another_site_sent_is_neither_shown_nor_led_back_to(self, strict: Client, referer: str) -> None:
        text = self.send(strict, referer, note="Not typed here")
        assert "Not typed here" not in text
        assert "evil.test" not in text
        assert "javascript:" not in text

    def test_nothing_happened(self, strict: Client) -> None:
        self.send(strict)
        assert strict.get("/accounts/password/change/").status_code == 200
