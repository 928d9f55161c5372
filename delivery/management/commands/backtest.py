"""``manage.py backtest``: how often would the forecast have come true? On a file without any set-up, or on what was read."""

from __future__ import annotations

import time
from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from delivery import backtests
from delivery.core import told
from delivery.core.backtest import Answer, answers, tables
from delivery.core.history_csv import BadHistory, read_histories
from delivery.core.questions import as_number
from delivery.core.walk import Plan, plan
from delivery.management.output import FAILED, WRONG_USE, Line, database_sentences, stop, write_json

SHORT_TOLD: Final = 10


class Command(BaseCommand):
    help = (
        "Ask of many past days when the next items would be done, knowing only what was known then, and hold the "
        "forecast and the plain methods against what happened. --csv needs no set-up and no database."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--csv",
            type=Path,
            nargs="+",
            metavar="FILE",
            help="one or more .csv or .csv.gz with the columns team,item_id,created,completed (and source, outcome)",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--since", type=_day, metavar="D", help="ask only about days from this one, as 2026-01-31")
        parser.add_argument("--team", help="only this team")

    def handle(self, *args: Any, **options: Any) -> None:
        began, today = time.monotonic(), timezone.now().date()
        line = Line(self.stderr)
        if options["csv"]:
            items, noticed, counts = self._files(options["csv"], today)
            planned = self._plan(items, options)
            found, unanswered = self._answer(planned, line)
            short, thinned = planned.short, planned.thinned
        else:
            with database_sentences(self):
                found, unanswered = backtests.stored_answers(team=options["team"], since=options["since"], day=today)
            noticed, counts, short, thinned = [], {}, {}, 1
        line.clear()
        seconds = round(time.monotonic() - began, 1)
        made = tables(found)
        if options["json"]:
            about = {"unanswered": unanswered, "thinned": thinned, "noticed": noticed, "left_out": counts}
            write_json(self, told.as_object(made) | about | {"not_enough_history": short, "seconds": seconds})
        else:
            asked = f"{len(found):,} questions answered, {unanswered:,} not, in {seconds} s."
            self.stdout.write("\n".join([*told.lines(made), "", *noticed, *_gaps(short, thinned), asked]))
        if not found:
            raise SystemExit(FAILED)

    def _files(self, paths: list[Path], today: date) -> tuple[pd.DataFrame, list[str], dict[str, int]]:
        try:
            found = read_histories(paths, as_number(today))
        except BadHistory as error:
            stop(self, str(error), WRONG_USE)
        return found.items, list(found.told), {"rows": found.rows, **found.counts}

    def _plan(self, items: pd.DataFrame, options: dict[str, Any]) -> Plan:
        if options["team"]:
            titles = items["source"].where(items["source"].eq(""), items["source"] + "/") + items["team"]
            kept = items[titles.eq(options["team"]) | items["team"].eq(options["team"])]
            if kept.empty:
                stop(self, f"There is no team “{options['team']}” in the file.", WRONG_USE)
            items = kept
        return plan(items, since=as_number(options["since"]) if options["since"] else None)

    def _answer(self, planned: Plan, line: Line) -> tuple[list[Answer], int]:
        total = len(planned.questions)
        return answers(planned.questions, told=lambda done: line.show("Asking", done, total))


def _gaps(short: dict[str, str], thinned: int) -> list[str]:
    said = [f"{team}: {why}." for team, why in list(short.items())[:SHORT_TOLD]]
    if len(short) > SHORT_TOLD:
        said.append(f"… and {len(short) - SHORT_TOLD:,} more teams without enough history.")
    if thinned > 1:
        said.append(f"Thinned: to stay within minutes, one day in {thinned} was asked about.")
    return said


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no day; write it as 2026-11-23.") from error
