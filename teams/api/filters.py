"""Filters of the lists of groups, teams, memberships and people."""

from __future__ import annotations

from datetime import date

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from people.models import Person
from people.reading import Filters
from teams.models import Group, Membership, Team


class GroupFilters(Filters):
    parent = filters.CharFilter(field_name="parent__slug", help_text="Slug of the group it is in")

    class Meta:
        model = Group
        fields = ()


class TeamFilters(Filters):
    group = filters.CharFilter(field_name="group__slug", help_text="Slug of its group")

    class Meta:
        model = Team
        fields = ("archived",)


class MembershipFilters(Filters):
    team = filters.CharFilter(field_name="team__slug", help_text="Slug of the team")
    person = filters.NumberFilter(field_name="person_id", help_text="Id of the person")
    day = filters.DateFilter(method="holding_on", help_text="Memberships that hold on this day")

    class Meta:
        model = Membership
        fields = ()

    def holding_on(self, rows: QuerySet[Membership], name: str, value: date) -> QuerySet[Membership]:
        return rows.filter(Q(end__isnull=True) | Q(end__gt=value), start__lte=value)


class PersonFilters(Filters):
    active = filters.BooleanFilter(field_name="is_active")
    team = filters.CharFilter(method="ever_in", help_text="Slug of a team they are or were in")

    class Meta:
        model = Person
        fields = ("role",)

    def ever_in(self, rows: QuerySet[Person], name: str, value: str) -> QuerySet[Person]:
        return rows.filter(Exists(Membership.objects.filter(person=OuterRef("pk"), team__slug=value)))
