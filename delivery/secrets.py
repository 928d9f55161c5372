"""Tokens at rest: sealed with FIELD_KEY, opened only where a request needs them."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SecretError(Exception):
    """A token cannot be sealed or opened; the message says what to do about it."""


def seal(token: str) -> str:
    """``token`` as it may lie in the database, sealed with the first key of FIELD_KEY."""
    return _keys().encrypt(token.encode()).decode()


def unseal(sealed: str) -> str:
    """The token. Any key of FIELD_KEY opens it, so that a new key may be put before the old one. Raises SecretError."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretError(
            "The stored token cannot be opened: FIELD_KEY is not the key it was sealed with. "
            "Put the old key back (FIELD_KEY may hold several, separated by commas), or connect the source again."
        ) from error


def _keys() -> MultiFernet:
    words = [word.strip() for word in settings.FIELD_KEY.split(",") if word.strip()]
    try:
        return MultiFernet([Fernet(word) for word in words])
    except ValueError as error:
        raise SecretError(
            "FIELD_KEY holds no usable key: each must be 32 bytes in URL-safe base64. Make one with "
            '`python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"`.'
        ) from error
