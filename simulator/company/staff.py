"""Who is in the organisation: people, teams and memberships, all drawn once from the seed."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from simulator.company import names, vocabulary
from simulator.company.traits import STORIES
from simulator.records import Group, Membership, Person, Team

COMPANY = "Kestrel"
OWNER = "kestrel"
GROUPS = (("machine-learning", "Machine Learning"), ("data-platform", "Data Platform"))
_BOTS = (("dependabot[bot]", "Dependabot"), ("kestrel-ci[bot]", "Kestrel CI"), ("reviewpilot[bot]", "Review Pilot"))


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody who does a deliverable of their team alone, and is away on [start, end)."""

    person: str
    team: int
    start: int  # ordinals
    end: int


@dataclass(frozen=True, slots=True)
class Staff:
    people: tuple[Person, ...]  # humans only
    bots: tuple[Person, ...]
    groups: tuple[Group, ...]
    teams: tuple[Team, ...]
    domains: tuple[vocabulary.Domain, ...]  # of each team
    areas: tuple[str, ...]  # of each team; "" in the default ones
    memberships: tuple[Membership, ...]
    absences: tuple[Absence, ...] = ()


def build(seed: int, people: int, teams: int, start: date, anchor: date) -> Staff:
    """Draw everyone. Raises ValueError when there are too few people for a manager, a lead and two more a team."""
    if teams < 1 or people < 4 * teams + 4:
        raise ValueError(f"{teams} teams need at least {4 * teams + 4} people")
    rng = random.Random(f"staff:{seed}:{people}:{teams}")
    zones = [names.ZONES[(0, 1, 0, 2, 4, 3, 1, 0, 3)[i % 9]] for i in range(teams)]
    roles = _roles(people, teams)
    humans = tuple(
        _person(i, name, role, _zone(rng, zones, team), _login(i, role, teams))
        for i, (name, (role, team)) in enumerate(zip(_names(rng, people), roles, strict=True))
    )
    named = [_team_words(i) for i in range(teams)]
    made = tuple(_team(i, named[i], zones[i], humans, teams) for i in range(teams))
    return Staff(
        humans,
        tuple(_bot(people + i, login, name) for i, (login, name) in enumerate(_BOTS)),
        tuple(Group(slug, name, humans[0].id) for slug, name in GROUPS),
        made,
        tuple(domain for domain, _ in named),
        tuple(area for _, area in named),
        tuple(_memberships(rng, humans, made, roles, start, anchor)),
        tuple(_absences(humans, teams, anchor)),
    )


def _absences(people: tuple[Person, ...], teams: int, anchor: date) -> Iterator[Absence]:
    """The first engineer of each team with such a story."""
    for team, stories in enumerate(STORIES[:teams]):
        for story in stories:
            if story.away:
                first, end = (anchor.toordinal() + day for day in story.away)
                yield Absence(people[_first_engineer(team, teams)].id, team, first, end)


def _first_engineer(team: int, teams: int) -> int:
    return 4 + 2 * teams + team


def _works_alone(index: int, teams: int) -> bool:
    return any(
        story.away and index == _first_engineer(team, teams)
        for team, stories in enumerate(STORIES[:teams])
        for story in stories
    )


def _roles(people: int, teams: int) -> list[tuple[str, int]]:
    """Role and team of each person, in order: leadership first, then managers, leads, engineers round the teams."""
    top = [("director", -1), ("executive", -1), ("executive", -1), ("admin", -1)]
    led = [("manager", t) for t in range(teams)] + [("lead", t) for t in range(teams)]
    return top + led + [("engineer", i % teams) for i in range(people - len(top) - len(led))]


def _names(rng: random.Random, people: int) -> list[str]:
    picks = rng.sample(range(len(names.FIRST) * len(names.LAST)), people)
    return [f"{names.FIRST[p // len(names.LAST)]} {names.LAST[p % len(names.LAST)]}" for p in picks]


def _zone(rng: random.Random, zones: list[str], team: int) -> str:
    return rng.choice(names.NEIGHBOURS[zones[team]]) if team >= 0 else "Europe/Berlin"


def _login(index: int, role: str, teams: int) -> str:
    """The demo logins are the first of each role (manager and engineer: of the first team)."""
    first_engineer = 4 + 2 * teams
    return role if index in (0, 1, 3, 4, first_engineer) else ""


def _person(index: int, name: str, role: str, zone: str, login: str) -> Person:
    box = names.mailbox(name)
    mark = hashlib.blake2b(f"{index}:{name}".encode(), digest_size=16).hexdigest()
    first, last = box.split(".")
    handles = (first + last, f"{first}-{last}", last + first, f"{last}-{first}")
    return Person(
        id=f"p{index:04d}",
        name=name,
        email=f"{login or box}@example.test",
        role=role,
        timezone=zone,
        jira_account_id=f"712020:{mark[:8]}-{mark[8:12]}-4{mark[13:16]}-a{mark[17:20]}-{mark[20:32]}",
        jira_name=box,
        github_login=handles[index % 4],
        github_id=1_000_000 + index * 7919 + int(mark[:4], 16) % 7000,
    )


def _bot(index: int, login: str, name: str) -> Person:
    return Person(
        f"b{index:04d}", name, "", "bot", "UTC", f"557058:bot-{index:04d}", login.removesuffix("[bot]"),
        login, 49_600_000 + index, True,
    )  # fmt: skip


def _team_words(index: int) -> tuple[vocabulary.Domain, str]:
    """The first nine teams carry their domain's name; later ones are that craft for one area of the business."""
    lap, which = divmod(index, len(vocabulary.DOMAINS))
    if lap == 0:
        return vocabulary.DOMAINS[which], ""
    areas = vocabulary.AREAS
    again, area = divmod(lap - 1, len(areas))
    return vocabulary.DOMAINS[which], areas[area] + (f" {again + 1}" if again else "")


def _team(index: int, words: tuple[vocabulary.Domain, str], zone: str, people: tuple[Person, ...], teams: int) -> Team:
    domain, area = words
    name = f"{area} {domain.name}".strip()
    slug = "-".join(name.lower().replace("&", "and").split())
    lap = index // len(vocabulary.DOMAINS)
    prefix = f"{area.lower().replace(' ', '')}-" if area else ""
    return Team(
        slug=slug,
        name=name,
        group=domain.group,
        timezone=zone,
        project=f"{area[:3].upper()}{domain.short}{lap}" if area else domain.short,
        board_id=11 + index,
        repositories=tuple(f"{OWNER}/{prefix}{repository}" for repository in domain.repositories),
        manager=people[4 + index].id,
        lead=people[4 + teams + index].id,
    )


def _memberships(
    rng: random.Random, people: tuple[Person, ...], teams: tuple[Team, ...], roles: list[tuple[str, int]],
    start: date, anchor: date,
) -> Iterator[Membership]:  # fmt: skip
    """Most are there throughout; some come, move, leave or share their time (never the demo's own logins)."""
    for index, (person, (role, team)) in enumerate(zip(people, roles, strict=True)):
        if team < 0:
            continue
        since = start - timedelta(days=rng.randint(40, 1400))
        if role != "engineer" or person.email == "engineer@example.test" or len(teams) == 1:
            yield Membership(person.id, teams[team].slug, role, since, None, 1.0)
            continue
        fate = "shared" if index == len(people) - 1 else rng.choices(*_FATES)[0]
        if _works_alone(index, len(teams)):
            fate = "stays"
        yield from _fate(rng, fate, person.id, teams[team].slug, _other(rng, teams, team), since, start, anchor)


_FATES = (("stays", "joins", "moves", "leaves"), (0.72, 0.12, 0.11, 0.05))


def _other(rng: random.Random, teams: tuple[Team, ...], team: int) -> str:
    """A different team of the same group where there is one."""
    near = [t.slug for i, t in enumerate(teams[:60]) if i != team and t.group == teams[team].group]
    return rng.choice(near or [t.slug for i, t in enumerate(teams[:60]) if i != team])


def _fate(
    rng: random.Random, fate: str, person: str, team: str, other: str, since: date, start: date, anchor: date
) -> Iterator[Membership]:
    length = (anchor - start).days
    when = start + timedelta(days=rng.randint(int(length * 0.2), max(int(length * 0.92), 1)))
    if fate == "joins":
        yield Membership(person, team, "engineer", when, None, 1.0)
    elif fate == "moves":
        yield Membership(person, team, "engineer", since, when, 1.0)
        yield Membership(person, other, "engineer", when, None, 1.0)
    elif fate == "leaves":
        yield Membership(person, team, "engineer", since, when, 1.0)
    elif fate == "shared":
        yield Membership(person, team, "engineer", since, when, 1.0)
        yield Membership(person, team, "engineer", when, None, 0.6)
        yield Membership(person, other, "engineer", when, None, 0.4)
    else:
        yield Membership(person, team, "engineer", since, None, 1.0)
