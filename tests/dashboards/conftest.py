"""A still clock for tests of pages that say how old something is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from people.models import Role
from teams.models import Team
from tests import builders
from tests.builders import TODAY

NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 9, tzinfo=UTC)


@pytest.fixture
def still_clock(time_machine: time_machine.TimeMachineFixture) -> datetime:
    """The pages' day is TODAY, and it stays nine o'clock."""
    time_machine.move_to(NOW, tick=False)
    return NOW


@pytest.fixture
def streaming(db: None) -> Team:
    return builders.team("Streaming & Events", slug="streaming", group=builders.group("Data Platform"))


@pytest.fixture
def reader(client: Client, db: None) -> Client:
    """A director who is signed in."""
    client.force_login(builders.person("Mara Lindqvist", role=Role.DIRECTOR))
    return client
