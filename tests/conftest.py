"""What every test may lean on."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test.utils import override_settings

from delivery import throttle

PLAIN_FILES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


@pytest.fixture(scope="session", autouse=True)
def quick_settings() -> Iterator[None]:
    """Cheap password hashes and unhashed static files; everything else is as on a real site."""
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STORAGES=PLAIN_FILES,
        WHITENOISE_AUTOREFRESH=True,
    ):
        yield


@pytest.fixture(autouse=True)
def own_manners(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a pretend server on some port asked for in one test does not hold up another one on the same port."""
    monkeypatch.setattr(throttle, "PREFIX", f"test:{secrets.token_hex(4)}:manners")


@pytest.fixture
def clean_cache() -> Iterator[None]:
    """For tests that count or throttle: nothing of an earlier test is in Redis."""
    cache.clear()
    yield
    cache.clear()
