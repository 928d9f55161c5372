"""One HTTP server that pretends to be Jira Cloud, Jira Data Center and GitHub, over one pretend organisation.

``/cloud``, ``/datacenter`` and ``/github`` are the three sites. Faults, when asked for, stand before all of them.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from simulator.faults import Fault, Rehearsal, bent, parse
from simulator.github import site as github
from simulator.jira import site as jira
from simulator.organisation import Clock, OneAtATime, Organisation
from simulator.tokens import Tokens
from simulator.web import SILENCE, Reply, Request, json_reply, split_target

REMEMBERED = 20_000  # requests kept for a test or a person to look at

Site = Callable[[Request], Reply]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many requests an hour a token has; None is a server that does not limit, and says nothing of limits."""

    github: int | None = 1_000_000
    datacenter: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that was answered; ``path`` is the request's target with its query.

    ``status`` 0: it got no answer. ``signed``: it carried credentials, to the name in ``host``.
    """

    method: str
    path: str
    status: int
    host: str = ""
    signed: bool = False


class Server(ThreadingHTTPServer):
    """Remembers its open connections, so that stopping ends every thread and closes every socket."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], answer: Callable[[Request], Reply], clock: Clock) -> None:
        self.answer = answer
        self.clock = clock
        self.lock = threading.Lock()
        self.connections: set[socket.socket] = set()
        super().__init__(address, Connection)

    def hang_up(self) -> None:
        """Ends every open connection."""
        with self.lock:
            for connection in self.connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class Connection(BaseHTTPRequestHandler):
    """One keep-alive connection: read a request, answer it in one write."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def setup(self) -> None:
        super().setup()
        with self.server.lock:
            self.server.connections.add(self.connection)

    def finish(self) -> None:
        with self.server.lock:
            self.server.connections.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def handle(self) -> None:
        with suppress(ConnectionError):
            super().handle()

    def answer(self) -> None:
        host, port = self.server.server_address[:2]
        path, query = split_target(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        base = f"http://{headers.get('host') or f'{host!s}:{port}'}"
        self.send(self.server.answer(Request(self.command, self.path, path, query, headers, body, base)))

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = answer

    def send(self, reply: Reply) -> None:
        if reply is SILENCE:
            self.close_connection = True
            return
        head = [f"HTTP/1.1 {reply.status} {phrase(reply.status)}"]
        if "Date" not in reply.headers:
            head += [f"Date: {format_datetime(self.server.clock(), usegmt=True)}"]
        if reply.status != HTTPStatus.NOT_MODIFIED:
            head += [f"Content-Type: {reply.content_type}", f"Content-Length: {len(reply.body)}"]
        head += [f"{name}: {value}" for name, value in reply.headers.items()]
        if reply.cut is not None:
            self.close_connection = True
        body = b"" if self.command == "HEAD" else reply.body[: reply.cut]
        self.wfile.write("\r\n".join([*head, "", ""]).encode("latin-1") + body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: ``Running.requests`` remembers."""


def phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


@dataclass(slots=True)
class Running:
    """A server that answers until it is stopped; also a context manager."""

    server: Server
    thread: threading.Thread
    rehearsal: Rehearsal
    world: Organisation
    seen: list[Seen] = field(default_factory=list)

    @property
    def url(self) -> str:
        host, port = self.server.server_address[:2]
        return f"http://{host!s}:{port}"

    @property
    def jira_cloud_url(self) -> str:
        return f"{self.url}/cloud"

    @property
    def jira_datacenter_url(self) -> str:
        return f"{self.url}/datacenter"

    @property
    def github_api_url(self) -> str:
        return f"{self.url}/github/api/v3"

    @property
    def github_graphql_url(self) -> str:
        return f"{self.url}/github/api/graphql"

    @property
    def requests(self) -> list[Seen]:
        """What was asked so far, oldest first."""
        return list(self.seen)

    def forget(self) -> None:
        """Starts the list of requests anew."""
        self.seen.clear()

    def trouble(self, faults: str | Sequence[Fault] = ()) -> None:
        """These faults from now on, and no others; those that lie in the world itself stay as they were."""
        self.rehearsal.faults = parse(faults, self.world) if isinstance(faults, str) else tuple(faults)

    def stop(self) -> None:
        """Ends the server, its threads and its sockets; a second call does nothing."""
        self.rehearsal.stopping.set()
        self.server.shutdown()
        self.server.hang_up()
        self.server.server_close()
        self.thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def serve(
    world: Organisation,
    *,
    clock: Clock,
    host: str = "127.0.0.1",
    port: int = 0,
    tokens: Tokens | None = None,
    limits: Limits | None = None,
    faults: str | Sequence[Fault] = (),
    seed: int = 0,
    doors: Callable[[Mapping[str, Site]], Mapping[str, Site]] | None = None,
) -> Running:
    """Starts the three sites in a thread; port 0 takes a free one. ``faults`` as ``rate:every=10,html:every=50``.

    ``doors`` put more ways to sign in before the sites (``simulator.oauth``, ``simulator.github_app``).
    """
    tokens, limits = tokens or Tokens(), limits or Limits()
    bendable = bent(faults, world, clock) if isinstance(faults, str) else world
    world = bendable if isinstance(bendable, OneAtATime) else OneAtATime(bendable)
    sites: dict[str, Site] = {
        "cloud": jira.cloud(world, clock=clock, tokens=tokens.jira),
        "datacenter": jira.datacenter(world, clock=clock, tokens=tokens.jira, budget=limits.datacenter),
        "github": github.site(world, clock=clock, tokens=tokens.github, budget=limits.github),
    }
    sites = dict(doors(sites)) if doors else sites
    seen: list[Seen] = []
    faulty = parse(faults, world) if isinstance(faults, str) else faults
    rehearsal = Rehearsal(lambda request: visit(sites, request), clock, faults=faulty, seed=seed)

    def answer(request: Request) -> Reply:
        reply = rehearsal(request)
        if len(seen) >= REMEMBERED:
            del seen[: REMEMBERED // 2]
        signed = "authorization" in request.headers
        seen.append(Seen(request.method, request.target, reply.status, request.headers.get("host", ""), signed))
        return reply

    server = Server((host, port), answer, clock)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="simulator")
    thread.start()
    return Running(server, thread, rehearsal, world, seen)


def visit(sites: Mapping[str, Site], request: Request) -> Reply:
    """Hands a request to the site its first path segment names."""
    name, _, rest = request.path.lstrip("/").partition("/")
    site = sites.get(name)
    if site is None:
        return json_reply({"errorMessages": [f"No site at /{name}: try {', '.join(sites)}"], "errors": {}}, 404)
    return site(
        Request(
            request.method,
            request.target,
            f"/{rest}",
            request.query,
            request.headers,
            request.body,
            f"{request.base}/{name}",
        )
    )
