"""What would change the answer: the levers that can do something, and what they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import QueryDict

from dashboards import glyphs, words
from dashboards.forms.what_if import MOST_WEEKS, WhatIf
from dashboards.pages import what_if_words as told
from dashboards.sentences import Sentence
from delivery.access import can_propose_scenario, deciders
from delivery.core.chance import Level, level_of
from delivery.core.levers import Lever
from delivery.core.promise import Promise
from delivery.core.what_if import Outcome, Outlook
from delivery.models import Deliverable
from delivery.open_levers import MOST_ADDED, MOST_PEOPLE, Choices, open_levers
from delivery.what_if import Impossible, what_if
from people.access import User
from people.models import Person

CANNOT = "This cannot be tried as it is."
NO_START = "There is no forecast to start from, so what these would change is not known."


@dataclass(frozen=True, slots=True)
class Standing:
    """An outlook as its glyph is drawn."""

    day: date
    level: Level
    target: date | None
    missing: float | None
    p50: date | None
    p85: date | None
    delivered: date | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """Now, or what if: its glyph and its per cent."""

    name: str
    glyph: glyphs.Range
    percent: str
    level: Level


@dataclass(frozen=True, slots=True)
class Answer:
    """What levers do. ``query`` is the link that pulls them; ``wrong`` says what cannot be read."""

    id: int
    query: str
    says: Sentence
    sides: tuple[Side, ...] = ()
    others: tuple[str, ...] = ()
    unsure: str = ""
    wrong: tuple[tuple[str, str], ...] = ()  # field and sentence
    pulled: bool = False


@dataclass(frozen=True, slots=True)
class Slider:
    """A lever with a range. ``says`` has # where the value goes, as page.js replaces it."""

    name: str
    label: str
    most: int
    value: str
    says: str
    help: str = ""
    error: str = ""

    @property
    def told(self) -> str:
        return self.says.replace("#", self.value)


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A lever with a day."""

    name: str
    label: str
    value: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """The levers that can do something, three at hand and ``more`` behind a click, with what they do."""

    id: int
    first: tuple[Slider, ...]
    rest: tuple[Slider, ...]
    checks: tuple[Option, ...]  # put first, unblock
    without: tuple[Option, ...]
    days: tuple[Day, ...]  # promised day
    coming: tuple[Day, ...]  # people: from and until
    lenders: tuple[Option, ...]
    hires: tuple[Day, ...]
    more_open: bool
    answer: Answer
    may_keep: bool
    to: tuple[Option, ...]  # whom it may be proposed to
    owner: str  # the first of them


def made(user: User, row: Deliverable, promise: Promise, *, query: QueryDict | None, day: date) -> Panel:
    """The panel on the page of ``row``: with what its levers do, where the page's address pulls some."""
    form = WhatIf(query if query is not None else QueryDict(), row, open_levers(row, day=day), day=day)
    now = Standing(day, promise.level, promise.target, promise.missing, promise.p50, promise.p85)
    said = answer(row, form, query=form.query, day=day, now=now)
    may = can_propose_scenario(user, row)
    return panel(row, form, said, may_keep=may, to=deciders(row) if may else ())


def answer(row: Deliverable, form: WhatIf, *, query: str, day: date, now: Standing | None = None) -> Answer:
    """What the levers of ``form`` do to ``row``; ``now`` is told while none is pulled."""
    if not form.is_valid():
        wrong = tuple((name, str(texts[0])) for name, texts in form.errors.items())
        return Answer(row.pk, query, (told.Phrase(CANNOT),), wrong=wrong)
    if not form.levers:
        says = told.as_things_stand(now.missing, now.p50, day) if now else (told.Phrase("No lever is moved."),)
        return Answer(row.pk, "", says, _sides([("Now", now)], day) if now else ())
    try:
        outcome = what_if(row, form.levers, day=day)
    except Impossible as error:
        return Answer(row.pk, query, (told.Phrase(CANNOT),), wrong=(("", str(error)),))
    if outcome is None:
        return Answer(row.pk, query, (told.Phrase(NO_START),))
    return outcome_told(row.pk, form.levers, outcome, told.names(form.levers, [outcome]), query=query, day=day)


def outcome_told(
    pk: int, levers: Sequence[Lever], outcome: Outcome, known: told.Names, *, query: str, day: date
) -> Answer:
    """An outcome as sentence, glyphs and what else it disturbs."""
    effect = outcome.subject
    pair = [("Now", standing(effect.now, day)), ("What if", standing(effect.then, day))]
    return Answer(
        id=pk,
        query=query,
        says=told.sentence(levers, outcome, known, day),
        sides=_sides(pair, day),
        others=told.others(outcome, known),
        unsure=told.uncertainty(effect),
        pulled=True,
    )


def standing(one: Outlook, day: date) -> Standing:
    level = level_of(None if one.missing is None else 1 - one.missing)
    return Standing(day, level, one.target, one.missing, one.p50, one.p85)


def _sides(pair: Sequence[tuple[str, Standing]], day: date) -> tuple[Side, ...]:
    scale = glyphs.scale([one for _, one in pair], day)
    return tuple(Side(name, glyphs.range_of(one, scale), words.per_cent(one.missing), one.level) for name, one in pair)


def panel(row: Deliverable, form: WhatIf, said: Answer, *, may_keep: bool, to: Sequence[Person]) -> Panel:
    """The levers with what was typed in them."""
    choices = form.choices
    sliders = _sliders(form, choices)
    checks = _checks(form, choices)
    return Panel(
        id=row.pk,
        first=sliders[:3],
        rest=sliders[3:],
        checks=checks,
        without=tuple(
            Option(f"{one.id}", one.name, f"{one.id}" in form.typed.getlist("without")) for one in choices.waits_for
        ),
        days=(_day(form, "to", "Or promise this day"),),
        coming=(_day(form, "from", "People come on"), _day(form, "until", "and leave on (empty: they stay)")),
        lenders=_lenders(form, choices),
        hires=tuple(_day(form, f"hire-{one.id}", f"{one.name} starts on", f"{one.start}") for one in choices.roles),
        more_open=any(form.typed.get(name) for name in ("to", "from", "until", "lender", "first", "unblock", "more"))
        or bool(form.typed.getlist("without")),
        answer=said,
        may_keep=may_keep,
        to=tuple(Option(f"{one.pk}", one.name, not place) for place, one in enumerate(to)),
        owner=to[0].name if to else "",
    )


def _sliders(form: WhatIf, choices: Choices) -> tuple[Slider, ...]:
    made = []
    if choices.items:
        of = f"# of {words.plural(choices.items, 'open item')}"
        made.append(_slider(form, "later", "Move to a later release", choices.items, of))
    made.append(_slider(form, "people", "Add people, useful little by little", MOST_PEOPLE, "#"))
    if choices.target:
        stays = f"# weeks after {words.short_day(choices.target)}"
        made.append(_slider(form, "weeks", "Move the promised day", MOST_WEEKS, stays))
    made.append(_slider(form, "more", "Take more work in", min(MOST_ADDED, max(20, choices.items)), "# items"))
    return tuple(made)


def _slider(form: WhatIf, name: str, label: str, most: int, says: str) -> Slider:
    typed = form.typed.get(name, "") or "0"
    return Slider(name, label, most, typed, says, error=_error(form, name))


def _day(form: WhatIf, name: str, label: str, otherwise: str = "") -> Day:
    return Day(name, label, form.typed.get(name, otherwise), _error(form, name))


def _error(form: WhatIf, name: str) -> str:
    return str(form.errors[name][0]) if form.typed and name in form.errors else ""


def _checks(form: WhatIf, choices: Choices) -> tuple[Option, ...]:
    found = []
    if choices.siblings:
        label = f"Put it before the team’s {words.plural(choices.siblings, 'other deliverable')}"
        found.append(Option("first", label, bool(form.typed.get("first"))))
    pulled = bool(form.typed.get("unblock"))
    if choices.blocked or pulled:  # a suggestion may pull it for what is only very old
        stuck = (
            f"{words.plural(choices.blocked, 'blocked item')} and what is very old"
            if choices.blocked
            else "very old items"
        )
        found.append(Option("unblock", f"Clear what is stuck: {stuck}", pulled))
    return tuple(found)


def _lenders(form: WhatIf, choices: Choices) -> tuple[Option, ...]:
    typed = form.typed.get("lender", "")
    nobody = Option("", "From outside", not typed)
    return (nobody, *(Option(f"{one.id}", f"Lent by {one.name}", f"{one.id}" == typed) for one in choices.lenders))
