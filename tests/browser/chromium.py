"""Where the installed Chromium is; run as a module it says how to get one."""

from __future__ import annotations

import os
import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW = (
    "The browser tests need Chromium, and there is none on this machine.\n"
    "On Debian or Ubuntu: apt-get install chromium. Elsewhere: install Chromium or Chrome, or set CHROMIUM to its path."
)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def path() -> str | None:
    """The browser to drive: CHROMIUM, or the first one on PATH."""
    return os.environ.get("CHROMIUM") or next((found for name in NAMES if (found := shutil.which(name))), None)


if __name__ == "__main__" and path() is None:
    sys.exit(HOW)
