"""What the demo's teams bet on: some still open, one past its day, two decided this week. Safe to run again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db import transaction

from delivery import bets
from delivery.bets import BetTold, VerdictTold
from delivery.core.bet import DISPROVED, VALIDATED
from delivery.models import Bet, Goal
from people.models import Person, Role
from teams.models import Team

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Seed:
    """``started``, ``decide_by`` and ``decided`` count days from today; costs are working days, None where nobody counted."""

    title: str
    hypothesis: str
    success: str
    kill: str
    cap: int
    cost: int | None
    started: int
    decide_by: int
    verdict: str = ""
    decided: int = 0
    lesson: str = ""
    reuse: str = ""


SEEDS: Final = (
    Seed(
        "Partition by customer, not by region", "Lag at peak comes from three regions that share one partition.",
        "Lag at peak stays under 10 seconds for a week.", "Two load tests in a row above 30 seconds.",
        15, 12, -47, -5, VALIDATED, -2, "Lag at peak fell from 40 to 9 seconds.", "Every team with streams keyed by region.",
    ),
    Seed(
        "One topic per event type", "Consumers read less when each type of event has its own topic.",
        "Consumers read half of what they read today.", "Broker metadata takes more than a second to load.",
        10, 8, -33, 2, DISPROVED, -4, "Broker metadata grew too fast at 900 topics; we keep families of topics.",
        "Whoever plans topics: the measurements are in the write-up.",
    ),
    Seed(
        "Serverless consumers", "Functions cost less than servers where events are few.",
        "A month of quiet topics costs half.", "Cold starts above two seconds.",
        12, None, -80, -40, "dropped", -38, "Stopped before a load test; we still do not know what it costs.",
    ),
    Seed(
        "Distil the ranking model", "A model a tenth of the size ranks as well for most queries.",
        "Quality within one point offline, at half the latency.", "Quality three points worse after two tries.",
        20, 17, -64, -20, DISPROVED, -22, "Rare queries lose six points: small models are for the frequent ones alone.",
        "Search and recommendations, before they try it again.",
    ),
    Seed(
        "Review within four hours, in pairs", "Changes wait longest for the second reviewer.",
        "Half of the reviews begin within two hours for a month.", "Nobody keeps to it after two weeks.",
        5, 4, -70, -35, VALIDATED, -35, "The wait fell by half; pairs had to change every week to last.",
        "Every team.",
    ),
    Seed(
        "Rewrite the scheduler in one quarter", "The old one is the cause of most incidents.",
        "Half of the incidents of the quarter before.", "The first step is not in production after six weeks.",
        30, 44, -110, -30, "overran", -28, "The cap was passed before the first step shipped; incidents were never compared.",
    ),
    Seed(
        "A cache before the feature store", "Nine in ten reads are for the same features.",
        "Reads at peak fall by 80 in 100.", "Stale features in more than 1 in 1,000 reads.",
        10, 11, -45, -6,
    ),
    Seed(
        "Ask customers for their schema first", "Half of the rework comes from schemas that we guessed.",
        "Three onboardings without a second mapping.", "Two customers of five do not answer in a week.",
        8, 3, -12, 16,
    ),
)  # fmt: skip


@transaction.atomic
def seed(today: date) -> int:
    """Lay the bets, one team after another, unless there are any; how many there are."""
    teams = list(Team.objects.filter(archived=False).select_related("lead", "manager").order_by("pk"))
    if teams and not Bet.objects.exists():
        for place, each in enumerate(SEEDS):
            _lay(each, teams[place % len(teams)], today)
    return Bet.objects.count()


def _lay(each: Seed, team: Team, today: date) -> None:
    started, decide_by = today + each.started * DAY, today + each.decide_by * DAY
    goal = Goal.objects.filter(team=team, confidential=False, dropped=None).order_by("-start", "pk").first()
    by = _whose(team)
    made = bets.add_bet(
        BetTold(
            each.title,
            each.hypothesis,
            team,
            each.success,
            each.kill,
            each.cap,
            started,
            decide_by,
            goal=goal,
            owner=by,
            cost_so_far=each.cost,
        )  # fmt: skip
    )
    if each.verdict and by is not None:
        told = VerdictTold(each.verdict, each.lesson, each.cost, today + each.decided * DAY, each.reuse)
        bets.decide_bet(made, told, by=by, today=today, seen=made.version)


def _whose(team: Team) -> Person | None:
    """Who leads the team or manages it, else a director."""
    return team.lead or team.manager or Person.objects.filter(role=Role.DIRECTOR).order_by("pk").first()
