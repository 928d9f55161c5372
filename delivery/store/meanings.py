"""What the source's own words most likely mean: plain rules on names. A person's word stands above every guess here."""

from __future__ import annotations

import re
from collections.abc import Iterable

from delivery.models import Kind, Stage

_DROPPED = re.compile(
    r"won.?t|wontfix|not planned|cancel|declin|duplicate|reject|abandon|obsolete|invalid|dropped|discard|killed", re.I
)
_WAITING = re.compile(
    r"review|block|wait|hold|pending|paused|parked|queue|impeded|approval|feedback|ready (for|to)|awaiting"
    r"|^(in |under )?(test|testing|qa|uat|staging|verification)$|to be tested|selected for",
    re.I,
)
_DONE = re.compile(r"done|closed|resolved|released|complete|finished|shipped|deployed|delivered|live", re.I)
_TODO = re.compile(r"to.?do|open|backlog|new|created|triage|idea|planned|refine|icebox|draft", re.I)

_KINDS = (
    (re.compile(r"incident|outage|post.?mortem", re.I), Kind.INCIDENT),
    (re.compile(r"\bbug|defect|fault|regression", re.I), Kind.BUG),
    (re.compile(r"experiment|spike|research|hypothesis|discovery|prototype", re.I), Kind.EXPERIMENT),
    (re.compile(r"task|chore|maint|debt|upkeep|support|refactor|ops\b|documentation", re.I), Kind.CHORE),
    (re.compile(r"epic|initiative", re.I), Kind.EPIC),
)
PRODUCTION = re.compile(r"(?<![a-z])(prod|production|prd|live)(?![a-z])", re.I)
NOT_PRODUCTION = re.compile(r"(?<![a-z])(pre|non|not|like)[-_ ]?(prod|production|prd|live)|prod\w*[-_ ]like", re.I)


def stage(name: str, category: str) -> Stage:
    """The stage of a status: by the source's category, the name deciding what a category leaves open."""
    if category == "done":
        return Stage.DROPPED if _DROPPED.search(name) else Stage.DONE
    if category == "new":
        return Stage.TODO
    if category == "indeterminate":
        return Stage.WAITING if _WAITING.search(name) else Stage.ACTIVE
    return _stage_by_name(name)


def _stage_by_name(name: str) -> Stage:
    """For a status whose category nobody knows any more."""
    rules = ((_DROPPED, Stage.DROPPED), (_WAITING, Stage.WAITING), (_DONE, Stage.DONE), (_TODO, Stage.TODO))
    return next((stage for pattern, stage in rules if pattern.search(name)), Stage.ACTIVE)


def kind(type: str, level: int, labels: Iterable[str]) -> Kind:
    """The sort of work: by level and type; by labels when one says incident or the type (GitHub's) says nothing."""
    if level >= 1:
        return Kind.EPIC
    named = list(labels)
    if any(label.lower() == "incident" for label in named):
        return Kind.INCIDENT
    words = named if type.lower() in ("", "issue") else [type]
    return next((kind for pattern, kind in _KINDS if any(pattern.search(word) for word in words)), Kind.FEATURE)


def is_production(environment: str) -> bool:
    """Whether an environment's name says production: ``prod-eu``, ``live``; not ``preprod`` or ``non-prod``."""
    return bool(PRODUCTION.search(environment)) and not NOT_PRODUCTION.search(environment)
