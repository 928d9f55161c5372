"""Trouble on purpose, named after the pitfalls in CONNECTORS.md: ``rate:every=10:wait=2,html:every=50:only=search``.

A fault stands around an answer: it is given the turn (the request, its number, a seeded random source) and a way to
get the true answer, and returns what the client receives.
"""

from simulator.faults.rehearsal import Rehearsal
from simulator.faults.spelling import FAULTS, WORLDS, bent, parse
from simulator.faults.turn import Answer, Fault, Turn

__all__ = ["FAULTS", "WORLDS", "Answer", "Fault", "Rehearsal", "Turn", "bent", "parse"]
