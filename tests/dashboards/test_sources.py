"""The sources: what each role sees of them, what stopped, what is read, and the word to read one now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from dashboards.pages import sources as pages
from delivery import locks
from delivery.models import Missing, Source, SourceSlice, StageMapping, SyncRun
from people.models import Person
from tests import builders
from tests.builders import TODAY, at
from tests.dashboards.roles import Organisation, organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_cache")]

QUERIES = 8
NOW = at(TODAY)
SECRETS = ("jira.example.test", "reader account", "token 4711 refused", "401 from the proxy")


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with travel(NOW, tick=False):
        yield


@pytest.fixture
def org() -> Organisation:
    return organisation()


def part(of: Source, scope: str = "STR", **fields: Any) -> SourceSlice:
    fields = {"kind": "issues", "last_success": NOW - timedelta(minutes=6)} | fields
    return SourceSlice.objects.create(source=of, scope=scope, **fields)


def stopped() -> Source:
    source = builders.source(name="Old Jira", account="reader account")
    refused = part(
        source, last_success=NOW - timedelta(days=2), error="The token 4711 refused.", error_kind="credentials"
    )
    run(refused, state="failed", error="The token 4711 refused.", detail="401 from the proxy")
    return source


def run(of: SourceSlice, **fields: Any) -> SyncRun:
    began = NOW - timedelta(minutes=7)
    values = {"state": "done", "started": began, "finished": began + timedelta(seconds=41), "written": 37}
    return SyncRun.objects.create(source=of.source, slice=of, **(values | fields))


def html(client: Client, user: Person, **headers: str) -> str:
    client.force_login(user)
    answer = client.get("/sources/", headers=headers)
    assert answer.status_code in (200, 286)
    return answer.content.decode()


def said(user: Person) -> str:
    return "".join(phrase.text for phrase in pages.page(user, now=NOW).headline)


class TestSentence:
    def test_everything_fresh_is_one_sentence(self, org: Organisation) -> None:
        part(builders.source(name="GitHub"))
        part(builders.source(name="Jira"))
        assert said(org.engineer) == "Both sources are fresh."

    def test_it_says_what_needs_doing_to_who_can_do_it(self, org: Organisation) -> None:
        part(builders.source(name="Jira"))
        stopped()
        assert said(org.admin) == "One of two sources is fresh; Old Jira needs a new token."
        assert said(org.director) == "One of two sources is fresh; Old Jira has stopped."

    def test_late_is_told_too(self, org: Organisation) -> None:
        part(builders.source(name="Jira"), last_success=NOW - timedelta(hours=3))
        assert said(org.engineer) == "Jira is late."

    def test_what_was_never_read_or_is_paused_is_not_fresh(self, org: Organisation) -> None:
        part(builders.source(name="A"), last_success=None)
        part(builders.source(name="B", paused=True))
        assert said(org.engineer) == "None of two sources is fresh; A was not read yet and B is paused."


class TestWhoSeesWhat:
    def test_everybody_sees_names_and_freshness(self, client: Client, org: Organisation) -> None:
        part(builders.source(name="Jira"))
        stopped()
        for user in org.everybody():
            text = html(client, user)
            assert "Last read 6 min ago" in text
            assert "Stopped" in text
            assert "Work items, flow and forecasts are as of" in text

    def test_only_administrators_see_address_account_error_and_runs(self, client: Client, org: Organisation) -> None:
        stopped()
        text = html(client, org.admin)
        assert all(secret in text for secret in SECRETS)
        assert "What the server answered" in text
        for user in org.everybody():
            if user != org.admin:
                text = html(client, user)
                assert not [secret for secret in SECRETS if secret in text]
                assert "Recent runs" not in text
                assert "Read now" not in text
                assert "An administrator can see why" in text

    def test_whoever_is_not_logged_in_sees_nothing(self, client: Client) -> None:
        assert client.get("/sources/")["Location"] == "/accounts/login/?next=/sources/"

    def test_the_token_is_on_no_page(self, client: Client, org: Organisation) -> None:
        part(builders.source(name="Jira", token="gAAAAA-sealed"))
        assert "gAAAAA-sealed" not in html(client, org.admin)


class TestRows:
    def test_a_run_tells_what_it_read_and_how_it_ended(self, client: Client, org: Organisation) -> None:
        run(part(builders.source(name="Jira")), since=NOW - timedelta(minutes=22), deleted=2)
        text = html(client, org.admin)
        assert "Today 11:53" in text
        assert "Jira, issues of STR, changes since today 11:38" in text
        assert "37 changed, 2 deleted" in text
        assert "41 s" in text

    def test_guessed_statuses_are_counted_and_named(self, client: Client, org: Organisation) -> None:
        jira = builders.source(name="Jira")
        for number, (status, guessed) in enumerate([("Done", False), ("Blocked", True), ("In QA", True)]):
            StageMapping.objects.create(
                source=jira, status_id=str(number), status=status, stage="waiting", guessed=guessed
            )
        text = html(client, org.admin)
        StageMapping.objects.create(source=jira, status_id="1", status="Blocked", stage="active", project="STR")
        text = html(client, org.admin)
        assert "2 of 3 statuses are guesses" in text
        assert f'href="/sources/{jira.pk}/statuses/"' in text
        assert "Blocked" in text
        assert "How statuses are read" not in html(client, org.director)

    def test_what_a_source_wrote_is_no_markup(self, client: Client, org: Organisation) -> None:
        part(builders.source(name="<b>Jira</b>"), error="<script>alert(1)</script>", error_kind="answer")
        text = html(client, org.admin)
        assert "<script>alert" not in text
        assert "<b>Jira" not in text

    def test_without_a_source_it_says_how_to_connect_one(self, client: Client, org: Organisation) -> None:
        text = html(client, org.admin)
        assert "No source is connected" in text
        assert text.count("<code>manage.py ") == 5
        assert "<code>manage.py" not in html(client, org.director)


class TestReading:
    def test_the_list_asks_again_while_something_is_read(self, client: Client, org: Organisation) -> None:
        half = part(builders.source(name="Jira"), last_success=None, read=30, expected=60, reading_began=NOW)
        part(half.source, "RANK")
        run(half, state="running", finished=None, started=NOW - timedelta(minutes=1), read=30)
        with locks.held(locks.SLICE, half.pk):
            text = html(client, org.engineer)
            assert 'hx-trigger="every 3s"' in text
            assert '<progress max="2" value="1.5"' in text
            assert "Reading history: 1 of 2 parts, about 1 minute left" in text
            assert said(org.engineer) == "Jira catches up in about 1 minute."

    def test_a_part_that_is_late_shows_its_progress_too(self, client: Client, org: Organisation) -> None:
        source = builders.source()
        half = part(source, last_success=NOW - timedelta(days=3), read=50, expected=100)
        client.force_login(org.admin)
        with locks.held(locks.SLICE, half.pk):
            assert "<progress" in client.get("/sources/").content.decode()
        assert "<progress" not in client.get("/sources/").content.decode()

    def test_it_stops_asking_when_nothing_is_read(self, client: Client, org: Organisation) -> None:
        part(builders.source(name="Jira"))
        assert "every 3s" not in html(client, org.engineer)
        client.force_login(org.engineer)
        answer = client.get("/sources/", headers={"HX-Request": "true"})
        assert answer.status_code == 286  # htmx: stop polling
        assert "<html" not in answer.content.decode()
        assert "Last read 6 min ago" in answer.content.decode()

    def test_between_two_parts_of_a_first_reading_it_goes_on(self, org: Organisation) -> None:
        jira = builders.source(name="Jira")
        run(part(jira), finished=NOW - timedelta(seconds=5))
        part(jira, "RANK", last_success=None)
        assert pages.page(org.engineer, now=NOW).reading
        assert not pages.page(org.engineer, now=NOW + timedelta(minutes=3)).reading


class TestManaging:
    def test_what_is_being_read_can_be_paused_and_goes_on_from_the_list(
        self, client: Client, org: Organisation
    ) -> None:
        one = part(builders.source(name="Jira"))
        with locks.held(locks.SLICE, one.pk):
            assert f'action="/sources/{one.source_id}/pause/"' in html(client, org.admin)
            assert "/pause/" not in html(client, org.director)
        answer = client.post(f"/sources/{one.source_id}/pause/", {"on": "list"})
        assert answer.status_code == 403
        client.force_login(org.admin)
        assert client.post(f"/sources/{one.source_id}/pause/", {"on": "list"})["Location"] == "/sources/"
        assert f'action="/sources/{one.source_id}/resume/"' in html(client, org.admin)

    def test_connecting_and_looking_closer_are_for_administrators(self, client: Client, org: Organisation) -> None:
        one = part(builders.source(name="Jira"))
        links = (f'href="/sources/{one.source_id}/"', 'href="/sources/new/"')
        text = html(client, org.admin)
        assert all(link in text for link in links)
        text = html(client, org.engineer)
        assert not any(link in text for link in links)

    def test_everybody_sees_that_something_is_missing_and_administrators_what(
        self, client: Client, org: Organisation
    ) -> None:
        one = part(builders.source(name="Jira"), alarm="The token sees 4 of 40 items of STR.")
        Missing.objects.create(slice=one, what="STR-1", why="Cut.", since=NOW)
        for user in org.everybody():
            text = html(client, user)
            assert "1 thing could not be read; everything else is used." in text
            assert ("4 of 40 items of STR" in text) == (user == org.admin)

    def test_a_disconnected_source_is_neither_fresh_nor_in_need(self, client: Client, org: Organisation) -> None:
        part(builders.source(name="Jira"))
        part(builders.source(name="Old", disconnected=NOW, token=""), error="Gone.", error_kind="credentials")
        assert said(org.admin) == "Jira is fresh."
        text = html(client, org.admin)
        assert "Disconnected" in text
        assert "Gone." not in text


class TestReadNow:
    def test_an_administrator_has_a_source_read(self, client: Client, org: Organisation) -> None:
        source = part(builders.source(name="Jira")).source
        client.force_login(org.admin)
        with patch("delivery.tasks.read_now.delay") as queued:
            answer = client.post(f"/sources/{source.pk}/read/", follow=True)
        queued.assert_called_once_with(source_id=source.pk)
        assert "Jira is read now" in answer.content.decode()
        assert "every 3s" in answer.content.decode()

    def test_a_second_wish_within_a_minute_is_not_queued(self, client: Client, org: Organisation) -> None:
        source = part(builders.source(name="Jira")).source
        client.force_login(org.admin)
        with patch("delivery.tasks.read_now.delay") as queued:
            client.post(f"/sources/{source.pk}/read/")
            answer = client.post(f"/sources/{source.pk}/read/", follow=True)
        assert queued.call_count == 1
        assert "less than a minute ago" in answer.content.decode()

    def test_nobody_else_may(self, client: Client, org: Organisation) -> None:
        source = part(builders.source(name="Jira")).source
        with patch("delivery.tasks.read_now.delay") as queued:
            for user in org.everybody():
                if user != org.admin:
                    client.force_login(user)
                    assert client.post(f"/sources/{source.pk}/read/").status_code == 403
        assert not queued.called

    def test_whoever_comes_back_from_a_login_lands_on_the_page(self, client: Client, org: Organisation) -> None:
        source = builders.source(name="Jira")
        client.force_login(org.admin)
        with patch("delivery.tasks.read_now.delay") as queued:
            assert client.get(f"/sources/{source.pk}/read/")["Location"] == "/sources/"
        assert not queued.called

    def test_an_unknown_source_is_not_found(self, client: Client, org: Organisation) -> None:
        client.force_login(org.admin)
        assert client.post("/sources/4711/read/").status_code == 404


def test_its_queries_do_not_grow_with_the_sources(
    org: Organisation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run(part(builders.source(name="Jira")))
    with django_assert_num_queries(QUERIES):
        pages.page(org.admin, now=NOW)
    for number in range(4):
        run(part(builders.source(name=f"Jira {number}")))
    with django_assert_num_queries(QUERIES):
        pages.page(org.admin, now=NOW)
