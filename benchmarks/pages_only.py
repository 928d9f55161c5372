"""``python -m benchmarks.pages_only URL FILE``: the same pages again, fetched and thrown away unread. Seconds, bytes."""

from __future__ import annotations

import http.client
import json
import sys
import time
from base64 import b64encode
from pathlib import Path
from urllib.parse import urlsplit

from simulator.tokens import DEMO_EMAIL, DEMO_JIRA_TOKEN


def main() -> None:
    url, file = sys.argv[1:]
    host = urlsplit(url).netloc
    pair = b64encode(f"{DEMO_EMAIL}:{DEMO_JIRA_TOKEN}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/json"}
    asked = [json.loads(line) for line in Path(file).read_text().splitlines()]
    connection = http.client.HTTPConnection(host)
    began, received = time.monotonic(), 0
    for method, target, body in asked:
        connection.request(method, target, body or None, headers)
        received += len(connection.getresponse().read())
    print(json.dumps({"seconds": time.monotonic() - began, "bytes": received, "pages": len(asked)}))


if __name__ == "__main__":
    main()
