"""``python -m benchmarks.sync``: how fast a big organisation comes over HTTP into a fresh database, and a day later again.

The simulator is a process of its own, as Jira and GitHub are; what is measured are the commands people use, in a
database that is thrown away. Told are items (issues and pull requests) a second, seconds and requests of each phase,
and the greatest memory of the reading process.
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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from config import embedded
from simulator.server import serve
from simulator.tokens import DEMO_EMAIL, DEMO_GITHUB_TOKEN, DEMO_JIRA_TOKEN
from simulator.world import World, default_start

ROOT = Path(__file__).parent.parent
YEARS = 1.5
DAY = timedelta(days=1)
ITEMS = ("issues", "pulls")


@dataclass(frozen=True, slots=True)
class Result:
    """One ``manage.py sync``: what it said, and the greatest memory it had, in MiB."""

    said: dict[str, Any]
    memory: int

    def slices(self) -> list[dict[str, Any]]:
        return [part for source in self.said["sources"] for part in source["slices"]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--issues", type=int, default=20_000)
    parser.add_argument("--pulls", type=int, default=5_000)
    parser.add_argument("--datacenter", action="store_true", help="read Jira Data Center instead of Cloud")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve_world(options.issues, options.pulls)
    else:
        measure(options.issues, options.pulls, "datacenter" if options.datacenter else "cloud")


def serve_world(issues: int, pulls: int) -> None:
    """Serve the world as it was yesterday until a line comes on standard input, then as it is, until the next."""
    today = datetime.now(UTC).date()
    world = World.sized(issues=issues, pulls=pulls, start=default_start(today, YEARS), years=YEARS)
    behind = [DAY]
    with serve(world, clock=lambda: datetime.now(UTC) - behind[0]) as running:
        for team in world.teams:  # lived before anybody asks: the organisation's own time is not measured
            world.issues(team.project, datetime.now(UTC))
        scopes = {"jira": [team.project for team in world.teams]}
        scopes["github"] = [name for team in world.teams for name in team.repositories]
        print(json.dumps({"url": running.url, **scopes}), flush=True)
        sys.stdin.readline()
        behind[0] = timedelta()
        print("today", flush=True)
        sys.stdin.readline()


def measure(issues: int, pulls: int, jira: str) -> None:
    """Connect, read everything, let a day pass, read what changed; a table of each."""
    folder = tempfile.mkdtemp(prefix="headway-bench-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # after the servers in it have stopped
    with serving(issues, pulls) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        where = json.loads(server.stdout.readline())
        servers = embedded.start(Path(folder))  # kept up between the commands
        environment = {"DATA_DIR": folder, "HEADWAY_EMBEDDED": "1"}
        environment |= {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
        manage(environment, "migrate", "--verbosity", "0")
        connect(environment, where, jira)
        show("Everything, into an empty database", sync(environment))
        print("today", file=server.stdin, flush=True)
        server.stdout.readline()
        since = (datetime.now(UTC) - 2 * DAY).date()
        show(f"What changed since {since}", sync(environment, "--since", str(since)))
        show("Everything again, nothing changed", sync(environment, "--full"))
        print("end", file=server.stdin, flush=True)


@contextmanager
def serving(issues: int, pulls: int) -> Iterator[subprocess.Popen[str]]:
    words = ["-m", "benchmarks.sync", "--serve", "--issues", str(issues), "--pulls", str(pulls)]
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, *words], cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
    try:
        yield process
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
    phases: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for part in result.slices():
        phases[part["kind"]].append(part)
    items, seconds = 0, sum(source["seconds"] for source in result.said["sources"])
    print(f"\n{title}")
    for kind, parts in phases.items():
        spent = _sum(parts, "seconds")
        items += int(_sum(parts, "read")) if kind in ITEMS else 0
        print(
            f"  {kind:<12}{_sum(parts, 'read'):>8,} read {_sum(parts, 'written'):>8,} written {spent:>7.1f} s"
            f"{_sum(parts, 'read') / max(spent, 0.001):>8,.0f} a second{_sum(parts, 'requests'):>7,} requests"
        )
    rest = seconds - _sum(result.slices(), "seconds")
    print(f"  {'settling':<12}{rest:>39.1f} s")
    print(f"  {items:,} items in {seconds:.1f} s: {items / seconds:,.0f} a second, {result.memory} MiB at most")


def _sum(parts: Sequence[dict[str, Any]], name: str) -> float:
    return sum(part[name] for part in parts)


if __name__ == "__main__":
    main()
