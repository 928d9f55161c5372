"""Groups, teams, memberships and people: to read, and all but groups to write with the checks of the import."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from people.access import can_manage_people
from people.models import Person
from people.reading import Reading
from people.versions import IF_MATCH, seen_content
from people.writing import Writing, in_problems
from teams import access, changes
from teams.api import filters, serializers
from teams.api import told as writing
from teams.models import Group, Membership, Team

METHODS = ["get", "post", "patch", "head", "options"]


class Groups(Reading[Group]):
    """Sets of teams under one director; they nest."""

    queryset = Group.objects.none()
    serializer_class = serializers.GroupSerializer
    filterset_class = filters.GroupFilters

    def get_queryset(self) -> QuerySet[Group]:
        return access.visible_groups(self.request.user).select_related("parent", "director")


class Teams(Writing[Team]):
    """People who work together."""

    queryset = Team.objects.none()
    serializer_class = serializers.TeamSerializer
    filterset_class = filters.TeamFilters
    http_method_names = METHODS

    def get_queryset(self) -> QuerySet[Team]:
        return access.visible_teams(self.request.user).select_related("group", "manager", "lead")

    def etag(self, row: Team) -> str:
        return changes.content_hash(changes.team_as_told(row))

    @extend_schema(request=writing.NewTeamSerializer, responses={201: serializers.TeamSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a team: directors and administrators may."""
        if not access.can_add_team(request.user):
            raise PermissionDenied
        asked = writing.NewTeamSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        with in_problems():
            made = changes.add_team(changes.TeamTold(**asked.validated_data))
        return self.told(made, 201)

    @extend_schema(
        request=writing.TeamChangeSerializer, responses={200: serializers.TeamSerializer}, parameters=[IF_MATCH]
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a team that you run or administer. ``If-Match`` holds the ETag of what you have read."""
        row = self.get_object()
        if not access.can_change_team(request.user, row):
            raise PermissionDenied
        asked = writing.TeamChangeSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        told = replace(changes.team_as_told(row), **asked.validated_data)
        moves = (told.group, told.manager) != (row.group, row.manager)
        if moves and not access.can_place_team(request.user):
            raise PermissionDenied
        if told.lead is not None and told.lead != row.lead and not access.can_place(request.user, told.lead):
            raise PermissionDenied
        seen = seen_content(self.etag(row), request)
        with in_problems():
            made = changes.change_team(row, told, seen=seen)
        return self.told(made)


class Memberships(Writing[Membership]):
    """Who is in which team; what is over only of people you may see."""

    queryset = Membership.objects.none()
    serializer_class = serializers.MembershipSerializer
    filterset_class = filters.MembershipFilters
    http_method_names = METHODS

    def get_queryset(self) -> QuerySet[Membership]:
        return access.visible_memberships(self.request.user).select_related("person", "team")

    def etag(self, row: Membership) -> str:
        return changes.content_hash(changes.membership_as_told(row))

    @extend_schema(request=writing.NewMembershipSerializer, responses={201: serializers.MembershipSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Put somebody into a team that you run or administer."""
        asked = writing.NewMembershipSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        self._demand_right(asked.validated_data["team"])
        if not access.can_place(request.user, asked.validated_data["person"]):
            raise PermissionDenied
        with in_problems():
            made = changes.add_membership(changes.MembershipTold(**asked.validated_data))
        return self.told(made, 201)

    @extend_schema(
        request=writing.MembershipChangeSerializer,
        responses={200: serializers.MembershipSerializer},
        parameters=[IF_MATCH],
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a membership, or end it. ``If-Match`` holds the ETag of what you have read."""
        row = self.get_object()
        self._demand_right(row.team)
        asked = writing.MembershipChangeSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        self._demand_right(asked.validated_data.get("team", row.team))
        told = replace(changes.membership_as_told(row), **asked.validated_data)
        seen = seen_content(self.etag(row), request)
        with in_problems():
            made = changes.change_membership(row, told, seen=seen)
        return self.told(made)

    def _demand_right(self, team: Team) -> None:
        if not access.can_change_team(self.request.user, team):
            raise PermissionDenied


class People(Writing[Person]):
    """The people you may see: your own line, and always yourself.

    An administrator changes anybody, and names with ``*`` in If-Match whom they may not look at.
    """

    queryset = Person.objects.none()
    serializer_class = serializers.PersonSerializer
    filterset_class = filters.PersonFilters
    http_method_names = METHODS

    def get_queryset(self) -> QuerySet[Person]:
        if self.action == "partial_update" and can_manage_people(self.request.user):
            return Person.objects.prefetch_related("accounts")
        return access.visible_people(self.request.user).prefetch_related("accounts")

    def etag(self, row: Person) -> str:
        return changes.content_hash(changes.person_as_told(row))

    @extend_schema(request=writing.NewPersonSerializer, responses={201: serializers.PersonSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write somebody down: administrators may."""
        self._demand_right()
        asked = writing.NewPersonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        with in_problems():
            made = changes.add_person(changes.PersonTold(**asked.validated_data))
        return self.told(made, 201)

    @extend_schema(
        request=writing.PersonChangeSerializer, responses={200: serializers.PersonSerializer}, parameters=[IF_MATCH]
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change somebody: administrators may. ``If-Match`` holds the ETag of what you have read."""
        row = self.get_object()
        self._demand_right()
        asked = writing.PersonChangeSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        told = replace(changes.person_as_told(row), **asked.validated_data)
        seen = seen_content(self.etag(row), request)
        with in_problems():
            made = changes.change_person(row, told, seen=seen)
        return self.told(made)

    def _demand_right(self) -> None:
        if not can_manage_people(self.request.user):
            raise PermissionDenied
