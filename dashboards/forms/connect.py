"""What is typed while a source is connected. A secret is asked for once: ``kept`` says which the draft holds already."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from django import forms

from dashboards.pages import source_connecting
from dashboards.pages.source_ways import WAYS, Way
from delivery.connectors.address import base_url
from delivery.connectors.contract import ConnectorError

SECRETS: Final = ("token", "private_key")
LONGEST_KEY: Final = 16_000
WINDOWS: Final = (("3", "3 months"), ("6", "6 months"), ("12", "12 months"), ("24", "24 months"), ("all", "All of it"))
MEANS: Final = {
    "3": "Read soonest. Forecasts rest on 12 weeks of finished work: enough to begin, little to judge them by.",
    "6": "Two quarters: forecasts, and how they did in the last one.",
    "12": "A year: holidays and slow months are in it. Right for most.",
    "24": "Two years: also how a year compares with the one before.",
    "all": "Everything there is. Forecasts get no better for it; trends begin at the beginning.",
}
ASKED: Final = {
    "url": "Paste the address, such as {address}.",
    "email": "Enter the address that the token's person signs in with, such as headway@example.com.",
    "token": "Paste the token. It is kept sealed and never shown again.",
    "app_id": "Enter the App's number, such as 123456; it stands on the App's page under “About”.",
    "installation": "Enter the installation's number, such as 7654321: the last part of the address of its page.",
    "private_key": "Paste the whole private key, from “-----BEGIN” to “-----END … KEY-----”.",
}


class Choose(forms.Form):
    """Which tool, and how to sign in there."""

    way = forms.ChoiceField(choices=[(way.id, way.title) for way in WAYS.values()])
    way.error_messages["required"] = way.error_messages["invalid_choice"] = (
        "Choose one, such as “E-mail and API token”."
    )


class SignIn(forms.Form):
    """The address and the credentials that ``way`` needs; other fields are not there."""

    name = forms.CharField(max_length=80, error_messages={"required": "Give it a name, such as Jira."})
    url = forms.CharField(max_length=300)
    email = forms.EmailField(max_length=200)
    token = forms.CharField(max_length=4000, strip=True)
    app_id = forms.RegexField(r"^\d{1,15}$")
    installation = forms.RegexField(r"^\d{1,15}$")
    private_key = forms.CharField(max_length=LONGEST_KEY, strip=True)

    def __init__(self, way: Way, *args: Any, kept: Collection[str] = (), another: int | None = None, **more: Any):
        """``another``: the number of the source that may have the name, being the same one."""
        super().__init__(*args, **more)
        self.way, self.another = way, another
        for name in set(self.fields) - {"name", *way.fields}:
            del self.fields[name]
        for name in way.fields:
            field = self.fields[name]
            field.required = name not in kept and name not in way.optional
            said = ASKED[name].format(address=way.address)
            field.error_messages |= {"required": said, "invalid": said}

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if said := source_connecting.taken(name, self.way.kind, self.another):
            raise forms.ValidationError(said)
        return name

    def clean_url(self) -> str:
        try:
            base_url(self.cleaned_data["url"])
        except ConnectorError as error:
            raise forms.ValidationError(str(error)) from error
        return str(self.cleaned_data["url"]).strip().rstrip("/")


class History(forms.Form):
    """How far back to read, and how much of the source's quota to take."""

    window = forms.ChoiceField(choices=WINDOWS, error_messages={"required": "Choose how far back, such as 12 months."})
    share = forms.IntegerField(min_value=5, max_value=100)
    worklogs = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **more: Any):
        super().__init__(*args, **more)
        said = "Enter a whole number from 5 to 100, such as 50."
        self.fields["share"].error_messages = dict.fromkeys(("required", "invalid", "min_value", "max_value"), said)
