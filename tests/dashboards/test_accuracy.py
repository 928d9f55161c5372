"""The Accuracy page: how often do forecasts come true?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from delivery.models import Deliverable, Forecast
from people.models import Role
from teams.models import Team
from tests import builders
from tests.builders import TODAY, at
from tests.dashboards.rows import forecast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
START = TODAY - timedelta(days=120)


def said(of: Team, missing: float, *, delivered: int | None, hindcast: bool = False) -> Deliverable:
    """A deliverable forecast on its first day with a date 30 days on, delivered so many days after that day."""
    end = START + timedelta(days=delivered) if delivered else None
    made = builders.deliverable(of, start=START, delivered=end)
    Deliverable.objects.filter(pk=made.pk).update(created=at(START))
    row = forecast(made, missing, day=START, target=START + timedelta(days=30))
    Forecast.objects.filter(pk=row.pk).update(hindcast=hindcast)
    return made


def html(client: Client, query: str = "") -> str:
    answer = client.get(f"/accuracy/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("role", Role.values)
def test_everybody_who_is_known_sees_it(client: Client, role: str) -> None:
    client.force_login(builders.person(role=role))
    assert "Not enough yet: 0 of 20" in html(client)


def test_a_stranger_is_sent_to_sign_in(client: Client) -> None:
    assert client.get("/accuracy/").status_code == 302


def test_it_says_how_many_came_true_and_what_was_said(reader: Client, streaming: Team) -> None:
    for number in range(20):
        said(streaming, 0.2, delivered=20 if number < 15 else 90)
    text = html(reader)
    assert "Of 20 forecasts whose date is over, " in text
    assert "75 in 100 came true" in text
    assert "on average they had said 80 in 100" in text
    assert '"reliability-shown-title"' in text


def test_hindcasts_are_kept_apart(reader: Client, streaming: Team) -> None:
    for _ in range(20):
        said(streaming, 0.2, delivered=20, hindcast=True)
    text = html(reader)
    assert "Not enough yet: 0 of 20 forecasts" in text
    assert "Of 20 hindcasts whose date is over, " in text


def test_an_early_delivery_counts_only_once_its_date_is_over(reader: Client, streaming: Team) -> None:
    made = said(streaming, 0.2, delivered=20)
    Forecast.objects.filter(deliverable=made).update(target=TODAY + timedelta(days=5))
    assert "0 with a date that is over, 1 waiting for it" in html(reader)


def test_what_is_asked_for_and_does_not_exist_is_said(reader: Client, streaming: Team) -> None:
    assert "There is no team “nobody”" in html(reader, "?team=nobody")


def test_the_same_numbers_are_a_file_and_in_the_api(reader: Client, streaming: Team) -> None:
    for number in range(20):
        said(streaming, 0.2, delivered=20 if number < 15 else None)
    lines = reader.get("/accuracy/?format=csv").content.decode().splitlines()
    assert lines[1].startswith("all,shown,20,80.0,75.0,")
    assert reader.get("/api/v1/accuracy/").json()["shown"]["came"] == 0.75


def test_more_forecasts_make_no_more_queries(reader: Client, streaming: Team) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            html(reader)
        return len(asked)

    said(streaming, 0.2, delivered=20)
    before = queries()
    for _ in range(5):
        said(streaming, 0.3, delivered=40)
    assert queries() == before
