"""The Accuracy page: how often do our forecasts come true?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.http import QueryDict

from dashboards import words
from dashboards.charts import reliability
from dashboards.charts.common import Figure
from dashboards.definitions import MEASURED
from dashboards.pages.deliverables_csv import written
from dashboards.pages.filters import Choice
from dashboards.sentences import Phrase, Sentence
from delivery.accuracy import Accuracy, Slice, accuracy
from delivery.core.reliability import ENOUGH, Held
from delivery.core.shown import Standing
from delivery.core.track_record import NAMES, SPAN_NAMES, Account, sentences
from delivery.models import CalibrationEffect
from people.access import User
from teams.access import visible_teams

MINUS: Final = "\N{MINUS SIGN}"
CSV_COLUMNS: Final = (
    "team", "kind", "n", "said %", "came true %", "Brier", "skill over base rate", "50 % held", "80 % held", "95 % held",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Range:
    """A tile: how often ranges of one probability held."""

    title: str
    value: str
    basis: str


@dataclass(frozen=True, slots=True)
class Record:
    """The standing record of forecasts, or of hindcasts."""

    title: str
    says: str
    figure: Figure | None
    why: str
    ranges: tuple[Range, ...]
    numbers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AccuracyPage:
    headline: Sentence
    records: tuple[Record, ...]
    backtest: Record
    plain: tuple[str, ...]
    methods: tuple[tuple[str, ...], ...]
    recalibrated: tuple[tuple[str, ...], ...]
    by_team: tuple[tuple[str, ...], ...]
    choices: Mapping[str, tuple[Choice, ...]]
    ignored: tuple[str, ...]
    counted: Mapping[str, str]
    rows: tuple[tuple[Any, ...], ...]
    query: str

    @property
    def filters(self) -> AccuracyPage:
        """What the component for ignored filters asks."""
        return self


def page(user: User, query: QueryDict, *, day: date) -> AccuracyPage:
    teams = {team.slug: team.name for team in visible_teams(user).order_by("name")}
    asked, ignored = _asked(query, teams)
    found = accuracy(user, day=day, part=asked)
    if asked.quarter and asked.quarter not in found.quarters:
        ignored.append(f"There is nothing in the quarter “{asked.quarter}”")
    kept = query.copy()
    kept["format"] = "csv"
    return AccuracyPage(
        headline=headline(found.shown, found.hindcasts),
        records=tuple(
            _record(one, kind)
            for kind, one in (("shown", found.shown), ("hindcast", found.hindcasts))
            if kind == "shown" or one.forecasts
        ),
        backtest=_backtest(found.backtest),
        plain=sentences(found.backtest),
        methods=_methods(found.backtest),
        recalibrated=tuple(_effect(one) for one in found.effects),
        by_team=tuple(_team_row(teams.get(slug, slug), *parts) for slug, parts in found.by_team.items()),
        choices=_choices(found, asked, teams),
        ignored=tuple(ignored),
        counted=MEASURED,
        rows=_csv_rows(found, teams, asked),
        query=kept.urlencode(),
    )


def headline(shown: Standing, hindcasts: Standing) -> Sentence:
    """How often do forecasts come true? With n, or what is missing."""
    return came_true(shown, hindcasts) or (
        Phrase("How often do our forecasts come true? "),
        Phrase(too_few(shown), "strong"),
    )


def came_true(shown: Standing, hindcasts: Standing) -> Sentence:
    """How often what was said came true, with n; empty where too few dates are over."""
    for one, what in ((shown, "forecasts"), (hindcasts, "hindcasts")):
        if one.came is not None and one.said is not None:
            return (
                Phrase(f"Of {one.due:,} {what} whose date is over, "),
                Phrase(f"{100 * one.came:.0f} in 100 came true", "strong"),
                Phrase(f"; on average they had said {100 * one.said:.0f} in 100."),
            )
    return ()


def too_few(one: Standing) -> str:
    return f"Not enough yet: {one.due} of {ENOUGH} forecasts have a date that is over."


def as_csv(made: AccuracyPage) -> str:
    """The record by team as a file."""
    return written(CSV_COLUMNS, made.rows)


def _asked(query: QueryDict, teams: Mapping[str, str]) -> tuple[Slice, list[str]]:
    ignored, values = [], {}
    for name, known in (("team", teams), ("horizon", SPAN_NAMES)):
        value = query.get(name) or ""
        values[name] = value if value in known else ""
        if value and value not in known:
            ignored.append(f"There is no {name} “{value}”")
    return Slice(values["team"], values["horizon"], (query.get("quarter") or "").replace("\0", "")[:10]), ignored


def _choices(found: Accuracy, asked: Slice, teams: Mapping[str, str]) -> dict[str, tuple[Choice, ...]]:
    lists = {
        "team": ({"": "All teams", **teams}, asked.team),
        "horizon": (
            {"": "Any time ahead", **{name: label.capitalize() for name, label in SPAN_NAMES.items()}},
            asked.span,
        ),
        "quarter": ({"": "All quarters", **{one: one.replace("-", " ") for one in found.quarters}}, asked.quarter),
    }
    return {
        name: tuple(Choice(value, label, value == chosen) for value, label in labels.items())
        for name, (labels, chosen) in lists.items()
    }


def _record(one: Standing, kind: str) -> Record:
    title = "What we said, and what happened" if kind == "shown" else "Hindcasts: said later, from what was known then"
    since = f" Collected since {words.full_day(one.since)}." if one.since else ""
    why = "" if one.bins else f"{too_few(one)}{since}"
    left = f", {one.dropped} dropped before and left out" if one.dropped else ""
    says = (
        f"{words.plural(one.forecasts, 'forecast')} of {words.plural(one.deliverables, 'deliverable')}, one at each fixed age: "
        f"{one.due} with a date that is over, {one.waiting} waiting for it{left}, {one.undated} without a date.{since}"
    )
    figure = reliability.figure(one.bins, f"reliability-{kind}", "Do chances come true?") if one.bins else None
    return Record(title, says, figure, why, _ranges(one.held, one.ranges_over), _numbers(one))


def _numbers(one: Standing) -> tuple[tuple[str, str], ...]:
    """Term and value; what is not known is left out."""
    found = [("Squared error (Brier)", one.brier, ".3f"), ("Mean gap between said and happened (ECE)", one.ece, ".3f")]
    found += [("Log score", one.log_score, ".3f"), ("CRPS, days", one.crps_days, ".1f")]
    found += [("Width of the 80 % range, log", one.width, ".2f")]
    told = [(term, format(value, form)) for term, value, form in found if value is not None]
    if one.over_base:
        told.append(("Skill against the base rate", _skill(one.over_base)))
    return tuple(told)


def _ranges(held: Sequence[Held], over: int) -> tuple[Range, ...]:
    known = {one.level: one for one in held}
    return tuple(_range(level, known.get(level), over) for level in (0.5, 0.8, 0.95))


def _range(level: float, one: Held | None, over: int) -> Range:
    title = f"{100 * level:.0f} % ranges"
    if one is None:
        return Range(title, "Not enough yet", f"{min(over, ENOUGH - 1)} of {ENOUGH} are over")
    band = f"95 % band {100 * one.band.low:.0f} to {100 * one.band.high:.0f} %, n {one.n:,}"
    return Range(title, f"held {100 * one.share:.0f} %", band)


def _backtest(found: Account) -> Record:
    figure = (
        reliability.figure(found.bins, "reliability-backtest", "Do chances for the next items come true?")
        if found.bins
        else None
    )
    says = f"{found.questions:,} questions about {words.plural(found.teams, 'team')}, each asked from what was known on its day."
    why = "" if figure else f"Not enough yet: {found.questions} of {ENOUGH} questions. They are asked every night."
    held = found.scores["headway"].held if found.scores else ()
    return Record("Against simpler methods", says, figure, why, _ranges(held, found.questions), ())


def _methods(found: Account) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            NAMES[name],
            f"{one.brier:.3f}",
            _skill(found.skills[name]) if name in found.skills else "–",
            *(f"{100 * held.share:.0f} %" for held in one.held or ()),
            *(["–"] * (3 - len(one.held))),
            f"{one.ece:.3f}",
            "–" if one.crps_days is None else f"{one.crps_days:.1f}",
            f"{found.questions:,}",
        )
        for name, one in found.scores.items()
    )


def _skill(skill: Any) -> str:
    text = f"{round(100 * skill.value):+d} %"
    if skill.band:
        text += f" ({round(100 * skill.band.low)} to {round(100 * skill.band.high)})"
    return text.replace("-", MINUS)


def _effect(one: CalibrationEffect) -> tuple[str, ...]:
    """What was learnt about a team, and what that changed: a row of the table."""
    name = one.team.name if one.team else "All teams together"
    if not one.learnt_from:
        return name, "no outcome known yet", *(["–"] * 5)
    way = f"{one.shift:+.2f}".replace("-", MINUS), f"{one.scale:.2f}"
    learnt = words.plural(one.learnt_from, "past forecast")
    if not one.held:
        return name, learnt, *way, f"not enough yet: {one.n} of {ENOUGH}", "–", "–"
    still = f", {one.still_open} still open" if one.still_open else ""
    return name, learnt, *way, f"{100 * one.held[1]:.0f} %", f"{100 * one.held_raw[1]:.0f} %", f"{one.n}{still}"


def _team_row(name: str, shown: Standing, hindcasts: Standing, backtest: Account) -> tuple[str, ...]:
    return name, _came(shown), _came(hindcasts), _eighty(shown.held), _account(backtest)


def _came(one: Standing) -> str:
    if one.came is None or one.said is None:
        return f"not enough yet: {one.due} of {ENOUGH}"
    return f"{100 * one.came:.0f} % came true, {100 * one.said:.0f} % said (n {one.due})"


def _eighty(held: Sequence[Held]) -> str:
    found = [one for one in held if one.level == 0.8]
    return f"{100 * found[0].share:.0f} % (n {found[0].n})" if found else "not enough yet"


def _account(one: Account) -> str:
    if "bootstrap" not in one.skills:
        return f"not enough yet: {one.questions} of {ENOUGH}"
    return f"{_skill(one.skills['bootstrap'])} (n {one.questions})"


def _csv_rows(found: Accuracy, teams: Mapping[str, str], asked: Slice) -> tuple[tuple[Any, ...], ...]:
    rows = [
        _csv_row(teams.get(asked.team, "all"), kind, one)
        for kind, one in (("shown", found.shown), ("hindcast", found.hindcasts))
    ]
    for slug, (shown, hindcasts, _) in found.by_team.items():
        rows += [
            _csv_row(teams.get(slug, slug), "shown", shown),
            _csv_row(teams.get(slug, slug), "hindcast", hindcasts),
        ]
    return tuple(rows)


def _csv_row(team: str, kind: str, one: Standing) -> tuple[Any, ...]:
    held = {each.level: round(100 * each.share, 1) for each in one.held}
    figures = [None if value is None else round(100 * value, 1) for value in (one.said, one.came)]
    over = round(one.over_base.value, 3) if one.over_base else None
    brier = None if one.brier is None else round(one.brier, 4)
    return team, kind, one.due, *figures, brier, over, held.get(0.5), held.get(0.8), held.get(0.95)
