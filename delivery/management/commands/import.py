"""``manage.py import KIND FILE``: what a CSV file would do, and doing it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from delivery import csv_plans
from delivery.core import csv_text
from delivery.csv_kinds import Plan
from delivery.management import output
from people.models import Person


class Command(BaseCommand):
    help = "Import teams, people, memberships, goals or deliverables from CSV: all lines, or none where one is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=list(csv_plans.KINDS), metavar="KIND", help=", ".join(csv_plans.KINDS))
        parser.add_argument("file", metavar="FILE", help="a CSV file in UTF-8; - reads standard input")
        parser.add_argument("--dry-run", action="store_true", help="tell line by line what would change, and stop")
        parser.add_argument(
            "--by", default="", metavar="EMAIL", help="whose permissions count; all may be done without"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        with output.database_sentences(self):
            user = self._user(options["by"])
            plan = csv_plans.plan(options["kind"], self._text(options["file"]), user=user)
            done = bool(plan.changes_something and not options["dry_run"])
            if done:
                try:
                    plan = csv_plans.apply(plan)
                except csv_plans.Changed as changed:
                    output.stop(self, str(changed))
        if options["json"]:
            output.write_json(self, _told(plan, done=done))
        else:
            self._tell(plan, done=done, lines=options["dry_run"])
        if plan.faults:
            raise SystemExit(output.FAILED)

    def _user(self, email: str) -> Person | None:
        found = Person.objects.filter(email__iexact=email, is_active=True).first() if email else None
        if email and found is None:
            output.stop(self, f"Nobody active here has the address {email}.", output.WRONG_USE)
        return found

    def _text(self, name: str) -> str:
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            output.stop(self, f"{name} cannot be read: {error.strerror}.", output.WRONG_USE)
        try:
            return csv_text.decoded(data)
        except ValueError as error:
            output.stop(self, str(error))

    def _tell(self, plan: Plan, *, done: bool, lines: bool) -> None:
        for fault in plan.faults:
            self.stderr.write(f"Line {fault.line}{f', {fault.column}' if fault.column else ''}: {fault.text}")
        for fault in plan.warnings:
            self.stderr.write(f"Line {fault.line}, {fault.column}: {fault.text}")
        for line in plan.lines if lines else ():
            self.stdout.write(f"Line {line.number}: {line.key}: {line.what}")
            for one in line.changes:
                self.stdout.write(f"  {one.column}: {one.before or '–'} → {one.after or '–'}")
        counts = ", ".join(f"{plan.count(what)} {what}" for what in ("new", "changed", "unchanged"))
        if plan.faults:
            self.stderr.write(f"{len(plan.faults)} to mend, so nothing was imported.")
        else:
            self.stdout.write(f"{'Imported' if done else 'Nothing was written'}: {counts}.")


def _told(plan: Plan, *, done: bool) -> dict[str, Any]:
    return {
        "kind": plan.kind,
        "imported": done,
        **{what: plan.count(what) for what in ("new", "changed", "unchanged", "wrong")},
        "lines": [asdict(one) for one in plan.lines],
        "errors": [asdict(one) for one in plan.faults],
        "warnings": [asdict(one) for one in plan.warnings],
    }
