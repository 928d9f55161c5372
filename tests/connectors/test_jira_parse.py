"""Jira's recorded pages become records."""

from datetime import UTC, datetime

import pytest

from delivery.connectors.instants import instant
from delivery.connectors.jira import changelog, fields, parse, sprints
from delivery.core.records import AccountRecord, FieldChangeRecord, SprintRecord, TransitionRecord
from tests.connectors.pages import page


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def reading(site):
    return parse.Reading("https://acme.example.test", fields.discover(page(f"jira_{site}_fields")))


def items(site):
    with_fields = reading(site)
    return [parse.work_item(issue, with_fields) for issue in page(f"jira_{site}_search")["issues"]], with_fields


@pytest.fixture
def story():
    return items("cloud")[0][0]


@pytest.fixture
def moved():
    """Data Center's story."""
    return items("datacenter")[0][0]


def test_facts_of_a_cloud_issue(story):
    assert (story.native_id, story.key, story.project) == ("10482", "PLAT-77", "PLAT")
    assert (story.type, story.level, story.title) == ("Story", 0, "Backfill the feature store")
    assert (story.status_id, story.status, story.status_category) == ("10006", "Fertig", "done")
    assert story.created == at(2026, 3, 2, 1, 21, 33, 512000)
    assert story.resolved == at(2026, 3, 9, 10, 30, 0, 249000)
    assert (story.labels, story.components, story.fix_versions) == (("ml", "backfill"), ("store",), ("2026.1",))
    assert (story.reporter, story.assignee) == (None, "557058:aa-robin")
    assert (story.story_points, story.flagged) == (3.0, True)
    assert story.url == "https://acme.example.test/browse/PLAT-77"


def test_transitions_are_oldest_first_with_ids_and_names(story):
    robin = "557058:aa-robin"
    assert story.transitions == (
        TransitionRecord("50903", at(2026, 3, 4, 1, 15), "10001", "Zu erledigen", "3", "In Arbeit", robin),
        TransitionRecord("50906", at(2026, 3, 9, 10, 30, 0, 250000), "3", "In Arbeit", "10006", "Fertig", robin),
    )


def test_changes_of_sprint_parent_flag_and_key_are_kept(story):
    assert story.changes == (
        FieldChangeRecord("50902:key", at(2026, 3, 3), "key", "OLD-5", "PLAT-77"),
        FieldChangeRecord("50904:sprint", at(2026, 3, 5, 4), "sprint", "7", "7,8"),
        FieldChangeRecord("50904:parent", at(2026, 3, 5, 4), "parent", "", "PLAT-12"),
        FieldChangeRecord("50905:flagged", at(2026, 3, 5, 17), "flagged", "", "Impediment"),
    )


def test_parent_comes_before_epic_link(story, moved):
    assert story.parent_key == "PLAT-12"
    assert moved.parent_key == "DATA-1"


def test_only_what_blocks_this_issue_is_in_blocked_by(story):
    assert story.blocked_by == ("PLAT-76",)


def test_everyone_named_comes_along_and_apps_are_bots():
    (story, _), with_fields = items("cloud")
    assert story.accounts == (AccountRecord("557058:aa-robin", "Robin Example", "", "robin@example.test"),)
    assert with_fields.accounts["557058:bb-flow"].is_bot


def test_null_points_are_not_zero_and_zero_is_not_null():
    (_, epic), _ = items("cloud")
    (story, other), _ = items("datacenter")
    assert (epic.story_points, other.story_points, story.story_points) == (None, None, 0.0)


def test_an_untouched_epic():
    (_, epic), _ = items("cloud")
    assert (epic.level, epic.status_category, epic.transitions, epic.sprints) == (1, "", (), ())
    assert (epic.resolved, epic.parent_key, epic.blocked_by, epic.flagged) == (None, "", (), False)


def test_data_center_names_people_by_key(moved):
    assert (moved.reporter, moved.assignee) == ("JIRAUSER10100", "kim")
    assert moved.accounts[0] == AccountRecord("JIRAUSER10100", "Robin Example", "robin", "robin@example.test")


def test_data_center_changes_are_found_by_the_fields_name(moved):
    assert [change.field for change in moved.changes] == ["parent", "sprint"]
    assert moved.changes[1].to_value == "41,42"


def test_a_custom_field_called_status_is_no_status(moved):
    assert [move.to_name for move in moved.transitions] == ["In Progress"]


def test_data_centers_epic_has_an_epic_name():
    (story, epic), _ = items("datacenter")
    assert (story.level, epic.level) == (0, 1)


def test_sprints_of_both_forms_are_kept_once():
    (story, _), cloud = items("cloud")
    (moved, _), datacenter = items("datacenter")
    assert (story.sprints, moved.sprints) == (("7", "8"), ("41", "42"))
    assert cloud.sprints["7"] == SprintRecord(
        "7", "Sprint 7", "closed", at(2026, 2, 23, 1), at(2026, 3, 6, 9), at(2026, 3, 6, 9, 12), "Store, part 1"
    )
    assert datacenter.sprints["41"] == SprintRecord(
        "41", "Week 2, part ],id=9 [B]", "closed", at(2026, 1, 12, 7), at(2026, 1, 23, 16), at(2026, 1, 23, 16, 5),
        "Ship, then rest",
    )  # fmt: skip
    assert datacenter.sprints["42"] == SprintRecord("42", "Week 4", "future", None, None, None, "")


def test_an_older_form_of_a_sprint_ends_with_its_id():
    text = "com.atlassian.greenhopper.service.sprint.Sprint@1[rapidViewId=5,state=ACTIVE,name=W,goal=g,id=77]"
    assert sprints.native_id(text) == "77"
    assert sprints.record(text).name == "W"
    text = (
        "com.atlassian.greenhopper.service.sprint.Sprint@1[activatedDate=<null>,id=77,name=Retry [id=9],state=ACTIVE]"
    )
    assert (sprints.native_id(text), sprints.record(text).name) == ("77", "Retry [id=9]")


def test_a_sprint_that_is_only_an_id():
    assert (sprints.native_id("17"), sprints.record("17"), sprints.native_id("nothing")) == ("17", None, "")


def test_fields_are_found_by_their_kind_and_not_by_their_place():
    found = fields.discover(page("jira_cloud_fields"))
    assert found.points == ("customfield_10016", "customfield_10033")
    assert (found.sprint, found.epic_link, found.flagged) == (
        ("customfield_10020",),
        ("customfield_10014",),
        ("customfield_10021",),
    )
    assert "*all" not in found.asked
    assert "customfield_10040" not in found.asked


def test_an_administrators_field_for_points_comes_first():
    assert fields.discover(page("jira_cloud_fields"), "customfield_10040").points[0] == "customfield_10040"


def test_a_row_that_no_one_could_place_is_left_out():
    assert parse.work_item({"id": "1", "fields": {}}, reading("cloud")) is None


def test_entries_that_come_twice_are_one():
    issue = page("jira_cloud_search")["issues"][0]
    histories = list(issue["changelog"]["histories"])
    issue["changelog"]["histories"] = histories[:2]
    assert changelog.missing(issue)
    changelog.add(issue, histories)
    assert not changelog.missing(issue)
    assert len(issue["changelog"]["histories"]) == 6


@pytest.mark.parametrize(
    "value",
    ["2026-03-02T09:21:33.500+0800", "2026-03-02T09:21:33.500+08:00", "2026-03-02T01:21:33.500Z", 1772414493500,
     "1772414493500", 1772414493.5],
)  # fmt: skip
def test_every_form_of_an_instant_is_the_same_instant(value):
    assert instant(value) == at(2026, 3, 2, 1, 21, 33, 500000)


@pytest.mark.parametrize("value", [None, "", "<null>", "soon", [], 10**30])
def test_what_is_no_instant_is_none(value):
    assert instant(value) is None
