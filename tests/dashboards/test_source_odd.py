"""Odd ways through the pages of sources: two clicks, two tabs, two administrators, letters that nobody expects."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Barrier, Thread
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client

from delivery import secrets
from delivery.models import Source
from people.models import Person
from simulator.tokens import DEMO_EMAIL, DEMO_GITHUB_TOKEN, DEMO_JIRA_TOKEN
from tests import builders
from tests.dashboards.roles import Organisation, organisation
from tests.delivery.served import Office, office

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_cache")]

NEW, SIGN_IN, SCOPES, HISTORY = (f"/sources/new/{step}" for step in ("", "sign-in/", "scopes/", "history/"))
READS = {"window": "6", "share": "50"}


@pytest.fixture(scope="module")
def served() -> Iterator[Office]:
    with office() as made:
        yield made


@pytest.fixture(autouse=True)
def queued() -> Iterator[Any]:
    """The word for the worker: there is none in this test."""
    with patch("delivery.tasks.read_now.delay") as delay:
        yield delay


@pytest.fixture
def org(settings: Any) -> Organisation:
    settings.ALLOW_PRIVATE_SOURCES = True
    return organisation()


@pytest.fixture
def admin(client: Client, org: Organisation) -> Client:
    client.force_login(org.admin)
    return client


def text(answer: Any) -> str:
    return answer.content.decode()


def hidden(client: Client, path: str) -> dict[str, str]:
    """The fields of the open form that a browser sends by itself."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.headers
    draft = answer.context["page"].draft
    return {"draft": draft}


def pick_jira(client: Client, served: Office) -> None:
    client.post(NEW, {"way": "api"})
    typed = {"name": "Jira", "url": served.running.jira_cloud_url, "email": DEMO_EMAIL, "token": DEMO_JIRA_TOKEN}
    assert client.post(SIGN_IN, typed)["Location"] == SCOPES
    client.post(SCOPES, {"shown": served.projects, "scope": served.projects[:1], "patterns": ""})


def pick_github(client: Client, served: Office) -> None:
    client.post(NEW, {"way": "classic"})
    typed = {"name": "Code", "url": served.running.github_api_url, "token": DEMO_GITHUB_TOKEN}
    assert client.post(SIGN_IN, typed)["Location"] == SCOPES
    client.post(SCOPES, {"shown": served.repositories, "scope": served.repositories[:1], "patterns": ""})


class TestTwoClicks:
    def test_a_second_one_leads_where_the_first_one_led(self, admin: Client, served: Office) -> None:
        pick_jira(admin, served)
        typed = READS | hidden(admin, HISTORY)
        first, second = admin.post(HISTORY, typed), admin.post(HISTORY, typed)
        assert second["Location"] == first["Location"] == f"/sources/{Source.objects.get().pk}/first/"

    def test_deleting_twice_is_no_missing_page(self, admin: Client) -> None:
        source = builders.source(name="Jira", token=secrets.seal("x"))
        with patch("delivery.tasks.remove_source.delay"):
            for _ in range(2):
                answer = admin.post(f"/sources/{source.pk}/disconnect/", {"stays": "delete", "name": "Jira"})
                assert answer["Location"] == "/sources/"


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_connect_one_source_and_say_no_error(org: Organisation, served: Office) -> None:
    first = Client(raise_request_exception=False)
    first.force_login(org.admin)
    pick_jira(first, served)
    typed, start, answers = READS | hidden(first, HISTORY), Barrier(2), []

    def press() -> None:
        client = Client(raise_request_exception=False)
        client.cookies = first.cookies
        start.wait()
        answers.append(client.post(HISTORY, typed))
        connection.close()

    clicks = [Thread(target=press) for _ in range(2)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert [one.get("Location") for one in answers] == [f"/sources/{Source.objects.get().pk}/first/"] * 2


class TestTwoTabs:
    def test_a_form_of_one_source_does_not_connect_another(self, admin: Client, served: Office) -> None:
        pick_jira(admin, served)
        of_jira = READS | hidden(admin, HISTORY)
        pick_github(admin, served)
        answer = admin.post(HISTORY, of_jira, follow=True)
        assert not Source.objects.exists()
        assert "another tab" in text(answer)

    def test_what_was_ticked_for_one_is_not_chosen_of_the_other(self, admin: Client, served: Office) -> None:
        pick_jira(admin, served)
        of_jira = hidden(admin, SCOPES)
        pick_github(admin, served)
        admin.post(SCOPES, of_jira | {"shown": served.projects, "scope": served.projects, "patterns": ""})
        assert served.projects[0] not in admin.get(SCOPES).context["page"].steps[2].says
        admin.post(HISTORY, READS)
        assert Source.objects.get().scopes == served.repositories[:1]

    def test_a_name_that_was_taken_meanwhile_is_not_taken_over(self, admin: Client, served: Office) -> None:
        """Another administrator has connected the same server under the same name since the name was looked at."""
        pick_jira(admin, served)
        theirs = served.jira(name="Jira", scopes=served.projects[1:2])
        answer = admin.post(HISTORY, READS)
        theirs.refresh_from_db()
        assert theirs.scopes == served.projects[1:2]
        assert "There is a source called Jira already" in text(answer)


class TestTwoAdministrators:
    def test_who_edits_later_sees_what_changed_meanwhile_and_keeps_what_they_typed(
        self, admin: Client, served: Office
    ) -> None:
        source = served.jira(name="Jira", scopes=served.projects[:1])
        path = f"/sources/{source.pk}/edit/"
        seen = admin.get(path).context["values"]["seen"]
        Source.objects.update(share=20, scopes=served.projects[:2])
        mine = {"name": "Jira", "scopes": served.projects[0], "patterns": "", "share": "70", "seen": seen}
        shown = text(admin.post(path, mine))
        source.refresh_from_db()
        assert (source.share, source.scopes) == (20, served.projects[:2])
        assert "Somebody else changed this" in shown
        assert 'value="70"' in shown
        assert "20 per cent" in shown
        assert served.projects[1] in shown
        mine["seen"] = admin.get(path).context["values"]["seen"]
        assert admin.post(path, mine)["Location"] == f"/sources/{source.pk}/"
        source.refresh_from_db()
        assert source.share == 70


class TestOddText:
    @pytest.mark.parametrize("path", ["statuses/?project=%00", "statuses/?project=%F0%9F%98%80%3Cb%3E"])
    def test_no_address_breaks_a_page(self, admin: Client, path: str) -> None:
        source = builders.source(name="Jira")
        assert admin.get(f"/sources/{source.pk}/{path}").status_code == 200

    @pytest.mark.parametrize("odd", ["a\x00b", "a\r\nX: y", "😀<b>", "[", "a" * 500])
    @pytest.mark.parametrize("page", ["statuses", "kinds", "deployments"])
    @pytest.mark.parametrize("do", ["save", "preview"])
    def test_no_form_breaks_what_words_mean(self, admin: Client, odd: str, page: str, do: str) -> None:
        source = builders.source(name="Jira")
        path = f"/sources/{source.pk}/{page}/"
        shown = admin.get(path).context["page"].seen
        typed = {"seen": shown, "do": do, "project": odd, "count": "2", "scope-0": odd, "pattern-0": odd}
        typed |= {"scope-1": "", "pattern-1": odd, "field-1": "label", "kind-1": "bug", "what-1": "tag"}
        with patch("delivery.tasks.after_sync.delay"):
            assert admin.post(path, typed).status_code in (200, 302)

    @pytest.mark.parametrize("odd", ["a\x00b", "😀*", "[", "<b>*"])
    def test_no_pattern_breaks_the_wizard(self, admin: Client, served: Office, odd: str) -> None:
        pick_jira(admin, served)
        assert admin.post("/sources/new/scopes/shown/", {"patterns": odd, "search": odd}).status_code in (200, 302)
        assert admin.post(SCOPES, {"patterns": odd, "scope": [odd], "search": odd}).status_code in (200, 302)
        assert admin.post(HISTORY, READS).status_code in (200, 302)

    def test_a_pattern_that_fits_nothing_is_no_source(self, admin: Client, served: Office) -> None:
        pick_jira(admin, served)
        admin.post(SCOPES, {"shown": served.projects, "patterns": "NOPE*, NO*"})
        assert "Nothing fits NOPE* and NO* now: choose at least one project" in text(admin.post(HISTORY, READS))
        assert not Source.objects.exists()

    def test_nor_does_editing_leave_nothing_to_read(self, admin: Client, served: Office) -> None:
        source = served.jira(name="Jira", scopes=served.projects[:1])
        typed = {"name": "Jira", "scopes": "", "patterns": "NOPE*", "share": "50"}
        shown = text(admin.post(f"/sources/{source.pk}/edit/", typed))
        assert "Nothing fits NOPE* now" in shown
        assert "One thing to fix" in shown
        source.refresh_from_db()
        assert source.scopes == served.projects[:1]

    @pytest.mark.parametrize("day", ["2999-01-01", "0001-01-01"])
    def test_a_day_that_no_history_can_begin_at_is_refused(self, admin: Client, served: Office, day: str) -> None:
        source = served.jira(name="Jira", scopes=served.projects[:1])
        typed = {"name": "Jira", "scopes": served.projects[0], "patterns": "", "share": "50", "backfill_from": day}
        assert "Enter a day" in text(admin.post(f"/sources/{source.pk}/edit/", typed))


def test_who_may_not_manage_sources_gets_no_draft(client: Client, org: Organisation) -> None:
    person: Person = org.director
    client.force_login(person)
    assert client.post(HISTORY, READS).status_code == 403
