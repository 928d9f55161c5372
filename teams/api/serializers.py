"""Groups, teams, memberships and people as the API says them."""

from __future__ import annotations

from rest_framework import serializers

from people.models import Account, Person
from teams.models import Group, Membership, Team


class PersonNameSerializer(serializers.ModelSerializer[Person]):
    """Somebody's name, as every page may say it."""

    class Meta:
        model = Person
        fields = ("id", "name")


class IdentitySerializer(serializers.ModelSerializer[Account]):
    class Meta:
        model = Account
        fields = ("kind", "login", "name")


class GroupSerializer(serializers.ModelSerializer[Group]):
    parent = serializers.SlugRelatedField[Group](slug_field="slug", read_only=True, allow_null=True)  # type: ignore[assignment]
    director = PersonNameSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Group
        fields = ("id", "name", "slug", "parent", "director")


class TeamSerializer(serializers.ModelSerializer[Team]):
    group = serializers.SlugRelatedField[Group](slug_field="slug", read_only=True)
    manager = PersonNameSerializer(read_only=True, allow_null=True)
    lead = PersonNameSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Team
        fields = ("id", "name", "slug", "group", "manager", "lead", "timezone", "archived")


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    """``end`` is the first day after; ``share`` of the person's time, 0-1."""

    person = PersonNameSerializer(read_only=True)
    team = serializers.SlugRelatedField[Team](slug_field="slug", read_only=True)
    share = serializers.FloatField(read_only=True)

    class Meta:
        model = Membership
        fields = ("id", "person", "team", "role", "start", "end", "share")


class PersonSerializer(serializers.ModelSerializer[Person]):
    active = serializers.BooleanField(source="is_active", read_only=True)
    identities = IdentitySerializer(source="accounts", many=True, read_only=True)

    class Meta:
        model = Person
        fields = ("id", "name", "email", "role", "timezone", "active", "identities")
