"""``manage.py risks``: run the register's rules over what is known on a day."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from delivery import risk_history, risks
from delivery.management.output import add_day, database_sentences, write_json


class Command(BaseCommand):
    help = "Open, keep and close risks by the register's rules. Running it twice on a day changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        add_day(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        day = options["date"] or now.date()
        if day > now.date():
            raise CommandError(f"{day} has not come yet: a risk rests on what is known.", returncode=2)
        began = time.monotonic()
        with database_sentences(self):
            try:
                kept = risks.keep_risks(day=day, now=now)
            except risk_history.Past as past:
                raise CommandError(str(past), returncode=2) from None
        result = {"day": day, "opened": kept.opened, "closed": kept.closed, "open": kept.open}
        if options["json"]:
            write_json(self, result | {"seconds": round(time.monotonic() - began, 2)})
        else:
            self.stdout.write(f"{day}: {kept.opened} risks opened, {kept.closed} closed, {kept.open} are open.")
