"""The demo, as a person runs it: one command, a site with data, and nothing left after Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from config.processes import free_port

ROOT = Path(__file__).parent.parent
PATIENCE = 300  # seconds for a start on a busy machine; not a measure of speed


class Demo:
    """``manage.py demo`` in a folder of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "DATA_DIR": str(folder), "PORT": str(port), "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said = ""

    def wait_for(self, words: str) -> str:
        """Read on until a line holds ``words``; fails with everything said when it ends before."""
        assert self.process.stdout is not None
        alarm = threading.Timer(PATIENCE, self.process.kill)
        alarm.start()
        for line in self.process.stdout:
            self.said += line
            if words in line:
                alarm.cancel()
                return self.said
        alarm.cancel()
        pytest.fail(f"The demo ended without saying {words!r}:\n{self.said}")

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=60)
        self.said += rest or ""
        return self.process.returncode

    def left_behind(self) -> list[str]:
        """Living processes that know this demo's folder, once those that are about to end have had a moment."""
        for _ in range(50):
            if not self.living():
                return []
            time.sleep(0.1)
        return self.living()

    def living(self) -> list[str]:
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                words = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if str(self.folder).encode() in words and state != "Z":
                found.append(words.split(b"\0")[0].decode())
        return found


@pytest.fixture(scope="module")
def home() -> Iterator[list[Demo]]:
    """The demos of this module, all in one folder whose name has a space; the last one may still run.

    Not in pytest's own folder: another run of pytest closes that to PostgreSQL's user.
    """
    with TemporaryDirectory(prefix="headway-demo-") as folder:
        started = [Demo(Path(folder) / "with a space", free_port())]
        started[0].wait_for("Ctrl-C stops it all")
        yield started
        if started[-1].process.poll() is None:
            started[-1].interrupt()


@pytest.fixture
def demo(home: list[Demo]) -> Demo:
    """A running demo, whatever an earlier test did to it."""
    if home[-1].process.poll() is not None:
        home.append(Demo(home[0].folder, free_port()))
        home[-1].wait_for("Ctrl-C stops it all")
    return home[-1]


def sign_in(demo: Demo, who: str) -> httpx.Client:
    client = httpx.Client(base_url=demo.url, follow_redirects=True)
    page = client.get("/accounts/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token
    answer = client.post(
        "/accounts/login/",
        data={"login": f"{who}@example.test", "password": "demo", "csrfmiddlewaretoken": token[1]},
        headers={"Referer": f"{demo.url}/accounts/login/"},
    )
    assert answer.url.path == "/"
    return client


def test_the_demo_says_where_it_is_and_who_may_log_in(demo: Demo) -> None:
    assert f"{demo.url}/" in demo.said
    for who in ("director", "manager", "engineer", "executive", "admin"):
        assert f"{who}@example.test" in demo.said
    assert httpx.get(f"{demo.url}/readyz").status_code == 200


def test_the_director_sees_which_promises_are_in_danger(demo: Demo) -> None:
    with closing(sign_in(demo, "director")) as client:
        page = client.get("/").text
        assert re.search(r"\d+ of \d+ deliverables", page)
        rows = client.get("/api/v1/deliverables/?page_size=100").json()["results"]
    levels = {row["level"] for row in rows}
    assert {"likely", "at-risk", "on-track"} <= levels


def test_a_taken_port_is_named_with_the_way_out(demo: Demo) -> None:
    with TemporaryDirectory(prefix="headway-demo-") as folder, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        second = Demo(Path(folder), taken.getsockname()[1])
        said, _ = second.process.communicate(timeout=60)
    assert second.process.returncode == 1
    assert re.search(r"Port \d+ is taken.*PORT=\d+ make demo", said)


def test_a_site_of_ones_own_does_not_start_on_the_demos_data(demo: Demo) -> None:
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(demo.folder), "PORT": str(free_port())}
    done = subprocess.run(
        [sys.executable, "manage.py", "up"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "holds the demo" in done.stderr


def test_ctrl_c_leaves_no_process_and_a_second_start_has_everything(demo: Demo) -> None:
    assert demo.interrupt() == 0
    assert demo.left_behind() == []
    again = Demo(demo.folder, free_port())
    said = again.wait_for("Ctrl-C stops it all")
    assert "Reading Jira and GitHub" not in said  # what is there is not read again
    assert httpx.get(f"{again.url}/readyz").status_code == 200
    again.process.kill()  # killed in the middle: its children end with it, the next start puts the servers right
    again.process.communicate()
    third = Demo(demo.folder, free_port())
    third.wait_for("Ctrl-C stops it all")
    assert third.interrupt() == 0
    assert third.left_behind() == []
