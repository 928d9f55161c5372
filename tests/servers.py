"""A pytest plugin: real PostgreSQL and Redis before Django reads its settings.

With DATABASE_URL and REDIS_URL in the environment those are used (the name of the database gets ``test_`` before it);
otherwise embedded servers of the tests' own, in ``var/test``.
"""

from __future__ import annotations

import os
from pathlib import Path

from config import embedded, env

BASE = Path(__file__).parent.parent
TEST_DIR = env.data_dir(BASE) / "test"

if not os.environ.get("DATABASE_URL"):
    servers = embedded.start(TEST_DIR, durable=False)
    os.environ |= {
        "HEADWAY_EMBEDDED": "1",
        "DATA_DIR": str(TEST_DIR),
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
    }
worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if worker:  # each worker of a parallel run has a database of its own, in PostgreSQL and in Redis
    os.environ["REDIS_URL"] = os.environ["REDIS_URL"].replace("db=0", f"db={int(worker[2:]) + 1}")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's own event loop runs in the test's thread
