"""How long a what-if takes from the browser's question to the answer's HTML, beside 300 open deliverables.

    python -m benchmarks.what_if_page

In a test database of its own, through Django's client: the whole middleware, view and template, without the network.
"""

from __future__ import annotations

import tests.servers  # noqa: F401  isort: skip - real PostgreSQL and Redis before Django reads its settings

import os
import time
from datetime import timedelta

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_databases, setup_test_environment, teardown_databases  # noqa: E402
from django.utils import timezone  # noqa: E402

from delivery import forecasts, outlooks  # noqa: E402
from delivery.core.ahead import Found, TeamAhead, WorkAhead, open_items  # noqa: E402
from delivery.core.counterfactual import Ahead  # noqa: E402
from delivery.core.pace import Pace  # noqa: E402
from delivery.forecast_rows import Made, rows, write  # noqa: E402
from delivery.inputs import Inputs  # noqa: E402
from delivery.models import Deliverable  # noqa: E402
from people.models import Role  # noqa: E402
from tests import builders  # noqa: E402

TEAMS, EACH, ASKED = 30, 10, 60
ITEMS = 8


def organisation() -> Deliverable:
    """Thirty teams of six with ten open deliverables each, forecast today; one of them."""
    now = timezone.now()
    day, rng = now.date(), np.random.default_rng(1)
    teams, works, owners, counts, targets = {}, {}, {}, {}, {}
    for number in range(TEAMS):
        team = builders.team(f"Team {number}")
        source = builders.project(team, f"P{number}")
        for _ in range(6):
            builders.member(team)
        leads = np.sort(np.ceil(rng.lognormal(2.2, 1.0, 200)))
        teams[team.pk] = TeamAhead(team.pk, leads, Pace(2.0, 0.05, 2.0), 6.0)
        for _ in range(EACH):
            items = tuple(builders.item(source, f"P{number}") for _ in range(ITEMS))
            target = day + timedelta(days=int(rng.integers(30, 120)))
            one = builders.deliverable(team, target=target, start=day - timedelta(days=60), items=items)
            ages = np.ceil(rng.exponential(30, ITEMS))
            found = Found(ITEMS, float(np.exp(-ages / 35).sum()))
            ids = tuple(item.pk for item in items)
            works[one.pk] = WorkAhead(one.pk, team.pk, target, open_items(ages, ids=ids), found, found, 2.0, 3.0, ITEMS)
            owners[one.pk], counts[one.pk], targets[one.pk] = team.pk, (ITEMS, 0, 200), target
    inputs = Inputs(Ahead(teams, works), {}, owners, counts, targets)
    outlooks.keep(inputs, teams, day=day, made=now)
    write(rows(inputs, sorted(works), Made(day, now, False), forecasts.simulate(inputs, day)))
    return Deliverable.objects.get(pk=max(works))


def main() -> None:
    settings.ALLOWED_HOSTS = ["*"]
    setup_test_environment()
    kept = setup_databases(verbosity=0, interactive=False)
    try:
        one = organisation()
        client = Client(headers={"HX-Request": "true"})
        client.force_login(builders.person(role=Role.DIRECTOR))
        took = []
        for asked in range(ASKED):
            began = time.perf_counter()
            query = {"later": asked % ITEMS, "more": asked % 3, "weeks": asked % 5, "people": asked % 4}
            answer = client.get(f"/deliverables/{one.pk}/what-if/", query)
            took.append(1000 * (time.perf_counter() - began))
            assert answer.status_code == 200, answer.status_code
        first, rest = took[0], sorted(took[1:])
        print(
            f"A what-if beside {TEAMS * EACH} open deliverables in {TEAMS} teams, {ASKED - 1} questions of one process, ms"
        )
        print(
            f"  p50 {rest[len(rest) // 2]:.0f}, p95 {rest[int(0.95 * len(rest))]:.0f} (bar 150); the first of a process and day, which simulates everything: {first:.0f}"
        )
    finally:
        teardown_databases(kept, verbosity=0)


if __name__ == "__main__":
    main()
