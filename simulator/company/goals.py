"""Goals by quarter and half-year, from the company down to the teams, with key results that move week by week."""

from __future__ import annotations

import random
from datetime import date, timedelta

from simulator.company.staff import Staff
from simulator.records import Goal, KeyResult

LEAD = timedelta(days=45)  # goals are written down this long before their period
_SHORT = {"machine-learning": "ml", "data-platform": "data"}
_COMPANY = (
    "Make every customer's first week a success", "Grow revenue from recommendations", "Run on half the incidents",
    "Enter two new markets", "Cut the cost of serving by a fifth", "Be trusted with customers' data",
)  # fmt: skip
_GROUP = {
    "machine-learning": (
        "Models that learn from yesterday, not last month", "Serve every model under its latency budget",
        "Relevance people notice", "Experiments decided in two weeks", "Halve the cost of a training run",
        "No model without monitoring",
    ),
    "data-platform": (
        "Data on time, every day", "One definition for each metric", "Events people can rely on",
        "Self-service for the ten commonest requests", "Halve the warehouse bill per query", "No breaking schema change",
    ),
}  # fmt: skip
_RESULTS = (
    ("Traffic served by it, %", "percent", (0, 20), (50, 90)),
    ("p95 latency, ms", "number", (180, 320), (90, 150)),
    ("Incidents a month", "number", (5, 9), (1, 3)),
    ("Teams using it", "number", (0, 2), (4, 9)),
    ("Jobs done by 7:00, %", "percent", (70, 88), (95, 99)),
    ("Cost per 1,000 requests, cents", "number", (14, 22), (7, 11)),
    ("Relevance (NDCG@10) x 100", "number", (38, 44), (46, 54)),
    ("Agreed with all consumers", "yes_no", (0, 0), (1, 1)),
)


def quarter(day: date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3 + 1


def first_day(year: int, number: int) -> date:
    return date(year + (number - 1) // 4, 3 * ((number - 1) % 4) + 1, 1)


def last_day(year: int, number: int) -> date:
    return first_day(year, number + 1) - timedelta(days=1)


def team_goal(project: str, committed: date, target: date, seq: int) -> str:
    """The slug of the team's goal a deliverable serves: the quarter it is due in, if that was planned by then."""
    due = quarter(target)
    if first_day(*due) - LEAD > committed:
        due = quarter(committed)
    return f"{project.lower()}-{due[0]}q{due[1]}-{seq % 2 + 1}"


def written(staff: Staff, seed: int, start: date, day: date) -> tuple[Goal, ...]:
    """Every goal written down by ``day``, with its key results as of then."""
    found: list[Goal] = []
    year, number = quarter(start)
    while first_day(year, number) - LEAD <= day:
        found += _quarter(staff, seed, day, year, number, first=(year, number) == quarter(start))
        year, number = (year, number + 1) if number < 4 else (year + 1, 1)
    return tuple(found)


def _quarter(staff: Staff, seed: int, day: date, year: int, number: int, *, first: bool) -> list[Goal]:
    half = f"company-{year}h{(number + 1) // 2}"
    start, end = first_day(year, number), last_day(year, number)
    found = []
    if number % 2 or first:
        begin = first_day(year, number - 1 + number % 2)
        spread = (begin, last_day(year, number + number % 2))
        for i in (0, 1):
            title = _COMPANY[(year * 4 + number // 2 * 2 + i) % len(_COMPANY)]
            found.append(_goal(seed, day, f"{half}-{i + 1}", title, "company", staff.people[1].id, spread))
    for group in staff.groups:
        titles = _GROUP[group.slug]
        for i in (0, 1):
            slug = f"{_SHORT[group.slug]}-{year}q{number}-{i + 1}"
            title = titles[(year * 8 + number * 2 + i) % len(titles)]
            found.append(
                _goal(
                    seed, day, slug, title, "group", group.director, (start, end), group.slug, parent=f"{half}-{i + 1}"
                )
            )
    for index, team in enumerate(staff.teams):
        for i in (0, 1):
            about = staff.domains[index].promises[(year * 8 + number * 2 + i) % len(staff.domains[index].promises)]
            title = f"{about} that {('people rely on', 'others can build on')[i]}"
            parent = f"{_SHORT[team.group]}-{year}q{number}-{i + 1}"
            slug = f"{team.project.lower()}-{year}q{number}-{i + 1}"
            found.append(
                _goal(seed, day, slug, title, "team", team.manager, (start, end), team.group, team.slug, parent)
            )
    return found


def _goal(
    seed: int, day: date, slug: str, title: str, level: str, owner: str, period: tuple[date, date],
    group: str | None = None, team: str | None = None, parent: str | None = None,
) -> Goal:  # fmt: skip
    rng = random.Random(f"goal:{seed}:{slug}")
    ambition = "stretch" if rng.random() < 0.3 else "committed"
    results = tuple(
        _result(rng, shape, f"{seed}:{slug}:{i}", day, period, ambition)
        for i, shape in enumerate(rng.sample(_RESULTS, rng.choice((2, 2, 3))))
    )
    return Goal(slug, title, level, owner, group, team, parent, *period, ambition, results)


def _result(
    rng: random.Random, shape: tuple[str, str, tuple[int, int], tuple[int, int]], name: str, day: date,
    period: tuple[date, date], ambition: str,
) -> KeyResult:  # fmt: skip
    """It gets where it gets (a stretch less far), unevenly; the weeks behind never change."""
    title, unit, low, high = shape
    start, target = rng.randint(*low), rng.randint(*high)
    reached = min(1.1, max(0.1, rng.gauss(0.65 if ambition == "stretch" else 0.85, 0.2)))
    length = max((period[1] - period[0]).days, 1)
    passed = min(max((day - period[0]).days // 7 * 7 / length, 0.0), 1.0)
    shaky = 1 + random.Random(f"{name}:{passed:.3f}").uniform(-0.12, 0.12)
    done = min(reached * passed**1.2 * shaky, 1.15)
    if unit == "yes_no":
        done = float(done > 0.7)
    return KeyResult(title, unit, start, target, round(start + (target - start) * done, 1))
