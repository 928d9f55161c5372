"""Bets for the pages' tests, and how a browser asks for them and sends their forms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client

from delivery.models import Bet
from people.models import Person
from teams.models import Team
from tests.builders import TODAY

DAY = timedelta(days=1)


def bet(team: Team, title: str = "One topic per event type", **fields: Any) -> Bet:
    values: dict[str, Any] = {
        "hypothesis": "Consumers read less.",
        "success_signal": "Lag under 10 s",
        "kill_criterion": "Two load tests above 30 s",
        "cost_cap": 10,
        "started": TODAY - 30 * DAY,
        "decide_by": TODAY + 3 * DAY,
    }
    return Bet.objects.create(team=team, title=title, **(values | fields))


def closed(team: Team, title: str, verdict: str, by: Person | None = None, **fields: Any) -> Bet:
    values = {"lesson": f"Lesson of {title}", "decided_on": TODAY - 5 * DAY, "decided_by": by} | fields
    return bet(team, title, verdict=verdict, **values)


def page(client: Client, who: Person, path: str = "/learning/") -> str:
    client.force_login(who)
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, who: Person, path: str, sent: dict[str, Any]) -> str:
    """The page that is shown again; empty where the form was taken."""
    client.force_login(who)
    answer = client.post(path, sent)
    assert answer.status_code in (200, 302)
    return "" if answer.status_code == 302 else answer.content.decode()


def new(team: Team, **fields: Any) -> dict[str, Any]:
    values = {
        "title": "Serverless consumers", "hypothesis": "Cheaper", "success_signal": "Half the cost", "cost_cap": "15",
        "kill_criterion": "Cold starts above 2 s", "cost_so_far": "", "started": "2026-11-20", "team": team.pk,
        "decide_by": "2027-01-15", "owner": "", "goal": "",
    }  # fmt: skip
    return values | fields
