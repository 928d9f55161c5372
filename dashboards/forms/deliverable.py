"""What is typed of a deliverable: its facts, and the rules that say which items are its."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.db.models import Q
from django.http import QueryDict

from dashboards.forms.goal import A_DAY, owners_of
from delivery.access import visible_deliverables, visible_goals, visible_sources
from delivery.deliverables import LABELS, LINKED, DeliverableTold
from delivery.models import Deliverable, Goal, Source
from delivery.scope_rules import MOST_RULES, ScopeTold
from people.access import User
from people.models import Person
from teams.access import teams_run, visible_teams
from teams.models import Team

WHOLE: Final = "Enter a whole number, such as 8."
LIST: Final = {"invalid_choice": "Choose one of the list.", "invalid_list": "Choose of the list."}
EMPTY: Final = 2  # rows for new rules
PLAIN: Final = (
    *("title", "kind", "done_when", "stage", "success_threshold"),
    *("priority", "size_low", "size_high", "attempts_done", "attempts_low", "attempts_high"),
)


class _Whole(forms.IntegerField):
    def __init__(self) -> None:
        super().__init__(required=False, error_messages={"invalid": WHOLE})


class DeliverableForm(forms.Form):
    """The deliverable itself; what holds of several fields together is checked by the words."""

    title = forms.CharField(required=False)
    kind = forms.ChoiceField(choices=Deliverable.Kind.choices, error_messages={"required": "Choose what kind it is."})
    team = forms.ModelChoiceField(Team.objects.none(), required=False, error_messages=LIST)
    helping_teams = forms.ModelMultipleChoiceField(Team.objects.none(), required=False, error_messages=LIST)
    owner = forms.ModelChoiceField(Person.objects.none(), required=False, error_messages=LIST)
    goals = forms.ModelMultipleChoiceField(Goal.objects.none(), required=False, error_messages=LIST)
    depends_on = forms.ModelMultipleChoiceField(Deliverable.objects.none(), required=False, error_messages=LIST)
    start = forms.DateField(error_messages={"invalid": A_DAY, "required": A_DAY})
    done_when = forms.CharField(required=False)
    stage = forms.ChoiceField(choices=[("", "Not said"), *Deliverable.Stage.choices], required=False)
    success_threshold = forms.CharField(required=False)
    priority, size_low, size_high = _Whole(), _Whole(), _Whole()
    attempts_done, attempts_low, attempts_high = _Whole(), _Whole(), _Whole()
    target = forms.DateField(required=False, error_messages={"invalid": A_DAY})
    note = forms.CharField(required=False, max_length=2000)

    def __init__(self, user: User, before: Deliverable | None, *args: Any, **more: Any):
        super().__init__(*args, **more)
        self.user, self.before = user, before
        lists: dict[str, Any] = {
            "team": teams_for(user, before),
            "helping_teams": visible_teams(user),
            "owner": Person.objects.filter(pk__in=owners_of(None)) | kept_owner(before),
            "goals": visible_goals(user),
            "depends_on": visible_deliverables(user),
        }
        for name, rows in lists.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def told(self) -> DeliverableTold:
        """Only of a form without errors. Goals that the reader may not see stay linked."""
        found = self.cleaned_data
        hidden = hidden_goals(self.user, self.before) if self.before else []
        many: dict[str, Any] = {name: list(found[name]) for name in LINKED}
        many["goals"] += hidden
        plain = {name: found[name] for name in PLAIN} | {"attempts_done": found["attempts_done"] or 0}
        slug = self.before.slug if self.before else ""
        return DeliverableTold(
            team=found["team"], owner=found["owner"], start=found["start"], slug=slug, **plain, **many
        )


def hidden_goals(user: User, row: Deliverable) -> list[Goal]:
    return list(row.goals.exclude(pk__in=visible_goals(user)))


def teams_for(user: User, before: Deliverable | None) -> Any:
    ids = teams_run(user) | ({before.team_id} if before else set())
    return visible_teams(user).filter(pk__in=ids)


def kept_owner(before: Deliverable | None) -> Any:
    """Who owns it now, though they left."""
    return Person.objects.filter(pk=before.owner_id or 0) if before else Person.objects.none()


def goals_for(user: User, row: Deliverable | None, day: Any) -> Any:
    """Goals that it may serve: those that run or are to come, and those it serves now."""
    now = Q(end__gt=day, dropped=None)
    return visible_goals(user).filter(now | Q(deliverables=row) if row else now).distinct()


def scope_told(user: User, data: Mapping[str, str]) -> tuple[list[ScopeTold], dict[str, str], list[int]]:
    """The rules typed, what is wrong by field, and the row of the form of each; empty rows are left out."""
    sources = {str(one.pk): one for one in visible_sources(user)}
    found: list[ScopeTold] = []
    wrong: dict[str, str] = {}
    places: list[int] = []
    for row in range(MOST_RULES + EMPTY + 1):
        value = data.get(f"scope-{row}-value", "").strip()
        if not value or data.get(f"scope-{row}-remove"):
            continue
        source: Source | None = sources.get(data.get(f"scope-{row}-source", ""))
        if source is None:
            wrong[f"scope-{row}-source"] = "Choose where its items are."
            continue
        places.append(row)
        found.append(ScopeTold(source, data.get(f"scope-{row}-rule", ""), value))
    return found, wrong, places


def taken(user: User, row: Deliverable, data: QueryDict) -> QueryDict:
    """What was sent, with the present values in the fields where somebody chose the other version."""
    names = [name for name in LABELS if data.get(f"take-{name}") == "theirs"]
    if not names:
        return data
    now, chosen = values_of(row), data.copy()
    hidden = {str(one.pk) for one in hidden_goals(user, row)}
    now["goals"] = [pk for pk in now["goals"] if pk not in hidden]
    for name in names:
        if name != "scope":
            chosen.setlist(name, now[name] if name in LINKED else [now[name]])
    if "scope" in names:
        for key in [key for key in chosen if key.startswith("scope-")]:
            del chosen[key]
        chosen.update({key: value for key, value in now.items() if key.startswith("scope-")})
    return chosen


def values_of(row: Deliverable) -> dict[str, Any]:
    """What the form shows first: the deliverable as it is; of several, lists of ids."""
    found: dict[str, Any] = {name: getattr(row, name) for name in PLAIN}
    found = {name: "" if value is None else str(value) for name, value in found.items()}
    found |= {"team": str(row.team_id), "owner": str(row.owner_id or ""), "start": row.start.isoformat()}
    for name in LINKED:
        found[name] = [str(one.pk) for one in getattr(row, name).all()]
    for place, one in enumerate(row.scopes.all()):  # type: ignore[attr-defined]
        found |= {f"scope-{place}-source": str(one.source_id), f"scope-{place}-rule": one.rule}
        found[f"scope-{place}-value"] = one.value
    return found | {"seen": str(row.version)}
