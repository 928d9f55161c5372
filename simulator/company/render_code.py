"""Pull requests, deployments and repositories as GitHub would show them at an instant."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from simulator.company import clock
from simulator.company.trace import DeployLog, PullLog
from simulator.records import Commit, Deployment, Person, Pull, Review


def sha(repository: str, number: int, part: int = -1) -> str:
    """A commit's hash: ``part`` of a pull request, or its merge."""
    return hashlib.blake2b(f"{repository}#{number}:{part}".encode(), digest_size=20).hexdigest()


def pull(made: PullLog, name: str, base: int, now: int, people: Sequence[Person]) -> Pull:
    """A pull request as of ``now``; ``base`` makes ids: one range of numbers for each repository."""
    last = max([made.created, made.closed, *(r[0] for r in made.reviews), *(c[1] for c in made.commits)])
    if not made.closed or now < last:
        return _pull(made, name, base, now, people)
    if made.view is None:
        made.view = _pull(made, name, base, now, people)
    view: Pull = made.view
    return view


def _pull(made: PullLog, name: str, base: int, now: int, people: Sequence[Person]) -> Pull:
    commits = [c for c in enumerate(made.commits) if c[1][1] <= now]
    reviews = sorted(r for r in made.reviews if r[0] <= now)
    merged = bool(made.merged) and made.merged <= now
    ready = made.ready if made.draft and 0 < made.ready <= now else 0
    closed = made.closed if 0 < made.closed <= now else 0
    seen = [made.created, ready, closed, *(c[1][1] for c in commits), *(r[0] for r in reviews)]
    grown = sum(1 for _, c in commits if c[1] > made.created)
    return Pull(
        id=base + made.number,
        number=made.number,
        repository=name,
        title=made.title,
        body=made.body,
        branch=made.branch,
        author=None if made.number % 83 == 0 else person(people, made.author),
        draft=made.draft and not ready,
        created=clock.utc(made.created),
        updated=clock.utc(max(seen)),
        ready=_maybe(ready),
        merged=_maybe(made.merged if merged else 0),
        closed=_maybe(closed),
        merged_by=person(people, made.merger) if merged else None,
        merge_sha=sha(name, made.number) if merged else None,
        additions=made.adds + 14 * grown,
        deletions=made.dels + 5 * grown,
        changed_files=made.files,
        labels=made.labels,
        requested_reviewers=_waiting(made, reviews, now, people),
        commits=tuple(_commit(c, name, made.number, part, people) for part, c in commits),
        reviews=tuple(
            Review((base + made.number) * 100 + i, person(people, who), state, clock.utc(at), body)
            for i, (at, who, state, body) in enumerate(reviews)
        ),
    )


def person(people: Sequence[Person], index: int) -> str | None:
    return people[index].id if index >= 0 else None


def _maybe(at: int) -> datetime | None:
    return clock.utc(at) if at else None


def _waiting(
    made: PullLog, reviews: list[tuple[int, int, str, str]], now: int, people: Sequence[Person]
) -> tuple[str, ...]:
    """Reviewers asked who have not answered: GitHub takes them off the list when they do."""
    answered = {who for _, who, _, _ in reviews}
    return tuple(people[who].id for at, who in made.asked if at <= now and who not in answered)


def _commit(made: tuple[int, int, int, str], name: str, number: int, part: int, people: Sequence[Person]) -> Commit:
    authored, pushed, who, message = made
    mail = people[who].email if who >= 0 else ""
    author = None if (number * 7 + part) % 61 == 0 else person(people, who)
    return Commit(sha(name, number, part), author, mail, clock.utc(authored), clock.utc(pushed), message)


def deployment(made: DeployLog, name: str, number: int, now: int, people: Sequence[Person]) -> Deployment:
    """What is visible of a deployment at ``now``; it is in progress until it ends."""
    steps = [("in_progress", made.at + 15), (made.state, made.ends)]
    return Deployment(
        number, name, made.environment, "main", sha(name, made.number), person(people, made.creator),
        clock.utc(made.at), tuple((state, clock.utc(at)) for state, at in steps if at <= now),
    )  # fmt: skip
