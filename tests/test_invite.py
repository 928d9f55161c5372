"""Inviting somebody: a role, and a link that opens once."""

from __future__ import annotations

import json
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.test import Client

from people.models import Person

pytestmark = pytest.mark.django_db
PASSWORD = "a long walk by the sea"  # noqa: S105


def invite(*words: str) -> dict[str, object]:
    out = StringIO()
    call_command("invite", *words, "--json", stdout=out)
    return json.loads(out.getvalue())  # type: ignore[no-any-return]


def test_an_invited_director_chooses_a_password_and_comes_in(client: Client) -> None:
    told = invite("Mara@Example.test", "--name", "Mara Lindqvist", "--role", "director")
    form = client.get(urlsplit(str(told["link"])).path, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    answer = client.post("/accounts/login/", {"login": "mara@example.test", "password": PASSWORD})
    assert answer.status_code == 302
    assert Person.objects.get(email="mara@example.test").role == "director"


def test_inviting_again_changes_the_role_and_keeps_the_person() -> None:
    invite("mara@example.test", "--name", "Mara", "--role", "engineer")
    told = invite("mara@example.test", "--name", "Mara", "--role", "manager")
    assert told["new"] is False
    assert Person.objects.get().role == "manager"


def test_what_is_no_address_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        invite("mara", "--name", "Mara")
    assert ended.value.code == 2
    assert not Person.objects.exists()
