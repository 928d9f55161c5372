"""Risks for the pages' tests, and how a browser asks for them and sends their forms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client

from delivery.models import Risk
from people.models import Person
from tests import builders
from tests.builders import TODAY

DAY = timedelta(days=1)


def risk(about: Any, title: str = "Likely to miss", **fields: Any) -> Risk:
    name = type(about).__name__.lower()
    values: dict[str, Any] = {"kind": "schedule", "seen": TODAY - 9 * DAY, "opened": TODAY - 8 * DAY} | {name: about}
    made = Risk.objects.create(title=title, **(values | fields))
    Risk.objects.filter(pk=made.pk).update(updated=builders.at(TODAY - DAY))
    made.refresh_from_db()
    return made


def signed_in(client: Client, who: Person) -> Client:
    client.force_login(who)
    return client


def page(client: Client, path: str = "/risks/") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def typed(one: Risk, **fields: str) -> dict[str, str]:
    """What a browser sends with the form of ``one`` as it is shown."""
    base = {
        "do": "change",
        "seen": one.updated.isoformat(),
        "state": one.state,
        "roam": "",
        "owner": "",
        "review_on": "",
    }
    return base | fields
