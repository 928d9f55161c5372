"""A benchmark's own database and queue, gone when it ends."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from config import embedded

ROOT = Path(__file__).parent.parent
READY = "import django; django.setup(); from django.core.management import call_command; "
TABLES = "call_command('migrate', verbosity=0); "
FILES = "call_command('collectstatic', verbosity=0, interactive=False); "


def run(code: str, *words: str, **settings: str) -> NoReturn:
    """Run ``code`` with ``words`` in a process that has fresh servers and ``settings``; ends with its exit code."""
    folder = tempfile.mkdtemp(prefix="headway-bench-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # after the servers in it have stopped
    servers = embedded.start(Path(folder))
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATA_DIR": folder,
        "HEADWAY_EMBEDDED": "1",
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
    }
    command = [sys.executable, "-c", code, *words]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | environment | settings, check=False)
    sys.exit(done.returncode)
