"""``make bench``: every benchmark, its table printed and kept in docs/benchmarks.md with the date and the machine."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOLD = ROOT / "docs" / "benchmarks.md"
PARTS = {
    "Reading a big organisation": ("benchmarks.sync",),
    "Serving its pages": ("benchmarks.pages",),
    "Simulating a portfolio": ("benchmarks.portfolio",),
    "What-ifs on their page": ("benchmarks.what_if_page",),
    "Goals and check-ins": ("benchmarks.plans",),
    "10,000 digests": ("benchmarks.digests",),
    "The nightly backtest": ("benchmarks.backtest",),
    "Keeping the register of risks": ("benchmarks.risks",),
    "Importing files": ("benchmarks.import_csv",),
    "How good the forecast is, on real histories": ("benchmarks.forecast_bar",),
}


def machine() -> str:
    """Cores, memory, Python and system, as they are."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}; client, server and database share the cores"
    )


def run(module: str) -> str:
    """The output of one benchmark, shown while it comes; its failure ends the whole."""
    lines = []
    command = [sys.executable, "-W", "ignore", "-m", module]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if process.returncode:
        sys.exit(f"{module} failed.")
    return "".join(lines).strip()


def main() -> None:
    parts = [f"# Benchmarks\n\n`make bench` on {datetime.now(UTC):%Y-%m-%d}: {machine()}.\n"]
    for title, modules in PARTS.items():
        print(f"\n## {title}\n", flush=True)
        output = "\n\n".join(run(module) for module in modules)
        body = output if "|---" in output else f"```\n{output}\n```"
        parts.append(f"## {title}\n\n{body}\n")
    TOLD.write_text("\n".join(parts))


if __name__ == "__main__":
    main()
