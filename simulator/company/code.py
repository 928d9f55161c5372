"""Pull requests: drafts, waits, reviews, rework, merges; some for no ticket, some by bots, some for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.company import clock
from simulator.company.process import poisson
from simulator.company.trace import PullLog, Ticket

if TYPE_CHECKING:
    from simulator.company.history import History

_NOTES = ("Looks good.", "Nice and small, thanks.", "Checked it on staging.", "LGTM with one nit.", "")
_ASKS = (
    "Please add a test for the empty case.", "This reads the whole table; can we page?", "Name says the opposite?",
    "What happens on retry?", "The metric is counted twice here.", "Can we keep the old path behind the flag?",
)  # fmt: skip
_FIXES = ("Address review", "Add the missing test", "Handle the empty case", "Rename after review")
_SMALL = ("Fix typo in runbook", "Tune alert threshold", "Pin base image", "Skip flaky check", "Update owners")
_LIBRARIES = ("numpy", "pandas", "torch", "pyarrow", "grpcio", "fastapi", "sqlglot", "orjson", "confluent-kafka")


def number(history: History) -> None:
    """Give today's pull requests their numbers, by the hour they were opened."""
    for pull in sorted(history.today, key=lambda one: one.created):
        listed = history.pulls[pull.repository]
        pull.number = listed[-1].number + history.ink.choice((1, 1, 1, 2)) if listed else 1
        listed.append(pull)


def opened(history: History, made: Ticket, at: int, *, draft: bool = False) -> PullLog:
    """A pull request for a ticket. The key is in branch and title mostly, sometimes only in one place, or nowhere."""
    ink, key, who = history.ink, made.key, made.assignee
    where = ink.random()
    slug = "-".join(made.title.lower().replace(",", "").split()[:5])
    return _pull(
        history,
        title=f"{key}: {made.title}" if where < 0.62 else made.title,
        body=f"Closes {key}." if 0.3 < where < 0.8 else "See the runbook.",
        branch=f"{'fix' if made.type == 'Bug' else 'feat'}/{key.lower() + '-' if where < 0.5 or 0.8 < where < 0.9 else ''}{slug}",
        author=who,
        at=at,
        since=made.created,
        draft=draft,
        size=ink.lognormvariate(4.2, 1.3),
    )


def _pull(
    history: History, *, title: str, body: str, branch: str, author: int, at: int, since: int, draft: bool, size: float
) -> PullLog:
    ink = history.ink
    adds = 1 + int(size)
    made = PullLog(
        ink.randrange(len(history.team.repositories)), title, body, branch, author, at, draft,
        adds, int(adds * ink.random() ** 2 * 1.2), 1 + int(size / 45 * ink.uniform(0.4, 2)), ready=0 if draft else at,
    )  # fmt: skip
    for part in range(1 + min(7, int(ink.expovariate(0.5)))):
        moment = max(since, _authored(history, at))
        made.commits.append((moment, moment, author, title if not part else f"{title} ({part + 1})"))
    made.commits.sort()
    history.today.append(made)
    return made


def _authored(history: History, at: int) -> int:
    """A moment of work in the days before ``at``; now and then an evening."""
    ink, day = history.ink, history.state.day - int(history.ink.random() * 3.6)
    while not clock.works(day):
        day -= 1
    low, high = (19.0, 23.5) if ink.random() < history.traits.late_hours else (9.2, 17.9)
    return min(history.at(day, low, high), at - ink.randint(60, 3000))


def draft(history: History, day: int) -> None:
    """Work in progress shown early, on some days of it."""
    ink = history.ink
    for item in history.state.doing:
        if item.since < day and ink.random() < 0.035:
            made = history.ticket(item)
            if made.code and made.early is None and made.assignee >= 0:
                at = max(history.at(day, 10, 17.5), made.free + 300)
                made.early = opened(history, made, at, draft=True)


def review(
    history: History, pull: PullLog, day: int, hour: float, hours: float, *, wait: float = 0.4
) -> list[tuple[int, int]]:
    """Reviews and rework until the merge, ``hours`` of working time after (day, hour). Returns rework as (from, to)."""
    ink = history.ink
    reviewer = _reviewer(history, day, pull.author)
    _bot(history, pull)
    pull.asked.append((pull.ready + ink.randint(5, 300), reviewer))
    rounds = ink.choices((0, 1, 2), (0.64, 0.28, 0.08))[0]
    marks = sorted([ink.uniform(0.1, 0.95) * wait, *(ink.uniform(wait, 0.9) for _ in range(2 * rounds))])
    moments = _moments(history, pull.ready, day, hour, [hours * mark for mark in [*marks, 1.0]])
    rework = []
    for asked, fixed in zip(moments[0 : 2 * rounds : 2], moments[1 : 2 * rounds + 1 : 2], strict=True):
        state = "CHANGES_REQUESTED" if ink.random() < 0.7 else "COMMENTED"
        pull.reviews.append((asked, reviewer, state, ink.choice(_ASKS)))
        again = max(fixed, asked + 300)
        pull.commits.append((again - 60, again, pull.author, ink.choice(_FIXES)))
        rework.append((asked, again))
    approval = max(moments[-2], pull.ready + 120, rework[-1][1] + 120 if rework else 0)
    if ink.random() > 0.05:  # a few are merged without anyone's approval
        pull.reviews.append((approval, reviewer, "APPROVED", ink.choice(_NOTES)))
    pull.merged = max(moments[-1], approval + 90)
    pull.merger = pull.author if ink.random() < 0.7 else reviewer
    pull.closed = pull.merged
    history.merges[pull.repository].append(pull)
    return rework


def _moments(history: History, last: int, day: int, hour: float, after: list[float]) -> list[int]:
    """Instants after so many working hours each, in order after ``last``; now and then in the evening instead."""
    ink, found = history.ink, list[int]()
    for hours in after:
        at, local = clock.advance(day, hour, hours)
        if ink.random() < history.traits.late_hours:
            local = ink.uniform(19.0, 23.0)
        last = max(clock.instant(history.zone, at, local) + ink.randint(0, 59), last + 60)
        found.append(last)
    return found


def _reviewer(history: History, day: int, author: int) -> int:
    if history.ink.random() < history.traits.reviewer and author != history.roster.lead:
        return history.roster.lead
    others = [person for person in history.roster.present(day) if person != author]
    return history.ink.choice(others) if others else history.roster.manager


def _bot(history: History, pull: PullLog) -> None:
    if history.ink.random() < 0.25:
        note = "Summary: no blocking findings. 1 suggestion."
        pull.reviews.append((pull.ready + history.ink.randint(60, 400), history.people + 2, "COMMENTED", note))


def abandoned(history: History, made: Ticket, at: int, until: int) -> None:
    """A first try that was closed for a better one."""
    pull = opened(history, made, at)
    pull.closed = until
    pull.labels = ("superseded",)


def aside(history: History, day: int) -> None:
    """Drafts, and pull requests for no ticket: small ones by people, version bumps by a bot."""
    if not clock.works(day):
        return
    draft(history, day)
    ink = history.ink
    for _ in range(
        poisson(ink, 0.035 * history.roster.headcount(day) * min(history.traits.code * history.traits.scale, 3))
    ):
        _small(history, day)
    if ink.random() < 0.09 * len(history.team.repositories):
        _bump(history, day)


def _small(history: History, day: int) -> None:
    hour = history.ink.uniform(9.3, 15)
    at, title = clock.instant(history.zone, day, hour), history.ink.choice(_SMALL)
    branch = f"patch/{title.lower().replace(' ', '-')}"
    who = history.someone(day)
    pull = _pull(
        history, title=title, body="", branch=branch, author=who, at=at, since=at - 2400, draft=False, size=6.0
    )
    review(history, pull, day, hour, history.ink.uniform(0.5, 9))


def _bump(history: History, day: int) -> None:
    ink = history.ink
    library, hour = ink.choice(_LIBRARIES), ink.uniform(9.0, 10)
    at = clock.instant(history.zone, day, hour)
    title = f"Bump {library} from 2.{day % 9}.0 to 2.{day % 9 + 1}.0"
    pull = _pull(
        history, title=title, body="Bumps the dependency.", branch=f"dependabot/pip/{library}-2.{day % 9 + 1}",
        author=history.people, at=at, since=at - 60, draft=False, size=3.0,
    )  # fmt: skip
    pull.labels = ("dependencies",)
    if ink.random() < 0.75:
        review(history, pull, day, hour, ink.uniform(2, 40))
    else:
        pull.closed = at + ink.randint(3, 12) * 86_400
