"""The server's time for every page and API list, measured inside Django.

Requests go through the whole of Django (middleware, session, permissions, templates) in this process, without a socket.
Told are the median and the 95th percentile in milliseconds, the number of queries and the size of the answer.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.large import YEARS
from config.demo import plan, road
from config.demo.facts import Facts
from config.warm import warm_up
from delivery.models import Deliverable, Forecast, PullRequest, Transition, WorkItem
from people.models import Person
from simulator.world import World, default_start
from teams.models import Team

REQUESTS = 40


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
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
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
    """A table row for each address."""
    director = Person.objects.get(email="director@example.test")
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(director)
    for shown, path in addresses(director).items():
        fetch(client, path)
        with CaptureQueriesContext(connection) as captured:
            size = len(fetch(client, path))
            queries = len(captured)
        times = [timed(client, path) for _ in range(REQUESTS)]
        p50, p95 = np.percentile(times, [50, 95])
        yield f"| `{shown}` | {p50:.0f} | {p95:.0f} | {queries} | {size / 1000:.0f} |"


def addresses(director: Person) -> dict[str, str]:
    """What is asked for, by how it is shown."""
    deliverable = Deliverable.objects.filter(delivered=None).latest("pk")
    pages = {path: path for path in ("/", "/deliverables/", "/sources/", "/readyz")}
    pages["/deliverables/<id>/"] = f"/deliverables/{deliverable.pk}/"
    pages["/teams/<slug>/"] = f"/teams/{Team.objects.latest('pk').slug}/"
    pages["/people/<id>/"] = f"/people/{director.pk}/"
    lists = ("deliverables", "work-items", "pull-requests", "forecasts", "people")
    return pages | {path: path for path in (f"/api/v1/{name}/" for name in lists)}


def fetch(client: Client, path: str) -> bytes:
    answer: Any = client.get(path)
    if answer.status_code != 200:
        sys.exit(f"{path} answered {answer.status_code}")
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def timed(client: Client, path: str) -> float:
    """Milliseconds for one request."""
    began = time.perf_counter()
    fetch(client, path)
    return (time.perf_counter() - began) * 1000
