"""``manage.py forecast``."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, ProgrammingError, connection
from time_machine import travel

from delivery.models import Forecast
from tests import builders
from tests.builders import TODAY, at

pytestmark = pytest.mark.django_db


def forecast(*arguments: str) -> str:
    out = StringIO()
    with travel(at(TODAY, 6), tick=False):
        call_command("forecast", *arguments, stdout=out)
    return out.getvalue()


def test_it_says_what_it_wrote_in_one_json_object() -> None:
    builders.deliverable(builders.team(), target=TODAY + timedelta(days=9))
    said = json.loads(forecast("--json"))
    assert (said["day"], said["written"], said["hindcast"]) == ("2026-11-23", 1, False)
    assert (said["forecasts"], said["without"]) == (0, 1)
    assert "1 of its deliverables have too little history" in forecast()


def test_a_past_day_is_a_hindcast() -> None:
    builders.deliverable(builders.team())
    assert json.loads(forecast("--date", "2026-11-20", "--json"))["hindcast"] is True
    assert Forecast.objects.get().hindcast


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OperationalError("connection refused"), "PostgreSQL does not answer"),
        (ProgrammingError('relation "delivery_forecast" does not exist'), "manage.py migrate"),
    ],
)
def test_without_a_database_it_says_one_sentence(error: Exception, told: str) -> None:
    def refuse(*_: object) -> None:
        raise error

    err = StringIO()
    with connection.execute_wrapper(refuse), pytest.raises(SystemExit) as ended:
        call_command("forecast", stderr=err)
    assert ended.value.code == 1
    assert told in err.getvalue()


@pytest.mark.parametrize("day", ["2026-11-24", "tomorrow"])
def test_a_day_to_come_or_no_day_is_wrong_use(day: str) -> None:
    with pytest.raises(CommandError, match="not come yet|no day"):
        forecast("--date", day)
