"""``python -m benchmarks.plans``: the pages of goals and check-ins with 2,000 goals and 3,000 deliverables.

The rows are written straight into a database of its own; the pages are asked for as a director and a manager.
"""

from __future__ import annotations

from benchmarks import apart

CODE = f"{apart.READY}{apart.TABLES}{apart.FILES}from benchmarks import plan_times; plan_times.main()"

if __name__ == "__main__":
    apart.run(CODE)
