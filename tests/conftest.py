"""What every test may lean on."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test.utils import override_settings

from delivery import throttle

PLAIN_FILES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SLOW = (
    *("faults/test_chaos.py", "test_demo.py", "delivery/test_planted.py", "faults/test_silence.py"),
    *("faults/test_road.py", "browser/test_sources.py", "delivery/test_throttle.py", "faults/test_killed.py"),
)
"""Files that take a minute or more, the slowest first."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A parallel run begins with the slowest files, so that no process is left alone with one at the end."""
    root = Path(__file__).parent
    rank = {root / name: place for place, name in enumerate(SLOW)}
    items.sort(key=lambda item: rank.get(item.path, len(SLOW)))


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
