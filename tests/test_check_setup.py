"""``manage.py check_setup`` says what is wrong with a source though it is read, and what soon will be."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from delivery.models import Missing, Source, SourceSlice
from tests import builders

pytestmark = pytest.mark.django_db


def said() -> dict[str, Any]:
    out = StringIO()
    with suppress(SystemExit):  # which says whether anything is wrong; the findings say what
        call_command("check_setup", "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def of_sources(source: Source) -> dict[str, bool | None]:
    return {one["says"]: one["good"] for one in said()["findings"] if one["says"].startswith(source.name)}


@pytest.fixture
def fresh() -> SourceSlice:
    source = builders.source()
    return SourceSlice.objects.create(source=source, kind="issues", scope="ABC", last_success=timezone.now())


def test_a_source_without_trouble_is_said_to_be_fresh(fresh: SourceSlice) -> None:
    assert of_sources(fresh.source) == {f"{fresh.source.name} is fresh.": True}


def test_a_token_that_runs_out_within_two_weeks_is_told_beforehand(fresh: SourceSlice) -> None:
    name = fresh.source.name
    Source.objects.update(token_expires=timezone.now() + timedelta(days=12, hours=1))
    assert of_sources(fresh.source)[f"{name}: its token runs out in 12 day(s). Renew it on the source's page."] is False
    Source.objects.update(token_expires=timezone.now() + timedelta(days=60))
    assert len(of_sources(fresh.source)) == 1


def test_what_could_not_be_read_and_what_the_token_lacks_is_told(fresh: SourceSlice) -> None:
    name = fresh.source.name
    Missing.objects.create(slice=fresh, what="ABC-1", why="It has no creation date.", since=timezone.now())
    Source.objects.update(lacks=["The token may not see the boards of ABC, so sprints are missing."])
    told = of_sources(fresh.source)
    assert told[f"{name}: 1 thing(s) could not be read; its page names them."] is False
    assert told[f"{name}: The token may not see the boards of ABC, so sprints are missing."] is False


def test_a_webhook_that_was_never_heard_is_worth_knowing(fresh: SourceSlice) -> None:
    Source.objects.update(hook_secret="sealed")
    told = of_sources(fresh.source)
    assert None in told.values()
