"""What an import may do, by whom, and what it says where it cannot."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command

from delivery import access, csv_plans
from delivery.models import Commitment, Deliverable, Goal, PlanChange
from people.models import Person, Role
from teams.access import can_change_team, teams_changed
from teams.models import Team
from tests import builders
from tests.delivery import csv_world
from tests.delivery.csv_world import imported

pytestmark = pytest.mark.django_db


def faults(kind: str, *lines: str, user: Person | None = None) -> set[tuple[int, str]]:
    return {(one.line, one.column) for one in csv_plans.plan(kind, "\n".join(lines), user=user).faults}


def test_a_lead_changes_what_the_own_team_has_and_nothing_else() -> None:
    made = csv_world.made()
    lead = made["lead"]
    lines = ("slug,title", "a-second,New", "z-first,New")
    assert faults("deliverables", *lines, user=lead) == {(3, "slug")}
    imported("deliverables", "\n".join(lines[:2]), lead)
    assert Deliverable.objects.get(slug="a-second").title == "New"
    assert [(one.what, one.by) for one in PlanChange.objects.all()] == [("Title", lead)]
    assert faults("deliverables", "slug,team", "a-second,search", user=lead) == {(2, "slug")}
    assert faults("deliverables", "slug,title,team,start", "n,N,search,2027-01-01", user=lead) == {(2, "slug")}
    assert faults("teams", "slug,name", "ml-platform,New", user=lead) == {(2, "slug")}
    assert faults("people", "email,name", "lea@example.test,New", user=lead) == {(2, "email")}
    assert faults("memberships", "person,team,start,role", "lea@example.test,search,2027-01-01,x", user=lead) == {
        (2, "person")
    }


@pytest.mark.parametrize("role", Role.values)
def test_many_rows_are_judged_as_one_by_one(role: str) -> None:
    made = csv_world.made()
    user = builders.person(role=role)
    Team.objects.filter(slug="search").update(manager=user, lead=user)
    reach = access.plan_reach(user)
    for team in Team.objects.all():
        assert (team.pk in teams_changed(user)) is can_change_team(user, team)
        assert access.reaches(reach, team=team.pk) is access.can_add_deliverable(user, team.pk)
        assert access.reaches(reach, team=team.pk) is access.can_add_goal(user, team=team.pk)
    for goal in (made["group"], made["top"]):
        assert access.reaches(reach, team=goal.team_id, group=goal.group_id) is access.can_edit_goal(user, goal)
    owners = access.owners_seen(user)
    for goal in Goal.objects.all():
        seen = not goal.confidential or owners is None or goal.owner_id in owners
        assert seen is access.can_see_goal(user, goal)
    assert csv_plans.importable(AnonymousUser()) == ()


def test_a_confidential_goal_stays_unseen_and_linked() -> None:
    made = csv_world.made()
    lead = builders.person(role=Role.LEAD)
    Team.objects.filter(slug="ml-platform").update(lead=lead)
    assert "a-goal" not in csv_plans.export("goals", user=lead)
    assert "a-goal" not in csv_plans.export("deliverables", user=lead)
    assert faults("goals", "slug,title", "a-goal,Mine", user=lead) >= {(2, "slug")}
    assert faults("deliverables", "slug,goals", "a-second,a-goal", user=lead) == {(2, "goals")}
    imported("deliverables", "slug,goals\na-second,group", lead)
    assert set(made["second"].goals.all()) == {made["group"], made["goal"]}


def test_a_confidential_goal_is_not_named_in_what_is_wrong_with_another() -> None:
    made = csv_world.made()
    lead = builders.person(role=Role.LEAD)
    Team.objects.filter(slug="ml-platform").update(lead=lead)
    group, hidden = made["group"], made["goal"]
    Goal.objects.filter(pk=hidden.pk).update(parent=group, title="Lay off half")
    Goal.objects.filter(pk=group.pk).update(level="team", team=made["team"], group=None)
    both = csv_plans.plan("goals", "slug,last_day\ngroup,2026-08-01", user=lead)
    assert [(one.column, "not yours to see" in one.text) for one in both.faults] == [("last_day", True)]
    Goal.objects.filter(pk=hidden.pk).update(parent=None)
    Goal.objects.filter(pk=group.pk).update(parent=hidden)
    both = csv_plans.plan("goals", "slug,last_day\ngroup,2030-08-01", user=lead)
    assert [(one.column, "not yours to see" in one.text) for one in both.faults] == [("parent", True)]


def test_nobody_imports_a_goal_out_of_their_own_sight() -> None:
    made = csv_world.made()
    lead = made["lead"]
    head = "slug,title,level,team,first_day,last_day,confidential,owner"
    line = "n,N,team,ml-platform,2027-01-01,2027-02-01,yes,{}"
    assert faults("goals", head, line.format("dora@example.test"), user=lead) == {(2, "owner")}
    assert faults("goals", head, line.format(""), user=lead) == {(2, "owner")}
    assert faults("goals", "slug,owner", "a-goal,gone@example.test", user=lead) == {(2, "owner")}
    assert not faults("goals", head, line.format("lea@example.test"), user=lead)
    assert not faults("goals", head, line.format(""), user=made["director"])


def test_what_is_measured_is_not_typed() -> None:
    csv_world.made()
    cell = (
        '[{""title"": ""M"", ""start"": 3, ""target"": 1, ""fed_by"": ""metric"", ""metric"": ""wip"", ""current"": 9}]'
    )
    assert faults("goals", "slug,key_results", f'a-goal,"{cell}"') == {(2, "key_results")}
    assert not faults("goals", "slug,key_results", f'a-goal,"{cell.replace("9}]", "null}]")}"')


def test_the_file_may_name_what_it_makes_and_circles_are_named() -> None:
    builders.team(slug="ml")
    rows = ("slug,title,team,start,depends_on", "b,B,ml,2027-01-01,a", "a,A,ml,2027-01-01,")
    imported("deliverables", "\n".join(rows))
    assert [one.slug for one in Deliverable.objects.get(slug="b").depends_on.all()] == ["a"]
    plan = csv_plans.plan("deliverables", "slug,depends_on\na,c\nb,b", user=None)
    assert {one.column for one in plan.faults} == {"depends_on"}
    plan = csv_plans.plan("deliverables", "slug,depends_on\na,b", user=None)
    assert "“A” waits for “B” waits for “A”" in plan.faults[0].text
    group = builders.group(slug="g")
    head = "slug,title,level,group,parent,first_day,last_day"
    circle = (
        head,
        f"x,X,group,{group.slug},y,2027-01-01,2027-02-01",
        f"y,Y,group,{group.slug},x,2027-01-01,2027-02-01",
    )
    assert faults("goals", *circle) == {(2, "parent"), (3, "parent")}
    imported("goals", "\n".join((*circle[:2], circle[2].replace(",x,", ",,"))))
    assert Goal.objects.get(slug="x").parent == Goal.objects.get(slug="y")


def test_a_promise_moves_with_its_cause_alone_and_keeps_its_history() -> None:
    made = csv_world.made()
    assert faults("deliverables", "slug,promised", "a-second,2199-01-01") == {(2, "slip_cause"), (2, "slip_note")}
    assert faults("deliverables", "slug,promised", "a-second,") == {(2, "promised")}
    text = "slug,promised,slip_cause,slip_note\na-second,2199-01-01,vendor,Late"
    imported("deliverables", text, made["director"])
    last = Commitment.objects.filter(deliverable=made["second"]).last()
    assert last is not None
    assert (last.target, last.cause, last.by) == (date(2199, 1, 1), "vendor", made["director"])
    assert not csv_plans.plan("deliverables", text, user=None).changes_something


def test_a_change_since_the_file_was_looked_at_is_told_and_nothing_kept() -> None:
    csv_world.made()
    plan = csv_plans.plan("goals", "slug,title\ngroup,New\ntop,New", user=None)
    assert Goal.objects.filter(title="New").count() == 0
    Goal.objects.filter(slug="top").update(title="Theirs")
    with pytest.raises(csv_plans.Changed) as changed:
        csv_plans.apply(plan)
    assert not Goal.objects.filter(title="New").exists()
    csv_plans.apply(changed.value.plan)
    assert Goal.objects.filter(title="New").count() == 2


def test_the_last_administrator_and_shares_over_one_are_told() -> None:
    csv_world.made()
    builders.person(email="root@example.test", role=Role.ADMIN)
    assert faults("people", "email,active", "root@example.test,no") == {(2, "active")}
    head = "person,team,start,share"
    assert faults("memberships", head, "lea@example.test,ml-platform,2027-01-01,0.5") == {(2, "start")}
    plan = csv_plans.plan("memberships", f"{head}\ngone@example.test,search,2027-01-01,1\ngone@example.test,ml-platform,2027-01-01,0.2", user=None)  # fmt: skip
    assert not plan.faults
    assert {one.line for one in plan.warnings} == {2, 3}


def test_the_command_tells_and_imports(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ANN001
    csv_world.made()
    file = tmp_path / "goals.csv"
    call_command("export", "goals", str(file))
    assert file.read_bytes().decode() == csv_plans.export("goals", user=None)
    file.write_text("slug;title\ngroup;Other\n")
    call_command("import", "goals", str(file), "--dry-run")
    assert "title: G → Other" in capsys.readouterr().out
    assert Goal.objects.get(slug="group").title == "G"
    call_command("import", "goals", str(file))
    assert Goal.objects.get(slug="group").title == "Other"
    file.write_text("slug,title\ngroup,\n")
    with pytest.raises(SystemExit) as ended:
        call_command("import", "goals", str(file))
    assert ended.value.code == 1
    with pytest.raises(SystemExit) as ended:
        call_command("import", "goals", str(tmp_path / "nothing.csv"))
    assert ended.value.code == 2
