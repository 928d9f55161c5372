"""``manage.py up``: the site on this machine, without demo data."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config import processes
from config.management.commands.demo import chosen_port, start_web, start_worker, watch
from people.models import Person


class Command(BaseCommand):
    help = "Run the web site and a worker on this machine until interrupted."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_the_demo()
        port = chosen_port()
        with processes.stop_on_signals(), processes.Processes(settings.DATA_DIR / "log", dict(os.environ)) as running:
            try:
                call_command("migrate", verbosity=0, interactive=False)
                call_command("collectstatic", verbosity=0, interactive=False)
                start_web(running, port)
                start_worker(running)
                self.stdout.write(f"Headway is ready: http://127.0.0.1:{port}/ (Ctrl-C stops it)")
                if not Person.objects.exists():
                    self.stdout.write(
                        "Nobody can log in yet. In another terminal: .venv/bin/python manage.py invite --help"
                    )
                self.stdout.flush()
                watch(running)
            except processes.Stopped:
                self.stdout.write("\nStopping everything that was started …")


def refuse_the_demo() -> None:
    """A made-up organisation must not be taken for one's own."""
    if settings.LOCAL and (settings.DATA_DIR / "demo.json").exists():
        raise CommandError(
            f"{settings.DATA_DIR} holds the demo. Give your own site another folder: DATA_DIR=var/site make up"
        )
