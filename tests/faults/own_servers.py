"""A PostgreSQL and a Redis of a test's own, which it may restart and empty; the ORM looks into that PostgreSQL."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import environ
from django.conf import settings
from django.db import connection

from config import embedded
from tests.faults.worker import ROOT

PLACE = ("NAME", "HOST", "PORT", "USER", "PASSWORD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class OwnServers:
    folder: Path
    database_url: str
    redis_url: str

    def restart_postgres(self, how: str) -> None:
        """``how``: fast (connections are ended) or immediate (as after a loss of power)."""
        command = [embedded._postgres("pg_ctl"), "-D", str(self.folder / "postgres"), "-m", how, "-w", "restart"]
        done = embedded._run_as_owner([*command, "-l", str(self.folder / "postgres" / "log")])
        assert done.returncode == 0, done.stdout


@contextmanager
def own_servers() -> Iterator[OwnServers]:
    """Started, with empty tables; they end with this process, and their folder after them.

    It is not below pytest's own: every start of pytest closes that to other users, and PostgreSQL runs as one.
    """
    folder = Path(tempfile.mkdtemp(prefix="headway-own-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # before the servers register their own end
    started = embedded.start(folder, durable=False)
    servers = OwnServers(folder, started.database_url, started.redis_url)
    environment = os.environ | {
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "FIELD_KEY": settings.FIELD_KEY,
        "HEADWAY_EMBEDDED": "1",
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=environment, check=True)
    with looking_into(servers.database_url):
        yield servers


@contextmanager
def looking_into(database_url: str) -> Iterator[None]:
    """All connections made in this block lead to another database."""
    before = {name: connection.settings_dict[name] for name in PLACE}
    there = environ.Env.db_url_config(database_url)
    connection.close()
    connection.settings_dict.update({name: there.get(name, {} if name == "OPTIONS" else "") for name in PLACE})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
