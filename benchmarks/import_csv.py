"""``python -m benchmarks.import_csv``: how long files of 5,000 lines take to be looked at and imported.

In a database of its own, one kind after the other: all lines new, then all of them changed, then all unchanged.
"""

from __future__ import annotations

from benchmarks import apart

CODE = f"{apart.READY}{apart.TABLES}from benchmarks import import_times; import_times.main()"

if __name__ == "__main__":
    apart.run(CODE)
