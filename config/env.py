"""Settings from the environment, read at the door: present and well-formed, or a start-up error that names them."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

REQUIRED = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL", "PUBLIC_URL", "FIELD_KEY")


def is_local() -> bool:
    """Nobody configured this machine (or it runs with DEBUG): use embedded servers and keys of our own."""
    return truth("DEBUG") or truth("HEADWAY_EMBEDDED") or not any(os.environ.get(name) for name in REQUIRED)


def truth(name: str) -> bool:
    """Whether a switch is on. Raises ImproperlyConfigured for anything but a yes or a no."""
    text = os.environ.get(name, "").strip().lower()
    if text in ("1", "true", "yes", "on"):
        return True
    if text in ("", "0", "false", "no", "off"):
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {text!r}.")


def demand_all() -> None:
    """Raise ImproperlyConfigured naming every required setting that is missing."""
    missing = [name for name in REQUIRED if not os.environ.get(name)]
    if missing:
        raise ImproperlyConfigured(
            f"These settings are missing from the environment: {', '.join(missing)}. See .env.example."
        )


def data_dir(base: Path) -> Path:
    """Where a local machine keeps its database, queue and keys: DATA_DIR, or ``var``."""
    return Path(os.environ.get("DATA_DIR") or base / "var").resolve()


def kept_secret(path: Path, make: bytes | None = None) -> str:
    """A secret made once and kept in ``path``, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(make or secrets.token_urlsafe(48).encode())
    except FileExistsError:
        pass
    return path.read_text()
