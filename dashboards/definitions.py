"""What each number means, in plain words, one click from the number. PURE.

The definitions are those of METRICS.md; a test holds that every metric a page shows has one here.
"""

from __future__ import annotations

from typing import Final

FEW: Final = "Fewer than 5 are not enough data, which is told as that and never as 0."
BOTS: Final = "What bots did is left out."

COUNTED: Final = {
    "throughput": "Items whose work was finished in the week, Monday to Sunday in the team’s time zone: the last time they "
    "came into a done status from one that is not. Moving between two done statuses is no finish, and an item that was "
    "opened again counts only when it is done again. Epics and sub-tasks are not counted, nor are dropped items.",
    "cycle_time": "From the first time an item came into work to when it was finished, in calendar time, because customers "
    "live in it. Half of the items took no longer than the first line, 85 of 100 no longer than the second. Items that "
    f"went straight to done have no start and are left out, and told. {FEW}",
    "age": "Now less the first time an item came into work, in calendar time, for every item that was started and is "
    "neither finished nor dropped. The lines are the team’s own cycle times of the last 12 weeks: half of its items, and "
    "85 of 100, were finished by that age.",
    "review_wait": "From the moment a pull request was ready for review to the first review or comment by somebody else "
    "who is no bot, in the team’s working time: Monday to Friday, nine to five, without its holidays. A request that was "
    f"not reviewed, or reviewed before it was ready, is left out, and told. {FEW}",
    "deployments": "Deployments to production of the team’s repositories that succeeded, per week over whole weeks, and per day from 7 a week on. A failed "
    f"attempt is no deployment, and is told. {FEW}",
    "lead_time": "From when the first commit of a change was written to when a deployment to production first contained "
    "it, in calendar time; half of the changes took no longer. What the very first deployment that is known brought is "
    f"left out, because it may be years old. {BOTS} {FEW}",
    "fail_rate": "Deployments to production that caused at least one incident, as a share of all. Which deployment caused "
    f"an incident may be a guess; the page says how many are. {FEW}",
    "restore": "From when a deployment that caused an incident finished to when that incident was resolved, in calendar "
    f"time; half of them took no longer. {FEW}",
    "rework": "Deployments to production that nobody planned, made because of an incident, as a share of all. Where an "
    f"incident has no known fix, the share is told as a lower bound. {FEW}",
}
