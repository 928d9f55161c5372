"""``manage.py bounce``: put a report of a mail server (RFC 3464) into the delivery log; a mail server pipes it in."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from dashboards.digest.bounces import bounce_of, record
from delivery.management.output import database_sentences, stop, write_json


class Command(BaseCommand):
    help = "Read an e-mail that reports a failed delivery from standard input, and write it into the delivery log."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of a sentence")

    def handle(self, *args: Any, **options: Any) -> None:
        with database_sentences(self):
            bounce = bounce_of(sys.stdin.buffer.read())
            if bounce is None:
                stop(self, "This is no report of a failed delivery that names a message.")
            row = record(bounce, now=timezone.now())
            if row is None:
                stop(self, f"{bounce.message_id} is no message of ours.")
            if options["json"]:
                write_json(self, {"reader": str(row.subscription), "permanent": bounce.permanent})
            else:
                self.stdout.write(f"{row.subscription}: {row.reason or 'delayed, nothing to do'}")
