"""The delivery log: what became of every message, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import QueryDict

from dashboards import words
from dashboards.access import can_send_again, visible_deliveries
from dashboards.digest.archive import usefulness
from dashboards.digest.listed import MESSAGE, Listed, found_in, listed
from dashboards.models import Delivery, DigestIssue
from dashboards.pages.deliverables_csv import written
from dashboards.pages.filters import Choice
from dashboards.sentences import Phrase, Sentence
from people.access import User

MOST_CSV: Final = 20_000
LATELY: Final = timedelta(days=7)
State = Delivery.State
AGAIN: Final = (State.FAILED, State.LOST)
LEVELS: Final = {State.SENT: "on-track", State.FAILED: "likely", State.LOST: "at-risk", State.WAITING: "none"}
SENT_BACK: Final = "sent back"
TOLD: Final = (
    (State.FAILED, "failed"),
    (SENT_BACK, "sent back"),
    (State.LOST, "without an answer"),
    (State.WAITING, "waiting"),
)
COLUMNS: Final = (
    *("written down", "ended", "reader", "address", "kind", "channel", "week", "state", "tries", "code", "reason"),
    "bounced",
)


@dataclass(frozen=True, slots=True)
class Line:
    row: Delivery
    level: str
    state: str
    says: str
    again: bool


@dataclass(frozen=True, slots=True)
class Log:
    headline: Sentence
    lines: Sequence[Line]
    listed: Listed
    states: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    useful: str
    ignored: tuple[str, ...]

    @property
    def filters(self) -> Log:
        """What the component for ignored filters asks."""
        return self


def log(user: User, query: QueryDict, *, now: datetime) -> Log:
    asked, ignored = _asked(query)
    rows = visible_deliveries(user).filter(**asked).select_related("subscription__person", "issue")
    found = listed(rows.defer("issue__content", "words"), query, MESSAGE)
    again = can_send_again(user)
    lately = visible_deliveries(user).filter(created__gt=now - LATELY)
    told = visible_deliveries(user).filter(issue=OuterRef("pk"))
    weeks = DigestIssue.objects.filter(Exists(told), created__gt=now - LATELY)
    return Log(
        headline=headline(_counted(lately)),
        lines=[_line(one, again, now) for one in found.rows],
        listed=found,
        states=_choices("All states", State.choices, asked.get("state", "")),
        kinds=_choices("All kinds", Delivery.Kind.choices, asked.get("kind", "")),
        useful=usefulness(weeks),
        ignored=tuple(ignored),
    )


def _asked(query: QueryDict) -> tuple[dict[str, str], list[str]]:
    found, ignored = {}, []
    for name, known in (("state", State.values), ("kind", Delivery.Kind.values)):
        value = query.get(name) or ""
        if value in known:
            found[name] = value
        elif value:
            ignored.append(f"There is no {name} “{value[:60]}”")
    return found, ignored


def _choices(everything: str, known: Sequence[tuple[str, str]], asked: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, label, value == asked) for value, label in (("", everything), *known))


def _counted(lately: QuerySet[Delivery]) -> dict[str, int]:
    """How many stand where; what was sent back is not among the sent."""
    back = Q(bounced__isnull=False)
    states = lately.exclude(back).order_by().values_list("state").annotate(count=Count("pk"))
    return {**dict(states), SENT_BACK: lately.filter(back).count()}


def headline(lately: Mapping[str, int]) -> Sentence:
    """412 messages were sent in the last 7 days; 3 failed and 1 waiting."""
    sent = lately.get(State.SENT, 0)
    told = [f"{words.number(lately[state])} {verb}" for state, verb in TOLD if lately.get(state)]
    start = f"{words.plural(sent, 'message')} {'was' if sent == 1 else 'were'} sent in the last 7 days"
    if not told:
        return (Phrase(f"{start}."),)
    return (
        Phrase(f"{start}; "),
        Phrase(f"{words.listed(told)}.", "em" if lately.get(State.FAILED) or lately.get(SENT_BACK) else ""),
    )


def _line(one: Delivery, again: bool, now: datetime) -> Line:
    state = State(one.state).label
    if one.state == State.WAITING:
        state = "Composed" if one.issue and one.issue.composed else "Waiting"
    if one.bounced:
        state = "Sent back"
    told = one.reason
    if one.state == State.WAITING and one.next_try and one.next_try > now:
        told = f"{told} Next try {one.next_try:%-d %b at %H:%M} UTC.".strip()
    may = again and one.state in AGAIN and one.kind != Delivery.Kind.CONFIRM
    return Line(one, "likely" if one.bounced else LEVELS.get(State(one.state), "none"), state, told, may)


def as_csv(user: User, query: QueryDict) -> str:
    """The log as a file, the newest first."""
    rows = found_in(visible_deliveries(user).filter(**_asked(query)[0]), query, MESSAGE)
    found = rows.select_related("subscription__person", "issue").defer("issue__content", "words")[:MOST_CSV]
    return written(COLUMNS, (_cells(one) for one in found))


def _cells(one: Delivery) -> tuple[object, ...]:
    def instant(at: datetime | None) -> str:
        return at.isoformat(timespec="seconds") if at else ""

    told = one.subscription
    return (
        *(instant(one.created), instant(one.ended), str(told), one.address or told.address, one.kind, one.channel),
        *(
            one.issue.week if one.issue else "",
            one.state,
            one.attempts,
            one.code or "",
            one.reason,
            instant(one.bounced),
        ),
    )


def send_again(row: Delivery, *, now: datetime) -> bool:
    """Have it handed over once more; False where it is neither failed nor without an answer any more, and of a request
    to confirm: its link does not last, and among the readers there is a button for a new one.

    A digest keeps its Message-ID: a mailbox that has it already may show it once.
    """
    fresh = {
        "state": State.WAITING,
        "reason": "",
        "code": None,
        "attempts": 0,
        "next_try": None,
        "created": now,
        "again": True,
    }
    again = Delivery.objects.filter(pk=row.pk, state__in=AGAIN).exclude(kind=Delivery.Kind.CONFIRM)
    return bool(again.update(**fresh, ended=None, bounced=None))
