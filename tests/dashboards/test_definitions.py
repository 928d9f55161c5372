"""A metric's definition is one click away from its number."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils.html import escape
from time_machine import travel

from dashboards.definitions import COUNTED
from tests.builders import TODAY, at
from tests.dashboards.roles import organisation
from tests.dashboards.test_team import deploy, html, work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with travel(at(TODAY), tick=False):
        yield


def test_each_chart_and_each_dora_measure_has_its_own_one_click_away(client: Client) -> None:
    org = organisation()
    work(org, *[6] * 12)
    deploy(org, 8)
    text = html(client, org.engineer)
    for told in COUNTED.values():
        assert text.count(escape(told)) == 1
    assert text.count('<details class="counted">') == len(COUNTED) == 9


def test_a_chart_that_cannot_be_drawn_still_says_what_it_counts(client: Client) -> None:
    org = organisation()
    text = html(client, org.engineer)
    assert text.count('<details class="counted">') == 4
    assert escape(COUNTED["age"]) in text
