"""``python -m benchmarks.digests``: 10,000 readers get this week's digest: composed by real workers, taken by a real mail server.

The organisation is that of ``benchmarks.plans``; database, queue, two workers and the mail server share the machine.
"""

from __future__ import annotations

from benchmarks import apart

CODE = f"{apart.READY}{apart.TABLES}from benchmarks import digest_times; digest_times.main()"

if __name__ == "__main__":
    apart.run(CODE)
