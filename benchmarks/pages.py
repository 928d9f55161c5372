"""``python -m benchmarks.pages``: the server's time for every page and API list, on a big organisation's data.

Starts the servers and the simulator, then runs ``benchmarks.page_times`` in a process that has them.
"""

from __future__ import annotations

import argparse

from benchmarks import apart
from benchmarks.sync import serving

CODE = f"{apart.READY}{apart.TABLES}{apart.FILES}from benchmarks import page_times; page_times.main()"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--issues", type=int, default=20_000)
    parser.add_argument("--pulls", type=int, default=5_000)
    options = parser.parse_args()
    with serving(options.issues, options.pulls, behind=0) as server:
        port = server.where["url"].rpartition(":")[2]
        apart.run(CODE, port, str(options.issues), str(options.pulls), HEADWAY_DEMO="1")


if __name__ == "__main__":
    main()
