"""Settings: a missing or malformed one is an error that names it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WHOLE = {
    "DATABASE_URL": "postgres://headway@localhost:1/headway",
    "REDIS_URL": "redis://localhost:1/0",
    "SECRET_KEY": "not-so-secret-in-a-test-0123456789-abcdefghijklmnop",
    "ALLOWED_HOSTS": "headway.example.com",
    "EMAIL_URL": "smtp://localhost:25",
    "PUBLIC_URL": "https://headway.example.com",
    "FIELD_KEY": "r0SJcVcbyQm7Bd3TQ0bJ0aYz1uJxq2tA0x0k5Yv7Z3Q=",
}
SHOW = "from django.conf import settings; print(settings.LOCAL, settings.DEMO, settings.SESSION_COOKIE_SECURE, settings.DEBUG)"


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    bare = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.run(
        [sys.executable, "-c", SHOW], cwd=ROOT, env=bare | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("missing", sorted(WHOLE))
def test_a_missing_setting_is_named(missing: str) -> None:
    done = run(**{name: value for name, value in WHOLE.items() if name != missing})
    assert done.returncode != 0
    assert f"missing from the environment: {missing}." in done.stderr


def test_a_configured_site_is_not_local_and_keeps_its_cookies_to_https() -> None:
    assert run(**WHOLE).stdout.split() == ["False", "False", "True", "False"]


def test_the_demo_cannot_be_switched_on_on_a_configured_site() -> None:
    assert run(**WHOLE, HEADWAY_DEMO="1").stdout.split()[1] == "False"


def test_a_switch_takes_a_yes_or_a_no() -> None:
    assert "DEBUG must be 1 or 0" in run(**WHOLE, DEBUG="perhaps").stderr
