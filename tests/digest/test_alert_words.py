"""What an alert says: short, in the words of its reader, and how much it leaves out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from dashboards.digest import alerts, chat
from dashboards.models import Delivery
from delivery.models import Deliverable
from people.models import Person
from tests import builders
from tests.dashboards.roles import Organisation
from tests.dashboards.rows import promised
from tests.digest.rows import crossed, set_missing, subscribed

pytestmark = pytest.mark.django_db


def says() -> dict[str, Any]:
    """The words of the one message."""
    return dict(Delivery.objects.get().words or {})


@pytest.mark.parametrize(
    ("role", "title"), [("director", "PAY-123 Late PR"), ("executive", "Late PR"), ("outside", "Late PR")]
)
def test_executives_and_addresses_read_no_ticket_numbers(
    people: Organisation, still_clock: datetime, role: str, title: str
) -> None:
    builders.source(scopes=["PAY"]).slices.create(kind="issues", scope="PAY", last_success=still_clock)
    person: Person | None = getattr(people, role, None)
    subscribed(person, alert_from=50)
    crossed(people, still_clock, "PAY-123 Late PR")
    assert alerts.look_out(still_clock + timedelta(hours=1)) == 1
    assert says()["subject"] == f"Headway: {title} crossed 50%"
    assert says()["lines"][0]["title"] == title
    assert says()["text"].startswith(f"{title}: 70% to miss")


def test_the_channel_is_told_how_many_others_there_are(people: Organisation, still_clock: datetime) -> None:
    subscribed(people.director, alert_from=50)
    rows = [promised(people.team, f"Row {number:02}", 0.1) for number in range(12)]
    alerts.look_out(still_clock)
    for number, row in enumerate(rows):
        set_missing(row, 0.9 - number / 100)
    assert alerts.look_out(still_clock + timedelta(hours=1)) == 1
    assert "\n\nAnd 2 others.\n\n" in says()["text"]
    [block] = chat._alert(Delivery.objects.get())
    assert len(block.lines) == 11
    assert block.lines[-1][0].text == "and 2 others"


def test_long_titles_are_shortened_and_the_text_has_72_columns(people: Organisation, still_clock: datetime) -> None:
    subscribed(people.director, alert_from=50)
    crossed(people, still_clock, "A deliverable that somebody wrote as a sentence " * 4)
    alerts.look_out(still_clock + timedelta(hours=1))
    assert len(says()["subject"]) <= 90
    assert says()["subject"].endswith("… crossed 50%")
    assert len(says()["lines"][0]["title"]) <= 120
    lines = says()["text"].splitlines()
    assert all(len(line) <= 72 for line in lines if "http" not in line)
    assert f"http://127.0.0.1:8000/deliverables/{Deliverable.objects.get().pk}/" in lines
