"""``manage.py mailbox``: the demo's mail server."""

from __future__ import annotations

import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from config.demo import mailbox
from config.demo.mail_pages import FOLDER


class Command(BaseCommand):
    help = "A mail server on this machine that takes every e-mail and sends none on. The demo shows what it took."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, required=True, help="where it listens, on this machine only")

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(mailbox.serve(settings.DATA_DIR / FOLDER, options["port"]))
