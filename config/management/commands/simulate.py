"""``manage.py simulate``: the pretend organisation behind a pretend Jira and GitHub."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError

from simulator.faults import FAULTS, WORLDS
from simulator.server import serve
from simulator.tokens import DEMO_EMAIL, DEMO_GITHUB_TOKEN, DEMO_JIRA_TOKEN, Token, Tokens
from simulator.world import World, default_start

FAULTS_HELP = (
    "what goes wrong, for example rate:every=10,html:every=50:only=search. Any of them: "
    f"{', '.join(sorted([*FAULTS, *WORLDS]))}; with every=N or chance=P, length=N, only=TEXT, after=N, until=N"
)


class Command(BaseCommand):
    help = "Serve a seeded, made-up organisation as Jira Cloud, Jira Data Center and GitHub, until interrupted."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, required=True)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--people", type=int, default=60)
        parser.add_argument("--teams", type=int, default=9)
        parser.add_argument("--years", type=float, default=1.5, help="how much history there is by today")
        parser.add_argument("--start", type=date.fromisoformat, help="the first day of history, instead of --years")
        parser.add_argument("--anchor", type=date.fromisoformat, help="the day whose promises tell the stories (today)")
        parser.add_argument("--faults", default="", help=FAULTS_HELP)
        parser.add_argument(
            "--jira-user-tz", default="UTC", help="the time zone of Jira's user, in which JQL reads dates"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        today = datetime.now(UTC).date()
        world = World(
            seed=options["seed"],
            people=options["people"],
            teams=options["teams"],
            start=options["start"] or default_start(today, options["years"]),
            anchor=options["anchor"] or today,
        )
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        try:
            running = serve(
                world,
                clock=lambda: datetime.now(UTC),
                port=options["port"],
                tokens=Tokens(jira=(Token(DEMO_JIRA_TOKEN, timezone=zone_of(options["jira_user_tz"])),)),
                faults=options["faults"],
                seed=options["seed"],
            )
        except ValueError as error:
            raise CommandError(f"--faults: {error}", returncode=2) from error
        with running:
            self.stdout.write(
                f"Jira Cloud        {running.jira_cloud_url}  ({DEMO_EMAIL}, token {DEMO_JIRA_TOKEN})\n"
                f"Jira Data Center  {running.jira_datacenter_url}  (token {DEMO_JIRA_TOKEN})\n"
                f"GitHub            {running.github_api_url}  (token {DEMO_GITHUB_TOKEN})"
            )
            self.stdout.flush()
            stop.wait()


def zone_of(name: str) -> str:
    """The name of a time zone there is."""
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CommandError(f"--jira-user-tz: there is no time zone {name!r}", returncode=2) from error
