"""Who gets the digest: subscribing people, asking addresses, changing. Who may is for the caller to ask."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from dashboards.digest import links, standing
from dashboards.models import Delivery, DigestIssue, Subscription
from delivery import secrets
from delivery.connectors import address
from delivery.connectors.contract import ConnectorError
from delivery.refused import Conflict, Wrong
from people.changes import LONGEST_NAME, name_problem, zone_problem
from people.models import Person
from teams.models import Group, Team

ASK_AGAIN: Final = timedelta(days=1)
HOURS: Final = range(24)
NONE_YET: Final = 0
"""The version of a subscription that was not there when somebody looked."""
HERE: Final = ("localhost", "127.0.0.1", "::1")
KEPT: Final = "•••"  # stands for a webhook that is there and is not shown
NO_WAY: Final = "Choose e-mail, a chat, or both: else there is nowhere to send it."
THERE: Final = "This address is among the readers already."
LOGS_IN: Final = "Gets it with their login now."
GETS_IT: Final = "{} gets the digest already."
STOPPED: Final = "{} is among the readers, and stopped: find them above."
ASKED_LATELY: Final = "This address was asked less than a day ago. Let them look into their mailbox first."
ASKED_SINCE: Final = "The address was asked once more since."


@dataclass(frozen=True, slots=True)
class Told:
    """What may be said of a subscription. ``webhook``: KEPT is the one that is there. ``name`` and ``timezone`` are of an
    address without a login.
    """

    groups: Sequence[Group] = field(default=())
    teams: Sequence[Team] = field(default=())
    weekday: int = 0
    hour: int = 7
    mail: bool = True
    chat: str = ""
    webhook: str = ""
    alert_from: int | None = None
    alert_stale: bool = False
    quiet_from: int = 19
    quiet_until: int = 7
    name: str = ""
    timezone: str = "UTC"


def as_told(row: Subscription) -> Told:
    """How it stands; a webhook is never shown."""
    return Told(
        groups=list(row.groups.all()),
        teams=list(row.teams.all()),
        weekday=row.weekday,
        hour=row.hour,
        mail=row.mail,
        chat=row.chat,
        webhook=KEPT if row.webhook else "",
        alert_from=row.alert_from,
        alert_stale=row.alert_stale,
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        name=row.name,
        timezone=row.timezone or "UTC",
    )


def problems(told: Told, *, outside: bool = False, before: Subscription | None = None) -> dict[str, str]:
    """Why ``told`` cannot be kept, by field. ``outside``: of an address without a login."""
    found = {}
    if told.weekday not in Subscription.Weekday.values:
        found["weekday"] = "Choose a day of the week."
    for name in ("hour", "quiet_from", "quiet_until"):
        if getattr(told, name) not in HOURS:
            found[name] = "Choose a full hour from 0 to 23, such as 7."
    if told.alert_from is not None and not 1 <= told.alert_from <= 99:
        found["alert_from"] = "Enter whole per cent from 1 to 99, such as 50, or leave it empty."
    if outside and (says := name_problem(told.name, LONGEST_NAME, "Ada Lovelace")):
        found["name"] = says
    if outside and (says := zone_problem(told.timezone)):
        found["timezone"] = says
    if not told.mail and not told.chat:
        found["mail"] = NO_WAY
    return found | _chat_problems(told, before)


def _chat_problems(told: Told, before: Subscription | None) -> dict[str, str]:
    if told.chat and told.chat not in Subscription.Chat.values:
        return {"chat": "Choose Slack, Microsoft Teams, or no chat."}
    if not told.chat:
        return {}
    if told.webhook == KEPT and before is not None and before.webhook:
        return {}
    if not told.webhook.strip():
        return {"webhook": "Enter the address of the incoming webhook, as the chat shows it."}
    try:
        url = address.base_url(told.webhook.split("?")[0])
    except ConnectorError as error:
        return {"webhook": str(error)}
    if url.scheme != "https" and url.host not in HERE:
        return {"webhook": "The address must start with https://."}
    return {}


@transaction.atomic
def subscribe(person: Person, told: Told, *, by: Person, now: datetime, seen: int = NONE_YET) -> Subscription:
    """The subscription of somebody who may log in, made or changed. Raises Wrong, and Conflict where it is not ``seen``."""
    Person.objects.select_for_update().get(pk=person.pk)  # a button that is pressed twice makes one
    row = Subscription.objects.filter(person=person).first()
    if row is not None:
        return row if _stands(row, told) else change(row, told, by=by, now=now, seen=seen)
    if wrong := problems(told):
        raise Wrong(wrong)
    if told.mail:  # else one mailbox would get two
        outside = Subscription.objects.filter(person=None, email__iexact=person.email, stopped=None)
        outside.update(stopped=now, stopped_why=LOGS_IN)
    return _keep(Subscription(person=person, since=now, confirmed=now, by=by), told)


def _stands(row: Subscription, told: Told) -> bool:
    """Whether that is how it is already; name and time zone of a person are not said here."""
    with suppress(secrets.SecretError):
        if row.webhook and secrets.unseal(row.webhook) == told.webhook.strip():
            told = replace(told, webhook=KEPT)
    return row.stopped is None and replace(told, name=row.name, timezone=row.timezone or "UTC") == as_told(row)


@transaction.atomic
def invite(email: str, told: Told, *, by: Person, now: datetime) -> Subscription:
    """Subscribe an address without a login: it is asked first, and gets nothing before it has confirmed.

    An address of somebody who may log in is theirs. Raises Wrong.
    """
    email = email.strip().lower()
    wrong = problems(told, outside=True) | email_problem(email)
    person = Person.objects.filter(email__iexact=email).first()
    if person is not None and not wrong.get("email"):
        return _invite_person(person, told, by=by, now=now)
    if Subscription.objects.filter(email__iexact=email, person=None).exists():
        wrong["email"] = THERE
    if wrong:
        raise Wrong(wrong)
    try:
        with transaction.atomic():
            row = _keep(Subscription(email=email, since=now, by=by), told)
    except IntegrityError:  # somebody else was quicker
        raise Wrong({"email": THERE}) from None
    _ask(row, now)
    return row


def _invite_person(person: Person, told: Told, *, by: Person, now: datetime) -> Subscription:
    """Raises Wrong where they have one, also one that is stopped, and where they may not."""
    row = Subscription.objects.filter(person=person).first()
    wrong = problems(told)
    if not person.is_active:
        wrong["email"] = f"{person.name} may not log in any more, and gets nothing."
    elif row is not None:
        wrong["email"] = (STOPPED if row.stopped else GETS_IT).format(person.name)
    if wrong:
        raise Wrong(wrong)
    try:
        return subscribe(person, told, by=by, now=now)
    except Conflict:  # somebody else was quicker
        raise Wrong({"email": GETS_IT.format(person.name)}) from None


def may_log_in(email: str) -> bool:
    """Whether an address is of somebody who needs neither a name nor a time zone: both are known."""
    return Person.objects.filter(email__iexact=email.strip()).exists()


def email_problem(email: str) -> dict[str, str]:
    try:
        validate_email(email)
    except ValidationError:
        return {"email": "Enter an e-mail address, such as ada@example.com."}
    return {"email": "Keep it to 254 letters."} if len(email) > 254 else {}


def ask_again(row: Subscription, *, now: datetime) -> None:
    """Send the request to confirm once more. Raises Wrong where that was done within ASK_AGAIN, or they said no."""
    with transaction.atomic():
        row = Subscription.objects.select_for_update().get(pk=row.pk)
        if row.stopped_by_reader:
            raise Wrong({"email": standing.THEIRS})
        if row.asked is not None and now - ASK_AGAIN < row.asked <= now:
            raise Wrong({"email": ASKED_LATELY})
        _ask(row, now)


def _ask(row: Subscription, now: datetime) -> None:
    row.asked = now
    row.save(update_fields=["asked"])
    who = row.by.name if row.by else "Somebody"
    text = (
        f"{who} suggests that you get Headway’s weekly digest at this address:\n"
        "one e-mail a week that says what will be delivered, and what threatens it.\n\n"
        f"Yes, send it to me (the link works for {links.CONFIRM_FOR.days} days):\n{links.confirm_url(row)}\n\n"
        f"If you do not want it, leave this e-mail alone. So that nobody asks you again:\n{links.stop_url(row)}\n"
    )
    Delivery.objects.filter(subscription=row, kind=Delivery.Kind.CONFIRM, state=Delivery.State.WAITING).update(
        state=Delivery.State.SKIPPED, reason=ASKED_SINCE, ended=now
    )
    words = {"subject": "Headway: do you want the weekly digest?", "text": text}
    Delivery.objects.create(subscription=row, kind=Delivery.Kind.CONFIRM, channel=Delivery.Channel.MAIL, words=words)


@transaction.atomic
def change(row: Subscription, told: Told, *, by: Person, now: datetime, seen: int) -> Subscription:
    """As ``told``; starts again what was stopped where its reader says so. Raises Wrong, and Conflict where somebody else
    was quicker.
    """
    row = Subscription.objects.select_for_update(of=("self",)).select_related("person", "by").get(pk=row.pk)
    if seen != row.version:
        raise Conflict(row)
    if wrong := problems(told, outside=row.person_id is None, before=row):
        raise Wrong(wrong)
    if row.stopped is not None and row.person_id == by.pk:
        row.stopped, row.stopped_why, row.since = None, "", now
    row.version += 1
    return _keep(row, told)


def _keep(row: Subscription, told: Told) -> Subscription:
    plain: tuple[str, ...] = (
        "weekday",
        "hour",
        "mail",
        "chat",
        "alert_from",
        "alert_stale",
        "quiet_from",
        "quiet_until",
    )
    if row.person_id is None:
        plain += ("name", "timezone")
    before = None if row.pk is None else _news_of(as_told(row))
    for name in plain:
        setattr(row, name, getattr(told, name))
    if not told.chat:
        row.webhook = ""
    elif told.webhook != KEPT:
        row.webhook = secrets.seal(told.webhook.strip())
    if before != _news_of(told):
        row.watched = None
    row.save()
    row.groups.set(told.groups)
    row.teams.set(told.teams)
    return row


def _news_of(told: Told) -> tuple[object, ...]:
    """What decides which alerts are news: where it changes, what is so already is none."""
    ids = (frozenset(one.pk for one in rows) for rows in (told.groups, told.teams))
    return told.alert_from, told.alert_stale, *ids


def rate(issue_id: int, useful: bool, *, now: datetime) -> None:
    """What its reader says of an issue; the last word counts."""
    DigestIssue.objects.filter(pk=issue_id).update(useful=useful, useful_at=now)
