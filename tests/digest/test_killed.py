"""SIGKILL between any two steps of handing over, on the real PostgreSQL and a real mail server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from dashboards.digest.handing import hand_over
from dashboards.models import Delivery
from tests.dashboards.roles import Organisation
from tests.delivery.test_sync_killed import database_url
from tests.digest.handing_process import MOMENTS
from tests.digest.rows import subscribed, waiting
from tests.mail_server import SMTP_BACKEND, MailServer

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parent.parent.parent
S = Delivery.State
SURE = {"taken": 1, "composed": 1, "prepared": 1, "begun": 0, "halfway": 0, "accepted": 1, "ended": 1}
"""How many e-mails there are in the end. In the two moments of the window it is none, and the row says so."""


def test_every_moment_is_tried() -> None:
    assert tuple(SURE) == MOMENTS


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_process_killed_at_any_moment_sends_at_most_one(people: Organisation, mail: MailServer, moment: str) -> None:
    """What was not begun is begun anew by another; what may have been taken is never sent again, and told."""
    row, other = (waiting(subscribed(one)) for one in (people.director, people.manager))
    ended = killed_at(moment, row.pk, mail)
    assert ended == -signal.SIGKILL
    hand_over([row.pk, other.pk])
    hand_over([row.pk, other.pk])
    row.refresh_from_db()
    assert len(mail.to(people.director.email)) == SURE[moment]
    assert row.state == (S.LOST if moment in ("begun", "halfway", "accepted") else S.SENT)
    assert len(mail.to(people.manager.email)) == 1


def killed_at(moment: str, pk: int, mail: MailServer) -> int:
    """Run the process in the tests' database; how it ended."""
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "FIELD_KEY": settings.FIELD_KEY,
        "HEADWAY_EMBEDDED": "1",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail.port}",
    }
    assert SMTP_BACKEND == settings.EMAIL_BACKEND
    arguments = [sys.executable, "-m", "tests.digest.handing_process", moment, str(pk)]
    return subprocess.run(arguments, cwd=ROOT, env=environment, check=False, timeout=60).returncode
