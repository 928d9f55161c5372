"""The steps of connecting a source: which are done, which is open, and what the open one shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from django.urls import reverse

from dashboards import words
from dashboards.forms.connect import MEANS, WINDOWS
from dashboards.pages import source_picks
from dashboards.pages.source_draft import Draft
from dashboards.pages.source_picks import Picks
from dashboards.pages.source_ways import Way, ways
from dashboards.sentences import Phrase, Sentence
from delivery.models import SourceKind

Done = Literal["is-done", "is-next", ""]
TITLES: Final = {
    "source_new": "Choose Jira or GitHub",
    "source_new_sign_in": "Sign in",
    "source_new_scopes": "Pick what to read",
    "source_new_history": "Say how far back",
    "source_first": "See the first chart",
}
WAITS: Final = {
    "source_new_sign_in": "The address, and a token that can only read. We tell you which boxes to tick.",
    "source_new_scopes": "From a list of what the token may see, or by a pattern.",
    "source_new_history": "And how much of the quota Headway may take.",
    "source_first": "While the rest is still being read. Statuses can be mapped meanwhile.",
}
TOOLS: Final = {
    SourceKind.JIRA: "Issues, sprints and their history",
    SourceKind.GITHUB: "Changes, reviews, deployments",
}
SOON: Final = 30  # days before a token ends that are worth a word at once


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the list; ``url`` leads back to a step that is done."""

    number: int
    title: str
    state: Done
    says: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    says: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What the credentials turned out to be good for."""

    account: str
    answers: str
    sees: str
    expires: str
    soon: bool
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wizard:
    """``draft``: of which one the open form is. ``kept``: the secrets that are held already. ``values``: what the open form shows, never a secret."""

    here: str
    headline: Sentence
    steps: tuple[Step, ...]
    values: Mapping[str, Any]
    errors: Mapping[str, Sequence[str]]
    kept: tuple[str, ...]
    draft: str
    tools: tuple[Tool, ...] = ()
    way: Way | None = None
    checked: Checked | None = None
    picks: Picks | None = None
    sites: tuple[tuple[str, str], ...] = ()
    windows: tuple[tuple[str, str, str], ...] = field(default=tuple((*one, MEANS[one[0]]) for one in WINDOWS))

    @property
    def template(self) -> str:
        return f"sources/new/_{self.here.removeprefix('source_new').removeprefix('_') or 'choose'}.html"


def wizard(
    here: str,
    draft: Draft,
    *,
    now: datetime,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    picks: Picks | None = None,
    oauth: bool = False,
    sites: Sequence[tuple[str, str]] = (),
) -> Wizard:
    """``values`` and ``errors`` of the open form, where it was sent and refused; else what the draft holds.

    ``sites``: address and name of those that a person allowed at Atlassian.
    """
    names = ("way", "name", "url", "email", "app_id", "installation", "window", "share", "worklogs")
    shown = {name: getattr(draft, name) for name in names}
    return Wizard(
        here=here,
        headline=_headline(here, draft),
        steps=_steps(here, draft),
        values={**shown, **_without_secrets(values or {})},
        errors=errors or {},
        kept=draft.kept,
        draft=draft.id,
        tools=tuple(Tool(kind.label, says, ways(kind, oauth=oauth)) for kind, says in TOOLS.items()),
        way=draft.how,
        checked=checked(draft, picks, now) if draft.checked else None,
        picks=picks,
        sites=tuple(sites),
    )


def reached(draft: Draft) -> str:
    """The furthest step that may be open: what comes before it is settled."""
    if draft.how is None:
        return "source_new"
    if not draft.checked:
        return "source_new_sign_in"
    return "source_new_history" if draft.scopes or draft.patterns else "source_new_scopes"


def may_open(here: str, draft: Draft) -> bool:
    """``source_new_shown`` is a part of ``source_new_scopes``."""
    order = list(TITLES)
    return order.index(here.replace("shown", "scopes")) <= order.index(reached(draft))


def checked(draft: Draft, picks: Picks | None, now: datetime) -> Checked:
    expires, soon = "", False
    if draft.expires:
        day = datetime.fromisoformat(draft.expires)
        left = (day - now).days
        expires, soon = f"{words.dated(day.date(), now.date())}, in {words.days(left)}", left <= SOON
    how = draft.how
    deployment = {"cloud": " Cloud", "datacenter": " Data Center"}.get(draft.deployment, "")
    tool = f"{SourceKind(how.kind).label}{deployment}" if how else ""
    one, many = source_picks.noun(how.kind if how else "")
    sees = words.plural(picks.all, one, many) if picks else ""
    return Checked(draft.account, " ".join(filter(None, [tool, draft.version])), sees, expires, soon, draft.lacks)


def _headline(here: str, draft: Draft) -> Sentence:
    label = SourceKind(draft.how.kind).label if draft.how else ""
    return {
        "source_new": (Phrase("Connect Jira, then GitHub; "), Phrase("Headway only ever reads.", "quiet")),
        "source_new_sign_in": (Phrase(f"Sign in at {label}; "), Phrase("with as few rights as will do.", "quiet")),
        "source_new_scopes": (Phrase("What should be read? "), Phrase("You can change this later.", "quiet")),
        "source_new_history": (Phrase("How far back should it go? "), Phrase("Newer work is read as well.", "quiet")),
    }[here]


def _steps(here: str, draft: Draft) -> tuple[Step, ...]:
    done = _done(draft)
    steps = []
    for number, (name, title) in enumerate(TITLES.items(), 1):
        if name == here:
            steps.append(Step(number, title, "is-next", ""))
        elif name in done and may_open(name, draft):
            steps.append(Step(number, title, "is-done", done[name], reverse(name)))
        else:
            steps.append(Step(number, title, "", WAITS.get(name, "")))
    return tuple(steps)


def _done(draft: Draft) -> dict[str, str]:
    """The settled steps, each in a line."""
    done = {}
    if draft.how:
        done["source_new"] = f"{SourceKind(draft.how.kind).label}: {draft.how.title}."
    if draft.checked:
        done["source_new_sign_in"] = f"{draft.name}, {draft.url} as {draft.account or 'the token'}."
    if draft.checked and (draft.scopes or draft.patterns):
        one, many = source_picks.noun(draft.how.kind if draft.how else "")
        chosen = [words.plural(len(draft.scopes), one, many)] if draft.scopes else []
        done["source_new_scopes"] = f"{words.listed(chosen + list(draft.patterns))}."
    return done


def _without_secrets(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in values if name not in ("token", "private_key", "csrfmiddlewaretoken")}
