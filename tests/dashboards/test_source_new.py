"""Connecting a source on pages, against the simulator over HTTP: what was typed survives everything, secrets stay in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.test import Client

from dashboards.pages import source_draft
from delivery import secrets
from delivery.models import Source
from people.models import Person
from simulator.tokens import DEMO_EMAIL, DEMO_GITHUB_TOKEN, DEMO_JIRA_TOKEN
from tests.builders import PASSWORD
from tests.dashboards.roles import Organisation, organisation
from tests.delivery.served import Office, office

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_cache")]

NEW, SIGN_IN, SCOPES, SHOWN, HISTORY = (
    f"/sources/new/{step}" for step in ("", "sign-in/", "scopes/", "scopes/shown/", "history/")
)


@pytest.fixture(scope="module")
def served() -> Iterator[Office]:
    with office() as made:
        yield made


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


def jira(served: Office, **other: str) -> dict[str, str]:
    typed = {"name": "Jira", "url": served.running.jira_cloud_url, "email": DEMO_EMAIL, "token": DEMO_JIRA_TOKEN}
    return typed | other


def signed_in(client: Client, served: Office, way: str = "api", **other: str) -> Any:
    client.post(NEW, {"way": way})
    return client.post(SIGN_IN, jira(served, **other))


def picked(served: Office, **other: Any) -> dict[str, Any]:
    return {"shown": served.projects, "scope": served.projects[:1], "patterns": ""} | other


class TestTheWholeRoad:
    def test_jira_is_connected_and_read_at_once(self, admin: Client, served: Office) -> None:
        assert signed_in(admin, served)["Location"] == SCOPES
        assert all(project in text(admin.get(SCOPES)) for project in served.projects)
        assert admin.post(SCOPES, picked(served))["Location"] == HISTORY
        with patch("delivery.tasks.read_now.delay") as queued:
            answer = admin.post(HISTORY, {"window": "6", "share": "30", "worklogs": "on"})
        made = Source.objects.get()
        assert answer["Location"] == f"/sources/{made.pk}/first/"
        queued.assert_called_once_with(source_id=made.pk)
        assert (made.name, made.scopes, made.share, made.worklogs) == ("Jira", served.projects[:1], 30, True)
        assert made.backfill_from is not None
        assert secrets.unseal(made.token) == DEMO_JIRA_TOKEN

    def test_github_is_connected_by_a_pattern(self, admin: Client, served: Office) -> None:
        admin.post(NEW, {"way": "classic"})
        typed = {"name": "Code", "url": served.running.github_api_url, "token": DEMO_GITHUB_TOKEN}
        assert admin.post(SIGN_IN, typed)["Location"] == SCOPES
        owner = served.repositories[0].split("/")[0]
        admin.post(SCOPES, {"patterns": f"{owner}/*"})
        with patch("delivery.tasks.read_now.delay"):
            admin.post(HISTORY, {"window": "all", "share": "50"})
        made = Source.objects.get()
        assert (made.kind, made.patterns, made.backfill_from) == ("github", [f"{owner}/*"], None)
        assert sorted(made.scopes) == sorted(served.repositories)

    def test_a_connected_source_leaves_no_draft_and_no_token_behind(
        self, admin: Client, org: Organisation, served: Office
    ) -> None:
        signed_in(admin, served)
        admin.post(SCOPES, picked(served))
        assert source_draft.of(org.admin).token
        with patch("delivery.tasks.read_now.delay"):
            admin.post(HISTORY, {"window": "12", "share": "50"})
        assert source_draft.of(org.admin) == source_draft.Draft()
        assert source_draft.found(org.admin) is None


class TestWhatTheTokenMaySee:
    def test_the_check_says_who_it_is_and_what_answers(self, admin: Client, served: Office) -> None:
        signed_in(admin, served)
        shown = text(admin.get(SCOPES))
        assert "The token is good" in shown
        assert "Jira Cloud" in shown
        assert f"{len(served.projects)} projects" in shown

    def test_searching_keeps_what_is_chosen_and_hidden(self, admin: Client, served: Office) -> None:
        one, two = served.projects[:2]
        signed_in(admin, served)
        admin.post(SHOWN, {"shown": served.projects, "scope": [one], "patterns": "", "search": two})
        shown = text(admin.post(SHOWN, {"shown": [two], "scope": [two], "patterns": "", "search": ""}))
        assert f"2 of {len(served.projects)} projects chosen" in shown
        assert shown.count(" checked") == 2

    def test_all_that_fit_a_search_can_be_chosen_at_once(self, admin: Client, served: Office) -> None:
        signed_in(admin, served)
        shown = text(admin.post(SHOWN, {"search": served.projects[0], "mark": "all", "patterns": ""}))
        assert f"1 of {len(served.projects)} projects chosen" in shown
        assert "0 of" in text(admin.post(SHOWN, {"search": "", "mark": "none", "patterns": ""}))

    def test_a_pattern_says_what_it_takes_in_today(self, admin: Client, served: Office) -> None:
        signed_in(admin, served)
        shown = text(admin.post(SHOWN, {"patterns": f"{served.projects[0]}*, NONE*"}))
        assert f"{served.projects[0]}* takes in 1 project now; new ones join by themselves." in shown
        assert "NONE* takes in nothing now" in shown

    def test_part_of_the_page_is_answered_with_the_list_alone(self, admin: Client, served: Office) -> None:
        signed_in(admin, served)
        shown = text(admin.post(SHOWN, {"search": "", "patterns": ""}, headers={"HX-Request": "true"}))
        assert "<html" not in shown
        assert served.projects[0] in shown

    def test_nothing_chosen_is_asked_for_again(self, admin: Client, served: Office) -> None:
        signed_in(admin, served)
        assert "Choose at least one" in text(admin.post(SCOPES, {"patterns": ""}))


class TestErrors:
    def test_every_empty_field_says_what_belongs_there(self, admin: Client) -> None:
        admin.post(NEW, {"way": "api"})
        shown = text(admin.post(SIGN_IN, {"name": "Jira"}))
        assert "Paste the address, such as https://you.atlassian.net" in shown
        assert "Paste the token. It is kept sealed" in shown
        assert shown.count('aria-invalid="true"') == 3

    def test_a_wrong_token_is_said_and_what_was_typed_stays(self, admin: Client, served: Office) -> None:
        shown = text(signed_in(admin, served, token="wrong-token-4711"))
        assert "wrong-token-4711" not in shown
        assert served.running.jira_cloud_url in shown
        assert DEMO_EMAIL in shown
        assert 'id="token-error"' in shown

    def test_a_wrong_address_is_said_at_its_field(self, admin: Client, served: Office) -> None:
        shown = text(signed_in(admin, served, url=f"{served.running.url}/nowhere"))
        assert 'id="url-error"' in shown
        assert f"{served.running.url}/nowhere" in shown

    def test_a_private_address_is_refused(self, admin: Client, served: Office, settings: Any) -> None:
        settings.ALLOW_PRIVATE_SOURCES = False
        served.running.forget()
        shown = text(signed_in(admin, served))
        assert "its address is private" in shown
        assert 'id="url-error"' in shown
        assert served.running.requests == []

    def test_the_token_need_not_be_pasted_twice_and_is_never_shown(self, admin: Client, served: Office) -> None:
        shown = text(signed_in(admin, served, email="not an address"))
        assert DEMO_JIRA_TOKEN not in shown
        assert "The one you pasted is kept" in shown
        assert admin.post(SIGN_IN, jira(served, token=""))["Location"] == SCOPES

    def test_a_name_that_is_taken_is_refused_before_anything_is_asked(self, admin: Client, served: Office) -> None:
        Source.objects.create(name="Jira", kind="jira", url="https://jira.example.test")
        assert "There is a source called Jira already" in text(signed_in(admin, served))

    def test_a_step_that_is_not_open_yet_leads_to_the_one_that_is(self, admin: Client) -> None:
        assert admin.get(HISTORY)["Location"] == NEW
        admin.post(NEW, {"way": "personal"})
        assert admin.get(SCOPES)["Location"] == SIGN_IN

    def test_another_token_is_checked_anew(self, admin: Client, served: Office) -> None:
        signed_in(admin, served)
        admin.post(SCOPES, picked(served))
        admin.post(SIGN_IN, jira(served, token="wrong"))
        assert admin.get(HISTORY)["Location"] == SIGN_IN


class TestAnExpiredLogin:
    def test_what_was_typed_is_there_again_after_signing_in(
        self, client: Client, org: Organisation, served: Office
    ) -> None:
        client.force_login(org.admin)
        client.post(NEW, {"way": "api"})
        client.cookies["sessionid"] = "run-out"
        sent = client.post(SIGN_IN, jira(served, name="Our Jira"))
        assert sent["Location"] == f"/accounts/login/?next={SIGN_IN}"
        back = client.post(
            sent["Location"], {"login": org.admin.email, "password": PASSWORD, "next": SIGN_IN}, follow=True
        )
        shown = text(back)
        assert "What you typed is still here" in shown
        assert "Our Jira" in shown
        assert DEMO_JIRA_TOKEN not in shown
        assert client.post(SIGN_IN, jira(served, token=""))["Location"] == SCOPES

    def test_it_is_shown_once_and_only_on_its_own_page(self, client: Client, org: Organisation, served: Office) -> None:
        client.post(SIGN_IN, jira(served))
        client.post("/accounts/login/", {"login": org.admin.email, "password": PASSWORD})
        assert "What you typed is still here" not in text(client.get("/sources/"))
        client.post(NEW, {"way": "api"})
        assert "What you typed is still here" in text(client.get(SIGN_IN))
        assert "What you typed is still here" not in text(client.get(SIGN_IN))

    def test_a_draft_that_ran_out_after_an_hour_loses_only_what_was_settled_before(
        self, admin: Client, org: Organisation, served: Office
    ) -> None:
        admin.post(NEW, {"way": "api"})
        source_draft.forget(org.admin)
        assert "kept for an hour" in text(admin.post(SIGN_IN, jira(served, name="Our Jira"), follow=True))
        shown = text(admin.post(NEW, {"way": "api"}, follow=True))
        assert "What you typed is still here" in shown
        assert 'value="Our Jira"' in shown
        assert admin.post(SIGN_IN, jira(served, token=""))["Location"] == SCOPES

    def test_no_other_form_is_kept(self, client: Client, org: Organisation) -> None:
        client.post("/people/me/", {"token": "x"})
        assert "typed" not in client.session

    def test_what_was_typed_lies_sealed_and_for_minutes(
        self, client: Client, org: Organisation, served: Office
    ) -> None:
        client.post(SIGN_IN, jira(served))
        key = f"typed-{client.session['typed'][SIGN_IN]}"
        assert DEMO_JIRA_TOKEN not in f"{dict(client.session)} {cache.get(key)}"
        assert 0 < cache._cache.get_client().ttl(cache.make_key(key)) <= 900  # type: ignore[attr-defined]


class TestSecrets:
    def test_the_draft_lies_sealed_and_ends_within_the_hour(
        self, admin: Client, org: Organisation, served: Office
    ) -> None:
        signed_in(admin, served)
        key = f"source-draft-{org.admin.pk}"
        assert DEMO_JIRA_TOKEN not in str(cache.get(key))
        assert 0 < cache._cache.get_client().ttl(cache.make_key(key)) <= 3600  # type: ignore[attr-defined]
        assert DEMO_JIRA_TOKEN not in repr(source_draft.of(org.admin))

    def test_stopping_forgets_it_at_once(self, admin: Client, org: Organisation, served: Office) -> None:
        signed_in(admin, served)
        admin.post("/sources/new/forget/")
        assert source_draft.of(org.admin) == source_draft.Draft()

    def test_another_tool_takes_no_secret_along(self, admin: Client, org: Organisation, served: Office) -> None:
        signed_in(admin, served)
        admin.post(NEW, {"way": "classic"})
        draft = source_draft.of(org.admin)
        assert (draft.token, draft.checked, draft.url) == ("", False, "https://github.com")

    def test_what_one_person_typed_is_nobody_elses(self, client: Client, org: Organisation, served: Office) -> None:
        client.force_login(org.admin)
        signed_in(client, served)
        other = Person.objects.create_user("b@example.test", PASSWORD, name="B", role="admin")
        client.force_login(other)
        assert client.get(SCOPES)["Location"] == NEW


def test_only_who_manages_sources_connects_one(client: Client, org: Organisation) -> None:
    for user in org.everybody():
        client.force_login(user)
        status = client.get(NEW).status_code
        assert status == (200 if user == org.admin else 403)
        if user != org.admin:
            assert client.post(SIGN_IN, {"name": "x"}).status_code == 403
            assert client.post(HISTORY, {"window": "6"}).status_code == 403


@pytest.mark.parametrize(
    ("way", "least"),
    [
        ("api", "Browse projects"),
        ("scoped", "read:jira-work"),
        ("personal", "Personal Access Tokens"),
        ("fine-grained", "Pull requests: read"),
        ("classic", "read:org"),
        ("app", "Deployments: read"),
    ],
)
def test_each_kind_of_token_says_the_least_it_needs(admin: Client, way: str, least: str) -> None:
    admin.post(NEW, {"way": way})
    shown = text(admin.get(SIGN_IN))
    assert least in shown
    assert "Nothing else" in shown
