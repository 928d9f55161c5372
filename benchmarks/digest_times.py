"""10,000 readers in an organisation of 200 teams: from one beat to the last e-mail that the mail server has taken."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.utils import timezone

from benchmarks import plan_times
from config.processes import free_port, port_is_free
from dashboards import tasks
from dashboards.models import Delivery, DigestIssue, Subscription
from people.models import Person, Role
from teams.models import Group, Team

READERS: Final = 10_000
OUTSIDE: Final = 500
WORKERS: Final = 2
LONGEST: Final = 1800.0  # seconds
ROOT: Final = Path(__file__).parent.parent


def main() -> None:
    plan_times.fill(timezone.localdate())
    subscribe()
    port = free_port()
    environment = os.environ | {"EMAIL_URL": f"smtp://127.0.0.1:{port}"}
    with (
        running([sys.executable, "-m", "benchmarks.mail_sink", str(port)], environment),
        running(_worker(), environment) as worker,
    ):
        while port_is_free(port):
            time.sleep(0.1)
        tell(watch(worker.pid))


def _worker() -> list[str]:
    arguments = ["-A", "config.celery", "worker", "--concurrency", str(WORKERS), "--loglevel", "ERROR"]
    return [sys.executable, "-m", "celery", *arguments]


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)  # greetings
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def subscribe() -> None:
    """Managers follow their team, engineers their group, executives and addresses everything."""
    long_ago = timezone.now() - timedelta(days=30)
    teams, groups = list(Team.objects.order_by("pk")), list(Group.objects.order_by("pk"))
    managers = list(Person.objects.filter(role__in=(Role.MANAGER, Role.DIRECTOR)))
    others = Person.objects.bulk_create(
        Person(
            email=f"reader{number}@example.test",
            name=f"Reader {number}",
            role=Role.EXECUTIVE if number % 4 == 0 else Role.ENGINEER,
        )
        for number in range(READERS - OUTSIDE - len(managers))
    )
    everywhen = {"since": long_ago, "confirmed": long_ago, "weekday": timezone.localdate().weekday(), "hour": 0}
    rows = [Subscription(person=one, **everywhen) for one in (*managers, *others)]
    rows += [Subscription(email=f"out{number}@example.test", name="Out", **everywhen) for number in range(OUTSIDE)]
    made = Subscription.objects.bulk_create(rows)
    follows = Subscription.teams.through, Subscription.groups.through
    follows[0].objects.bulk_create(
        follows[0](subscription=row, team=teams[n % len(teams)]) for n, row in enumerate(made[: len(managers)])
    )
    follows[1].objects.bulk_create(
        follows[1](subscription=row, group=groups[n % len(groups)])
        for n, row in enumerate(made[len(managers) : -OUTSIDE])
        if n % 4
    )


Watched = tuple[float, float, dict[int, float]]


def watch(worker: int) -> Watched:
    """Seconds until everything was written down and until everything was sent; MiB of all workers by thousands sent."""
    time.sleep(5)  # until the worker is there
    memory: dict[int, float] = {}
    began = beat = time.monotonic()
    tasks.digests_due()
    taken = time.monotonic() - began
    sent = 0
    while sent < READERS and time.monotonic() - began < LONGEST:
        time.sleep(0.5)
        if time.monotonic() - beat >= tasks.BEAT:
            beat = time.monotonic()
            tasks.digests_due()
        sent = Delivery.objects.filter(state=Delivery.State.SENT).count()
        memory.setdefault(sent // 1000, resident(worker))
    return taken, time.monotonic() - began, memory


def resident(parent: int) -> float:
    """MiB that a process and its children hold."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in (str(parent), *children))
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def tell(watched: Watched) -> None:
    taken, whole, memory = watched
    states = {state: Delivery.objects.filter(state=state).count() for state in Delivery.State.values}
    sizes = DigestIssue.objects.filter(content__isnull=False).count()
    print(
        f"{READERS:,} readers, {plan_times.DELIVERABLES:,} deliverables, {plan_times.GOALS:,} goals, {WORKERS} workers.\n"
    )
    print("| what | value |\n|---|---|")
    print(f"| written down by one beat | {taken:.1f} s |")
    print(f"| composed and taken by the mail server | {whole:.0f} s (bar 300) |")
    print(f"| a digest | {1000 * whole / READERS:.1f} ms |")
    print(f"| sent, of {sizes:,} composed | {states['sent']:,} |")
    told = ", ".join(
        f"{number * 1000:,}: {value:.0f}" for number, value in sorted(memory.items()) if number in (1, 5, 9)
    )
    print(f"| memory of all workers, MiB, after so many | {told} |")
    print(f"| failed, lost, waiting | {states['failed']}, {states['lost']}, {states['waiting']} |", flush=True)
