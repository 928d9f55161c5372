"""What is typed of a subscription: by its reader, or by a director for somebody else."""

from __future__ import annotations

from typing import Any, Final

from django import forms

from dashboards.digest import subscriptions
from dashboards.models import Subscription
from people.access import User
from teams.access import visible_groups, visible_teams
from teams.models import Group, Team

HOURS: Final = tuple((hour, f"{hour:02d}:00") for hour in range(24))
CHATS: Final = (("", "No chat"), *Subscription.Chat.choices)
PER_CENT: Final = "Enter whole per cent from 1 to 99, such as 50, or leave it empty."
GONE: Final = "One of these is not there any more: choose again."


class SubscriptionForm(forms.Form):
    """Checked by the same words as everywhere (dashboards.digest.subscriptions)."""

    email = forms.CharField(required=False, max_length=254)
    name = forms.CharField(required=False, max_length=200)
    timezone = forms.CharField(required=False, max_length=64)
    groups = forms.ModelMultipleChoiceField(
        Group.objects.none(), required=False, error_messages={"invalid_choice": GONE}
    )
    teams = forms.ModelMultipleChoiceField(Team.objects.none(), required=False, error_messages={"invalid_choice": GONE})
    weekday = forms.TypedChoiceField(choices=Subscription.Weekday.choices, coerce=int)
    hour = forms.TypedChoiceField(choices=HOURS, coerce=int)
    mail = forms.BooleanField(required=False)
    chat = forms.ChoiceField(choices=CHATS, required=False)
    webhook = forms.CharField(required=False, max_length=1000)
    alert_from = forms.IntegerField(required=False, error_messages={"invalid": PER_CENT})
    alert_stale = forms.BooleanField(required=False)
    quiet_from = forms.TypedChoiceField(choices=HOURS, coerce=int)
    quiet_until = forms.TypedChoiceField(choices=HOURS, coerce=int)

    def __init__(self, *args: Any, user: User, before: Subscription | None, outside: bool, **more: Any):
        super().__init__(*args, **more)
        self.before, self.outside = before, outside
        self.fields["groups"].queryset = visible_groups(user)  # type: ignore[attr-defined]
        self.fields["teams"].queryset = visible_teams(user)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """What is wrong is told of all fields at once."""
        values = super().clean() or {}
        wrong = subscriptions.problems(self.told(values), outside=self.outside, before=self.before)
        if self.outside and self.before is None:
            wrong |= subscriptions.email_problem(values.get("email", "").strip())
        for name, text in wrong.items():
            if name not in self.errors and not ("chat" in self.errors and name in ("mail", "webhook")):
                self.add_error(name, text)
        return values

    def told(self, values: dict[str, Any] | None = None) -> subscriptions.Told:
        """A field that is wrong stands there as nothing was said of it."""
        found = dict(self.cleaned_data if values is None else values)
        found.pop("email", None)
        return subscriptions.Told(**found | {name: list(found.get(name, ())) for name in ("groups", "teams")})


def first_values(row: Subscription | None, timezone: str = "UTC") -> dict[str, Any]:
    """What the form shows first: how it stands, or what most begin with."""
    told = subscriptions.as_told(row) if row else subscriptions.Told(timezone=timezone)
    return {
        "email": row.email if row else "",
        "name": told.name,
        "timezone": told.timezone,
        "groups": [str(one.pk) for one in told.groups],
        "teams": [str(one.pk) for one in told.teams],
        "weekday": str(told.weekday),
        "hour": str(told.hour),
        "mail": told.mail,
        "chat": told.chat,
        "webhook": told.webhook,
        "alert_from": "" if told.alert_from is None else told.alert_from,
        "alert_stale": told.alert_stale,
        "quiet_from": str(told.quiet_from),
        "quiet_until": str(told.quiet_until),
        "seen": str(row.version) if row else "",
    }


def typed_values(data: Any) -> dict[str, Any]:
    """What was typed, as it was."""
    return {
        **data.dict(),
        "groups": data.getlist("groups"),
        "teams": data.getlist("teams"),
        "mail": "mail" in data,
        "alert_stale": "alert_stale" in data,
    }
