"""``python -m benchmarks.risks``: how long the register of risks takes for 300 open deliverables in 30 teams.

The rows are written straight into a database of its own; the rules then run a first time, and once more with nothing new.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from config import embedded

ROOT = Path(__file__).parent.parent
CODE = "import django; django.setup(); from benchmarks import risk_times; risk_times.main()"


def main() -> None:
    folder = tempfile.mkdtemp(prefix="headway-bench-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # after the servers in it have stopped
    servers = embedded.start(Path(folder))
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATA_DIR": folder,
        "HEADWAY_EMBEDDED": "1",
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
    }
    done = subprocess.run([sys.executable, "-c", CODE], cwd=ROOT, env=os.environ | environment, check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
