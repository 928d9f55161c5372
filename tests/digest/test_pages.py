"""The digest's pages, for every role: what they show, keep, and refuse."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from dashboards.digest.records import as_json
from dashboards.models import Delivery, DigestIssue, Subscription
from delivery import secrets
from people.models import Person
from tests.dashboards.goal_rows import goal, said
from tests.dashboards.roles import Organisation
from tests.dashboards.rows import promised
from tests.digest.rows import subscribed, told, waiting

pytestmark = pytest.mark.django_db
FORM = {
    "weekday": "1",
    "hour": "8",
    "mail": "on",
    "chat": "",
    "webhook": "",
    "quiet_from": "19",
    "quiet_until": "7",
    "seen": "",
}
EVERYBODY = ("director", "manager", "lead", "engineer", "executive", "admin")
OPEN = {"/digest/", "/digest/preview/email/", "/digest/preview/text/", "/digest/archive/", "/digest/subscription/"}
CLOSED = {"/digest/readers/": {"director"}, "/digest/log/": {"director", "admin"}}


@pytest.fixture(autouse=True)
def calm_queue(monkeypatch: pytest.MonkeyPatch, still_clock: datetime, clean_cache: None) -> None:
    monkeypatch.setattr("dashboards.tasks.hand_over.apply_async", lambda **_: None)


def composed(row: Subscription, person: Person) -> DigestIssue:
    from_now = told(person)
    issue = waiting(row).issue
    assert issue is not None
    issue.content, issue.subject, issue.composed = as_json(from_now), from_now.subject, issue.created
    issue.save()
    return issue


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_sees_their_own_and_only_who_answers_for_it_the_rest(
    people: Organisation, client: Client, who: str
) -> None:
    reader: Person = getattr(people, who)
    others = subscribed(people.colleague)
    issue = composed(others, people.colleague)
    client.force_login(reader)
    assert {url: client.get(url).status_code for url in OPEN} == dict.fromkeys(OPEN, 200)
    for url, allowed in CLOSED.items():
        assert client.get(url).status_code == (200 if who in allowed else 403), url
    seen = 200 if who == "director" else 404
    for url in (f"/digest/{issue.pk}/", f"/digest/{issue.pk}/email/", f"/digest/{issue.pk}/text/"):
        answer = client.get(url)
        assert answer.status_code == seen
        assert b"/digest/stop/" not in answer.content
        assert b"/digest/useful/" not in answer.content
    assert client.get(f"/digest/readers/{others.pk}/").status_code == (200 if who == "director" else 403)
    state = client.post(f"/digest/readers/{others.pk}/state/", {"do": "stop"})
    assert state.status_code == (302 if who == "director" else 404)
    again = client.post(f"/digest/log/{issue.deliveries.get().pk}/again/")
    assert again.status_code == {"director": 302, "admin": 302}.get(who, 404)
    assert len(client.get("/api/v1/digest-issues/").json()["results"]) == (who == "director")


def test_nobody_without_a_login_sees_a_page(people: Organisation, client: Client) -> None:
    issue = composed(subscribed(people.director), people.director)
    for url in (*OPEN, *CLOSED, f"/digest/{issue.pk}/", f"/digest/{issue.pk}/text/"):
        assert client.get(url).status_code == 302, url
    assert client.get("/api/v1/digest-issues/").status_code == 401


@pytest.mark.parametrize("who", ["manager", "engineer", "executive", "admin"])
def test_a_confidential_goal_is_not_seen_through_a_preview(people: Organisation, client: Client, who: str) -> None:
    said(goal("Project Nightjar", chance=0.2, confidential=True, owner=people.director), "on_track", 90)
    row = subscribed(people.director)
    issue = composed(row, people.director)
    client.force_login(getattr(people, who))
    for query in ("", "?as=role:director", f"?as=reader:{row.pk}", "?as=role:executive"):
        for url in ("/digest/", "/digest/preview/text/", "/digest/preview/email/"):
            assert b"Nightjar" not in client.get(url + query).content
    assert client.get(f"/digest/{issue.pk}/").status_code == 404
    client.force_login(people.director)
    assert b"Nightjar" in client.get("/digest/").content
    assert b"Nightjar" not in client.get("/digest/?as=role:executive").content


def test_what_the_address_asks_for_and_is_not_there_is_said(people: Organisation, client: Client) -> None:
    client.force_login(people.engineer)
    page = client.get("/digest/?week=2019-W01&as=role:director").content.decode()
    assert "There is no week “2019-W01” here; it is ignored." in page
    assert "There is no reader “role:director” here; it is ignored." in page


def test_a_past_week_says_that_it_was_not_sent(people: Organisation, client: Client) -> None:
    client.force_login(people.director)
    assert (
        "Not sent. This is what it would have said on Mon 16 November 2026"
        in client.get("/digest/?week=2026-W47").content.decode()
    )


def test_the_letter_has_a_policy_of_its_own_and_no_page_else(people: Organisation, client: Client) -> None:
    client.force_login(people.director)
    letter = client.get("/digest/preview/email/")["Content-Security-Policy"]
    assert "sandbox" in letter
    assert "script-src" not in letter
    assert "default-src 'none'" in letter
    assert "unsafe-inline" not in client.get("/digest/")["Content-Security-Policy"]


def test_the_page_makes_a_fixed_number_of_queries(
    people: Organisation, client: Client, django_assert_max_num_queries: Any
) -> None:
    client.force_login(people.director)
    for number in range(12):
        promised(people.team, f"Late {number}", 0.8, before=0.1, owner=people.director)
    client.get("/digest/")
    with django_assert_max_num_queries(72):
        client.get("/digest/")


def test_subscribing_and_changing_ones_own(people: Organisation, client: Client) -> None:
    client.force_login(people.engineer)
    sent = {
        **FORM,
        "teams": [str(people.team.pk)],
        "chat": "slack",
        "webhook": "https://hooks.slack.com/services/T/B/x",
    }
    assert client.post("/digest/subscription/", sent).status_code == 302
    row = Subscription.objects.get()
    assert (row.weekday, row.hour, row.person_id, list(row.teams.all())) == (1, 8, people.engineer.pk, [people.team])
    assert "hooks.slack.com" not in row.webhook
    assert secrets.unseal(row.webhook) == sent["webhook"]
    page = client.get("/digest/subscription/").content.decode()
    assert "services/T/B/x" not in page
    client.post(
        "/digest/subscription/", {**FORM, "chat": "slack", "webhook": "•••", "hour": "9", "seen": str(row.version)}
    )
    row.refresh_from_db()
    assert (row.hour, secrets.unseal(row.webhook)) == (9, sent["webhook"])


def test_what_cannot_be_kept_stays_in_the_form(people: Organisation, client: Client) -> None:
    client.force_login(people.engineer)
    wrong = {**FORM, "chat": "teams", "webhook": "ftp://chat", "alert_from": "120"}
    page = client.post("/digest/subscription/", wrong).content.decode()
    assert "Enter whole per cent from 1 to 99" in page
    assert "The address must start with https://" in page
    assert 'value="ftp://chat"' in page
    assert not Subscription.objects.exists()


def test_two_who_change_it_at_once_both_see_it(people: Organisation, client: Client) -> None:
    row = subscribed(people.engineer, version=3)
    client.force_login(people.director)
    page = client.post(f"/digest/readers/{row.pk}/", {**FORM, "seen": "2"}).content.decode()
    assert "Somebody else changed this while you were at it" in page
    assert "Monday at 7:00" in page
    row.refresh_from_db()
    assert row.weekday == 0
    client.post(f"/digest/readers/{row.pk}/", {**FORM, "seen": "3"})
    row.refresh_from_db()
    assert row.weekday == 1


def test_a_director_subscribes_people_and_asks_addresses(people: Organisation, client: Client) -> None:
    client.force_login(people.director)
    client.post("/digest/readers/", {**FORM, "email": people.manager.email.upper()})
    assert Subscription.objects.get(person=people.manager).by == people.director
    sent = {**FORM, "email": "board@example.test", "name": "The board", "timezone": "Europe/Berlin"}
    client.post("/digest/readers/", sent)
    row = Subscription.objects.get(email="board@example.test")
    assert row.confirmed is None
    assert Delivery.objects.get(subscription=row).kind == "confirm"
    assert "among the readers already" in client.post("/digest/readers/", sent).content.decode()
    client.post(f"/digest/readers/{row.pk}/state/", {"do": "ask", "from": "readers"})
    assert Delivery.objects.filter(subscription=row).count() == 1


def test_pausing_stopping_and_starting_ones_own(people: Organisation, client: Client) -> None:
    row = subscribed(people.engineer)
    client.force_login(people.engineer)
    url = f"/digest/readers/{row.pk}/state/"
    for sent, paused, stopped in (
        ({"do": "pause", "until": "2026-12-07"}, True, False),
        ({"do": "resume"}, False, False),
        ({"do": "pause", "until": "2020-01-01"}, False, False),
        ({"do": "stop"}, False, True),
        ({"do": "start"}, False, False),
    ):
        client.post(url, sent)
        row.refresh_from_db()
        assert (row.paused_until is not None, row.stopped is not None) == (paused, stopped), sent


def test_a_test_goes_to_oneself_and_not_twice_at_once(people: Organisation, client: Client) -> None:
    client.force_login(people.director)
    assert client.post("/digest/test/")["Location"] == "/digest/subscription/"
    row = subscribed(people.director)
    client.post("/digest/test/", {"as": "role:executive"})
    client.post("/digest/test/")
    assert [(one.subscription, one.kind) for one in Delivery.objects.all()] == [(row, "test")]


def test_the_log_says_what_became_of_each_and_sends_again(people: Organisation, client: Client) -> None:
    failed = waiting(subscribed(people.manager), state="failed", reason="=The mail server answers: 550", code=550)
    sent = waiting(subscribed(people.lead), state="sent")
    client.force_login(people.admin)
    page = client.get("/digest/log/?state=failed").content.decode()
    assert "550" in page
    assert people.lead.email not in page
    assert "'=The mail" in client.get("/digest/log/?format=csv").content.decode()
    assert client.get(f"/digest/log/{failed.pk}/again/").status_code == 405
    for row, state in ((failed, "waiting"), (sent, "sent")):
        client.post(f"/digest/log/{row.pk}/again/")
        row.refresh_from_db()
        assert row.state == state


def test_the_archive_is_ones_own_by_week(people: Organisation, client: Client) -> None:
    mine, other = composed(subscribed(people.director), people.director), composed(subscribed(people.lead), people.lead)
    client.force_login(people.director)
    page = client.get("/digest/archive/").content.decode()
    assert f"/digest/{mine.pk}/" in page
    assert f"/digest/{other.pk}/" not in page
    assert f"/digest/{other.pk}/" in client.get(f"/digest/archive/?reader={other.subscription_id}").content.decode()


def test_the_api_tells_what_was_told(people: Organisation, client: Client) -> None:
    issue = composed(subscribed(people.engineer), people.engineer)
    client.force_login(people.engineer)
    [one] = client.get("/api/v1/digest-issues/?week=2026-W48").json()["results"]
    assert (one["id"], one["reader"], one["states"]) == (issue.pk, people.engineer.email, {"mail": "waiting"})
    assert one["content"]["week"] == "2026-W48"
    assert client.get("/api/v1/").json()["digest-issues"].endswith("/api/v1/digest-issues/")
