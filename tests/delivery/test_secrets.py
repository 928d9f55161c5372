"""Tokens are sealed at rest, and keys can be rotated."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet

from delivery import secrets

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_a_sealed_token_shows_nothing_and_opens_again(settings: Any) -> None:
    settings.FIELD_KEY = OLD
    sealed = secrets.seal("ghp_secret")
    assert "secret" not in sealed
    assert secrets.unseal(sealed) == "ghp_secret"


def test_a_new_key_before_the_old_one_still_opens_what_the_old_one_sealed(settings: Any) -> None:
    settings.FIELD_KEY = OLD
    sealed = secrets.seal("ghp_secret")
    settings.FIELD_KEY = f"{NEW}, {OLD}"
    assert secrets.unseal(sealed) == "ghp_secret"
    again = secrets.seal("ghp_secret")
    settings.FIELD_KEY = NEW
    assert secrets.unseal(again) == "ghp_secret"


def test_a_lost_key_is_said_with_the_way_out(settings: Any) -> None:
    settings.FIELD_KEY = OLD
    sealed = secrets.seal("ghp_secret")
    settings.FIELD_KEY = NEW
    with pytest.raises(secrets.SecretError, match="Put the old key back"):
        secrets.unseal(sealed)


@pytest.mark.parametrize("key", ["", "short", "not base64 at all!"])
def test_a_field_key_that_is_none_is_said(settings: Any, key: str) -> None:
    settings.FIELD_KEY = key
    with pytest.raises(secrets.SecretError, match="FIELD_KEY"):
        secrets.seal("ghp_secret")
