"""What is typed to change a source, or to disconnect it."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from dashboards import words
from dashboards.pages import source_picks
from delivery.models import Source, SourceKind
from delivery.sources import Choices

OLDEST = date(1990, 1, 1)
SHARE = "Enter a whole number from 5 to 100, such as 50."


class Edit(forms.Form):
    """Name, what is read, from when on, and how gently. Lists are typed one a line."""

    name = forms.CharField(max_length=80, error_messages={"required": "Give it a name, such as Jira."})
    scopes = forms.CharField(required=False, max_length=400_000)
    patterns = forms.CharField(required=False, max_length=10_000)
    backfill_from = forms.DateField(required=False, error_messages={"invalid": "Enter a day, such as 2026-01-31."})
    share = forms.IntegerField(min_value=5, max_value=100)
    story_points_field = forms.RegexField(r"^[\w-]*$", required=False, max_length=60)
    worklogs = forms.BooleanField(required=False)

    def __init__(self, source: Source, *args: Any, **more: Any):
        super().__init__(*args, **more)
        self.source = source
        self.fields["share"].error_messages = dict.fromkeys(("required", "invalid", "min_value", "max_value"), SHARE)
        self.fields["story_points_field"].error_messages["invalid"] = "Enter a field's id, such as customfield_10016."

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if Source.objects.filter(name__iexact=name).exclude(pk=self.source.pk).exists():
            raise forms.ValidationError(f"There is a source called {name} already: choose another name.")
        return name

    def clean_scopes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part[:200] for part in self.cleaned_data["scopes"].replace(",", " ").split()))

    def clean_backfill_from(self) -> date | None:
        day: date | None = self.cleaned_data["backfill_from"]
        if day is not None and not OLDEST <= day <= timezone.localdate():
            raise forms.ValidationError(f"Enter a day from {OLDEST.year} to today, such as 2026-01-31.")
        return day

    def clean_patterns(self) -> tuple[str, ...]:
        return source_picks.split(self.cleaned_data["patterns"])

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not self.errors and not told.get("scopes") and not told.get("patterns"):
            self.add_error("scopes", "Name at least one, or enter a pattern such as DATA* or acme/*.")
        return told

    @property
    def choices(self) -> Choices:
        told = self.cleaned_data
        names = ("scopes", "patterns", "backfill_from", "share", "worklogs", "story_points_field")
        return Choices(**{name: told[name] for name in names})


def edited(source: Source) -> dict[str, Any]:
    """What the form shows first: the source as it is."""
    return {
        "name": source.name,
        "scopes": "\n".join(source.scopes),
        "patterns": ", ".join(source.patterns),
        "backfill_from": source.backfill_from.isoformat() if source.backfill_from else "",
        "share": source.share,
        "story_points_field": source.story_points_field,
        "worklogs": source.worklogs,
        "seen": seen(source),
    }


def seen(source: Source) -> str:
    """Changes whenever something of the form does: for noticing that two edit at once."""
    told = [source.name, sorted(source.scopes), source.patterns, source.backfill_from, source.share]
    return hashlib.sha256(repr([*told, source.story_points_field, source.worklogs]).encode()).hexdigest()[:16]


def told(source: Source) -> tuple[tuple[str, str], ...]:
    """The source as it is, line by line, for who has typed something else meanwhile."""
    one, many = source_picks.noun(source.kind)
    lines = [
        ("Name", source.name),
        (words.capital(one if len(source.scopes) == 1 else many), ", ".join(source.scopes) or "none"),
        ("Patterns", ", ".join(source.patterns) or "none"),
        ("From", f"{source.backfill_from:%-d %B %Y}" if source.backfill_from else "the beginning"),
        ("Quota", f"{source.share} per cent at most"),
    ]
    if source.kind == SourceKind.JIRA:
        lines.append(("Story points", source.story_points_field or "found by itself"))
        lines.append(("Worklogs", "read" if source.worklogs else "not read"))
    return tuple(lines)


class Disconnect(forms.Form):
    """Keep the data, or delete it; deleting takes the source's own name."""

    stays = forms.ChoiceField(
        choices=[("keep", "Keep"), ("delete", "Delete")],
        error_messages={"required": "Say whether its data stays, such as “Keep what was read”."},
    )
    name = forms.CharField(required=False)

    def __init__(self, source: Source, *args: Any, **more: Any):
        super().__init__(*args, **more)
        self.source = source

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("stays") == "delete" and told.get("name", "").strip() != self.source.name:
            self.add_error("name", f"Type the name of the source to delete its data: {self.source.name}")
        return told
