"""Which connector belongs to which kind of source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from delivery.connectors.contract import Connector, Credentials
from delivery.connectors.github.client import GitHub
from delivery.connectors.jira.client import Jira
from delivery.connectors.setup import Setup

CONNECTORS: dict[str, Callable[[Credentials, Setup], Connector]] = {"jira": Jira, "github": GitHub}


def open_connector(kind: str, credentials: Credentials, **options: Any) -> Connector:
    """A connector for a source of ``kind`` (jira, github); close it after use. Raises ConnectorError.

    ``options`` are those of Setup.
    """
    return CONNECTORS[kind](credentials, Setup(**options))
