"""The rules of the register: their words, what others would do, saving, and two who do so at once."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from delivery.models import RiskRule
from people.models import Role
from tests import builders
from tests.dashboards.risk_rows import page, risk, signed_in
from tests.dashboards.roles import Organisation, organisation
from tests.dashboards.rows import promised

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


@pytest.fixture
def org(db: None) -> Organisation:
    return organisation()


def test_rules_tell_their_thresholds_in_words(client: Client, org: Organisation) -> None:
    html = page(signed_in(client, org.admin), "/risks/rules/")
    assert "Opens at 50% or more for 2 days.<br>Closes below 40% for 2 days." in html
    assert "Opens at 3 weeks or more, at once." in html
    assert "by default" in html
    assert client.get("/risks/rules/nothing/").status_code == 404


def rule(**fields: str) -> dict[str, str]:
    return {"do": "preview", "seen": "", "enabled": "on", "enter": "30", "leave": "20", "days": "0"} | fields


def test_an_admin_sees_what_a_threshold_would_open_and_close_before_saving(client: Client, org: Organisation) -> None:
    promised(org.team, "Event schema", 0.45)
    closing = risk(promised(org.team, "Calm", 0.05), "Was likely to miss", rule="likely_to_miss")
    signed_in(client, org.admin)
    html = client.post("/risks/rules/likely_to_miss/", rule()).content.decode()
    assert "1 risk would open, 1 would close, 0 would stay." in html
    assert "Event schema</a>" in html
    assert f'<a href="/risks/{closing.pk}/">Was likely to miss</a>' in html
    assert 'name="enter" type="text" value="30"' in html
    assert not RiskRule.objects.exists()


def test_a_rule_is_saved_with_who_and_when(client: Client, org: Organisation) -> None:
    signed_in(client, org.admin)
    assert client.post("/risks/rules/likely_to_miss/", rule(do="save")).status_code == 302
    html = page(client, "/risks/rules/")
    assert "Opens at 30% or more, at once.<br>Closes below 20%, at once." in html
    assert "Changed by Ada Admin, Mon 23 Nov." in html


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"leave": "60"}, "A risk must close at a value better"),
        ({"enter": "nan"}, "Enter a number, such as 25."),
        ({"days": "-1"}, "Enter whole days from 0 to 365."),
    ],
)
def test_thresholds_that_make_no_sense_come_back(
    client: Client, org: Organisation, fields: dict[str, str], said: str
) -> None:
    signed_in(client, org.admin)
    for do in ("preview", "save"):
        html = client.post("/risks/rules/likely_to_miss/", rule(do=do, **fields)).content.decode()
        assert said in html
        for name, value in fields.items():
            assert f'name="{name}" type="text" value="{value}"' in html
    assert not RiskRule.objects.exists()


def test_a_rule_that_another_admin_changed_meanwhile_is_told(client: Client, org: Organisation) -> None:
    signed_in(client, builders.person("Bo Berg", Role.ADMIN)).post("/risks/rules/likely_to_miss/", rule(do="save"))
    signed_in(client, org.admin)
    mine = rule(do="save", enter="70", leave="65")
    html = client.post("/risks/rules/likely_to_miss/", mine).content.decode()
    assert "Somebody else changed this rule while you were at it." in html
    assert "It is on. Opens at 30% or more, at once." in html
    assert "Changed by Bo Berg" in html
    assert 'value="70"' in html
    again = re.findall(r'name="seen" value="([^"]+)"', html)[0]
    assert client.post("/risks/rules/likely_to_miss/", mine | {"seen": again}).status_code == 302
    assert RiskRule.objects.get().enter == 70
