"""A still clock and a mail server for tests of the digest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine

from teams.models import Team
from tests import builders
from tests.dashboards.conftest import NOW
from tests.dashboards.roles import Organisation, organisation
from tests.mail_server import MailServer, running


@pytest.fixture
def still_clock(time_machine: time_machine.TimeMachineFixture) -> datetime:
    """Nine o'clock on TODAY, a Monday."""
    time_machine.move_to(NOW, tick=False)
    return NOW


@pytest.fixture
def people(db: None) -> Organisation:
    return organisation()


@pytest.fixture
def ranking(db: None) -> Team:
    return builders.team("Ranking", slug="ranking", group=builders.group("Machine Learning", slug="machine-learning"))


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with running() as server:
        yield server
