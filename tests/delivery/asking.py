"""A worker as a process of its own: asks a server so many questions through the gate that all workers share.

``python -m tests.delivery.asking SOURCE_JSON COUNT [PATIENCE]``; prints how many were answered and what ended it.
"""

from __future__ import annotations

import json
import os
import sys

import django


def main(source: dict[str, object], count: int, patience: float) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from delivery import secrets, throttle
    from delivery.connectors.contract import ConnectorError
    from delivery.connectors.http import Http
    from delivery.connectors.refusals import Site
    from delivery.connectors.retry import RetryPolicy
    from delivery.connectors.setup import Setup
    from delivery.models import Source

    row = Source(**{**source, "token": secrets.seal(str(source["token"]))})
    setup = Setup(allow_private=True, policy=RetryPolicy(longest_wait=patience), gate=throttle.gate_for(row))
    site = Site("GitHub" if row.kind == "github" else "Jira", row.url, "…", "…", lanes=(("", "core"),))
    http, answered, error = Http(site, {"Authorization": f"Bearer {source['token']}"}, setup), 0, None
    try:
        for _ in range(count):
            http.get("/things")
            answered += 1
    except ConnectorError as caught:
        at = caught.retry_at.isoformat() if caught.retry_at else ""
        error = {"kind": caught.kind, "said": str(caught), "retry_at": at}
    finally:
        http.close()
    print(json.dumps({"answered": answered, "error": error}), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else 90.0)
