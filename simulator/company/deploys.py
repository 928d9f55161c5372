"""Releases of what was merged, to staging and to production; some fail, some break things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.company import clock
from simulator.company.trace import DeployLog

if TYPE_CHECKING:
    from simulator.company.history import History


def release(history: History, day: int) -> None:
    """Deploy each repository that has something new, most working days; never late on a Friday."""
    if not clock.works(day):
        return
    friday = day % 7 == 5
    for repository in range(len(history.team.repositories)):
        if history.ink.random() < (0.4 if friday else 0.68):
            _deploy(history, repository, history.at(day, 9.3, 12.0 if friday else 16.5))


def _deploy(history: History, repository: int, at: int) -> None:
    ink, waiting = history.ink, history.merges[repository]
    new = [pull for pull in waiting if pull.merged < at - 1800]
    if not new:
        return
    number = max(new, key=lambda pull: pull.merged).number
    log = history.deployments[repository]
    creator = history.people + 1 if ink.random() < 0.9 else history.roster.lead
    log.append(DeployLog(repository, "staging", at - ink.randint(900, 1700), number, creator, at - 600, "success"))
    ends = at + ink.randint(120, 900)
    draw = ink.random()
    state = "failure" if draw < 0.05 else "error" if draw < 0.065 else "success"
    log.append(DeployLog(repository, "production", at, number, creator, ends, state))
    if state != "success":
        again = ends + ink.randint(900, 3600)
        log.append(DeployLog(repository, "production", again, number, creator, again + 300, "success"))
        ends = again + 300
    history.merges[repository] = [pull for pull in waiting if pull.merged >= at - 1800]
    history.broken = ends
