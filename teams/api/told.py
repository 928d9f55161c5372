"""Teams, memberships and people as the API takes them."""

from __future__ import annotations

from rest_framework import serializers

from people.fields import Choice, Row, Text
from people.models import Person, Role
from teams.models import Group, Membership, Team


class TeamChangeSerializer(serializers.Serializer[Team]):
    """What may change of a team; its slug never does."""

    name = Text(required=False)
    group = serializers.SlugRelatedField(slug_field="slug", queryset=Group.objects.all(), required=False)
    manager = Row(queryset=Person.objects.all(), required=False, allow_null=True)
    lead = Row(queryset=Person.objects.all(), required=False, allow_null=True)
    timezone = Text(required=False)
    archived = serializers.BooleanField(required=False)


class NewTeamSerializer(TeamChangeSerializer):
    slug = Text()
    name = Text()
    group = serializers.SlugRelatedField(slug_field="slug", queryset=Group.objects.all())


class MembershipChangeSerializer(serializers.Serializer[Membership]):
    """What may change of a membership. ``end`` is the first day after; ``share`` of the person’s time, over 0 up to 1."""

    team = serializers.SlugRelatedField(slug_field="slug", queryset=Team.objects.all(), required=False)
    role = Text(required=False)
    start = serializers.DateField(required=False)
    end = serializers.DateField(required=False, allow_null=True)
    share = serializers.DecimalField(None, None, required=False, coerce_to_string=False)


class NewMembershipSerializer(MembershipChangeSerializer):
    person = Row(queryset=Person.objects.all())
    team = serializers.SlugRelatedField(slug_field="slug", queryset=Team.objects.all())
    start = serializers.DateField()


class PersonChangeSerializer(serializers.Serializer[Person]):
    """What may change of a person. Somebody who is not ``active`` cannot log in."""

    email = Text(required=False)
    name = Text(required=False)
    role = Choice(Role.choices, required=False)
    timezone = Text(required=False)
    active = serializers.BooleanField(required=False)


class NewPersonSerializer(PersonChangeSerializer):
    """Somebody new, who cannot log in before they are invited or come by single sign-on."""

    email = Text()
    name = Text()
