"""What the data says about a goal or a deliverable, beside the form of its check-in: the forecast, and what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from dashboards import glyphs, words
from delivery import access
from delivery.check_ins import computed
from delivery.core.chance import Level, level_of
from delivery.core.promise import Promise
from delivery.models import CheckIn, Commitment, Goal, ScopedItem
from delivery.plan_changes import Subject
from delivery.promises import promises
from people.access import User

FEW: Final = 4  # new risks that are named


@dataclass(frozen=True, slots=True)
class Data:
    """What the data says."""

    chance: float | None
    level: Level
    sentence: str
    glyph: glyphs.Range | None
    months: Sequence[glyphs.Mark]
    moved: tuple[str, ...]
    url: str


def data_of(user: User, subject: Subject, latest: CheckIn | None, day: date) -> Data:
    """The forecast, and what happened since the last word."""
    since = latest.day if latest else subject.start
    risks = _new_risks(user, subject, since)
    if isinstance(subject, Goal):
        found = computed(user, subject, day)
        moved = (*_chance_moved(latest, found.chance), *risks)
        return Data(
            found.chance,
            level_of(found.chance),
            _goal_says(found.chance, found.reason),
            None,
            (),
            moved,
            reverse("goal", args=[subject.pk]),
        )
    rows = promises(user, day=day, ids=[subject.pk], include_delivered=True)
    if not rows:
        return Data(None, Level.NONE, "It is dropped.", None, (), (), reverse("deliverable", args=[subject.pk]))
    one = rows[0]
    on = glyphs.scale([one], day)
    chance = None if one.missing is None else 1 - one.missing
    moved = (
        *_chance_moved(latest, chance),
        *_work_moved(subject.pk, _since(latest, since), day),
        *_date_moved(subject.pk, _since(latest, since), day),
        *risks,
    )
    return Data(
        chance,
        one.level,
        _says(one),
        glyphs.range_of(one, on),
        glyphs.months(on),
        moved,
        reverse("deliverable", args=[one.id]),
    )


def _goal_says(chance: float | None, reason: str) -> str:
    if chance is None:
        return reason
    return f"{words.to_make_it(1 - chance)} to have all it rests on done in time."


def _says(one: Promise) -> str:
    """Likely done on 22 December, 11 days late; almost surely by 11 January."""
    if one.missing is None:
        return one.reason
    if one.p50 is None:
        return "No end is in sight within the next years."
    late = (one.p50 - one.target).days if one.target else 0
    than = f", {words.days(abs(late))} {'late' if late > 0 else 'early'}" if late else ""
    sure = f"; almost surely by {words.long_day(one.p85, one.day)}" if one.p85 else ""
    return f"Likely done on {words.long_day(one.p50, one.day)}{than}{sure}. {words.to_make_it(one.missing)} to make it."


def _chance_moved(latest: CheckIn | None, chance: float | None) -> tuple[str, ...]:
    if latest is None or latest.chance is None or chance is None:
        return ()
    before, now = words.to_make_it(1 - latest.chance), words.to_make_it(1 - chance)
    return (f"The chance to make it was {before} at your last word and is {now} now.",) if before != now else ()


def _since(latest: CheckIn | None, day: date) -> datetime:
    """The moment of the last word, or the end of its day where it was written down later."""
    if latest is not None and timezone.localdate(latest.created) == latest.day:
        return latest.created
    return timezone.make_aware(datetime.combine(day, time.max))


def _work_moved(pk: int, since: datetime, day: date) -> tuple[str, ...]:
    """Items that came in and that were finished since; two small counts."""
    rows = ScopedItem.objects.filter(deliverable=pk, item__deleted=None, item__level=0)
    came = rows.filter(since__gt=since, since__date__lte=day, until=None).count()
    done = rows.filter(item__ended__gt=since, item__ended__date__lte=day, item__stage="done", until=None).count()
    told = [
        f"{words.plural(done, 'item')} finished" if done else "",
        f"{words.plural(came, 'item')} came in" if came else "",
    ]
    said = " and ".join(filter(None, told))
    return (f"{words.capital(said)} since then.",) if said else ("No item moved to done or came in since then.",)


def _date_moved(pk: int, since: datetime, day: date) -> tuple[str, ...]:
    rows = Commitment.objects.as_of(day).filter(deliverable=pk).order_by("given", "id")  # type: ignore[attr-defined]
    on = timezone.localdate(since)
    rows = rows.filter(Q(given__gt=on) | Q(given=on, created__gt=since))
    return tuple(f"Promised for {words.long_day(one.target, day)} on {words.long_day(one.given, day)}." for one in rows)


def _new_risks(user: User, subject: Subject, since: date) -> Sequence[str]:
    about = {"goal": subject} if isinstance(subject, Goal) else {"deliverable": subject}
    rows = access.visible_risks(user).filter(**about, opened__gt=since, closed=None).order_by("-opened", "-pk")
    return [f"New risk: {one.title}" for one in rows[:FEW]]
