"""The demo's readers of the digest, and this week's digest for each of them."""

from __future__ import annotations

from datetime import datetime

from dashboards.digest import due, standing, subscriptions
from dashboards.digest.schedule import slot_of, week_of
from dashboards.models import Delivery, Subscription
from people.models import Person, Role
from teams.models import Group

OUTSIDE = "board@example.test"
"""Somebody of the board who never logs in."""


def seed(now: datetime) -> int:
    """Directors, managers, leads and executives get it, and one address without a login; how many readers there are."""
    there = set(Subscription.objects.exclude(person=None).values_list("person_id", flat=True))
    roles = (Role.DIRECTOR, Role.MANAGER, Role.LEAD, Role.EXECUTIVE)
    for person in Person.objects.filter(role__in=roles, is_active=True).exclude(pk__in=there):
        groups = Group.objects.filter(teams__manager=person) | Group.objects.filter(teams__lead=person)
        told = subscriptions.Told(groups=list(groups.distinct()), alert_stale=person.role == Role.DIRECTOR)
        subscriptions.subscribe(person, told, by=person, now=now)
    if not Subscription.objects.filter(email=OUTSIDE).exists():
        told = subscriptions.Told(name="The board", timezone="Europe/Berlin", weekday=1)
        director = Person.objects.filter(role=Role.DIRECTOR).earliest("pk")
        row = subscriptions.invite(OUTSIDE, told, by=director, now=now)
        standing.confirm(row, now=now)
    return Subscription.objects.count()


def take(now: datetime) -> list[int]:
    """Write down this week's for everybody, whatever the day; ids of what is to be handed over."""
    for row in due.live().select_related("person"):
        week = week_of(now.date())
        due.take_one(row, slot_of(week, zone=row.zone, weekday=row.weekday, hour=row.hour))
    return list(Delivery.objects.filter(state=Delivery.State.WAITING).values_list("pk", flat=True))
