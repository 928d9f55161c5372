"""What every test may lean on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test.utils import override_settings

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


@pytest.fixture
def clean_cache() -> Iterator[None]:
    """For tests that count or throttle: nothing of an earlier test is in Redis."""
    cache.clear()
    yield
    cache.clear()
