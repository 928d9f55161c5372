"""People as Jira shows them: by account on Cloud, by name and key on Data Center (D2)."""

from __future__ import annotations

from simulator.jira.call import Call
from simulator.records import Person
from simulator.tokens import owner

SIZES = ("48x48", "24x24", "16x16", "32x32")


def user(call: Call, person: Person) -> dict[str, object]:
    """The short form, as in an issue or a history."""
    api, base = call.api, call.request.base
    avatars = {size: f"{base}/avatar/{person.jira_name}?size={size[:2]}" for size in SIZES}
    if not call.jira.cloud:
        return {
            "self": f"{api}/user?username={person.jira_name}",
            "name": person.jira_name,
            "key": user_key(call, person),
            "emailAddress": person.email,
            "avatarUrls": avatars,
            "displayName": person.name,
            "active": True,
            "timeZone": person.timezone,
        }
    return {
        "self": f"{api}/user?accountId={person.jira_account_id}",
        "accountId": person.jira_account_id,
        "emailAddress": person.email,
        "avatarUrls": avatars,
        "displayName": person.name,
        "active": True,
        "timeZone": person.timezone,
        "accountType": "app" if person.is_bot else "atlassian",
    }


def user_key(call: Call, person: Person) -> str:
    """The key a Data Center gives who joined after version 8.4; older users' key is their name."""
    order = list(call.jira.people)
    return f"JIRAUSER{10_100 + order.index(person.id)}" if person.id in order else person.jira_name


def myself(call: Call) -> dict[str, object]:
    """The asker, with the time zone that JQL dates are read in."""
    person = owner(call.token, call.jira.world.people)
    nothing = {"size": 0, "items": []}
    extra = {"locale": "en_US", "groups": nothing, "applicationRoles": nothing, "expand": "groups,applicationRoles"}
    return user(call, person) | {"timeZone": call.token.timezone} | extra


def found(call: Call, words: str) -> list[dict[str, object]]:
    """Everybody whose name, mail or account begins with the words; empty words find all."""
    wanted = words.lower()
    people = [person for person in call.jira.world.people if fits(person, wanted)]
    return [user(call, person) for person in people]


def fits(person: Person, wanted: str) -> bool:
    names = (person.name, person.email, person.jira_account_id, person.jira_name, *person.name.split())
    return any(name.lower().startswith(wanted) for name in names)
