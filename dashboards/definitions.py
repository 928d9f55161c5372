"""What each number means, in plain words, one click from the number. PURE.

The definitions are those of METRICS.md; a test holds that every metric a page shows has one here.
"""

from __future__ import annotations

from typing import Final

FEW: Final = "Fewer than 5 are not enough data, which is told as that and never as 0."
BOTS: Final = "What bots did is left out."

MEASURED: Final = {
    "came_true": "Of each deliverable one forecast counts at each fixed age: 0, 2, 4, 8, 13 and 26 weeks after it began. It counts "
    "once the date it then had is over, and came true where the deliverable was delivered by that date. What was dropped "
    "before is left out, and told. Forecasts are put into ten classes by the chance they stated; the band is the 95 % band of each share.",
    "held": "A range that is meant to hold 80 times in 100 should hold 80 of 100 outcomes. A range counts once its last day is "
    "over, so that late deliverables count as much as early ones. The band comes from resampling whole deliverables.",
    "plain": "On past days we asked when the next 5, 10, 20, 50 or 100 items would be done, knowing only what was known then, and "
    "held every method against the same outcomes. The error is the Brier score: the mean squared distance of the chance from "
    "what happened. Skill is the part of the plain method’s error that ours does not make. Every team counts alike.",
    "recalibrated": "Past forecasts as they were, and as corrected by what had ended before the month of each. One that is still "
    "open counts by the share of its remaining probability that lies in the range.",
}

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

PLANNED: Final = {
    "goals": "Progress is the mean over a goal’s key results of how far each has come from its start to its target, never below 0 nor above 1; key results "
    "without a value are left out, and told. The forecast is the joint chance that all its deliverables, and those of the goals below it, are done by the last "
    "day of its period. The gap is the declared confidence less that chance, in points. Likely to miss is a chance of missing of 50% and more, at risk one of 15%.",
    "disagreement": "The gap is the confidence that the owner declared last less the chance that the forecast gives, in points; where no confidence was given, only "
    "the two statuses are compared. A word and a forecast of the same level do not differ.",
    "learning": "Succeeded is a bet whose success signal came. Learned is one that was disproved inside its cap: it failed, settled its question, and counts as a success. "
    "Missed is one that overran its cap or was dropped without a verdict, so that its question is still open. Time to kill is the median of the calendar days from the "
    "start to the verdict of those that were disproved. The cost of learning is the working days of people that these cost in all; those whose cost nobody counted are "
    "left out, and told.",
}
