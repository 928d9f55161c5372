"""Releases, tags and workflow runs as records: what else may say that something went out (G19, G20)."""

from __future__ import annotations

from typing import Any

from delivery.connectors.github.parse import Reading, needed
from delivery.connectors.instants import instant
from delivery.core.records import ReleaseRecord, WorkflowRunRecord

Json = dict[str, Any]


def release(node: Json, reading: Reading) -> ReleaseRecord | None:
    """A release from GraphQL; None for a draft, which only those who may push see (G20)."""
    if node.get("isDraft"):
        return None
    return ReleaseRecord(
        native_id=str(node.get("databaseId") or node["id"]),
        repository=reading.repository,
        tag=str(node["tagName"]),
        name=node.get("name") or "",
        sha=(node.get("tagCommit") or {}).get("oid") or "",
        author=reading.account(node.get("author")),
        created=needed(node["createdAt"]),
        published=instant(node.get("publishedAt")),
        prerelease=bool(node.get("isPrerelease")),
        url=node.get("url") or "",
    )


def tag(node: Json, reading: Reading) -> ReleaseRecord | None:
    """A tag without a release, named by itself; None for a tag on what is no commit.

    Its instant is when it was made, which an annotated tag tells, else when its commit was.
    """
    target = node["target"]
    tagger = target.get("tagger") or {}
    commit = target.get("target") or target
    at = instant(tagger.get("date")) or instant(commit.get("committedDate"))
    if at is None:
        return None
    name = str(node["name"])
    return ReleaseRecord(
        native_id=f"tag:{name}",
        repository=reading.repository,
        tag=name,
        name=name,
        sha=commit.get("oid") or "",
        author=reading.account(tagger.get("user") or (target.get("author") or {}).get("user")),
        created=at,
        published=at,
        prerelease=False,
        tag_only=True,
    )


def workflow_run(row: Json, reading: Reading) -> WorkflowRunRecord:
    """One attempt of a run from REST (G19). Only ``updated_at`` tells when it ended; its id outgrows 2^31 (G22)."""
    conclusion = row.get("conclusion")
    ended = bool(conclusion) or row.get("status") == "completed"
    return WorkflowRunRecord(
        native_id=str(row["id"]),
        repository=reading.repository,
        attempt=int(row.get("run_attempt") or 1),
        workflow=row.get("name") or row.get("path") or "",
        event=row.get("event") or "",
        branch=row.get("head_branch") or "",
        sha=row.get("head_sha") or "",
        actor=reading.account(row.get("triggering_actor") or row.get("actor")),
        created=needed(row["created_at"]),
        started=instant(row.get("run_started_at")),
        finished=instant(row.get("updated_at")) if ended else None,
        conclusion=str(conclusion or ""),
        url=row.get("html_url") or "",
    )
