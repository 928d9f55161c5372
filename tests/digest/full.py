"""The longest digest there is: every section full, every text as long as it may be."""

from __future__ import annotations

from datetime import timedelta

from django.template.loader import render_to_string

from dashboards.digest.addresses import Addresses
from dashboards.digest.records import Digest
from delivery.models import Action, Bet, Deliverable, Risk, Scenario
from people.models import Person
from tests import builders
from tests.builders import TODAY
from tests.dashboards.conftest import NOW
from tests.dashboards.goal_rows import goal, said
from tests.dashboards.roles import Organisation
from tests.dashboards.rows import checked_in, promised

LONG = (
    "A very long title of a deliverable that somebody wrote as a whole sentence, as people do, with <b>marks</b> & more"
)
FORMS = {
    "sentences": LONG,
    "one word": "w" * 190,
    "Chinese": "事件流平台" * 38,
    "marks": "\"'<&>" * 38,
    "question": f"{'Why did nobody ask ' * 9}then?",
    "shout": "Too slow!",
}
OUTSIDE = Addresses(
    "https://headway.example",
    *(f"https://headway.example/digest/{door}/{'k' * 90}/" for door in ("read", "stop", "useful")),
)


def full(people: Organisation, title: str = LONG) -> None:
    """As much as a digest ever says, every text as long as it may be."""
    Person.objects.update(name=title)
    people.director.refresh_from_db()
    for number in range(30):
        row = promised(people.team, f"{number} {title}", 0.9, before=0.2, owner=people.director)
        checked_in(row, "on_track", 90, day=TODAY - timedelta(days=8))
        Action.objects.create(deliverable=row, title=title, due=TODAY, chosen=TODAY, owner=people.director)
        share = {"cause": "waiting", "share": 0.3, "facts": {"needs": [row.pk], "late": 3}}
        row.forecasts.update(drivers={"usual": 0.3, "usual_n": 20, "shares": [share], "missing": 0.9})
        decision = {"proposed_to": people.director, "proposed_at": NOW, "by": people.lead}
        Scenario.objects.create(deliverable=row, name=title, levers=[], day=TODAY, state="proposed", **decision)
    for number in range(9):
        done = promised(people.team, f"{number + 30} {title}", 0.1)
        Deliverable.objects.filter(pk=done.pk).update(delivered=TODAY - timedelta(days=2))
        over = goal(f"{number} {title}", chance=0.2, team=people.team, level="team")
        said(over, "on_track", 90)
        opened = {"state": "accepted", "opened": TODAY, "seen": TODAY, "probability": 0.62, "impact": 0.9}
        Risk.objects.create(title=title, kind="other", goal=over, owner=people.director, **opened)
        lasted = {
            "cost_cap": 10,
            "started": TODAY - timedelta(days=40),
            "decide_by": TODAY,
            "decided_on": TODAY - timedelta(days=1),
        }
        lesson = f"{title} " * 20 if number else title
        Bet.objects.create(title=title, team=people.team, verdict="disproved", lesson=lesson, **lasted)
    source = builders.source(name=title[:80], scopes=["ABC"])
    source.slices.create(kind="issues", scope="ABC", last_success=NOW - timedelta(days=3))


def counts_of(made: Digest) -> list[int]:
    sections = (made.asked, made.changed, made.disputed, made.delivered, made.learned)
    return [len(made.risks), len(made.register), *(len(one.lines) for one in sections), len(made.stale)]


def page_of(made: Digest, addresses: Addresses = OUTSIDE) -> str:
    """The page without a login, or what it would be with one."""
    return render_to_string("digest/read.html", {"digest": made, "addresses": addresses})
