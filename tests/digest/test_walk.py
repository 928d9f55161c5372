"""Every number of a digest equals the one on the page that it links to: the pages are asked as a browser asks them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from delivery.models import Deliverable, Risk, Scenario
from people.models import Person
from teams.models import Team
from tests.builders import TODAY
from tests.dashboards.goal_rows import goal, said
from tests.dashboards.roles import Organisation
from tests.dashboards.rows import checked_in, promised
from tests.digest.rows import told

pytestmark = pytest.mark.django_db
FOLLOWED: dict[str, tuple[dict[str, Any], int, int]] = {  # what is followed, how many promises and how many in danger
    "everything": ({}, 9, 5),
    "a team": ({"teams": (("streaming", "Streaming & Events"),)}, 6, 3),
    "a group": ({"groups": (("machine-learning", "Machine Learning"),)}, 3, 2),
}


@pytest.fixture
def world(people: Organisation, ranking: Team, still_clock: datetime) -> Organisation:
    """Two teams in two groups, with other numbers each."""
    for number, (missing, before) in enumerate([(0.93, 0.35), (0.64, 0.91), (0.12, 0.38)]):
        row = promised(ranking, f"Ranker {number}", missing, before=before, owner=people.manager)
        checked_in(row, "on_track", 65, day=TODAY - timedelta(days=9))
    vendor("The library ends", ranking, 0.48)
    for number, (missing, before) in enumerate(
        [(0.81, 0.69), (0.72, 0.4), (0.53, 0.6), (0.3, 0.55), (0.2, 0.45), (0.05, 0.05)]
    ):
        row = promised(people.team, f"Deliverable {number}", missing, before=before, owner=people.manager)
        checked_in(row, "on_track", 80, day=TODAY - timedelta(days=8))
    done = promised(people.team, "Done", 0.1)
    Deliverable.objects.filter(pk=done.pk).update(delivered=TODAY - timedelta(days=2))
    goal_row = goal("Data on time", chance=0.2, team=people.team, level="team")
    said(goal_row, "on_track", 90)
    vendor("The vendor leaves", people.team, 0.62)
    return people


def vendor(title: str, team: Team, probability: float) -> None:
    fields = {"kind": "other", "state": "accepted", "opened": TODAY, "seen": TODAY, "impact": 0.9}
    Risk.objects.create(title=title, team=team, probability=probability, **fields)


def page(client: Client, url: str) -> str:
    """The text of a page, without its marks."""
    answer = client.get(url.partition("#")[0])
    assert answer.status_code == 200, url
    found = re.sub(r"<script.*?</script>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", found)).split())


@pytest.mark.parametrize("following", FOLLOWED.values(), ids=FOLLOWED)
@pytest.mark.parametrize("who", ["director", "manager", "executive"])
def test_every_number_is_that_of_its_page(
    world: Organisation, client: Client, who: str, following: tuple[dict[str, Any], int, int]
) -> None:
    narrowed, whole, danger = following
    reader: Person = getattr(world, who)
    client.force_login(reader)
    made = told(reader, **narrowed)
    headline = page(client, made.headline_url)
    assert "".join(one.text for one in made.headline) in headline
    for count in made.counts:
        url = made.headline_url + ("&" if "?" in made.headline_url else "?") + f"level={count.level}"
        listed = page(client, url.replace("/?", "/deliverables/?", 1) if url.startswith("/?") else url)
        assert f"{count.count} of 9 shown" in listed
    assert sum(count.count for count in made.counts) == whole
    assert len(made.risks) == danger
    for risk in made.risks:
        there = page(client, risk.url)
        assert f"{risk.promised}{100 - risk.missing}%" in there  # of the fan's table: how sure it is to be done by then
        assert (
            f" missing {risk.promised}; most {risk.likely.split(',')[0].replace('likely', 'likely done on')}" in there
        )
    for line in made.disputed.lines:
        there = page(client, "/disagreement/")
        assert f"{line.title}" in there
        assert line.says.split("a chance of ")[1].split(" to make it")[0] + " to make it" in there
    for listed_risk in made.register:
        [chance] = re.findall(r"\d+%", listed_risk.says)
        assert chance in page(client, listed_risk.url)
    assert len(made.register) == (1 if narrowed else 2)
    for line in made.delivered.lines:
        assert "21 November" in page(client, line.url)
    assert made.record in page(client, made.record_url)


@pytest.mark.parametrize("following", FOLLOWED.values(), ids=FOLLOWED)
def test_every_change_is_that_of_its_page(
    world: Organisation, client: Client, following: tuple[dict[str, Any], int, int]
) -> None:
    client.force_login(world.manager)
    changed = [one for one in told(world.manager, **following[0]).changed.lines if one.kind != "moved"]
    assert len(changed) >= 3
    for line in changed:
        assert line.now is not None
        assert line.before is not None
        there = page(client, line.url)
        assert f"{100 - line.now}%" in there
        assert re.search(rf"\b{abs(line.now - line.before)} points?\b", there), line


def test_every_link_of_what_is_asked_opens_its_form(world: Organisation, client: Client, still_clock: datetime) -> None:
    client.force_login(world.manager)
    late = Deliverable.objects.get(title="Deliverable 0")
    Scenario.objects.create(
        deliverable=late, name="Less", levers=[], day=TODAY, by=world.lead, proposed_to=world.manager, state="proposed",
        proposed_at=still_clock,
    )  # fmt: skip
    risk = {"kind": "other", "state": "new", "opened": TODAY, "seen": TODAY}
    Risk.objects.create(title="Slow reviews", deliverable=late, **risk)
    Risk.objects.create(title="Vendor", team=world.team, **risk)
    lines = told(world.manager).asked.lines
    assert {"Decision", "New risk", "Check-ins"} <= {line.kind for line in lines}
    for line in lines:
        path, _, fragment = line.url.partition("#")
        answer = client.get(path)
        assert answer.status_code == 200
        assert not fragment or f'id="{fragment}"' in answer.content.decode(), line.url
    first = told(world.manager).first
    assert first is not None
    path, _, fragment = first.url.partition("#")
    assert f'id="{fragment}"' in client.get(path).content.decode()
