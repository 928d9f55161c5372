"""``manage.py sync``: what it draws, what it counts, and what it will not read."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import OutputWrapper

from delivery.management.lines import Lines
from delivery.models import Source
from tests import builders
from tests.delivery.changing import LATER, placed

pytestmark = pytest.mark.django_db


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_each_part_that_is_read_has_its_own_line() -> None:
    out = Terminal()
    lines = Lines(OutputWrapper(out))
    lines.show("issues of ABC", 50, 200)
    lines._drawn = 0.0
    lines.show("issues of XYZ", 10, None)
    drawn = out.getvalue().rpartition("\033[J")[2].splitlines()
    assert drawn == ["[██████··················] issues of ABC: 50 of 200 · …", "issues of XYZ: 10 · …"]
    lines.clear()
    assert out.getvalue().endswith("\033[2A\033[J")


def test_nothing_is_drawn_where_nobody_looks() -> None:
    out = io.StringIO()
    lines = Lines(OutputWrapper(out))
    lines.show("issues of ABC", 50, 200)
    lines.clear()
    assert out.getvalue() == ""


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"paused": True}, "Jira is paused: resume it on the Sources page to have it read."),
        ({"disconnected": LATER}, "Jira is disconnected: connect it again to have it read."),
    ],
)
def test_a_source_that_is_not_read_says_why(fields: dict[str, Any], told: str) -> None:
    builders.source(name="Jira", **fields)
    errors = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("sync", "Jira", stderr=errors)
    assert errors.getvalue().strip() == told


def test_counting_on_demand_finds_what_was_deleted() -> None:
    """J16: also for whoever runs it from a crontab."""
    with placed() as place:
        source = place.jira()
        issue = place.issues.issues(place.project, LATER)[2]
        place.issues.delete(issue.key)
        told = []
        for day in range(2):
            place.time[0] = LATER + timedelta(days=day)
            out = io.StringIO()
            call_command("sync", source.name, "--census", "--json", stdout=out)
            told.append(json.loads(out.getvalue())["sources"][0])
        assert [(one["ok"], one["deleted"]) for one in told] == [(True, 0), (True, 1)]
        assert Source.objects.get().items.get(deleted__isnull=False).key == issue.key
