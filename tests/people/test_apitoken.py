"""``manage.py apitoken``: one fresh token, for somebody who is here."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from rest_framework.authtoken.models import Token

from tests import builders

pytestmark = pytest.mark.django_db


def apitoken(*arguments: str) -> str:
    out = StringIO()
    call_command("apitoken", *arguments, stdout=out)
    return out.getvalue().strip()


def test_it_prints_a_token_that_replaces_the_one_before() -> None:
    person = builders.person(email="ada@example.test")
    first, second = apitoken("Ada@Example.test"), apitoken("ada@example.test")
    assert first != second
    assert Token.objects.get(user=person).key == second


def test_it_is_one_json_object_for_a_machine() -> None:
    person = builders.person(email="ada@example.test")
    said = json.loads(apitoken("Ada@example.test", "--json"))
    assert said == {"email": "ada@example.test", "token": Token.objects.get(user=person).key}


def test_an_unknown_address_is_wrong_use() -> None:
    with pytest.raises(CommandError, match="nobody@example.test") as refused:
        apitoken("nobody@example.test")
    assert refused.value.returncode == 2


def test_somebody_switched_off_gets_none() -> None:
    builders.person(email="off@example.test", is_active=False)
    with pytest.raises(CommandError, match="switched off") as refused:
        apitoken("off@example.test")
    assert refused.value.returncode == 1
    assert not Token.objects.exists()
