"""What pages say of a source that is paused, disconnected, half read or lacks something: never more than is true."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.utils import timezone

from delivery import secrets
from delivery.models import Missing, SourceSlice, TeamScope
from tests import builders
from tests.dashboards.roles import Organisation, organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_cache")]


@pytest.fixture(autouse=True)
def queued() -> Iterator[Any]:
    """The word for the worker: there is none in this test."""
    with patch("delivery.tasks.read_now.delay") as delay:
        yield delay


@pytest.fixture
def org() -> Organisation:
    return organisation()


@pytest.fixture
def admin(client: Client, org: Organisation) -> Client:
    client.force_login(org.admin)
    return client


def text(answer: Any) -> str:
    return answer.content.decode()


class TestWhatIsSaid:
    def test_a_key_keeps_its_letters_where_a_part_is_read_again(self, admin: Client) -> None:
        source = builders.source(name="Jira", token=secrets.seal("x"))
        part = SourceSlice.objects.create(source=source, kind="pulls", scope="Acme/API", error="It broke.")
        with patch("delivery.tasks.retry_slice.delay"):
            answer = admin.post(f"/sources/{source.pk}/parts/{part.pk}/retry/", follow=True)
        assert "Pull requests of Acme/API are read again now." in text(answer)

    @pytest.mark.parametrize("path", ["read", "parts/{part}/retry"])
    def test_nothing_is_promised_of_a_paused_source(self, admin: Client, path: str) -> None:
        """Another tab has paused it."""
        source = builders.source(name="Jira", token=secrets.seal("x"), paused=True)
        part = SourceSlice.objects.create(source=source, kind="issues", scope="STR", error="It broke.")
        with patch("delivery.tasks.retry_slice.delay") as retried:
            answer = admin.post(f"/sources/{source.pk}/{path.format(part=part.pk)}/", follow=True)
        retried.assert_not_called()
        assert "Jira is paused: resume it first." in text(answer)

    def test_kept_data_of_the_last_source_is_not_nothing(self, admin: Client) -> None:
        source = builders.source(name="Jira", disconnected=timezone.now())
        SourceSlice.objects.create(source=source, kind="issues", scope="STR", last_success=timezone.now())
        assert "nothing to forecast from" not in text(admin.get("/sources/"))

    def test_what_is_disconnected_is_not_edited(self, admin: Client) -> None:
        source = builders.source(name="Jira", disconnected=timezone.now())
        answer = admin.get(f"/sources/{source.pk}/edit/")
        assert answer["Location"] == f"/sources/{source.pk}/"

    @pytest.mark.parametrize("gone", ["Paused", "Disconnected"])
    def test_no_part_of_what_is_not_read_is_called_fresh_or_late(self, admin: Client, gone: str) -> None:
        fields: dict[str, Any] = {"paused": True} if gone == "Paused" else {"disconnected": timezone.now()}
        source = builders.source(name="Jira", **fields)
        now = timezone.now()
        for scope, age in (("STR", timedelta()), ("ING", timedelta(days=2))):
            SourceSlice.objects.create(source=source, kind="issues", scope=scope, last_success=now - age)
        SourceSlice.objects.create(source=source, kind="issues", scope="FS", last_success=now, error="It broke.")
        told = {row.what: row.state for row in admin.get(f"/sources/{source.pk}/").context["page"].rows}
        assert told == {"Issues of FS": "Stopped", "Issues of ING": gone, "Issues of STR": gone}

    def test_a_first_reading_that_lacks_something_is_not_whole(self, admin: Client) -> None:
        source = builders.source(name="Jira", token=secrets.seal("x"))
        part = SourceSlice.objects.create(source=source, kind="issues", scope="STR", last_success=timezone.now())
        Missing.objects.create(slice=part, what="STR-4", why="It broke.", since=timezone.now())
        shown = text(admin.get(f"/sources/{source.pk}/first/"))
        assert "is read whole" not in shown
        assert "1 thing could not be read" in shown

    def test_a_first_reading_that_is_paused_promises_nothing(self, admin: Client) -> None:
        source = builders.source(name="Jira", token=secrets.seal("x"), paused=True)
        SourceSlice.objects.create(source=source, kind="issues", scope="STR")
        shown = text(admin.get(f"/sources/{source.pk}/first/"))
        assert "next free worker" not in shown
        assert "paused" in shown

    def test_a_secret_that_is_shown_once_is_kept_by_no_browser(self, admin: Client) -> None:
        source = builders.source(name="Jira", token=secrets.seal("x"))
        answer = admin.post(f"/sources/{source.pk}/hook/", follow=True)
        assert "shown this once" in text(answer)
        assert "no-store" in answer["Cache-Control"]

    def test_what_waits_for_its_first_reading_is_one_click_away(self, admin: Client) -> None:
        source = builders.source(name="GitHub", kind="github", token=secrets.seal("x"))
        SourceSlice.objects.bulk_create(
            SourceSlice(source=source, kind="pulls", scope=f"acme/r{number}") for number in range(300)
        )
        answer = admin.get(f"/sources/{source.pk}/")
        assert len(answer.context["page"].rows) == 12
        assert "288 more parts wait for their first reading" in text(answer)


class TestEverybodySees:
    """What the director sees of a source that was paused or let go."""

    @pytest.mark.parametrize("gone", ["paused", "disconnected"])
    def test_half_a_history_is_told_when_nobody_reads_the_rest(
        self, client: Client, org: Organisation, gone: str
    ) -> None:
        fields: dict[str, Any] = {"paused": True} if gone == "paused" else {"disconnected": timezone.now()}
        source = builders.source(name="Jira", **fields)
        SourceSlice.objects.create(source=source, kind="issues", scope="STR", last_success=timezone.now())
        SourceSlice.objects.create(source=source, kind="issues", scope="ING")
        client.force_login(org.director)
        shown = text(client.get("/"))
        assert f"Jira: 1 of 2 parts not read to the end, {gone}" in shown

    def test_the_notice_of_what_is_no_longer_read_leads_to_where_it_is_told(
        self, client: Client, org: Organisation
    ) -> None:
        source = builders.source(name="Jira", scopes=["STR"])
        SourceSlice.objects.create(source=source, kind="issues", scope="STR", last_success=timezone.now())
        TeamScope.objects.create(team=org.team, source=source, scope="OLD")
        client.force_login(org.director)
        assert "Jira: OLD is no longer read" in text(client.get("/"))
        assert "OLD is not read, and teams count on that." in text(client.get("/sources/"))

    def test_a_pause_hides_nothing_that_is_missing(self, client: Client, org: Organisation) -> None:
        source = builders.source(name="Jira", paused=True)
        part = SourceSlice.objects.create(source=source, kind="issues", scope="STR", last_success=timezone.now())
        Missing.objects.create(slice=part, what="STR-4", why="It broke.", since=timezone.now() - timedelta(days=1))
        client.force_login(org.director)
        assert "1 thing of STR could not be read" in text(client.get("/"))

    def test_a_pause_does_not_heal_what_stopped(self, client: Client, org: Organisation) -> None:
        source = builders.source(name="Jira", paused=True)
        now = timezone.now()
        SourceSlice.objects.create(source=source, kind="issues", scope="STR", last_success=now, error="It broke.")
        client.force_login(org.director)
        assert "Jira: " in text(client.get("/"))
