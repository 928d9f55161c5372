"""What a person's JQL names, asked of the simulator over real sockets."""

from __future__ import annotations

import pytest

from delivery.connectors.contract import ConnectorError
from delivery.connectors.jira import search
from simulator.tokens import DEMO_JIRA_TOKEN
from tests.connectors import simulated
from tests.connectors.changing import FIRST, SECOND, changing
from tests.connectors.simulated import opened

SITES = {"cloud": simulated.cloud, "datacenter": simulated.datacenter}
both = pytest.mark.parametrize("site", SITES)


def named(site: str, query: str, office) -> list[str]:
    with opened("jira", SITES[site](office.server)) as connector:
        return [id for page in connector.matching(query) for id in page]


@both
def test_a_jql_names_ids_of_any_project_each_once_in_whatever_order(site: str) -> None:
    with changing() as office:
        labelled = {
            str(office.world.edit(key, labels=("q4",)).id) for key in office.keys()[:3] + office.keys(SECOND)[:2]
        }
        found = named(site, "labels = q4 ORDER BY created DESC", office)
        assert sorted(found) == sorted(labelled)
        assert named(site, "labels = nobody-has-this", office) == []


@both
def test_more_ids_than_a_page_holds_all_come(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.jira.cloud_search.IDS_ONLY", 30)
    monkeypatch.setattr(search, "OFFSET_IDS_PAGE", 30)
    with changing() as office:
        assert set(named(site, f"project = {FIRST}", office)) == office.ids()


@both
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("project = NOWHERE", "The value 'NOWHERE' does not exist for the field 'project'"),
        ("colour = red", "Field 'colour' does not exist"),
        ("project = ", "Expecting either a value, list or function before the end of the query"),
    ],
)
def test_what_jira_says_of_a_bad_jql_is_quoted(site: str, query: str, words: str) -> None:
    with changing() as office, pytest.raises(ConnectorError) as caught:
        named(site, query, office)
    assert caught.value.kind == "question"
    assert str(caught.value).startswith("Jira does not understand this JQL. It says: “")
    assert words in str(caught.value)
    assert len(str(caught.value)) <= 300
    assert DEMO_JIRA_TOKEN not in str(caught.value)


def test_a_very_long_complaint_is_cut() -> None:
    with changing() as office, pytest.raises(ConnectorError) as caught:
        named("cloud", f"project = {'X' * 500}", office)
    assert len(str(caught.value)) <= 300


@both
def test_a_jql_that_names_too_many_is_refused_and_not_cut(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with changing() as office:
        monkeypatch.setattr(search, "MOST_MATCHES", len(office.ids()) - 1)
        with pytest.raises(ConnectorError, match="narrow it") as caught:
            named(site, f"project = {FIRST}", office)
    assert caught.value.kind == "question"


def test_a_wrong_token_is_no_fault_of_the_question() -> None:
    with (
        changing() as office,
        opened("jira", simulated.cloud(office.server, token="nobody")) as connector,
        pytest.raises(ConnectorError) as caught,
    ):
        list(connector.matching("labels = q4"))
    assert caught.value.kind == "credentials"


def test_github_has_no_such_language() -> None:
    with (
        simulated.running() as server,
        opened("github", simulated.github(server)) as connector,
        pytest.raises(ConnectorError, match="label or a milestone") as caught,
    ):
        list(connector.matching("label:q4"))
    assert caught.value.kind == "question"
