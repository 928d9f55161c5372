"""``manage.py demo``: a running site whose data came through the real connectors from the simulator."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config import processes
from config.demo import actions, bets, digests, goals, plan, road
from config.demo.facts import SEED, Facts, remembered
from dashboards import tasks
from delivery.connectors.contract import ConnectorError
from delivery.management.output import Line
from delivery.models import Forecast
from people.models import Person


class Command(BaseCommand):
    help = "Set up and run Headway with a made-up organisation, served by a pretend Jira and GitHub."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        port, mail_port = chosen_port(), processes.free_port()
        os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{mail_port}"
        with processes.stop_on_signals(), processes.Processes(settings.DATA_DIR / "log", dict(os.environ)) as running:
            try:
                self.run(running, port, mail_port)
            except processes.Stopped:
                self.stdout.write("\nStopping everything that was started …")
            except ConnectorError as error:
                raise CommandError(str(error)) from None

    def run(self, running: processes.Processes, port: int, mail_port: int) -> None:
        today = timezone.localdate()
        began = time.monotonic()
        call_command("migrate", verbosity=0, interactive=False)
        refuse_a_site()
        call_command("collectstatic", verbosity=0, interactive=False)
        facts = remembered(settings.DATA_DIR / "demo.json", today)
        start_simulator(running, facts)
        start_mailbox(running, mail_port)
        start_web(running, port)
        world_plan = facts.world().plan(today)
        connected = road.connect(facts, world_plan)
        plan.seed(world_plan, connected)
        if not Forecast.objects.filter(day=today).exists():
            line = Line(self.stdout)
            self.stdout.write("Reading Jira and GitHub over HTTP …")
            errors = road.read_everything(connected, world_plan, line.show)
            line.clear()
            for error in errors:
                self.stderr.write(error)
            self.stdout.write(f"Forecasting {road.forecast(today)} deliverables …")
            self.stdout.write(f"Feeding {goals.seed(today)} key results …")
        bets.seed(today)
        self.welcome(port, time.monotonic() - began)
        line = Line(self.stdout)
        road.look_back(today, line.show)
        line.clear()
        road.find_risks(today)
        actions.seed(today)
        start_worker(running)
        self.send_digests()
        self.stdout.write("Everything is there. Ctrl-C stops it all.")
        self.stdout.flush()
        watch(running)

    def send_digests(self) -> None:
        """This week's digest for the demo's readers, by the worker."""
        now = timezone.now()
        digests.seed(now)
        tasks.queue(digests.take(now))

    def welcome(self, port: int, seconds: float) -> None:
        self.stdout.write(f"\nHeadway is ready after {seconds:.0f} seconds: http://127.0.0.1:{port}/\n")
        for name in plan.LOGINS:
            self.stdout.write(f"  {name}@example.test".ljust(28) + "password demo")
        self.stdout.write(f"\nEvery e-mail it sends can be read at http://127.0.0.1:{port}/demo/mail/\n")
        self.stdout.flush()


def refuse_a_site() -> None:
    """The demo's people, with their well-known password, must not come into a site of somebody's own."""
    if not settings.LOCAL:
        raise CommandError("The demo runs on an unconfigured machine only: unset DATABASE_URL and the other settings.")
    if Person.objects.exists() and not (settings.DATA_DIR / "demo.json").exists():
        raise CommandError(
            f"{settings.DATA_DIR} holds a site of its own. Give the demo another folder: DATA_DIR=var/demo make demo"
        )


def chosen_port() -> int:
    """PORT, or 8000; refuses with the way out when it is taken."""
    port = int(os.environ.get("PORT") or 8000)
    if not processes.port_is_free(port):
        raise CommandError(f"Port {port} is taken by another program. Choose another one: PORT={port + 10} make demo")
    return port


def start_simulator(running: processes.Processes, facts: Facts) -> None:
    arguments = ["--port", str(facts.port), "--seed", str(SEED)]
    arguments += ["--start", str(facts.start), "--anchor", str(facts.anchor)]
    running.start("simulator", "manage.py", "simulate", *arguments)
    await_port(running, "simulator", facts.port)


def start_mailbox(running: processes.Processes, port: int) -> None:
    running.start("mailbox", "manage.py", "mailbox", "--port", str(port))
    await_port(running, "mailbox", port)


def start_web(running: processes.Processes, port: int) -> None:
    arguments = ["--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4", "--graceful-timeout", "5"]
    running.start("web", "-m", "gunicorn", "config.wsgi", *arguments, "--no-control-socket")
    await_port(running, "web", port)


def start_worker(running: processes.Processes) -> None:
    beat = str(Path(settings.DATA_DIR) / "beat")
    arguments = ["--beat", "--schedule", beat, "--concurrency", "2", "--loglevel", "INFO"]
    running.start("worker", "-m", "celery", "-A", "config.celery", "worker", *arguments)
    arguments = ["--queues", "soon", "--pool", "solo", "--hostname", "listener@%h", "--loglevel", "INFO"]
    running.start("listener", "-m", "celery", "-A", "config.celery", "worker", *arguments)


def await_port(running: processes.Processes, name: str, port: int) -> None:
    """Until ``name`` listens on ``port``; raises CommandError with the end of its log when it does not."""
    for _ in range(600):
        if not processes.port_is_free(port):
            return
        if running.ended() == name:
            break
        time.sleep(0.05)
    said = running.log(name).read_text(errors="replace")[-2000:]
    raise CommandError(f"The {name} did not start. It said:\n{said}")


def watch(running: processes.Processes) -> None:
    """Stay until somebody stops us; a process that ends by itself ends the whole with its reason."""
    while True:
        name = running.ended()
        if name:
            said = running.log(name).read_text(errors="replace")[-2000:]
            sys.stderr.write(said)
            raise CommandError(f"The {name} ended by itself. Its log is {running.log(name)}.")
        time.sleep(0.5)
