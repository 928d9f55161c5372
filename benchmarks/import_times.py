"""The time of an import, measured inside Django on made-up lines."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db import connection
from django.test.utils import CaptureQueriesContext

from delivery import csv_plans
from delivery.core import csv_text

LINES, TEAMS, GROUPS = 5_000, 200, 20
ALLOWED: Final = 10.0  # seconds, for looking and importing together
RESULTS: Final = '[{"title": "Events on v3", "unit": "percent", "start": 0, "target": 100, "current": 40}]'


def main() -> None:
    """Import files of every kind, and print what each took; ends with 1 where one took longer than allowed."""
    print(
        f"Files of {LINES:,} lines, in {TEAMS} teams.\n\n"
        "| file | lines | looking, seconds | importing, seconds | queries |\n|---|---|---|---|---|",
        flush=True,
    )
    csv_plans.apply(_clean("teams", teams(TEAMS)))
    slow = [name for name, took in _runs() if took > ALLOWED]
    if slow:
        raise SystemExit(f"Longer than {ALLOWED:.0f} seconds: {', '.join(slow)}.")


def _runs() -> Iterator[tuple[str, float]]:
    for kind, lines in MADE.items():
        for name, word in (("new", "first"), ("changed", "second"), ("unchanged", "second")):
            yield f"{kind}, {name}", _one(kind, name, lines(word))
    yield "teams, new", _one("teams", "new", teams(LINES))


def _one(kind: str, name: str, text: str) -> float:
    plan, looking, first = measured(lambda: _clean(kind, text))
    assert plan.count(name) >= LINES - TEAMS, name
    _, applying, more = measured(lambda: csv_plans.apply(plan))
    print(f"| {kind}, {name} | {len(plan.lines):,} | {looking:.2f} | {applying:.2f} | {first + more} |", flush=True)
    return looking + applying


def _clean(kind: str, text: str) -> Any:
    plan = csv_plans.plan(kind, text, user=None)
    assert not plan.faults, plan.faults[:3]
    return plan


def measured(act: Callable[[], Any]) -> tuple[Any, float, int]:
    """(what came of it, seconds, queries)."""
    with CaptureQueriesContext(connection) as captured:
        began = time.perf_counter()
        done = act()
        return done, time.perf_counter() - began, len(captured)


def teams(count: int) -> str:
    rows = ([f"team-{n}", f"Team {n}", f"group-{n % GROUPS}", f"Group {n % GROUPS}"] for n in range(count))
    return csv_text.written(["slug", "name", "group", "group_name"], rows)


def people(word: str) -> str:
    rows = ([f"p{n}@example.com", f"{word} {n}", "engineer"] for n in range(LINES))
    return csv_text.written(["email", "name", "role"], rows)


def memberships(word: str) -> str:
    rows = ([f"p{n}@example.com", f"team-{n % TEAMS}", "2026-01-01", word] for n in range(LINES))
    return csv_text.written(["person", "team", "start", "role"], rows)


def goals(word: str) -> str:
    """A company goal, one of each group, and the teams’ goals under these."""
    columns = ["slug", "title", "level", "group", "team", "parent", "first_day", "last_day", "owner", "key_results"]
    period = ["2027-01-01", "2027-12-31"]
    rows = [["top", word, "company", "", "", "", *period, "", ""]]
    rows += [[f"g-{n}", word, "group", f"group-{n}", "", "top", *period, "", RESULTS] for n in range(GROUPS)]
    for n in range(GROUPS, LINES - 1):
        team = n % TEAMS
        above = f"g-{team % GROUPS}"
        rows.append([f"g-{n}", word, "team", "", f"team-{team}", above, *period, f"p{n}@example.com", RESULTS])
    return csv_text.written(columns, rows)


def deliverables(word: str) -> str:
    """Each serves a goal; four of five wait for the one before."""
    columns = [
        "slug",
        "title",
        "team",
        "helping_teams",
        "goals",
        "depends_on",
        "start",
        "promised",
        "slip_cause",
        "slip_note",
    ]
    promised = {"first": "2199-03-31", "second": "2199-06-30"}[word]
    rows = []
    for n in range(LINES):
        before = f"d-{n - 1}" if n % 5 else ""
        team, helper, goal = f"team-{n % TEAMS}", f"team-{(n + 1) % TEAMS}", f"g-{n % (LINES - 1)}"
        rows.append([f"d-{n}", word, team, helper, goal, before, "2026-01-04", promised, "vendor", "Late"])
    return csv_text.written(columns, rows)


MADE: Final = {"people": people, "memberships": memberships, "goals": goals, "deliverables": deliverables}
