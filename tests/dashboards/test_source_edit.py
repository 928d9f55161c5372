"""Changing a source against the simulator over HTTP: what it reads, its token, and parting from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.test import Client

from delivery import secrets
from delivery.models import Source, SourceSlice
from simulator.tokens import DEMO_EMAIL, DEMO_JIRA_TOKEN
from tests import builders
from tests.builders import PASSWORD
from tests.dashboards.roles import Organisation, organisation
from tests.delivery.served import Office, office

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_cache")]


@pytest.fixture(scope="module")
def served() -> Iterator[Office]:
    with office() as made:
        yield made


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


def edited(source: Source, **other: Any) -> dict[str, Any]:
    typed = {"name": source.name, "scopes": "\n".join(source.scopes), "patterns": "", "share": "50"}
    return typed | other


def saved(client: Client, source: Source, page: str, typed: dict[str, Any]) -> Any:
    with patch("delivery.tasks.read_now.delay") as queued:
        answer = client.post(f"/sources/{source.pk}/{page}/", typed)
    assert queued.called == (answer.status_code == 302)
    return answer


class TestEdit:
    def test_another_project_is_read_from_now_on(self, admin: Client, jira: Source, served: Office) -> None:
        typed = edited(jira, scopes="\n".join(served.projects), share="20", worklogs="on", backfill_from="2026-03-01")
        assert saved(admin, jira, "edit", typed)["Location"] == f"/sources/{jira.pk}/"
        jira.refresh_from_db()
        assert (jira.scopes, jira.share, jira.worklogs) == (served.projects, 20, True)
        assert jira.backfill_from == date(2026, 3, 1)
        assert SourceSlice.objects.filter(source=jira, scope=served.projects[1]).exists()

    def test_a_project_the_token_does_not_see_changes_nothing_and_what_was_typed_stays(
        self, admin: Client, jira: Source
    ) -> None:
        typed = edited(jira, name="New name", scopes="NOPE", story_points_field="customfield_7")
        text = saved(admin, jira, "edit", typed).content.decode()
        assert "NOPE" in text
        assert "There is no project NOPE" in text
        assert 'value="New name"' in text
        assert 'value="customfield_7"' in text
        assert Source.objects.get().name == jira.name

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"name": ""}, "Give it a name"),
            ({"scopes": ""}, "Name at least one"),
            ({"share": "120"}, "from 5 to 100"),
            ({"backfill_from": "soon"}, "Enter a day, such as 2026-01-31"),
            ({"story_points_field": "<b>"}, "such as customfield_10016"),
        ],
    )
    def test_every_error_says_what_to_enter(
        self, admin: Client, jira: Source, typed: dict[str, str], said: str
    ) -> None:
        assert said in saved(admin, jira, "edit", edited(jira, **typed)).content.decode()

    def test_a_login_that_runs_out_loses_nothing(self, client: Client, org: Organisation, jira: Source) -> None:
        path = f"/sources/{jira.pk}/edit/"
        client.post(path, edited(jira, name="Typed for long"))
        client.post("/accounts/login/", {"login": org.admin.email, "password": PASSWORD})
        assert 'value="Typed for long"' in client.get(path).content.decode()
        assert Source.objects.get().name == jira.name


class TestToken:
    def test_a_new_token_is_checked_and_reading_goes_on(self, admin: Client, jira: Source) -> None:
        Source.objects.update(token=secrets.seal("run-out"))
        SourceSlice.objects.update(error="The token ran out.", error_kind="expired")
        typed = {"way": "api", "url": jira.url, "email": DEMO_EMAIL, "token": DEMO_JIRA_TOKEN}
        assert saved(admin, jira, "token", typed).status_code == 302
        jira.refresh_from_db()
        assert secrets.unseal(jira.token) == DEMO_JIRA_TOKEN
        assert not SourceSlice.objects.exclude(error="").exists()

    def test_a_wrong_one_changes_nothing_and_is_never_shown(self, admin: Client, jira: Source) -> None:
        typed = {"way": "api", "url": jira.url, "email": DEMO_EMAIL, "token": "wrong-4711"}
        text = saved(admin, jira, "token", typed).content.decode()
        assert "wrong-4711" not in text
        assert 'id="token-error"' in text
        jira.refresh_from_db()
        assert secrets.unseal(jira.token) == DEMO_JIRA_TOKEN

    def test_a_token_beside_a_wrong_field_need_not_be_pasted_again(
        self, admin: Client, org: Organisation, jira: Source
    ) -> None:
        typed = {"way": "api", "url": jira.url, "email": "nobody", "token": DEMO_JIRA_TOKEN}
        text = saved(admin, jira, "token", typed).content.decode()
        assert "The one you pasted is kept" in text
        assert DEMO_JIRA_TOKEN not in str(cache.get(f"source-token-{jira.pk}-{org.admin.pk}"))
        assert saved(admin, jira, "token", typed | {"email": DEMO_EMAIL, "token": ""}).status_code == 302

    def test_the_sources_list_leads_to_it_first_when_a_token_ran_out(self, admin: Client, jira: Source) -> None:
        SourceSlice.objects.update(error="The token ran out on Saturday.", error_kind="expired")
        text = admin.get("/sources/").content.decode()
        assert f'class="button button--primary button--small" href="/sources/{jira.pk}/token/"' in text
        assert "Jira needs a new token" in text

    def test_data_center_is_offered_its_own_kind_alone(self, admin: Client) -> None:
        source = builders.source(name="DC", deployment="datacenter")
        text = admin.get(f"/sources/{source.pk}/token/").content.decode()
        assert "Personal access token: the least it needs" in text
        assert "Whose token is it?" not in text


class TestDisconnect:
    def test_it_says_what_it_brought_and_what_rests_on_it(self, admin: Client, org: Organisation) -> None:
        source = builders.project(org.team, "STR")
        item = builders.item(source, "STR")
        builders.deliverable(org.team, items=(item,))
        text = admin.get(f"/sources/{source.pk}/disconnect/").content.decode()
        assert "It brought 1 issue with its history." in text
        assert "1 team and 1 deliverable rest on it." in text

    def test_kept_data_stays_and_the_token_is_forgotten(self, admin: Client, jira: Source) -> None:
        builders.item(jira, jira.scopes[0])
        assert admin.post(f"/sources/{jira.pk}/disconnect/", {"stays": "keep"})["Location"] == "/sources/"
        jira.refresh_from_db()
        assert (jira.token, jira.removing) == ("", False)
        assert jira.disconnected is not None
        assert jira.items.count() == 1
        text = admin.get(f"/sources/{jira.pk}/").content.decode()
        assert "is disconnected" in text
        assert "Connect again" in text
        assert "Disconnected" in admin.get("/sources/").content.decode()

    def test_deleting_takes_the_typed_name(self, admin: Client, jira: Source) -> None:
        path = f"/sources/{jira.pk}/disconnect/"
        with patch("delivery.tasks.remove_source.delay") as queued:
            for typed in ({}, {"stays": "delete"}, {"stays": "delete", "name": "jira "}):
                assert admin.post(path, typed).status_code == 200
            jira.refresh_from_db()
            assert jira.disconnected is None
            assert not queued.called
            admin.post(path, {"stays": "delete", "name": jira.name})
        queued.assert_called_once_with(source_id=jira.pk)
        jira.refresh_from_db()
        assert jira.removing
        assert "Being deleted" in admin.get("/sources/").content.decode()

    def test_a_disconnected_one_has_no_button_that_reads(self, admin: Client, jira: Source) -> None:
        admin.post(f"/sources/{jira.pk}/disconnect/", {"stays": "keep"})
        for action in ("pause", "resume", "resync", "hook", "read"):
            assert admin.post(f"/sources/{jira.pk}/{action}/").status_code == 404

    def test_it_can_be_connected_again_and_goes_on(self, admin: Client, jira: Source) -> None:
        admin.post(f"/sources/{jira.pk}/disconnect/", {"stays": "keep"})
        typed = {"way": "api", "url": jira.url, "email": DEMO_EMAIL, "token": DEMO_JIRA_TOKEN}
        assert saved(admin, jira, "token", typed).status_code == 302
        jira.refresh_from_db()
        assert jira.disconnected is None
