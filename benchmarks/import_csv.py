"""``python -m benchmarks.import_csv``: how long files of 5,000 lines take to be looked at and imported.

In a database of its own, one kind after the other: all lines new, then all of them changed, then all unchanged.
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
CODE = "import django; django.setup(); from benchmarks import import_times; import_times.main()"


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
