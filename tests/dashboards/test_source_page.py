"""One source's page: what is wrong in which part, what is missing, what it may take; and every button on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from dashboards.pages import source as pages
from dashboards.pages import source_first as first_pages
from delivery import locks, secrets
from delivery.models import Missing, Source, SourceSlice, StageMapping, SyncRun
from tests import builders
from tests.builders import TODAY, at
from tests.dashboards.roles import Organisation, organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_cache")]

NOW = at(TODAY)
QUERIES = 7
FIRST_QUERIES = 8
ACTIONS = ("pause", "resume", "resync", "hook", "edit", "token", "disconnect")


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with travel(NOW, tick=False):
        yield


@pytest.fixture
def org() -> Organisation:
    return organisation()


@pytest.fixture
def admin(client: Client, org: Organisation) -> Client:
    client.force_login(org.admin)
    return client


def jira(**fields: Any) -> Source:
    return builders.source(name="Jira", **({"token": secrets.seal("jira-token-4711"), "scopes": ["STR"]} | fields))


def part(of: Source, scope: str = "STR", **fields: Any) -> SourceSlice:
    fields = {"kind": "issues", "last_success": NOW - timedelta(minutes=6)} | fields
    return SourceSlice.objects.create(source=of, scope=scope, **fields)


def html(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


class TestParts:
    def test_an_error_stands_beside_its_part_with_a_retry_of_just_that(self, admin: Client) -> None:
        source = jira()
        bad = part(source, error="The token lacks read:project on STR.", error_kind="permission")
        part(source, "RANK")
        text = html(admin, f"/sources/{source.pk}/")
        assert "The token lacks read:project on STR." in text
        assert text.count("Retry") == 1
        with patch("delivery.tasks.retry_slice.delay") as queued:
            admin.post(f"/sources/{source.pk}/parts/{bad.pk}/retry/")
        queued.assert_called_once_with(slice_id=bad.pk)

    def test_what_waits_for_a_quota_says_when_it_goes_on(self, admin: Client) -> None:
        source = jira()
        part(source, error="Over the quota.", error_kind="limited", not_before=NOW + timedelta(minutes=30))
        assert "It goes on by itself today 12:30." in html(admin, f"/sources/{source.pk}/")

    def test_progress_tells_bar_rate_and_estimate(self, admin: Client) -> None:
        source = jira()
        half = part(source, last_success=None, read=3000, expected=6000)
        SyncRun.objects.create(source=source, slice=half, started=NOW - timedelta(seconds=100), read=3000)
        with locks.held(locks.SLICE, half.pk):
            text = html(admin, f"/sources/{source.pk}/")
        assert "0 of 1 part read, 3,000 things in those under way, about 30 a second, about 2 minutes left" in text
        assert '<progress max="6000" value="3000"' in text
        assert 'hx-trigger="every 3s"' in text

    def test_of_many_parts_those_that_are_well_are_one_click_away(self, admin: Client) -> None:
        source = jira()
        for number in range(40):
            part(source, f"P{number}")
        part(source, "BAD", error="Gone.", error_kind="missing")
        text = html(admin, f"/sources/{source.pk}/")
        assert "28 more parts are fresh" in text
        assert text.index("Issues of BAD") < text.index("Issues of P0")

    def test_what_is_missing_says_what_where_why_and_since_when(self, admin: Client) -> None:
        source = jira()
        Missing.objects.create(
            slice=part(source), what="STR-12 history", why="The answer was cut short.", since=NOW - timedelta(days=1)
        )
        text = html(admin, f"/sources/{source.pk}/")
        for told in (
            "STR-12 history",
            "issues of STR",
            "The answer was cut short.",
            "yesterday 12:00",
            "1 thing could",
        ):
            assert told in text


class TestTokens:
    def test_a_token_that_ends_within_two_weeks_is_told(self, admin: Client) -> None:
        source = jira(token_expires=NOW + timedelta(days=12, hours=1), token_kind="api", account="Reader")
        text = html(admin, f"/sources/{source.pk}/")
        assert "runs out in 12 days" in text
        assert "make a new one now, and nothing stops" in text
        assert "API token as Reader" in text

    def test_one_that_ran_out_and_one_with_time_left_are_told_apart(self, admin: Client) -> None:
        gone = jira(token_expires=NOW - timedelta(days=2))
        assert "The token has run out" in html(admin, f"/sources/{gone.pk}/")
        Source.objects.update(token_expires=NOW + timedelta(days=200))
        text = html(admin, f"/sources/{gone.pk}/")
        assert "Runs out in 29 weeks" in text
        assert "make a new one" not in text

    def test_what_the_token_lacks_is_listed(self, admin: Client) -> None:
        source = jira(lacks=["The token lacks read:sprint, so sprints stay empty."])
        assert "so sprints stay empty" in html(admin, f"/sources/{source.pk}/")

    def test_no_page_shows_a_stored_secret(self, admin: Client) -> None:
        source = jira(hook_secret=secrets.seal("hook-secret-4711"))
        for path in ("", "edit/", "token/", "disconnect/", "resync/", "first/"):
            text = html(admin, f"/sources/{source.pk}/{path}")
            assert "jira-token-4711" not in text
            assert "hook-secret-4711" not in text
            assert source.token not in text


class TestAlarm:
    def test_a_sudden_drop_asks_which_of_two_things_it_is(self, admin: Client) -> None:
        source = jira()
        part(source, alarm="The token sees 412 of 1,030 items of STR it saw yesterday.")
        text = html(admin, f"/sources/{source.pk}/")
        assert "412 of 1,030" in text
        assert "Nothing was marked as deleted" in text
        assert "They are really gone" in text
        assert "The token lost rights" in text
        assert "Jira shows much less than before." in text

    def test_saying_that_it_is_gone_has_it_counted_again_at_once(self, admin: Client) -> None:
        one = part(jira(), alarm="The token sees much less.", count=1030, counted=NOW)
        with patch("delivery.tasks.count_slice.delay") as queued:
            admin.post(f"/sources/{one.source_id}/parts/{one.pk}/accept/")
        queued.assert_called_once_with(slice_id=one.pk)
        one.refresh_from_db()
        assert (one.alarm, one.counted) == ("", None)


class TestWebhooks:
    def test_a_secret_is_shown_once_with_address_and_events(self, admin: Client, settings: Any) -> None:
        settings.PUBLIC_URL = "https://headway.example.com"
        source = jira()
        answer = admin.post(f"/sources/{source.pk}/hook/")
        assert answer["Location"] == f"/sources/{source.pk}/#hooks"
        source.refresh_from_db()
        secret = secrets.unseal(source.hook_secret)
        text = html(admin, f"/sources/{source.pk}/")
        assert secret in text
        assert f"https://headway.example.com/hooks/jira/{source.pk}/" in text
        assert "Issue: created, updated, deleted" in text
        assert "project in (&quot;STR&quot;)" in text
        assert secret not in html(admin, f"/sources/{source.pk}/")

    def test_until_it_was_shown_it_lies_sealed(self, admin: Client) -> None:
        source = jira()
        admin.post(f"/sources/{source.pk}/hook/")
        source.refresh_from_db()
        assert secrets.unseal(source.hook_secret) not in str(dict(admin.session))

    def test_it_says_when_one_was_last_heard(self, admin: Client) -> None:
        source = jira(hook_secret=secrets.seal("x"), hook_heard=NOW - timedelta(minutes=20))
        assert "Last heard today 11:40" in html(admin, f"/sources/{source.pk}/")


class TestButtons:
    def test_a_pause_holds_until_it_is_resumed(self, admin: Client) -> None:
        source = part(jira()).source
        admin.post(f"/sources/{source.pk}/pause/")
        assert Source.objects.get().paused
        assert "Jira is paused" in html(admin, f"/sources/{source.pk}/")
        with patch("delivery.tasks.read_now.delay") as queued:
            admin.post(f"/sources/{source.pk}/resume/")
        queued.assert_called_once_with(source_id=source.pk)
        assert not Source.objects.get().paused

    def test_reading_everything_again_says_first_what_it_costs(self, admin: Client) -> None:
        one = part(jira())
        for spent, requests in ((600, 900), (240, 214)):
            began = NOW - timedelta(days=spent)
            SyncRun.objects.create(
                source=one.source,
                slice=one,
                state="done",
                full=True,
                started=began,
                finished=began + timedelta(seconds=spent),
                requests=requests,
            )
        assert "took 214 requests and 4 min" in html(admin, f"/sources/{one.source_id}/resync/")
        with patch("delivery.tasks.read_now.delay") as queued:
            admin.post(f"/sources/{one.source_id}/resync/")
            admin.post(f"/sources/{one.source_id}/resync/")
        queued.assert_called_once_with(source_id=one.source_id, full=True)

    def test_a_look_changes_nothing(self, admin: Client) -> None:
        one = part(jira(), error="Broken.")
        with patch("delivery.tasks.read_now.delay") as read, patch("delivery.tasks.retry_slice.delay") as retried:
            for action in (*ACTIONS, f"parts/{one.pk}/retry", f"parts/{one.pk}/accept"):
                admin.get(f"/sources/{one.source_id}/{action}/")
        assert not read.called
        assert not retried.called
        row = Source.objects.get()
        assert (row.paused, row.hook_secret, row.disconnected) == (False, "", None)

    def test_nobody_else_may_look_or_press(self, client: Client, org: Organisation) -> None:
        one = part(jira())
        paths = [f"/sources/{one.source_id}/", f"/sources/{one.source_id}/first/"]
        paths += [f"/sources/{one.source_id}/{action}/" for action in ACTIONS]
        paths += [f"/sources/{one.source_id}/parts/{one.pk}/{action}/" for action in ("retry", "accept")]
        for user in org.everybody():
            if user != org.admin:
                client.force_login(user)
                assert {path for path in paths if client.get(path).status_code != 403} == set()
                assert {path for path in paths if client.post(path).status_code != 403} == set()

    def test_a_part_of_another_source_is_not_found(self, admin: Client) -> None:
        one, other = part(jira()), builders.source()
        assert admin.post(f"/sources/{other.pk}/parts/{one.pk}/retry/").status_code == 404


class TestFirst:
    def test_a_chart_is_drawn_while_the_rest_is_still_read(self, admin: Client) -> None:
        source = jira(backfill_from=date(2026, 1, 1))
        half = part(source, last_success=None, read=40, expected=400)
        for day in range(70, 110):  # the oldest comes first
            builders.item(source, "STR", finished=NOW - timedelta(days=day))
        with locks.held(locks.SLICE, half.pk):
            text = html(admin, f"/sources/{source.pk}/first/")
        assert "Here is a first look" in text
        assert 'class="chart__plot"' in text
        assert "Of what is read so far, the newest is from 14 Sep." in text
        assert 'hx-trigger="every 4s"' in text
        assert "Since 1 January 2026" in text

    def test_before_anything_came_it_says_what_it_waits_for(self, admin: Client) -> None:
        source = jira()
        part(source, last_success=None)
        text = html(admin, f"/sources/{source.pk}/first/")
        assert "The chart appears once" in text
        assert 'class="chart__plot"' not in text

    def test_it_counts_the_guesses_about_statuses(self, admin: Client) -> None:
        source = part(jira()).source
        for number, guessed in enumerate((True, True, False)):
            StageMapping.objects.create(
                source=source, status_id=str(number), status=f"S{number}", stage="active", guessed=guessed
            )
        assert "3 statuses, 2 of them guessed" in html(admin, f"/sources/{source.pk}/first/")


def test_its_queries_do_not_grow_with_its_parts(
    org: Organisation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    source = jira()
    for count in (1, 8):
        for number in range(count):
            gap = part(source, f"P{count}-{number}")
            Missing.objects.create(slice=gap, what="X-1", why="Cut.", since=datetime(2026, 11, 1, tzinfo=UTC))
        with django_assert_num_queries(QUERIES):
            pages.page(org.admin, source, now=NOW)
        with django_assert_num_queries(FIRST_QUERIES):
            first_pages.page(org.admin, source, now=NOW)
