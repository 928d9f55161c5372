"""Groups, teams, memberships and people, to read."""

from __future__ import annotations

from django.db.models import QuerySet

from people.models import Person
from people.reading import Reading
from teams import access
from teams.api import filters, serializers
from teams.models import Group, Membership, Team


class Groups(Reading[Group]):
    """Sets of teams under one director; they nest."""

    queryset = Group.objects.none()
    serializer_class = serializers.GroupSerializer
    filterset_class = filters.GroupFilters

    def get_queryset(self) -> QuerySet[Group]:
        return access.visible_groups(self.request.user).select_related("parent", "director")


class Teams(Reading[Team]):
    """People who work together."""

    queryset = Team.objects.none()
    serializer_class = serializers.TeamSerializer
    filterset_class = filters.TeamFilters

    def get_queryset(self) -> QuerySet[Team]:
        return access.visible_teams(self.request.user).select_related("group", "manager", "lead")


class Memberships(Reading[Membership]):
    """Who is in which team; what is over only of people you may see."""

    queryset = Membership.objects.none()
    serializer_class = serializers.MembershipSerializer
    filterset_class = filters.MembershipFilters

    def get_queryset(self) -> QuerySet[Membership]:
        return access.visible_memberships(self.request.user).select_related("person", "team")


class People(Reading[Person]):
    """The people you may see: your own line, and always yourself."""

    queryset = Person.objects.none()
    serializer_class = serializers.PersonSerializer
    filterset_class = filters.PersonFilters

    def get_queryset(self) -> QuerySet[Person]:
        return access.visible_people(self.request.user).prefetch_related("accounts")
