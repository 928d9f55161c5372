"""How the fields of releases, branches and tags are read from the records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.github import extras
from simulator.github.call import Call, iso
from simulator.github.connections import Window, window
from simulator.github.pulls_fields import Table, always, get, person, small, user, when
from simulator.github.shapes import node_id
from simulator.hub_records import Release, Tag
from simulator.records import Commit, Repository

Args = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Branch:
    """A ref of which nothing but the name is known."""

    name: str


def releases(call: Call, one: Repository, args: Args) -> Window:
    """Oldest first unless told."""
    sign = -1 if (args.get("orderBy") or {}).get("direction") == "DESC" else 1

    def mark(row: Release) -> tuple[int, int]:
        return sign * int(row.created.timestamp() * 1_000_000), sign * row.id

    return window(sorted(extras.releases(call, one), key=mark), args, mark)


def release(call: Call, one: Repository, args: Args) -> Release | None:
    """A published one; null, without an error, for a tag that has none."""
    found = (row for row in extras.releases(call, one) if row.tag == args["tagName"] and row.published)
    return next(found, None)


def refs(call: Call, one: Repository, args: Args) -> Window:
    """Tags only: by their commits' time or by name."""
    found = list(extras.tags(call, one)) if args["refPrefix"] == "refs/tags/" else []
    order = args.get("orderBy") or {"field": "ALPHABETICAL", "direction": "ASC"}
    by_name = order["field"] == "ALPHABETICAL"
    found.sort(key=lambda tag: (tag.name if by_name else tag.committed.isoformat(), tag.name))
    return window(found[::-1] if order["direction"] == "DESC" else found, args)


def target(call: Call, ref: Branch | Tag, args: Args) -> Tag | Commit | None:
    """An annotated tag is an object of its own; a light one is a name of the commit."""
    if isinstance(ref, Branch):
        return None
    return ref if ref.made else commit(ref)


def commit(tag: Tag) -> Commit:
    return Commit(tag.sha, tag.tagger, "", tag.committed, tag.committed, "")


def tagger(call: Call, tag: Tag, args: Args) -> dict[str, Any]:
    found = person(call, tag.tagger)
    name, mail = (found.name, found.email) if found else ("", "")
    return {"date": iso(tag.made), "email": mail, "name": name, "user": user(call, tag.tagger)}


FIELDS: dict[str, Table] = {
    "Ref": {
        "id": lambda call, ref, args: node_id("REF", sum(ref.name.encode())),
        "name": get("name"),
        "prefix": lambda call, ref, args: "refs/tags/" if isinstance(ref, Tag) else "refs/heads/",
        "target": target,
    },
    "Tag": {
        "id": lambda call, tag, args: f"TA_{tag.name}",
        "message": always(""),
        "name": get("name"),
        "oid": lambda call, tag, args: tag.sha[::-1],
        "tagger": tagger,
        "target": lambda call, tag, args: commit(tag),
    },
    "Release": {
        "id": lambda call, one, args: node_id("RE", one.id),
        "databaseId": lambda call, one, args: small(one.id),
        "author": lambda call, one, args: user(call, one.author),
        "createdAt": when("created"),
        "publishedAt": when("published"),
        "updatedAt": lambda call, one, args: iso(one.published or one.created),
        "isDraft": lambda call, one, args: one.published is None,
        "isPrerelease": get("prerelease"),
        "name": get("name"),
        "tagName": get("tag"),
        "tagCommit": lambda call, one, args: commit(Tag(one.tag, one.sha, one.created)) if one.sha else None,
        "url": lambda call, one, args: f"{call.html}/{one.repository}/releases/tag/{one.tag}",
    },
}
