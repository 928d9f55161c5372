"""``python -m benchmarks.plans``: the pages of goals and check-ins with 2,000 goals and 3,000 deliverables.

The rows are written straight into a database of its own; the pages are asked for as a director and a manager.
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
CODE = (
    "import django; django.setup(); from django.core.management import call_command; call_command('migrate', verbosity=0); call_command('collectstatic', verbosity=0, interactive=False); "
    "from benchmarks import plan_times; plan_times.main()"
)


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
