"""Issues as the team's day leaves them: created, started, stuck, given up, brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.company import clock, promises, vocabulary
from simulator.company import trace as t
from simulator.company.process import Move
from simulator.company.state import BUG, CHORE, EXPERIMENT, INCIDENT, STORY, TASK, Epic, Item
from simulator.company.trace import Ticket

if TYPE_CHECKING:
    from simulator.company.history import History

TYPES = {STORY: "Story", TASK: "Task", BUG: "Bug", CHORE: "Task", EXPERIMENT: "Experiment", INCIDENT: "Incident"}
_POINTS = (1.0, 2.0, 3.0, 5.0, 8.0)
FIRST_ID, IDS = 10_000_000, 1_000_000  # where issue ids begin, and how many are kept for each team
RESERVED = 40  # numbers divisible by it are for issues created here by mistake and moved to a neighbour


def create(history: History, day: int, moves: list[Move]) -> None:
    """Write down what arrived today, in order of the hour, so that numbers rise with time."""
    arrived = [(_hour(history, day, what, thing), thing) for what, thing, _ in moves if what in ("epic", "new")]
    for at, thing in sorted(arrived, key=lambda pair: pair[0]):
        if isinstance(thing, Epic):
            promises.open_epic(history, day, at, thing)
        else:
            history.by_item[thing.seq] = _issue(history, day, at, thing)


def _hour(history: History, day: int, what: str, thing: Epic | Item) -> int:
    if isinstance(thing, Epic):
        return history.at(day, 9.0, 9.7)
    if thing.kind == INCIDENT and history.broken >= clock.instant(history.zone, day, 9):
        return history.broken + history.ink.randint(300, 7200)
    epic = history.state.epic(thing.epic)
    if epic is not None and epic.committed == day:
        return history.at(day, 9.8, 12.0)
    return history.at(day, 9.0, 17.5)


def ticket(history: History, at: int, kind: str, title: str, reporter: int) -> Ticket:
    """A new issue of the team's project, with the next id and number."""
    history.numbers += 1
    history.numbers += history.numbers % RESERVED == 0
    made = Ticket(
        FIRST_ID + history.index * IDS + len(history.tickets), history.numbers, history.team.project, kind, title, at,
        reporter, t.BACKLOG, free=at,
    )  # fmt: skip
    history.tickets.append(made)
    history.by_id.append(made)
    history.by_key[made.key] = made
    return made


def _issue(history: History, day: int, at: int, item: Item) -> Ticket:
    ink = history.ink
    made = ticket(history, at, TYPES[item.kind], title(history, item.kind), history.someone(day))
    if ink.random() < 0.25:
        made.first = made.status = t.TODO
    if ink.random() < 0.6 and item.kind in (STORY, TASK, BUG):
        made.points = _POINTS[min(4, int(1.6 * item.size + ink.random()))]
    made.labels = made.tags = _labels(history, item)
    if item.kind != INCIDENT and ink.random() < 0.15:
        made.fix = f"{clock.utc(at).year}.{(clock.utc(at).month + 2) // 3}"
    if item.epic >= 0:
        _join(history, day, made, item)
    elif item.kind != INCIDENT and ink.random() < 1 / 55:
        _wander(history, made)
    return made


def title(history: History, kind: int) -> str:
    """A plausible sentence of the team's field."""
    ink, domain = history.ink, history.domain
    thing = ink.choice(domain.things)
    return f"{ink.choice(vocabulary.VERBS[kind])} {thing}{ink.choice(vocabulary.TAILS)}"


def _labels(history: History, item: Item) -> tuple[str, ...]:
    if item.kind == INCIDENT:
        return (f"sev-{history.ink.choices((1, 2, 3), (0.12, 0.38, 0.5))[0]}",)
    if item.kind == CHORE:
        return ("chore",)
    return ("tech-debt",) if item.kind == TASK and history.ink.random() < 0.3 else ()


def _join(history: History, day: int, made: Ticket, item: Item) -> None:
    """Put it into its epic: at once, or (one in twelve of those found later) a while after it was created."""
    epic = history.promises[item.epic]
    made.parent = epic.ticket
    if epic.committed < day and history.ink.random() < 1 / 12:
        made.orphan = True
        made.write(made.created + history.ink.randint(600, 14_400), made.reporter, t.PARENT, None, epic.ticket)


def _wander(history: History, made: Ticket) -> None:
    """It was created in the neighbour's project by mistake, and moved here within hours."""
    if history.neighbour == history.team.project:
        return
    history.visitors.append(made)
    made.old = f"{history.neighbour}-{RESERVED * len(history.visitors)}"
    history.by_key[made.old] = made
    made.moved = made.created + history.ink.randint(900, 9000)
    made.write(made.moved, made.reporter, t.PROJECT, history.neighbour, history.team.project)
    made.write(made.moved, made.reporter, t.KEY, made.old, made.key)


def start(history: History, day: int, item: Item, _: int) -> None:
    made, ink = history.ticket(item), history.ink
    at = max(history.at(day, 9.1, 17.2), made.free + ink.randint(60, 1800))
    who = history.someone(day)
    epic = history.state.epic(item.epic)
    if epic is not None and epic.story == "alone":
        who = history.roster.alone
    if made.status == t.BACKLOG:
        made.go(at - ink.randint(0, 40) if at - 60 > made.free else at, history.roster.manager, t.TODO)
    take(made, at, who)
    if history.planned and made not in history.planned and made.type != "Incident":
        enter(history, made, at, history.sprints[-1].id)
    made.go(at, who, t.DOING)
    if made.parent is not None and made.parent.status in (t.BACKLOG, t.TODO):
        made.parent.go(made.free + 120, history.roster.lead, t.DOING)
    if item.kind == EXPERIMENT:
        made.go(made.free + ink.randint(1200, 7200), who, t.RUNNING)
    made.code = ink.random() < _CODE[item.kind] * history.traits.code
    if item.kind == STORY and ink.random() < 0.05:
        _split(history, made, who)


_CODE = {STORY: 0.9, TASK: 0.66, BUG: 0.92, CHORE: 0.5, EXPERIMENT: 0.6, INCIDENT: 0.45}


def take(made: Ticket, at: int, who: int) -> None:
    if made.assignee != who:
        made.write(max(at, made.free + 5), who, t.ASSIGNEE, made.assignee, who)
        made.assignee = who


def enter(history: History, made: Ticket, at: int, sprint: int) -> None:
    """Add the issue to a sprint; Jira keeps the earlier ones in the field."""
    after = (*made.sprints, sprint)
    made.write(at, history.roster.manager, t.SPRINT, made.sprints, after)
    made.sprints = after
    history.planned.append(made)


def _split(history: History, made: Ticket, who: int) -> None:
    for _ in range(2):
        at = made.free + history.ink.randint(120, 900)
        sub = ticket(history, at, "Sub-task", title(history, 6), who)
        sub.parent, sub.code = made, False
        sub.first = sub.status = t.TODO
        take(sub, at + 30, who)
        sub.go(at + 60, who, t.DOING)
        made.subs.append(sub)
    history.tickets.sort(key=lambda one: (one.created, one.id))


def block(history: History, day: int, item: Item, _: int) -> None:
    """Half wear the flag, half go to the Blocked column; some name what blocks them, some change hands."""
    made, ink = history.ticket(item), history.ink
    at = max(history.at(day, 9.2, 17.5), made.free + 60)
    if ink.random() < 0.5:
        made.flagged = True
        made.write(at, made.assignee, t.FLAG, "", "Impediment")
    else:
        made.go(at, made.assignee, t.BLOCKED)
    if ink.random() < 0.4 and history.tickets:
        other = ink.choice(history.tickets[-60:])
        if other is not made and not other.done and other.created < at and other.type not in ("Epic", "Sub-task"):
            made.links.append((at, other))


def unblock(history: History, day: int, item: Item, _: int) -> None:
    made, ink = history.ticket(item), history.ink
    at = max(history.at(day, 9.2, 17.5), made.free + 60)
    if made.flagged:
        made.flagged = False
        made.write(at, made.assignee, t.FLAG, "Impediment", "")
    else:
        made.go(at, made.assignee, t.RUNNING if item.kind == EXPERIMENT else t.DOING)
    if ink.random() < 0.2:
        take(made, made.free + 60, history.someone(day))


def attempt(history: History, day: int, item: Item, number: int) -> None:
    """The experiment did not reach its threshold: a label says which attempt begins."""
    made = history.ticket(item)
    at = max(history.at(day, 9.5, 16.0), made.free + 60)
    if made.status == t.RUNNING:
        made.go(at, made.assignee, t.DOING)
    label(made, made.free + 20, f"attempt-{number}")
    made.go(made.free + history.ink.randint(1800, 5400), made.assignee, t.RUNNING)


def label(made: Ticket, at: int, word: str) -> None:
    tags = (*(tag for tag in made.tags if not tag.startswith("attempt-")), word)
    made.write(at, made.assignee, t.LABELS, made.tags, tags)
    made.tags = tags


def finish(history: History, made: Ticket, at: int, status: int, who: int) -> None:
    """Into a done status; the resolution comes with it, except where nobody set one."""
    made.go(at, who, status)
    made.done = made.free
    if history.ink.random() > 0.03:
        made.resolution = "Done" if status == t.DONE else "Won't Do"
        made.write(made.done, who, t.RESOLUTION, "", made.resolution)
    for sub in made.subs:
        if not sub.done:
            sub.go(made.done - 900, sub.assignee, status)
            sub.done = sub.free
            sub.write(sub.done, sub.assignee, t.RESOLUTION, "", made.resolution or "Done")


def jump(history: History, day: int, item: Item, _: int) -> None:
    """Done without ever having been in progress on the board."""
    made = history.ticket(item)
    who = history.someone(day)
    finish(history, made, max(history.at(day, 9.5, 17.8), made.free + 300), t.DONE, who)


def drop(history: History, day: int, item: Item, _: int) -> None:
    made = history.ticket(item)
    finish(history, made, max(history.at(day, 9.5, 17.8), made.free + 300), t.WONT, history.roster.manager)


def reopen(history: History, day: int, item: Item, _: int) -> None:
    made = history.ticket(item)
    at = max(history.at(day, 9.2, 16.0), made.free + 60)
    made.done = 0
    made.go(at, made.reporter, t.DOING)
    if made.resolution:
        made.write(made.free, made.reporter, t.RESOLUTION, made.resolution, "")
        made.resolution = ""


def migrate(history: History, day: int) -> None:
    """One team renamed its end: everything long done moved from Done to Released, within two minutes."""
    if not history.traits.migrates or day != history.anchor - 75:
        return
    at = clock.instant(history.zone, day, 20.0)
    for made in history.tickets:
        if made.status == t.DONE and made.done < at - 45 * 86_400:
            made.write(at + made.id % 120, history.admin, t.STATUS, t.DONE, t.RELEASED)
            made.status = t.RELEASED
