"""``manage.py sync``: read what changed in the sources."""

from __future__ import annotations

import time
from argparse import ArgumentTypeError
from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from delivery import census, sync, turns
from delivery.management import output
from delivery.management.lines import Lines
from delivery.models import Source, SyncRun

Told = dict[str, Any]
COUNTS = ("read", "written", "deleted", "failed", "requests")
WELL = (SyncRun.State.DONE, SyncRun.State.PARTIAL, SyncRun.State.RUNNING)


class Command(BaseCommand):
    help = "Read what changed in the sources since the last time. Killed or interrupted, it goes on where it stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "names", nargs="*", metavar="NAME", help="sources to read; all that are not paused, if none"
        )
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--full", action="store_true", help="read everything again, and count it")
        which.add_argument("--since", type=_day, metavar="DATE", help="read again what changed since that day (UTC)")
        parser.add_argument("--census", action="store_true", help="count what there is, too: finds what was deleted")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        with output.database_sentences(self):
            chosen = self._choose(options["names"])
            try:
                told = [self._sync(source, options) for source in chosen]
            except KeyboardInterrupt:
                output.stop(self, "\nInterrupted. The next sync goes on from the last page.")
        if options["json"]:
            output.write_json(self, {"ok": all(one["ok"] for one in told), "sources": told})
        if not all(one["ok"] for one in told):
            raise SystemExit(output.FAILED)

    def _choose(self, names: list[str]) -> list[Source]:
        if not names:
            chosen = list(turns.live())
            if not chosen:
                self.stderr.write("There is no source to read yet: manage.py connect makes one.")
            return chosen
        there = {source.name: source for source in Source.objects.all()}
        unknown = [name for name in names if name not in there]
        if unknown:
            have = f"There are: {', '.join(there)}." if there else "There is none yet: manage.py connect makes one."
            output.stop(self, f"There is no source called {', '.join(unknown)}. {have}", output.WRONG_USE)
        chosen = [there[name] for name in dict.fromkeys(names)]
        for source in chosen:
            if not turns.is_live(source):
                how = (
                    "disconnected: connect it again" if source.disconnected else "paused: resume it on the Sources page"
                )
                output.stop(self, f"{source} is {how} to have it read.")
        return chosen

    def _sync(self, source: Source, options: dict[str, Any]) -> Told:
        lines = Lines(self.stderr)
        began, now = time.monotonic(), timezone.now()
        try:
            done = sync.sync_source(
                source,
                now=now,
                full=options["full"],
                since=options["since"],
                progress=lambda part, read, expected: lines.show(f"{source}, {part}", read, expected),
            )
            if options["census"] or options["full"]:
                done += census.take_all(source, now=timezone.now())
        finally:
            lines.clear()
        told = _told(source, done, time.monotonic() - began)
        for run in done:
            if run.error:
                self.stderr.write(f"{source}, {run.slice}: {run.error}")
        if not options["json"]:
            self._say(told)
        return told

    def _say(self, told: Told) -> None:
        busy = [f"{one['kind']} of {one['scope']}" for one in told["slices"] if one["state"] == "running"]
        if busy:
            self.stdout.write(f"{told['name']}: another process is reading {', '.join(busy)}; left to it.")
        failed = sum(one["state"] == "failed" for one in told["slices"])
        lacking = f", {told['failed']:,} could not be read" if told["failed"] else ""
        parts = lacking + (f", {failed} of {len(told['slices'])} parts failed" if failed else "")
        self.stdout.write(
            f"{told['name']}: read {told['read']:,}, wrote {told['written']:,} new or changed "
            f"in {output.spoken(told['seconds'])}{parts}."
        )


def _told(source: Source, done: list[SyncRun], seconds: float) -> Told:
    mine = [run for run in done if run.state != SyncRun.State.RUNNING]
    counts = {name: sum(getattr(run, name) for run in mine) for name in COUNTS}
    return {
        "name": source.name,
        "kind": source.kind,
        "ok": bool(done) and all(run.state in WELL for run in done),
        **counts,
        "seconds": round(seconds, 2),
        "slices": [_slice(run) for run in done],
    }


def _slice(run: SyncRun) -> Told:
    told = (*COUNTS, "since", "error", "error_kind", "detail")
    facts = {name: getattr(run, name) for name in told}
    seconds = round((run.finished - run.started).total_seconds(), 3) if run.finished else None
    return {"kind": run.slice.kind, "scope": run.slice.scope, "state": str(run.state), "seconds": seconds, **facts}


def _day(text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no day; write it as 2026-11-23.") from error
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
