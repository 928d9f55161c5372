"""Which connector belongs to which kind of source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from delivery.connectors.contract import Connector, Credentials
from delivery.connectors.github.client import GitHub
from delivery.connectors.jira.client import Jira

CONNECTORS: dict[str, Callable[..., Connector]] = {"jira": Jira, "github": GitHub}


def open_connector(kind: str, credentials: Credentials, **options: Any) -> Connector:
    """A connector for a source of ``kind`` (jira, github); close it after use. Raises ConnectorError.

    ``options``: allow_private, policy (RetryPolicy), ca_file, lookup; for Jira also story_points_field.
    """
    return CONNECTORS[kind](credentials, **options)
