"""A test of the digest: what the preview shows, sent to oneself."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from dashboards.digest.schedule import week_of
from dashboards.models import Delivery
from tests.builders import TODAY
from tests.dashboards.conftest import NOW
from tests.dashboards.digest_rows import subscribed
from tests.dashboards.risk_rows import page, signed_in
from tests.dashboards.roles import Organisation, organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
LAST_WEEK = week_of(TODAY - timedelta(weeks=1))


@pytest.fixture
def org(db: None) -> Organisation:
    return organisation()


def text(client: Client, path: str) -> str:
    return unescape(page(client, path))


def test_a_test_goes_to_oneself_and_once_a_minute(client: Client, org: Organisation) -> None:
    mine = subscribed(org.director)
    subscribed(org.lead)
    signed_in(client, org.director)
    answer = client.post("/digest/test/", {"week": LAST_WEEK, "as": "role:executive"})
    assert answer["Location"] == f"/digest/?week={LAST_WEEK}&as=role%3Aexecutive"
    row = Delivery.objects.get()
    assert (row.kind, row.channel, row.subscription, row.issue) == ("test", "mail", mine, None)
    assert row.words is not None
    assert row.words["week"] == LAST_WEEK
    assert f"A test goes to {org.director.email}." in text(client, answer["Location"])
    again = client.post("/digest/test/", {}, follow=True).content.decode()
    assert "A test is on its way already" in again
    assert Delivery.objects.count() == 1


def test_a_test_goes_wherever_the_digest_goes(client: Client, org: Organisation) -> None:
    subscribed(org.engineer, mail=False, chat="slack", webhook="sealed")
    signed_in(client, org.engineer)
    assert "A test goes to Slack." in text(client, client.post("/digest/test/")["Location"])
    assert Delivery.objects.get().channel == "chat"


@pytest.mark.parametrize("stopped", [None, NOW])
def test_a_test_without_a_subscription_leads_to_its_form(client: Client, org: Organisation, stopped: object) -> None:
    if stopped:
        subscribed(org.engineer, stopped=stopped)
    signed_in(client, org.engineer)
    answer = client.post("/digest/test/", {})
    assert answer["Location"] == "/digest/subscription/"
    assert not Delivery.objects.exists()
    assert client.get("/digest/test/").status_code == 405
