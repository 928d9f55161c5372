"""The server's time for every page and API list, measured inside Django.

Requests go through the whole of Django (middleware, session, permissions, templates) in this process, without a socket.
Told are the median and the 95th percentile in milliseconds, the number of queries and the size of the answer.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.large import YEARS
from config.demo import plan, road
from config.demo.facts import Facts
from config.warm import warm_up
from delivery import hooks
from delivery.models import Deliverable, Forecast, PullRequest, Source, Transition, WorkItem
from people.models import Person
from simulator import webhooks
from simulator.world import World, default_start
from teams.models import Team

REQUESTS = 40
Ask = Callable[[], Any]  # one question, and the answer to it


def main() -> None:
    """Fill the database from the simulator on a port, print how big it is and a table of times."""
    port, issues, pulls = (int(word) for word in sys.argv[1:4])
    fill(issues, pulls, port)
    warm_up()
    print("| page | p50 ms | p95 ms | queries | kB |\n|---|---|---|---|---|")
    for line in measured():
        print(line, flush=True)


def fill(issues: int, pulls: int, port: int) -> None:
    """Everything the demo does, for an organisation of this size."""
    today = datetime.now(UTC).date()
    world = World.sized(issues=issues, pulls=pulls, start=default_start(today, YEARS), years=YEARS)
    planned = world.plan(today)
    connected = road.connect(Facts(world.start, today, port), planned)
    plan.seed(planned, connected)
    errors = road.read_everything(connected, planned, lambda part, read, expected: None)
    if errors:
        sys.exit("\n".join(errors))
    began = time.perf_counter()
    made = road.forecast(today)
    print(f"{made} forecasts in {time.perf_counter() - began:.1f} s.", end=" ")
    road.look_back(today, lambda part, done, expected: None)
    models = (WorkItem, Transition, PullRequest, Deliverable, Forecast)
    print(", ".join(f"{model.objects.count():,} {model._meta.verbose_name_plural}" for model in models) + ".\n")


def measured() -> Iterator[str]:
    """A table row for each question."""
    for shown, ask in questions().items():
        answered(shown, ask)
        with CaptureQueriesContext(connection) as captured:
            size = len(answered(shown, ask))
            queries = len(captured)
        times = [timed(shown, ask) for _ in range(REQUESTS)]
        p50, p95 = np.percentile(times, [50, 95])
        yield f"| `{shown}` | {p50:.0f} | {p95:.0f} | {queries} | {size / 1000:.0f} |"


def questions() -> dict[str, Ask]:
    """What is asked, by how it is shown: pages and lists as a director, sources' pages as an administrator."""
    director = Person.objects.get(email="director@example.test")
    deliverable = Deliverable.objects.filter(delivered=None).latest("pk")
    pages = {path: path for path in ("/", "/deliverables/", "/sources/", "/readyz")}
    pages["/deliverables/<id>/"] = f"/deliverables/{deliverable.pk}/"
    pages["/teams/<slug>/"] = f"/teams/{Team.objects.latest('pk').slug}/"
    pages["/people/<id>/"] = f"/people/{director.pk}/"
    lists = ("deliverables", "work-items", "pull-requests", "forecasts", "people")
    pages |= {path: path for path in (f"/api/v1/{name}/" for name in lists)}
    client = signed_in(director)
    asks: dict[str, Ask] = {shown: partial(client.get, path) for shown, path in pages.items()}
    return asks | of_sources()


def of_sources() -> dict[str, Ask]:
    """A source's pages, the effect of another meaning of a status, and a webhook that comes."""
    source = Source.objects.filter(kind="jira").annotate(n=Count("items")).order_by("-n")[0]
    client = signed_in(Person.objects.get(email="admin@example.test"))
    here = f"/sources/{source.pk}"
    html = client.get(f"{here}/statuses/").content.decode()
    chosen = dict.fromkeys(re.findall(r'id="stage-3" name="([^"]+)"', html), "waiting")
    form = {"project": "", "seen": "", "do": "preview"} | chosen
    secret, number = hooks.make_secret(source), count()

    def heard() -> Any:
        each = str(next(number))
        sent = webhooks.jira_issue("jira:issue_updated", "1", f"{source.scopes[0]}-1", each, summary=each).signed(
            secret
        )
        return client.post(hooks.path_of(source), sent.body, "application/json", headers=dict(sent.headers))

    return {
        "/sources/<id>/": partial(client.get, f"{here}/"),
        "/sources/<id>/statuses/": partial(client.get, f"{here}/statuses/"),
        "POST /sources/<id>/statuses/ (effect)": partial(client.post, f"{here}/statuses/", form),
        "/sources/<id>/kinds/": partial(client.get, f"{here}/kinds/"),
        "POST /hooks/jira/<id>/": heard,
    }


def signed_in(person: Person) -> Client:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(person)
    return client


def answered(shown: str, ask: Ask) -> bytes:
    answer = ask()
    if answer.status_code not in (200, 202):
        sys.exit(f"{shown} answered {answer.status_code}")
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def timed(shown: str, ask: Ask) -> float:
    """Milliseconds for one question."""
    began = time.perf_counter()
    answered(shown, ask)
    return (time.perf_counter() - began) * 1000
