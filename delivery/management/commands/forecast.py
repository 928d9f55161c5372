"""``manage.py forecast``: forecast every open deliverable, today or, as a hindcast, on a day that is over."""

from __future__ import annotations

import json
import time
from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from delivery.forecasts import forecast_all
from delivery.management.output import add_day, database_sentences
from delivery.models import Forecast


class Command(BaseCommand):
    help = "Forecast every open deliverable. Today's row is replaced; a past day only gets the rows it lacks."

    def add_arguments(self, parser: CommandParser) -> None:
        add_day(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        day = options["date"] or now.date()
        if day > now.date():
            raise CommandError(f"{day} has not come yet: a forecast rests on what is known.", returncode=2)
        with database_sentences(self):
            result = self._forecast(day, now)
        self.stdout.write(json.dumps(result) if options["json"] else _sentence(result))

    def _forecast(self, day: date, now: datetime) -> dict[str, Any]:
        began = time.monotonic()
        hindcast = day < now.date()
        written = forecast_all(day=day, made=now, hindcast=hindcast, progress=self._show)
        rows = Forecast.objects.filter(day=day)
        return {
            "day": day.isoformat(),
            "written": written,
            "hindcast": hindcast,
            "forecasts": rows.exclude(quantiles=[]).count(),
            "without": rows.filter(quantiles=[]).count(),
            "seconds": round(time.monotonic() - began, 2),
        }

    def _show(self, done: int, total: int) -> None:
        """Progress, for somebody who looks."""
        if self.stderr.isatty():
            self.stderr.write(f"\r\033[KForecasting: {done} of {total}", ending="\n" if done == total else "")
            self.stderr.flush()


def _sentence(result: dict[str, Any]) -> str:
    kind = "hindcast" if result["hindcast"] else "forecast"
    gap = f", {result['without']} of its deliverables have too little history" if result["without"] else ""
    return f"{result['day']}: wrote {result['written']} {kind}s in {result['seconds']} s{gap}."
