"""Goals and their key results: to read, to write down and to change, with the checks of the forms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from delivery import access, fed, goals, key_results
from delivery.api import goal_serializers as writing
from delivery.api import plan_filters as filters
from delivery.api import plan_serializers as serializers
from delivery.goal_chances import latest_of_goal
from delivery.goals import GoalTold
from delivery.key_results import KeyResultTold
from delivery.models import Goal, KeyResult
from delivery.refused import Wrong
from people.access import User
from people.versions import IF_MATCH, seen_version
from people.writing import GONE, Writing, in_problems


class Goals(Writing[Goal]):
    """What we want to be true by the end of a period; confidential ones only where they are for you."""

    queryset = Goal.objects.none()
    serializer_class = serializers.GoalSerializer
    filterset_class = filters.GoalFilters
    http_method_names = ["get", "post", "patch", "head", "options"]  # noqa: RUF012 - as its base has it

    def get_queryset(self) -> QuerySet[Goal]:
        seen = access.visible_goals(self.request.user)
        parent = Subquery(seen.filter(pk=OuterRef("parent")).values("pk"))
        latest = latest_of_goal(timezone.localdate())
        return seen.select_related("group", "team", "owner").annotate(
            seen_parent=parent,
            latest_chance=Subquery(latest.values("chance")),
            latest_day=Subquery(latest.values("day")),
        )

    def etag(self, row: Goal) -> str:
        return str(row.version)

    @extend_schema(request=writing.NewGoalSerializer, responses={201: serializers.GoalSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write a goal down for a team, a group or the company whose goals you may edit."""
        asked = writing.NewGoalSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        told = writing.goal_told(asked.validated_data)
        _demand_whose(request.user, told)
        parts = writing.key_results_told(asked.validated_data, {}) or []
        with in_problems(), transaction.atomic():
            made = goals.add_goal(told, parts, by=request.user, at=timezone.now())
        fed.feed_goal(made, at=timezone.now())
        return self.told(self.get_queryset().get(pk=made.pk), 201)

    @extend_schema(
        request=writing.GoalChangeSerializer, responses={200: serializers.GoalSerializer}, parameters=[IF_MATCH]
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a goal, move it below another one, or drop it. ``If-Match`` holds the ETag of what you have read."""
        row = self.get_object()
        if not access.can_edit_goal(request.user, row):
            raise PermissionDenied
        asked = writing.GoalChangeSerializer(data=request.data, partial=True, context={"request": request})
        asked.is_valid(raise_exception=True)
        sent = dict(asked.validated_data)
        if sent.keys() & {"level", "group", "team"}:
            _demand_whose(request.user, writing.goal_told(sent, row))
        seen = seen_version(row.version, request)
        with in_problems(), transaction.atomic():
            _change(row, sent, by=request.user, seen=seen)
        fed.feed_goal(row, at=timezone.now())
        return self.told(self.get_queryset().get(pk=row.pk))


def _change(row: Goal, sent: dict[str, Any], *, by: User, seen: int) -> None:
    """What was sent of a goal, all of it or nothing: the caller’s transaction."""
    at, note = timezone.now(), sent.get("note", "")
    ends = "dropped" in sent
    if sent.keys() - {"dropped", "note"} or not ends:
        parts = writing.key_results_told(sent, {one.id or 0: one for one in parts_of(row)})
        told = writing.goal_told(sent, row)
        seen = goals.change_goal(row, told, parts, by=by, at=at, seen=seen, note="" if ends else note).version
    if ends:
        try:
            goals.drop_goal(row, day=sent["dropped"], why=note, by=by, at=at, seen=seen)
        except Wrong as wrong:
            raise Wrong({"note" if name == "why" else name: says for name, says in wrong.errors.items()}) from None


def _demand_whose(user: User, told: GoalTold) -> None:
    """403 for whoever may not write goals of that team, that group or the company. The words refuse what names none."""
    team, group = (told.team, None) if told.level == Goal.Level.TEAM else (None, told.group)
    if told.level == Goal.Level.COMPANY:
        may = access.can_add_goal(user)
    else:
        may = (team or group) is None or access.can_add_goal(
            user, team=team.pk if team else None, group=group.pk if group else None
        )
    if not may:
        raise PermissionDenied


def parts_of(goal: Goal) -> list[KeyResultTold]:
    """The goal’s key results as they are told again, without what they stand at: that is not to be written back."""
    rows = goal.key_results.order_by("position", "id")  # type: ignore[attr-defined]
    return [replace(one, current=None) for one in key_results.as_told(rows)]


class KeyResults(Writing[KeyResult]):
    """Measures of goals, from a start to a target. Each is a part of its goal: its ETag is the goal’s, and changes with it."""

    queryset = KeyResult.objects.none()
    serializer_class = serializers.KeyResultSerializer
    filterset_class = filters.KeyResultFilters
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]  # noqa: RUF012 - as its base has it

    def get_queryset(self) -> QuerySet[KeyResult]:
        seen = access.visible_key_results(self.request.user)
        above = Subquery(seen.filter(pk=OuterRef("counts_towards")).values("pk"))
        return seen.select_related("goal").annotate(seen_above=above)

    def etag(self, row: KeyResult) -> str:
        return str(row.goal.version)

    @extend_schema(
        request=writing.NewKeyResultSerializer,
        responses={201: serializers.KeyResultSerializer},
        parameters=[IF_MATCH],
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add a key result to a goal that you may edit; ``If-Match`` holds the goal’s ETag."""
        asked = writing.NewKeyResultSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        sent = dict(asked.validated_data)
        goal = sent.pop("goal")
        told = parts_of(goal)
        with transaction.atomic():
            self._keep(goal, [*told, KeyResultTold(**sent)], len(told))
            made = KeyResult.objects.filter(goal=goal).latest("pk")
        fed.feed_goal(goal, at=timezone.now())
        return self.told(self.get_queryset().get(pk=made.pk), 201)

    @extend_schema(
        request=writing.KeyResultChangeSerializer,
        responses={200: serializers.KeyResultSerializer},
        parameters=[IF_MATCH],
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a key result, or say what it stands at today; ``If-Match`` holds its ETag, which is its goal’s."""
        row = self.get_object()
        self._demand_right(row.goal)
        asked = writing.KeyResultChangeSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        told = parts_of(row.goal)
        place = next(number for number, one in enumerate(told) if one.id == row.pk)
        told[place] = replace(told[place], **asked.validated_data)
        self._keep(row.goal, told, place)
        fed.feed_goal(row.goal, at=timezone.now())
        return self.told(self.get_queryset().get(pk=row.pk))

    @extend_schema(request=None, responses={204: GONE}, parameters=[IF_MATCH])
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a key result away, with the values it had; ``If-Match`` holds its ETag, which is its goal’s."""
        row = self.get_object()
        self._keep(row.goal, [one for one in parts_of(row.goal) if one.id != row.pk])
        return Response(status=204)

    def _keep(self, goal: Goal, told: list[KeyResultTold], place: int = 0) -> None:
        """The goal with these key results; what is wrong with the one at ``place`` is said by its own fields."""
        self._demand_right(goal)
        seen = seen_version(goal.version, self.request)
        with in_problems(lambda name: name.removeprefix(f"kr-{place}-")):
            goals.change_goal(goal, goals.as_told(goal), told, by=self.request.user, at=timezone.now(), seen=seen)

    def _demand_right(self, goal: Goal) -> None:
        if not access.can_edit_goal(self.request.user, goal):
            raise PermissionDenied
