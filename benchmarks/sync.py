"""``python -m benchmarks.sync``: how fast a large organisation comes over HTTP into a fresh database, and what changed.

The pretend servers are a process of their own and answer from memory (benchmarks.large), so that they are not what is
measured; Headway is measured by the commands people use, in a database that is thrown away. In the same run: the same
pages fetched and thrown away, and what public client libraries need only to list the same.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import redis

from config import embedded
from simulator.tokens import DEMO_EMAIL, DEMO_GITHUB_TOKEN, DEMO_JIRA_TOKEN

ROOT = Path(__file__).parent.parent
CHANGES = 1000
DAYS = 7  # the servers begin so long ago, to have days left in which something changes
SOME = 2  # projects and repositories that the libraries list


@dataclass(frozen=True, slots=True)
class Result:
    """One ``manage.py sync``: what it said, and the greatest memory it had, in MiB."""

    said: dict[str, Any]
    memory: int

    def slices(self) -> list[dict[str, Any]]:
        return [part for source in self.said["sources"] for part in source["slices"]]

    @property
    def seconds(self) -> float:
        return float(sum(source["seconds"] for source in self.said["sources"]))


@dataclass(frozen=True, slots=True)
class Servers:
    """The large organisation: where it is, and its process, which takes commands."""

    where: dict[str, Any]
    process: subprocess.Popen[str]

    def tell(self, command: str) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(command, file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--issues", type=int, default=100_000)
    parser.add_argument("--pulls", type=int, default=30_000)
    parser.add_argument("--datacenter", action="store_true", help="read Jira Data Center instead of Cloud")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="headway-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # after the servers in it have stopped
    with serving(options.issues, options.pulls) as servers:
        running = embedded.start(folder)  # kept up between the commands
        environment = {"DATA_DIR": str(folder), "HEADWAY_EMBEDDED": "1"}
        environment |= {"DATABASE_URL": running.database_url, "REDIS_URL": running.redis_url}
        measure(servers, environment, "datacenter" if options.datacenter else "cloud", folder)


def measure(servers: Servers, environment: dict[str, str], jira: str, folder: Path) -> None:
    """Let the servers make their answers, then read everything; the same by others; then what changed."""
    for _ in range(2):  # the first time is the servers' own
        manage(environment, "migrate", "delivery", "zero", "--verbosity", "0")
        manage(environment, "migrate", "--verbosity", "0")
        connect(environment, servers.where, jira)
        everything = {name: sync(environment, name) for name in ("Jira", "GitHub")}
    for name, result in everything.items():
        show(f"{name}: everything, into an empty database", result)
    others(servers, everything, folder)
    changed = servers.tell(f"changes {CHANGES}")
    with copied(environment) as copy:  # the servers make the new answers for a copy, which asks the same
        for name in everything:
            sync(copy, name)
    for name in everything:
        show(f"{name}: what changed, {changed:,} issues of them", sync(environment, name))
    for name in everything:
        sync(environment, name, "--full")
        show(f"{name}: everything again, nothing changed", sync(environment, name, "--full"))


@contextmanager
def copied(environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """The environment of a copy of the database, with the answers that are remembered in Redis taken away after it."""
    url = urlsplit(environment["DATABASE_URL"])
    name = url.path.lstrip("/")
    connection = psycopg2.connect(urlunsplit(url._replace(path="/postgres")))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}_copy TEMPLATE {name}")
        yield environment | {"DATABASE_URL": urlunsplit(url._replace(path=f"/{name}_copy"))}
        cursor.execute(f"DROP DATABASE {name}_copy")
    connection.close()
    redis.Redis.from_url(environment["REDIS_URL"]).flushdb()


def others(servers: Servers, everything: dict[str, Result], folder: Path) -> None:
    """The same pages unread, and the libraries: items a second, and how many times that Headway reads and stores."""
    url, asked = servers.where["url"], folder / "asked"
    servers.tell(f"told {asked}")
    ours = {
        name: rate(result, kind) for (name, result), kind in zip(everything.items(), ("issues", "pulls"), strict=True)
    }
    issues = sum(part["read"] for part in everything["Jira"].slices() if part["kind"] == "issues")
    bare = python("benchmarks.pages_only", url, str(asked))
    print("\nBeside it, in the same run")
    fetched = issues / bare["seconds"]
    print(
        f"  the same pages of issues fetched and thrown away: {fetched:,.0f} items a second ({bare['bytes'] / 1e6:,.0f} MB)"
    )
    listed = python("benchmarks.libraries", "jira", f"{url}/cloud", *servers.where["jira"][:SOME])
    theirs = listed["items"] / listed["seconds"]
    print(
        f"  jira (PyPI) lists with changelogs: {theirs:,.0f} items a second; Headway stores {ours['Jira'] / theirs:.1f} times as many"
    )
    listed = python("benchmarks.libraries", "github", f"{url}/github/api/v3", *servers.where["github"][:SOME])
    theirs = listed["items"] / listed["seconds"]
    print(
        f"  PyGithub lists with reviews and commits: {theirs:,.0f} a second; Headway stores {ours['GitHub'] / theirs:.1f} times as many",
        flush=True,
    )


def rate(result: Result, kind: str) -> float:
    """Items of ``kind`` a second of the whole command."""
    return sum(part["read"] for part in result.slices() if part["kind"] == kind) / result.seconds


def python(module: str, *words: str) -> dict[str, Any]:
    output = subprocess.run([sys.executable, "-m", module, *words], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    said: dict[str, Any] = json.loads(output.stdout)
    return said


@contextmanager
def serving(issues: int, pulls: int, *, behind: int = DAYS) -> Iterator[Servers]:
    words = ["-m", "benchmarks.large", str(issues), str(pulls), str(behind)]
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, *words], cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
    assert process.stdout is not None
    try:
        yield Servers(json.loads(process.stdout.readline()), process)
    finally:
        process.terminate()
        process.communicate()


def connect(environment: dict[str, str], where: dict[str, Any], jira: str) -> None:
    mail = ["--email", DEMO_EMAIL] if jira == "cloud" else []
    words = ["connect", "jira", "--name", "Jira", "--url", f"{where['url']}/{jira}", *mail, "--token", DEMO_JIRA_TOKEN]
    manage(environment, *words, "--allow-private", "--project", *where["jira"])
    words = ["connect", "github", "--name", "GitHub", "--url", f"{where['url']}/github/api/v3"]
    manage(environment, *words, "--token", DEMO_GITHUB_TOKEN, "--allow-private", "--repo", *where["github"])


def sync(environment: dict[str, str], *words: str) -> Result:
    output, memory = manage(environment, "sync", "--json", *words)
    return Result(json.loads(output), memory)


def manage(environment: dict[str, str], *words: str) -> tuple[str, int]:
    """Run a command of manage.py to its end: its output, and its greatest memory in MiB."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode:
        sys.exit(f"manage.py {words[0]} failed.\n{output}")
    return output, usage.ru_maxrss // (1024 if sys.platform == "linux" else 1024**2)


def show(title: str, result: Result) -> None:
    """A table of the parts; side by side their seconds overlap, so the whole command's count at the end."""
    phases: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for part in result.slices():
        phases[part["kind"]].append(part)
    print(f"\n{title}")
    for kind, parts in phases.items():
        read, written, requests = (int(_sum(parts, name)) for name in ("read", "written", "requests"))
        print(f"  {kind:<12}{read:>9,} read {written:>9,} written {requests:>7,} requests")
    main = max(phases, key=lambda kind: _sum(phases[kind], "read"))
    print(
        f"  {result.seconds:.1f} s: {_sum(phases[main], 'read') / result.seconds:,.0f} {main} a second, "
        f"{result.memory} MiB at most",
        flush=True,
    )


def _sum(parts: Sequence[dict[str, Any]], name: str) -> float:
    return sum(part[name] for part in parts)


if __name__ == "__main__":
    main()
