"""What counts as a deployment to production: the rules of a source's repositories, and what others would do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.http import QueryDict

from dashboards import words
from dashboards.pages import meaning_effect, meaning_rules
from dashboards.pages.meaning_kinds import RulesPage
from dashboards.pages.meaning_rules import RuleRow, Typed
from delivery import deployment_effects, deployments, locks
from delivery.bulk import Written
from delivery.deployments import Rule
from delivery.models import DeploymentRule, Repository, Source, SourceKind

FIELDS: Final = ("scope", "what", "pattern", "prereleases")
EMPTY: Final[Typed] = {"scope": "", "what": "deployment", "pattern": "", "prereleases": ""}
NAMES: Final = {"deployment": "Environments", "release": "Releases", "tag": "Tags", "workflow": "Workflows"}


def page(source: Source, data: QueryDict | None, *, at: datetime, clash: bool = False) -> RulesPage:
    """The stored rules, or those of a form after its button was pressed, with their effect."""
    stored, known = deployments.rules_of(source), scopes_of(source)
    focus, do = None, ""
    if data is None:
        rows: Sequence[Typed] = [_typed(rule) for rule in stored]
    else:
        do = data.get("do", "")
        rows, focus = meaning_rules.stepped(meaning_rules.typed(data, FIELDS), do, EMPTY)
    errors = _errors(rows, known)
    good = [place for place, error in enumerate(errors) if not error]
    found = deployment_effects.preview(source, [_rule(rows[place], known) for place in good], at=at)
    fitting = dict(zip(good, found.rules, strict=True))
    if focus is not None and do == "add":
        errors[focus] = ""
    return RulesPage(
        id=source.pk,
        name=source.name,
        deploys=source.kind == SourceKind.GITHUB,
        rows=tuple(_row(place, row, errors[place], fitting.get(place), focus) for place, row in enumerate(rows)),
        choices={"whats": tuple((value, str(label)) for value, label in DeploymentRule.What.choices)},
        scopes=tuple(known.values()),
        seen=meaning_rules.digest(stored),
        clash=clash,
        theirs=tuple(_told(rule) for rule in stored) if clash else (),
        effect=meaning_effect.of_deployments(found) if data is not None else None,
        known=_known(source),
    )


@transaction.atomic
def save(source: Source, data: QueryDict) -> Written | None:
    """Make the rules of the form those of the source: which deployments came, changed and went. None: nothing was
    changed, because a rule is wrong or somebody else changed the rules since the form was made."""
    locks.wait_for(locks.DERIVING, source.pk)  # two who save at once: one sees the other's word
    known = scopes_of(source)
    rows = meaning_rules.typed(data, FIELDS)
    if clashes(source, data) or any(_errors(rows, known)):
        return None
    return deployments.apply(source, [_rule(row, known) for row in rows])


def clashes(source: Source, data: QueryDict) -> bool:
    return data.get("seen") != meaning_rules.digest(deployments.rules_of(source))


def scopes_of(source: Source) -> dict[str, str]:
    """The repositories of the source, by how they are spelt in small letters."""
    found = Repository.objects.filter(source=source, deleted__isnull=True).values_list("name", flat=True)
    return {name.lower(): name for name in sorted({*found, *source.scopes})}


def _errors(rows: Sequence[Typed], known: dict[str, str]) -> list[str]:
    found, before = [], set()
    for row in rows:
        same = (row["scope"].lower(), row["what"], row["pattern"])
        found.append("This rule stands here twice; remove one." if same in before else _wrong(row, known))
        before.add(same)
    return found


def _wrong(row: Typed, known: dict[str, str]) -> str:
    if meaning_rules.scope(row["scope"], known) is None:
        return f"{row['scope']} is not read here. Leave it empty for everywhere, or choose one of the list."
    if row["what"] not in DeploymentRule.What.values:
        return "Choose what counts."
    return meaning_rules.wrong_pattern(row["pattern"], "production or v*")


def _rule(row: Typed, known: dict[str, str]) -> Rule:
    scope = meaning_rules.scope(row["scope"], known) or ""
    return Rule(scope, row["what"], row["pattern"], bool(row["prereleases"]))


def _typed(rule: Rule) -> Typed:
    taken = "on" if rule.prereleases else ""
    return {"scope": rule.scope, "what": rule.what, "pattern": rule.pattern, "prereleases": taken}


def _told(rule: Rule) -> str:
    where = f" in {rule.scope}" if rule.scope else ""
    return f"{DeploymentRule.What(rule.what).label}: {rule.pattern}{where}"


def _known(source: Source) -> tuple[tuple[str, str], ...]:
    names = deployment_effects.names_of(source)
    return tuple(
        (label, ", ".join(f"{word} ({words.number(count)})" for word, count in names[what]))
        for what, label in NAMES.items()
        if what in names
    )


def _row(place: int, row: Typed, error: str, found: deployment_effects.Fitting | None, focus: int | None) -> RuleRow:
    return RuleRow(
        place=place,
        typed=row,
        error=error,
        says=f"fits {words.number(found.count)} of what was read" if found else "",
        examples=", ".join(found.examples) if found else "",
        focus=place == focus,
        first=True,  # their order says nothing
        last=True,
    )
