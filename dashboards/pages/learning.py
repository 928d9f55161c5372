"""The bets: what is being tested, what came of it, and what was learned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict

from dashboards import words
from dashboards.pages.deliverables_csv import written
from dashboards.pages.filters import Choice
from dashboards.pages.risk_filters import choices
from dashboards.sentences import Phrase, Sentence
from delivery.access import visible_bets
from delivery.core.bet import Ended, cost_of_learning, time_to_kill
from delivery.core.measure import Measure
from delivery.models import Bet
from people.access import User
from teams.access import teams_run, visible_teams

SHOWN: Final = 200  # decided ones of a page
OPEN: Final = "open"
VERDICTS: Final = {
    OPEN: "Open",
    "validated": "Succeeded",
    "disproved": "Learned",
    "overran": "Missed: overran",
    "dropped": "Missed: dropped",
}
TALLY: Final = (  # the word, and what it says
    ("Succeeded", "the bet paid off"),
    ("Learned", "failed, and settled the question"),
    ("Missed", "failed, and the question is still open"),
)
COLUMNS: Final = (
    "id", "bet", "hypothesis", "team", "goal", "owner", "success signal", "kill criterion", "cap working days",
    "cost working days", "started", "decide by", "verdict", "counts as", "decided on", "decided by", "lesson", "reuse",
    "as of",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A bet in words. ``late``: that its decision date is past; ``beyond``: that it costs more than its cap."""

    bet: Bet
    word: str
    when: str
    late: str
    cost: str
    beyond: str
    may_edit: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """``counted`` is 4 succeeded."""

    word: str
    counted: str
    says: str


@dataclass(frozen=True, slots=True)
class Learning:
    kicker: str
    headline: Sentence
    measured: str
    tally: tuple[Tally, ...]
    open: tuple[Line, ...]
    decided: tuple[Line, ...]
    counted: str
    kept: Sequence[Bet]  # all that the choice holds: what the CSV has
    total: int
    shows_open: bool
    shows_decided: bool
    teams: tuple[Choice, ...]
    verdicts: tuple[Choice, ...]
    ignored: tuple[str, ...]
    csv: str
    may_add: bool


def learning(user: User, query: QueryDict, *, day: date) -> Learning:
    names = dict(visible_teams(user).order_by("name").values_list("slug", "name"))
    team, verdict, ignored = _asked(query, names)
    every = list(visible_bets(user).select_related("team", "goal", "owner", "decided_by"))
    mine = [one for one in every if not team or one.team.slug == team]
    still_open = [one for one in mine if not one.verdict and verdict in ("", OPEN)]
    decided = [one for one in mine if one.verdict and verdict in ("", one.verdict)]
    decided.sort(key=lambda one: (one.decided_on, one.pk), reverse=True)
    run = teams_run(user)
    used = {team, *(one.team.slug for one in every)}
    return Learning(
        kicker=f"What we tested, and what came of it{f': {names[team]}' if team else ''}",
        headline=headline(mine),
        measured=measured([_ended(one) for one in mine if one.verdict]),
        tally=_tally(mine),
        open=tuple(_line(one, day, one.team_id in run) for one in still_open),
        decided=tuple(_line(one, day, one.team_id in run) for one in decided[:SHOWN]),
        counted=f"{words.number(min(len(decided), SHOWN))} of {words.plural(len(decided), 'closed bet')} shown",
        kept=[*still_open, *decided],
        total=len(every),
        shows_open=verdict in ("", OPEN),
        shows_decided=verdict != OPEN,
        teams=choices({"": "All teams", **{slug: name for slug, name in names.items() if slug in used}}, team),
        verdicts=choices({"": "All verdicts", **VERDICTS}, verdict),
        ignored=ignored,
        csv=f"?{urlencode({'team': team, 'verdict': verdict, 'format': 'csv'})}",
        may_add=bool(run),
    )


def _asked(query: QueryDict, names: Mapping[str, str]) -> tuple[str, str, tuple[str, ...]]:
    """Team, verdict, and what the URL asked for that does not exist."""
    found, ignored = {}, []
    for name, known in (("team", names), ("verdict", VERDICTS)):
        value = query.get(name) or ""
        found[name] = value if value in known else ""
        if value and value not in known:
            ignored.append(f"There is no {name} “{value}”")
    return found["team"], found["verdict"], tuple(ignored)


def headline(bets: Sequence[Bet]) -> Sentence:
    """9 bets closed: 4 succeeded, 3 learned, 2 missed."""
    counts = Counter(words.word_of(one.verdict) for one in bets)
    still_open = counts.pop("", 0)
    if not bets:
        return (Phrase("No bet is laid yet"),)
    if not counts:
        are = "is" if still_open == 1 else "are"
        return (Phrase("No bet is closed yet; "), Phrase(f"{words.number(still_open)} {are} open", "em"))
    parts = [one.counted for one in _tally(bets)]
    closed = words.plural(sum(counts.values()), "bet")
    return (Phrase(f"{closed} closed: "), Phrase(", ".join(parts), "em"), Phrase("."))


def measured(ended: Sequence[Ended]) -> str:
    """How soon a wrong bet ended, and what its lesson cost; each with its n."""
    kill, cost = time_to_kill(ended), cost_of_learning(ended)
    if kill.value is None:
        return "No bet was disproved yet, so it is not known how soon a wrong one ends and what its lesson costs."
    half = f"{words.decimal(kill.value)} days" if kill.value % 1 else words.plural(int(kill.value), "day")
    return f"Half of the disproved ones ended within {half} (n {kill.n}). {_cost(cost)}"


def _cost(cost: Measure) -> str:
    if cost.value is None:
        return "What their lessons cost is not known: nobody counted it."
    more = f"; {cost.left_out} more whose cost nobody counted" if cost.left_out else ""
    return f"Their lessons cost {words.plural(int(cost.value), 'working day')} of people in all (n {cost.n}{more})."


def _ended(one: Bet) -> Ended:
    assert one.decided_on is not None  # a constraint holds it
    return Ended(one.verdict, one.started, one.decided_on, one.cost_so_far)


def _tally(bets: Sequence[Bet]) -> tuple[Tally, ...]:
    counts = Counter(words.word_of(one.verdict) for one in bets)
    return tuple(
        Tally(word, f"{words.number(counts[word])} {word.lower()}", says) for word, says in TALLY if counts[word]
    )


def _line(one: Bet, day: date, may_edit: bool) -> Line:
    over = (one.cost_so_far or 0) - one.cost_cap
    late = (day - one.decide_by).days if not one.verdict else 0
    return Line(
        bet=one,
        word=words.word_of(one.verdict),
        when=_when(one, day),
        late=f"{words.days(late)} past its decision date" if late > 0 else "",
        cost=_against(one),
        beyond=f"{words.plural(over, 'day')} beyond its cap" if over > 0 else "",
        may_edit=may_edit,
    )


def _when(one: Bet, day: date) -> str:
    if one.decided_on is None:
        return f"Decide by {words.near_day(one.decide_by, day)}"
    who = f", {one.decided_by.name}" if one.decided_by else ""
    return f"{one.get_verdict_display()}, {words.long_day(one.decided_on, day)}{who}"


def _against(one: Bet) -> str:
    """4 of 10 working days."""
    cap = words.plural(one.cost_cap, "working day")
    if one.cost_so_far is None:
        return f"Cost not counted; its cap is {cap}"
    return f"{words.number(one.cost_so_far)} of {cap}"


def as_csv(page: Learning, day: date) -> str:
    """Every bet of the choice as a file for a spreadsheet. What is not known is an empty cell."""
    return written(COLUMNS, (_cells(one, day) for one in page.kept))


def _cells(one: Bet, day: date) -> tuple[object, ...]:
    return (
        one.pk, one.title, one.hypothesis, one.team.name, one.goal.title if one.goal else "",
        one.owner.name if one.owner else "", one.success_signal, one.kill_criterion, one.cost_cap,
        "" if one.cost_so_far is None else one.cost_so_far, one.started.isoformat(), one.decide_by.isoformat(),
        one.verdict, words.word_of(one.verdict), one.decided_on.isoformat() if one.decided_on else "",
        one.decided_by.name if one.decided_by else "", one.lesson, one.reuse, day.isoformat(),
    )  # fmt: skip
