"""What a demo must remember between two starts, so that its organisation goes on instead of beginning anew."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from config import processes
from simulator.world import World, default_start

SEED = 7
YEARS = 1.5


@dataclass(frozen=True, slots=True)
class Facts:
    """The first day of the pretend organisation, the day its stories are about, and where it answers."""

    start: date
    anchor: date
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def world(self) -> World:
        return World(seed=SEED, start=self.start, anchor=self.anchor)


def remembered(path: Path, today: date) -> Facts:
    """The facts of the first start, made now when there are none; a taken port is replaced."""
    if path.exists():
        kept = json.loads(path.read_text())
        facts = Facts(date.fromisoformat(kept["start"]), date.fromisoformat(kept["anchor"]), kept["port"])
    else:
        facts = Facts(default_start(today, YEARS), today, processes.free_port())
    if not processes.port_is_free(facts.port):
        facts = Facts(facts.start, facts.anchor, processes.free_port())
    path.write_text(json.dumps(asdict(facts), default=str))
    return facts
