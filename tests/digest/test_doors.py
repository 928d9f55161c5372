"""From the request to confirm that arrives by e-mail to the first digest of an address without a login."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from dashboards.digest import links, subscriptions
from dashboards.digest.handing import hand_over
from dashboards.models import Delivery, Subscription
from tests.dashboards.roles import Organisation
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
