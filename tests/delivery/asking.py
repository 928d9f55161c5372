"""A worker as a process of its own: asks a server so many questions through the gate that all workers share."""

from __future__ import annotations

import json
from contextlib import closing

from delivery import secrets, throttle
from delivery.connectors.contract import ConnectorError
from delivery.connectors.http import Http
from delivery.connectors.refusals import Site
from delivery.connectors.retry import RetryPolicy
from delivery.connectors.setup import Setup
from delivery.models import Source

RUN = (
    "import django, json, sys; django.setup(); from tests.delivery import asking; asking.main(*json.loads(sys.argv[1]))"
)


def main(source: dict[str, str], count: int, patience: float) -> None:
    """Prints, as JSON, how many questions were answered and the error that ended it."""
    row = Source(**{**source, "token": secrets.seal(source["token"])})
    setup = Setup(allow_private=True, policy=RetryPolicy(longest_wait=patience), gate=throttle.gate_for(row))
    site = Site("GitHub" if row.kind == "github" else "Jira", row.url, "…", "…", lanes=(("", "core"),))
    answered, error = 0, None
    with closing(Http(site, {"Authorization": f"Bearer {source['token']}"}, setup)) as http:
        try:
            for _ in range(count):
                http.get("/things")
                answered += 1
        except ConnectorError as caught:
            at = caught.retry_at.isoformat() if caught.retry_at else ""
            error = {"kind": caught.kind, "said": str(caught), "retry_at": at}
    print(json.dumps({"answered": answered, "error": error}), flush=True)
