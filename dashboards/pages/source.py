"""One source for who manages it: how each part stands, what is missing, what it may take, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from dashboards import words
from dashboards.pages import source_hooks, source_says, source_state, source_table
from dashboards.pages.source_hooks import Hooks
from dashboards.pages.source_runs import KINDS, RunRow, recent_runs, when
from dashboards.pages.source_table import SliceRow
from dashboards.sentences import Phrase, Sentence
from delivery import throttle
from delivery.freshness import SourceState, State, freshness
from delivery.models import Auth, Missing, Source, SourceKind
from people.access import User

SOON: Final = 14  # days before a token ends in which every look at the source says so
GAPS: Final = 50
TOKEN_KINDS: Final = {
    "classic": "classic token",
    "fine-grained": "fine-grained token",
    "app": "GitHub App",
    "api": "API token",
    "scoped": "scoped token",
    "personal": "personal access token",
    "oauth": "OAuth 2.0",
}


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    says: str


@dataclass(frozen=True, slots=True)
class Gap:
    what: str
    where: str
    why: str
    since: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """A part in which the token sees much less than before."""

    id: int
    what: str
    says: str


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of the source's quota; ``limit`` 0 while the source does not say."""

    limit: int
    used: int
    says: str
    ours: str


@dataclass(frozen=True, slots=True)
class Warned:
    """A notice that leads to the token. ``level`` as everywhere."""

    level: str
    says: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourcePage:
    """``active``: it is connected and not being removed. ``more``: the parts beyond the first, which need nobody."""

    id: int
    name: str
    kind: str
    state: str
    level: str
    headline: Sentence
    facts: tuple[Fact, ...]
    warned: tuple[Warned, ...]
    share: float
    of: int
    progress: str
    reading: bool
    rows: tuple[SliceRow, ...]
    more: tuple[SliceRow, ...]
    more_says: str
    gaps: tuple[Gap, ...]
    more_gaps: int
    alarms: tuple[Alarm, ...]
    quota: Quota
    hooks: Hooks
    runs: tuple[RunRow, ...]
    paused: bool
    active: bool
    removing: bool
    oauth: bool


def page(user: User, source: Source, *, now: datetime, asked: bool = False, secret: str = "") -> SourcePage:
    """``asked``: somebody wished to have it read a moment ago. ``secret``: a webhook's, shown this once."""
    zone = ZoneInfo(getattr(user, "timezone", "UTC"))
    state = next(one for one in freshness(now) if one.id == source.pk)
    missing = Missing.objects.filter(slice__source=source).select_related("slice").order_by("since", "what")[:GAPS]
    resting = "Disconnected" if source.disconnected is not None else source_state.WORDS[State.PAUSED] * source.paused
    rows = source_table.rows(state, now=now, zone=zone, resting=resting)
    done = source_state.progress(state)
    active = source.disconnected is None and not source.removing
    return SourcePage(
        id=source.pk,
        name=source.name,
        kind=source.kind,
        state=source_state.WORDS[state.state] if active else "Disconnected",
        level=source_state.LEVELS.get(state.state, "none") if active else "none",
        headline=_headline(source, state),
        facts=tuple(_facts(source, state, now, zone)),
        warned=tuple(_warned(source, now)) if active else (),
        share=done.done if done else 0.0,
        of=done.of if done else 0,
        progress=source_table.progress_says(state),
        reading=active and (source_state.goes_on(state, now) or asked),
        rows=rows[: source_table.at_once(rows)],
        more=rows[source_table.at_once(rows) :],
        more_says=source_table.more_says(rows[source_table.at_once(rows) :]),
        gaps=tuple(_gap(one, now, zone) for one in missing),
        more_gaps=max(state.missing - GAPS, 0),
        alarms=tuple(_alarms(state)) if active else (),
        quota=_quota(source, now, zone),
        hooks=source_hooks.page(source, now=now, zone=zone, secret=secret),
        runs=recent_runs([state], now=now, zone=zone),
        paused=source.paused,
        active=active,
        removing=source.removing,
        oauth=source.auth == Auth.OAUTH,
    )


def _headline(source: Source, state: SourceState) -> Sentence:
    if source.removing:
        return (Phrase(f"{source.name} is being deleted; "), Phrase("what it brought goes piece by piece.", "quiet"))
    if source.disconnected is not None:
        return (Phrase(f"{source.name} is disconnected; "), Phrase("what it brought is still there.", "quiet"))
    stopped = source_state.stopped(state)
    kind = stopped[0].error_kind if stopped else ""
    left = source_state.progress(state)
    standing = source_says.Standing(
        state.name, state.state, kind, left.left if left else "", missing=state.missing, alarm=bool(state.alarms)
    )
    return source_says.headline([standing])


def _facts(source: Source, state: SourceState, now: datetime, zone: ZoneInfo) -> Iterator[Fact]:
    yield Fact("Where", source.browse or source.url)
    signed = " as ".join(filter(None, [TOKEN_KINDS.get(source.token_kind, "A token"), source.account]))
    yield Fact(
        "Signed in", words.capital(signed) if source.disconnected is None else "No longer: the token is forgotten"
    )
    if source.disconnected is None:
        yield Fact("Token", words.capital(_expiry(source, now)))
    answers = {"cloud": "Cloud", "datacenter": "Data Center"}.get(source.deployment, "")
    yield Fact("What answers", " ".join(filter(None, [source.get_kind_display(), answers, source.version])))
    yield Fact("Reads", _reads(source, state))
    yield Fact("History", f"Since {source.backfill_from:%-d %B %Y}" if source.backfill_from else "All of it")
    if state.last_success:
        yield Fact("Read whole", words.capital(when(state.last_success, now, zone)))


def _expiry(source: Source, now: datetime) -> str:
    if source.auth != Auth.TOKEN:
        return "renewed by itself"
    if source.token_expires is None:
        return "the source does not say when it runs out"
    left = (source.token_expires - now).days
    if source.token_expires <= now:
        return f"ran out on {words.dated(source.token_expires.date(), now.date())}"
    return f"runs out in {words.days(left)}" if left else "runs out today"


def _reads(source: Source, state: SourceState) -> str:
    if source.kind == SourceKind.GITHUB:
        told = words.plural(len(source.scopes), "repository", "repositories")
    else:
        told = f"{words.plural(state.items, 'issue')} in {words.plural(len(source.scopes), 'project')}"
    return f"{told}, and what fits {words.listed(source.patterns)}" if source.patterns else told


def _warned(source: Source, now: datetime) -> Iterator[Warned]:
    if source.auth == Auth.TOKEN and source.token_expires is not None:
        left = (source.token_expires - now).days
        if source.token_expires <= now:
            yield Warned("likely", "The token has run out: make a new one, and reading goes on where it stopped.")
        elif left <= SOON:
            said = "today" if not left else f"in {words.days(left)}"
            yield Warned("at-risk", f"The token runs out {said}: make a new one now, and nothing stops.")
    if source.lacks:
        yield Warned("at-risk", "The token may not see everything; this is missing:", tuple(source.lacks))


def _gap(one: Missing, now: datetime, zone: ZoneInfo) -> Gap:
    part = one.slice
    return Gap(one.what, f"{KINDS.get(part.kind, part.kind)} of {part.scope}", one.why, when(one.since, now, zone))


def _alarms(state: SourceState) -> Iterator[Alarm]:
    for part in state.slices:
        if part.alarm:
            yield Alarm(part.id, f"{KINDS.get(part.kind, part.kind)} of {part.scope}", part.alarm)


def _quota(source: Source, now: datetime, zone: ZoneInfo) -> Quota:
    state = throttle.budget_of(source)
    ours = f"Headway takes {source.share} per cent at most"
    if state.limit and state.remaining is not None:
        used = max(state.limit - state.remaining, 0)
        reset = f", new {when(state.resets, now, zone)}" if state.resets and state.resets > now else ""
        says = f"{words.number(state.remaining)} of {words.number(state.limit)} left for everybody{reset}."
    else:
        used, says = 0, "The source does not say what is left; Headway slows down when it is told to."
    asked = f"; {words.plural(state.ours, 'request')} so far." if state.ours else "."
    held = (
        f" It was asked to wait until {when(state.held_until, now, zone)}."
        if state.held_until and state.held_until > now
        else ""
    )
    return Quota(state.limit or 0, used, says, f"{ours}{asked}{held}")
