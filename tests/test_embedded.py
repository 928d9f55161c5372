"""Embedded servers: started once, shared, and gone with their last user, however that one ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2
import pytest
import redis

ROOT = Path(__file__).parent.parent
HOLD = textwrap.dedent(
    """
    import sys, time
    from pathlib import Path
    from config import embedded
    servers = embedded.start(Path(sys.argv[1]), durable=False)
    print(servers.database_url, servers.redis_url, flush=True)
    sys.stdin.read()
    """
)


class Holder:
    """A process that uses the servers of ``folder`` until it is told to leave."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        words = self.process.stdout.readline().split()
        assert len(words) == 2, self.process.communicate()[1]
        self.database_url, self.redis_url = words

    def answers(self) -> bool:
        try:
            psycopg2.connect(self.database_url, connect_timeout=2).close()
            return bool(redis.Redis.from_url(self.redis_url).ping())
        except (psycopg2.OperationalError, redis.ConnectionError):
            return False

    def leave(self) -> None:
        self.process.communicate("")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not in pytest's own folder: another run of pytest closes that to PostgreSQL's user."""
    with TemporaryDirectory(prefix="headway-embedded-") as made:
        yield Path(made) / "a folder with spaces"


def test_the_last_one_to_leave_stops_the_servers(folder: Path) -> None:
    first, second = Holder(folder), Holder(folder)
    assert first.database_url == second.database_url
    first.leave()
    assert second.answers()
    second.leave()
    assert not second.answers()


def test_a_killed_user_leaves_nothing_that_the_next_one_cannot_put_right(folder: Path) -> None:
    killed = Holder(folder)
    killed.kill()
    after = Holder(folder)
    assert after.answers()
    after.leave()
    assert not after.answers()


def test_data_survives_a_restart(folder: Path) -> None:
    first = Holder(folder)
    with psycopg2.connect(first.database_url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    connection.close()
    first.leave()
    second = Holder(folder)
    with psycopg2.connect(second.database_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM kept")
        assert cursor.fetchone() == (42,)
    connection.close()
    second.leave()


def test_nothing_listens_on_a_port(folder: Path) -> None:
    holder = Holder(folder)
    assert "host=" in holder.database_url
    assert holder.redis_url.startswith("unix://")
    holder.leave()
