"""``manage.py digest``: what readers get this week, or got; one to look at; and sending what is due."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from dashboards.digest import due, handing
from dashboards.digest.composing import preview
from dashboards.digest.letter import as_text
from dashboards.digest.message import addresses_of
from dashboards.digest.readers import reader_of
from dashboards.digest.records import as_json, from_json
from dashboards.digest.schedule import monday_of, slot_of, week_of
from dashboards.models import Delivery, DigestIssue, Subscription
from delivery.management.output import WRONG_USE, Line, database_sentences, stop, write_json

State = Delivery.State


class Command(BaseCommand):
    help = "The weekly digest: who gets it and how it stands; --preview shows one, --send sends what is due."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--week", metavar="W", help="the week, as 2026-W47; this one unless given")
        parser.add_argument("--to", metavar="EMAIL", help="only this reader")
        parser.add_argument("--preview", action="store_true", help="print the digest of one reader; sends nothing")
        parser.add_argument("--send", action="store_true", help="send what is due; with --to that reader’s, now")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        with database_sentences(self):
            today = timezone.localdate()
            week = options["week"] or week_of(today)
            try:
                monday = monday_of(week)
            except ValueError as error:
                stop(self, str(error), WRONG_USE)
            if options["preview"] and options["send"]:
                stop(self, "Choose one of --preview and --send.", WRONG_USE)
            if monday > today:
                stop(self, f"{week} is still to come.", WRONG_USE)
            reader = self.reader(options["to"])
            if options["preview"]:
                self.preview(
                    reader, week, min(monday + timedelta(days=reader.weekday if reader else 0), today), options
                )
            elif options["send"]:
                self.send(reader, week, today, options)
            else:
                self.state(reader, week, options)

    def reader(self, email: str | None) -> Subscription | None:
        """The one of ``--to``; ends the command where nobody has that address."""
        if email is None:
            return None
        rows = Subscription.objects.select_related("person", "by")
        row = rows.filter(person__email__iexact=email).first() or rows.filter(email__iexact=email, person=None).first()
        if row is None:
            stop(self, f"Nobody with the address {email} is subscribed. Readers are added on the page Digest, Readers.")
        return row

    def preview(self, row: Subscription | None, week: str, day: date, options: dict[str, Any]) -> None:
        if row is None:
            stop(self, "Say whose digest with --to EMAIL.", WRONG_USE)
        issue = row.issues.filter(week=week, content__isnull=False).first()
        now = timezone.now()
        on = timezone.localdate(now) if week == week_of(timezone.localdate(now)) else day
        digest = from_json(issue.content or {}) if issue else preview(reader_of(row), now=now, day=on)
        if options["json"]:
            write_json(self, as_json(digest))
        else:
            self.stdout.write(as_text(digest, addresses_of(row, None)))

    def send(self, row: Subscription | None, week: str, today: date, options: dict[str, Any]) -> None:
        """What is due; with a reader this week’s of theirs, also before its day. Never a second one of a week."""
        now = timezone.now()
        if week != week_of(today):
            stop(self, "Only this week’s can be sent: what is over is in the archive.", WRONG_USE)
        if row is None:
            taken, ids = due.take(now), due.to_hand_over(now)
        else:
            slot = slot_of(week, zone=row.zone, weekday=row.weekday, hour=row.hour)
            taken = due.take_one(row, slot)
            waits = row.deliveries.filter(state=State.WAITING, kind="digest")
            waits.update(next_try=None)
            ids = list(waits.values_list("pk", flat=True))
        line = Line(self.stdout)
        told: Counter[str] = Counter()
        for number, state in enumerate(handing.handed(ids), 1):
            told.update([state] if state else [])
            line.show("Sending", number, len(ids))
        line.clear()
        if options["json"]:
            write_json(self, {"week": week, "due": taken, **told})
        else:
            said = ", ".join(f"{count} {State(state).label.lower()}" for state, count in told.items())
            self.stdout.write(f"{week}: {taken} due, {said or 'nothing to send'}.")
        if told.get(State.FAILED) or told.get(State.LOST):
            raise SystemExit(1)

    def state(self, row: Subscription | None, week: str, options: dict[str, Any]) -> None:
        """How the week stands, reader by reader."""
        rows = due.live().order_by("pk").select_related("person")
        readers = list(rows.filter(pk=row.pk) if row else rows)
        told = {
            one.subscription_id: one
            for one in DigestIssue.objects.filter(week=week, subscription__in=readers).prefetch_related("deliveries")
        }
        lines = [{"reader": one.address, "state": _state(told.get(one.pk))} for one in readers]
        if options["json"]:
            write_json(self, {"week": week, "readers": lines})
            return
        for line in lines:
            self.stdout.write(f"{line['reader']}: {line['state']}")
        self.stdout.write(f"{week}: {len(lines)} reader{'' if len(lines) == 1 else 's'}.")


def _state(issue: DigestIssue | None) -> str:
    if issue is None:
        return "not due yet"
    return ", ".join(
        f"{one.get_channel_display()} {one.get_state_display().lower()}{f' ({one.reason})' if one.reason else ''}"
        for one in issue.deliveries.all()
    )
