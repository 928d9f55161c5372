"""Every number of a digest equals the one on the page that it links to: the pages are asked as a browser asks them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from delivery.models import Deliverable, Risk
from people.models import Person
from tests.builders import TODAY
from tests.dashboards.goal_rows import goal, said
from tests.dashboards.roles import Organisation
from tests.dashboards.rows import checked_in, promised
from tests.digest.rows import told

pytestmark = pytest.mark.django_db
FOLLOWED = {"everything": {}, "a team": {"teams": (("streaming", "Streaming & Events"),)}}


@pytest.fixture
def world(people: Organisation, still_clock: datetime) -> Organisation:
    for number, (missing, before) in enumerate(
        [(0.81, 0.69), (0.72, 0.4), (0.53, 0.6), (0.3, 0.55), (0.2, 0.45), (0.05, 0.05)]
    ):
        row = promised(people.team, f"Deliverable {number}", missing, before=before, owner=people.manager)
        checked_in(row, "on_track", 80, day=TODAY - timedelta(days=8))
    done = promised(people.team, "Done", 0.1)
    Deliverable.objects.filter(pk=done.pk).update(delivered=TODAY - timedelta(days=2))
    goal_row = goal("Data on time", chance=0.2, team=people.team, level="team")
    said(goal_row, "on_track", 90)
    Risk.objects.create(
        title="The vendor leaves",
        kind="other",
        team=people.team,
        state="accepted",
        opened=TODAY,
        seen=TODAY,
        probability=0.62,
        impact=0.9,
    )
    return people


def page(client: Client, url: str) -> str:
    """The text of a page, without its marks."""
    answer = client.get(url.partition("#")[0])
    assert answer.status_code == 200, url
    found = re.sub(r"<script.*?</script>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", found)).split())


@pytest.mark.parametrize("narrowed", FOLLOWED.values(), ids=FOLLOWED)
@pytest.mark.parametrize("who", ["director", "manager", "executive"])
def test_every_number_is_that_of_its_page(
    world: Organisation, client: Client, who: str, narrowed: dict[str, Any]
) -> None:
    reader: Person = getattr(world, who)
    client.force_login(reader)
    made = told(reader, **narrowed)
    headline = page(client, made.headline_url)
    assert "".join(one.text for one in made.headline) in headline
    for count in made.counts:
        url = made.headline_url + ("&" if "?" in made.headline_url else "?") + f"level={count.level}"
        listed = page(client, url.replace("/?", "/deliverables/?", 1) if url.startswith("/?") else url)
        assert f"{count.count} of 6 shown" in listed
    assert len(made.risks) == 3
    for risk in made.risks:
        there = page(client, risk.url)
        assert f"{risk.chance} " in there or f"{risk.chance}" in there
        assert risk.likely.split(",")[0].removeprefix("likely ") in there
        assert risk.promised.split()[0] in there
    for line in made.changed.lines:
        if line.now is not None and line.before is not None:
            there = page(client, line.url)
            assert f"{line.now}%" in there
            points = abs(line.now - line.before)
            assert re.search(rf"\b{points} points?\b", there), line
    for line in made.disputed.lines:
        there = page(client, "/disagreement/")
        assert f"{line.title}" in there
        assert line.says.split("a chance of ")[1].split(" to make it")[0] + " to make it" in there
    for listed_risk in made.register:
        assert "62%" in listed_risk.says
        assert "62%" in page(client, listed_risk.url)
    for line in made.delivered.lines:
        assert "21 November" in page(client, line.url)
    assert made.record in page(client, made.record_url)


def test_every_link_of_what_is_asked_opens_its_form(world: Organisation, client: Client) -> None:
    client.force_login(world.manager)
    lines = told(world.manager).asked.lines
    assert lines
    for line in lines:
        assert client.get(line.url.partition("#")[0]).status_code == 200
