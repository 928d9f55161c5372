"""``python -m benchmarks.risks``: how long the register of risks takes for 300 open deliverables in 30 teams.

The rows are written straight into a database of its own; the rules then run a first time, and once more with nothing new.
"""

from __future__ import annotations

from benchmarks import apart

CODE = f"{apart.READY}{apart.TABLES}from benchmarks import risk_times; risk_times.main()"

if __name__ == "__main__":
    apart.run(CODE)
