"""``manage.py export KIND [FILE]``: all of a kind as CSV, as ``import`` reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from delivery import csv_plans
from delivery.management import output


class Command(BaseCommand):
    help = "Write all teams, people, memberships, goals or deliverables as CSV, confidential goals, too."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=list(csv_plans.KINDS), metavar="KIND", help=", ".join(csv_plans.KINDS))
        parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="standard output unless given")

    def handle(self, *args: Any, **options: Any) -> None:
        with output.database_sentences(self):
            text = csv_plans.export(options["kind"], user=None)
        if options["file"] == "-":
            self.stdout.write(text, ending="")
            return
        try:
            Path(options["file"]).write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            output.stop(self, f"{options['file']} cannot be written: {error.strerror}.", output.WRONG_USE)
