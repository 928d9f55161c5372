"""The tree of goals: progress, forecast and declared status beside each other, and what does not fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.http import QueryDict

from dashboards import words
from dashboards.pages import goal_filters as asked
from dashboards.pages.deliverables_csv import written
from dashboards.pages.disputes import DECLARED
from dashboards.pages.filters import Choice
from dashboards.pages.goal_filters import GoalFilters
from dashboards.sentences import Phrase, Sentence
from delivery.access import can_add_goal
from delivery.core.chance import Level
from delivery.core.measure import Measure
from delivery.goal_tree import GoalStanding, goals, scores, unserving
from people.access import User
from teams.access import groups_run, teams_run, visible_groups, visible_teams

SHOWN: Final = 200  # rows of a page
MOST_OPEN: Final = 150
FEW: Final = 60  # goals, which are all unfolded at first
NONE: Final = "0"  # what an address calls none unfolded
FIRST: Final = 12  # pieces of work that serve no goal
COLUMNS: Final = (
    "id", "slug", "goal", "level", "whose", "owner", "serves", "first day", "last day", "ambition", "progress %",
    "key results known", "chance to make it %", "declared status", "declared confidence %", "declared on", "gap points",
    "deliverables", "goals below", "what does not fit", "as of",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GoalRow:
    """A line of the tree. ``fold``: where its goals below open or close, empty without any."""

    id: int
    title: str
    depth: int
    about: str
    owner: str
    tags: tuple[str, ...]
    confidential: bool
    progress: int | None
    progress_says: str
    level: Level
    chance: str
    reason: str
    declared: Level | None
    declared_word: str
    declared_says: str
    stale: str
    gap: str
    fold: str
    is_open: bool
    children: int
    may_move: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """What does not fit, how often, and where it is shown."""

    name: str
    count: int
    url: str
    says: str


@dataclass(frozen=True, slots=True)
class Goals:
    headline: Sentence
    level: Level
    rows: tuple[GoalRow, ...]
    counted: str
    total: int
    marks: tuple[Mark, ...]
    unserving: tuple[Any, ...]
    unserving_count: int
    filters: GoalFilters
    periods: tuple[Choice, ...]
    levels: tuple[Choice, ...]
    teams: tuple[Choice, ...]
    shows: tuple[Choice, ...]
    csv: str
    unfold: str
    fold: str
    may_add: bool
    fitting: Sequence[GoalStanding] = ()


def goals_page(user: User, query: QueryDict, *, day: date) -> Goals:
    teams = dict(visible_teams(user).filter(archived=False).order_by("name").values_list("slug", "name"))
    groups = dict(visible_groups(user).order_by("name").values_list("slug", "name"))
    filters = asked.read(query, groups | teams, day)
    found = goals(user, day=day, within=asked.within(filters.period, day))
    if "open" not in query and len(found) <= FEW:
        filters = replace(filters, opened=frozenset(one.id for one in found if one.children))
    fitting = asked.kept(found, filters, user.pk or 0, day)
    run = teams_run(user), groups_run(user)
    lines = list(_lines(found, fitting, filters))
    shown = lines[:SHOWN]
    scored = scores(one for one, _ in shown)
    loose = list(unserving(user, day=day)[: FIRST + 1])
    return Goals(
        headline=headline(found),
        level=_worst(found),
        rows=tuple(
            _row(one, scored[one.id], depth, filters, query, day, may=_may_move(one, run)) for one, depth in shown
        ),
        counted=_counted(len(lines), len(fitting), len(found)),
        total=len(found),
        marks=_marks(found, query, day),
        unserving=tuple(loose[:FIRST]),
        unserving_count=unserving(user, day=day).count() if len(loose) > FIRST else len(loose),
        filters=filters,
        periods=_choices(asked.periods(day), filters.period),
        levels=_choices(asked.LEVELS, filters.level),
        teams=_choices(
            {"": "All teams", **{slug: f"{name} (group)" for slug, name in groups.items()}, **teams}, filters.team
        ),
        shows=_choices(asked.SHOW, filters.show),
        csv=_address(query, format="csv"),
        unfold="" if filters.is_narrow else _address(query, open=_all_parents(found)),
        fold=_address(query, open=NONE) if filters.opened - {int(NONE)} and not filters.is_narrow else "",
        may_add=bool(run[0] or run[1]) or can_add_goal(user),
        fitting=fitting,
    )


def headline(found: Sequence[GoalStanding]) -> Sentence:
    """5 of 22 goals are likely to miss; 3 say on track while the forecast does not."""
    if not found:
        return (Phrase("No goal runs in this time."),)
    likely = sum(one.computed == Level.LIKELY for one in found)
    rosy = sum(asked.differs(one) and one.said is not None and one.said.status == "on_track" for one in found)
    many = f"{likely} of {words.plural(len(found), 'goal')}"
    says = "is" if likely == 1 else "are"
    more = f"{rosy} {'says' if rosy == 1 else 'say'} on track while the forecast does not."
    first = (Phrase(many, "em"), Phrase(f" {says} likely to miss; ")) if likely else (
        Phrase(f"None of {words.plural(len(found), 'goal')} is likely to miss; "),
    )  # fmt: skip
    return (*first, Phrase(more if rosy else "none says on track against the forecast.", "quiet"))


def _worst(found: Iterable[GoalStanding]) -> Level:
    levels = {one.computed for one in found}
    return next((one for one in (Level.LIKELY, Level.AT_RISK, Level.ON_TRACK) if one in levels), Level.NONE)


def _lines(
    found: Sequence[GoalStanding], fitting: Sequence[GoalStanding], filters: GoalFilters
) -> Iterable[tuple[GoalStanding, int]]:
    """What is shown, and how deep: single goals as they come, else the tree as far as it is open."""
    if filters.is_narrow:
        yield from ((one, 0) for one in fitting)
        return
    below: dict[int | None, list[GoalStanding]] = {}
    for one in found:
        below.setdefault(one.parent, []).append(one)
    stack = [(one, 0) for one in reversed(below.get(None, []))]
    while stack:
        one, depth = stack.pop()
        yield one, depth
        if one.id in filters.opened:
            stack += [(child, depth + 1) for child in reversed(below.get(one.id, []))]


def _may_move(one: GoalStanding, run: tuple[set[int], set[int]]) -> bool:
    return (one.team_id in run[0]) if one.team_id else (one.group_id in run[1]) if one.group_id else False


def _row(
    one: GoalStanding, score: Measure, depth: int, filters: GoalFilters, query: QueryDict, day: date, *, may: bool
) -> GoalRow:
    said = one.said
    is_open = one.id in filters.opened
    opened = filters.opened - {one.id} if is_open else filters.opened | {one.id}
    folds = one.children and not filters.is_narrow
    return GoalRow(
        id=one.id,
        title=one.title,
        depth=min(depth, 4),
        about=f"{one.whose} · {period_says(one.start, one.last_day, day)}",
        owner=one.owner,
        tags=("Stretch",) if one.ambition == "stretch" else (),
        confidential=one.confidential,
        progress=None if score.value is None else round(100 * score.value),
        progress_says=progress_says(score),
        level=one.computed,
        chance="" if one.chance is None else words.to_make_it(1 - one.chance),
        reason=one.reason,
        declared=DECLARED[said.status][0] if said else None,
        declared_word=DECLARED[said.status][1] if said else "",
        declared_says=said_says(said.confidence, said.day, day) if said else "Never updated",
        stale=f"no word for {words.days((day - (said.day if said else one.start)).days)}" if one.stale else "",
        gap=gap_says(one.gap),
        fold=f"{_address(query, open=','.join(map(str, sorted(opened))) or NONE)}#goal-{one.id}" if folds else "",
        is_open=is_open,
        children=one.children,
        may_move=may,
    )


def period_says(start: date, last: date, day: date) -> str:
    """Q4 2026, first half of 2027, 2026, or the days themselves."""
    months = (start.month, last.month) if start.day == 1 and _ends_month(last) and start.year == last.year else (0, 0)
    if months[1] - months[0] == 2 and months[0] % 3 == 1:
        return f"Q{months[1] // 3} {start.year}"
    named = {(1, 6): "first half of", (7, 12): "second half of", (1, 12): "all of"}.get(months)
    if named:
        return f"{named} {start.year}"
    return f"{words.dated(start, day)} to {words.dated(last, day)}"


def _ends_month(day: date) -> bool:
    return date.fromordinal(day.toordinal() + 1).day == 1


def progress_says(score: Measure) -> str:
    if score.value is None:
        return words.capital(score.why)
    of = words.plural(score.n, "key result")
    return f"{of}{f', {score.why}' if score.why else ''}"


def said_says(confidence: int | None, on: date, day: date) -> str:
    sure = "" if confidence is None else f"{confidence}% sure, "
    return f"{sure}{words.near_day(on, day)}"


def gap_says(gap: float | None) -> str:
    """By how many points the word is above (+) or below (−) the forecast."""
    if gap is None:
        return ""
    points = round(100 * gap)
    return f"+{points}" if points > 0 else f"−{-points}" if points < 0 else "0"


def _marks(found: Sequence[GoalStanding], query: QueryDict, day: date) -> tuple[Mark, ...]:
    says = {
        "no-work": "have no deliverable of their own or below them",
        "never-updated": "have begun, and nobody has said a word on them",
        "cannot-add-up": "rest on goals that cannot add up to them",
        "disagree": "are declared otherwise than the forecast says",
    }
    counts = Counter(name for one in found for name in asked.marks(one, day))
    return tuple(
        Mark(asked.SHOW[name], counts[name], _address(query, show=name, open=""), text) for name, text in says.items()
    )


def _counted(lines: int, fitting: int, total: int) -> str:
    if lines > SHOWN:
        return f"The first {SHOWN} of {words.number(lines)} are shown; narrow the choice, or export all of them"
    if fitting == total:
        return f"{words.number(lines)} of {words.plural(total, 'goal')} unfolded" if lines < total else f"All {total}"
    return f"{words.number(fitting)} of {words.plural(total, 'goal')} shown"


def _all_parents(found: Sequence[GoalStanding]) -> str:
    """The goals above others, as many as an address may name."""
    return ",".join(str(one.id) for one in [each for each in found if each.children][:MOST_OPEN])


def _choices(labels: Mapping[str, str], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, label, value == chosen) for value, label in labels.items())


def _address(query: QueryDict, **other: str) -> str:
    pairs = [(name, value) for name, values in query.lists() for value in values if name not in {*other, "format"}]
    return f"?{urlencode([*pairs, *((name, value) for name, value in other.items() if value)])}"


def as_csv(fitting: Sequence[GoalStanding], day: date) -> str:
    """Every fitting goal as a file for a spreadsheet. What is not known is an empty cell."""
    titles = {one.id: one.title for one in fitting}
    scored = scores(fitting)
    return written(COLUMNS, (_cells(one, scored[one.id], titles, day) for one in fitting))


def _cells(one: GoalStanding, score: Measure, titles: Mapping[int, str], day: date) -> tuple[Any, ...]:
    said = one.said
    return (
        one.id, one.slug, one.title, one.level, one.whose, one.owner, titles.get(one.parent or 0, ""),
        one.start.isoformat(), one.last_day.isoformat(), one.ambition,
        "" if score.value is None else round(100 * score.value), score.n,
        "" if one.chance is None else words.to_make_it(1 - one.chance).rstrip("%"),
        said.status.replace("_", " ") if said else "", "" if said is None or said.confidence is None else said.confidence,
        said.day.isoformat() if said else "", "" if one.gap is None else round(100 * one.gap),
        one.deliverables, one.children, "; ".join([*asked.marks(one, day), *one.short]), day.isoformat(),
    )  # fmt: skip
