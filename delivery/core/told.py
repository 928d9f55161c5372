"""A backtest as one plain object for JSON and as lines for a terminal. No figure without its n."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from delivery.core.backtest import Tables
from delivery.core.reliability import ENOUGH
from delivery.core.track_record import NAMES, SPAN_NAMES, Account, Scores, account, accounts_by, sentences

PARTS = ("team", "span", "quarter")


def as_object(of: Tables) -> dict[str, Any]:
    """The whole account and those by team, horizon class and quarter."""
    whole = account(of)
    by = {("horizon" if part == "span" else part): accounts_by(of, part) for part in PARTS}
    return {
        "account": account_object(whole),
        "sentences": list(sentences(whole)),
        "by": {part: {name: account_object(one) for name, one in found.items()} for part, found in by.items()},
    }


def account_object(found: Account) -> dict[str, Any]:
    """Counts, and the scores by method where there are enough questions."""
    counts: dict[str, Any] = {"questions": found.questions, "events": found.events, "teams": found.teams}
    if not found.scores:
        return counts | {"reason": f"not enough yet: {found.questions} of {ENOUGH} questions"}
    scores = {method: _clean(asdict(one)) for method, one in found.scores.items()}
    skills = {name: {"value": one.value, "band": one.band} for name, one in found.skills.items()}
    log_skill = found.log_crps_skill
    return counts | {
        "scores": scores,
        "brier_skill_over": skills,
        "log_crps_skill_over_bootstrap": {"value": log_skill.value, "band": log_skill.band} if log_skill else None,
        "reliability": [asdict(one) for one in found.bins],
        "reliability_bootstrap": [asdict(one) for one in found.bins_bootstrap],
    }


def lines(of: Tables) -> list[str]:
    """The account for somebody at a terminal."""
    whole = account(of)
    told = [*sentences(whole), ""]
    if not whole.scores:
        return told
    told.append(
        f"{'':42s} {'50 %':>6s} {'80 %':>6s} {'95 %':>6s} {'Brier':>7s} {'skill':>7s} {'log':>6s} {'ECE':>6s} "
        f"{'CRPS d':>7s} {'CRPS l':>7s} {'width':>6s}"
    )
    told += [_line(method, scores, whole) for method, scores in whole.scores.items()]
    told += ["", "Said, happened, n (95 % band):"]
    told += [
        f"  {100 * one.said:3.0f} %  {100 * one.came:3.0f} %  {one.n:,} ({100 * one.band.low:.0f} to {100 * one.band.high:.0f})"
        for one in whole.bins
    ]
    for part, names in (("span", SPAN_NAMES), ("quarter", {}), ("team", {})):
        found = accounts_by(of, part)
        told += ["", f"By {'expected time' if part == 'span' else part}:"]
        told += [_part(names.get(name, name), one) for name, one in found.items()]
    return told


def _line(method: str, scores: Scores, whole: Account) -> str:
    held = [f"{100 * one.share:6.1f}" for one in scores.held] or ["     –"] * 3
    skill = whole.skills.get(method)
    columns = [f"{value:7.3f}" if value is not None else "      –" for value in (scores.crps_days, scores.log_crps)]
    width = f"{scores.width:6.2f}" if scores.width is not None else "     –"
    over = f"{skill.value:+7.3f}" if skill else "       "
    return (
        f"{NAMES[method]:42s} {' '.join(held)} {scores.brier:7.3f} {over} {scores.log_score:6.3f} {scores.ece:6.3f} "
        f"{' '.join(columns)} {width}"
    )


def _part(name: str, found: Account) -> str:
    if not found.scores:
        return f"  {name:28s} n {found.questions:6,}  not enough yet: {found.questions} of {ENOUGH}"
    eighty = found.scores["headway"].held[1]
    skill = found.skills.get("bootstrap")
    over = f"; skill over the bootstrap {skill.value:+.2f}" if skill else ""
    return (
        f"  {name:28s} n {found.questions:6,}  80 % held {100 * eighty.share:.0f} "
        f"({100 * eighty.band.low:.0f} to {100 * eighty.band.high:.0f}){over}"
    )


def _clean(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in value.items() if one is not None}
