"""What works without a login: looking changes nothing, one press does, and keys expire."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from dashboards.digest import links, subscriptions
from dashboards.digest.handing import hand_over
from dashboards.models import Delivery, DigestIssue, Subscription
from tests.dashboards.conftest import NOW
from tests.dashboards.roles import Organisation
from tests.dashboards.rows import promised
from tests.digest.rows import subscribed, waiting
from tests.mail_server import MailServer

pytestmark = pytest.mark.django_db


def path(url: str) -> str:
    return url[url.index("/digest/") :]


def test_an_address_gets_nothing_before_it_says_yes(
    people: Organisation, mail: MailServer, still_clock: datetime, client: Client
) -> None:
    told = subscriptions.Told(name="The board", timezone="Europe/Berlin")
    row = subscriptions.invite("Board@Example.test", told, by=people.director, now=still_clock)
    hand_over(Delivery.objects.values_list("pk", flat=True))
    [(to, letter)] = mail.taken
    body = letter.get_body(("plain",))
    assert body is not None
    assert to == "board@example.test"
    url = path(links.confirm_url(row))
    assert url in body.get_content()
    assert "Get the weekly digest?" in client.get(url).content.decode()
    assert Subscription.objects.get().confirmed is None
    assert "Thank you" in client.post(url).content.decode()
    assert Subscription.objects.get().confirmed == still_clock


def test_the_request_to_confirm_expires(people: Organisation, time_machine: TimeMachineFixture, client: Client) -> None:
    time_machine.move_to(NOW, tick=False)
    row = subscribed(confirmed=None)
    url = path(links.confirm_url(row))
    time_machine.move_to(NOW + timedelta(days=7, minutes=1), tick=False)
    assert client.post(url).status_code == 410
    assert Subscription.objects.get().confirmed is None


def test_a_key_of_another_kind_or_address_opens_nothing(client: Client) -> None:
    row = subscribed(confirmed=None)
    confirm, stop = (path(url).split("/")[3] for url in (links.confirm_url(row), links.stop_url(row)))
    assert client.post(f"/digest/confirm/{stop}/").status_code == 410
    assert client.post(f"/digest/stop/{confirm}x/").status_code == 410
    Subscription.objects.update(email="other@example.test")
    assert client.post(f"/digest/confirm/{confirm}/").status_code == 410


def test_looking_at_the_way_out_stops_nothing_and_one_press_does(people: Organisation, client: Client) -> None:
    row = subscribed(people.director)
    url = path(links.stop_url(row))
    answer = client.get(url)
    assert Subscription.objects.get().stopped is None
    assert (answer["Referrer-Policy"], answer["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
    assert "no-store" in answer["Cache-Control"]
    client.post(url)
    assert Subscription.objects.get().stopped is not None
    client.post(url, {"again": "yes"})
    assert Subscription.objects.get().stopped is None


def test_what_somebody_else_stopped_cannot_be_undone_from_an_old_letter(people: Organisation, client: Client) -> None:
    row = subscribed()
    subscriptions.stop(row, now=NOW, why="Stopped by Mara Lindqvist.")
    client.post(path(links.stop_url(row)), {"again": "yes"})
    assert Subscription.objects.get().stopped is not None


def test_a_reader_without_a_login_reads_it_and_is_led_nowhere_else(
    people: Organisation, mail: MailServer, time_machine: TimeMachineFixture, client: Client
) -> None:
    time_machine.move_to(NOW, tick=False)
    promised(people.team, "Event schema v3", 0.8)
    row = subscribed()
    hand_over([waiting(row).pk])
    issue = DigestIssue.objects.get()
    url = path(links.read_url(issue))
    answer = client.get(url)
    page = answer.content.decode()
    assert "Event schema v3" in page
    assert "<form" not in page
    assert 'href="/deliverables' not in page
    assert 'href="/risks' not in page
    time_machine.move_to(NOW + timedelta(days=60, minutes=1), tick=False)
    assert client.get(url).status_code == 410
    time_machine.move_to(NOW, tick=False)
    subscriptions.stop(row, now=NOW, why="x")
    assert client.get(url).status_code == 410


def test_whether_it_was_useful_counts_once_and_only_when_sent(people: Organisation, client: Client) -> None:
    issue = waiting(subscribed(people.director)).issue
    assert issue is not None
    url = path(links.useful_url(issue))
    page = client.get(f"{url}?said=yes").content.decode()
    assert "data-at-once" in page
    issue.refresh_from_db()
    assert issue.useful is None
    client.post(url, {"said": "yes"})
    client.post(url, {"said": "no"})
    issue.refresh_from_db()
    assert issue.useful is False
