"""``python -m benchmarks.pages``: the server's time for every page and API list, on a big organisation's data.

Starts the servers and the simulator, then runs ``benchmarks.page_times`` in a process that has them.
"""

from __future__ import annotations

import argparse
import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.sync import ROOT, serving
from config import embedded

CODE = "import django; django.setup(); from benchmarks import page_times; page_times.main()"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--issues", type=int, default=20_000)
    parser.add_argument("--pulls", type=int, default=5_000)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="headway-bench-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # after the servers in it have stopped
    servers = embedded.start(Path(folder))
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATA_DIR": folder,
        "HEADWAY_EMBEDDED": "1",
        "HEADWAY_DEMO": "1",
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
    }
    with serving(options.issues, options.pulls, behind=0) as server:
        words = [server.where["url"].rpartition(":")[2], str(options.issues), str(options.pulls)]
        done = subprocess.run([sys.executable, "-c", CODE, *words], cwd=ROOT, env=os.environ | environment, check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
