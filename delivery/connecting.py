"""A connector for a source as its row says."""

from __future__ import annotations

from django.conf import settings

from delivery import credentials, throttle
from delivery.connectors.contract import Connector
from delivery.connectors.registry import open_connector
from delivery.connectors.retry import RetryPolicy
from delivery.models import Source


def connect_to(source: Source, policy: RetryPolicy | None = None) -> Connector:
    """A connector as the source's row says, with manners that all workers share; close it. Raises ConnectorError.

    ``policy``: how patient to be; None = as patient as a sync is.
    """
    return open_connector(
        source.kind,
        credentials.credentials_of(source),
        allow_private=source.allow_private or settings.ALLOW_PRIVATE_SOURCES,
        policy=policy,
        gate=throttle.gate_for(source),
        memory=throttle.memory_for(source),
        renew=credentials.renewer(source),
        story_points_field=source.story_points_field,
        worklogs=source.worklogs,
    )
