"""The way in and out: sign in, forget and change a password, and the account pages Headway does not offer."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from people.models import Person
from tests import builders

pytestmark = pytest.mark.django_db

PASSWORD = "a long sentence opens it"
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def limits_of_its_own(settings: Settings, request: pytest.FixtureRequest) -> None:
    """Wrong passwords of one test do not count in another, which may run at the same time."""
    memory = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": memory, "LOCATION": request.node.nodeid}}


@pytest.fixture
def elif_aydin() -> Person:
    return builders.person("Elif Aydin", email="elif@example.test", password=PASSWORD)


def sign_in(client: Client, password: str = PASSWORD, **more: str) -> str:
    response = client.post(LOGIN, {"login": "elif@example.test", "password": password, **more})
    return response["Location"] if response.status_code == 302 else response.content.decode()


def test_a_page_asks_for_a_login_and_goes_on_to_itself(client: Client, elif_aydin: Person) -> None:
    asked = client.get("/accounts/password/change/?from=mail")
    assert asked["Location"] == "/accounts/login/?next=/accounts/password/change/%3Ffrom%3Dmail"
    form = client.get(asked["Location"]).content.decode()
    assert '<input type="hidden" name="next" value="/accounts/password/change/?from=mail">' in form
    assert sign_in(client, next="/accounts/password/change/?from=mail") == "/accounts/password/change/?from=mail"


def test_a_part_of_a_page_that_asks_without_a_login_leads_the_whole_page_to_one(client: Client) -> None:
    asked = {"HX-Request": "true", "HX-Current-URL": "http://testserver/sources/?from=mail"}
    answer = client.get("/sources/", headers=asked)
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Fsources%2F%3Ffrom%3Dmail"
    assert not answer.content
    assert "Location" not in answer
    elsewhere = client.get("/?team=a", headers=asked | {"HX-Current-URL": "https://elsewhere.test/x"})
    assert elsewhere["HX-Redirect"] == "/accounts/login/?next=%2F"


def test_signing_in_does_not_lead_to_another_site(client: Client, elif_aydin: Person) -> None:
    assert sign_in(client, next="https://elsewhere.test/") == "/"


def test_a_wrong_password_says_what_to_do_and_keeps_the_address(client: Client, elif_aydin: Person) -> None:
    page = sign_in(client, "not this one")
    assert 'role="alert"' in page
    assert "do not belong together" in page
    assert 'value="elif@example.test"' in page
    assert "not this one" not in page


def test_an_unknown_address_is_told_the_same_as_a_wrong_password(client: Client) -> None:
    assert "do not belong together" in sign_in(client)


def test_too_many_wrong_passwords_say_how_long_to_wait(client: Client, elif_aydin: Person) -> None:
    for _ in range(5):
        sign_in(client, "wrong")
    assert "five minutes" in sign_in(client)


def test_the_demo_offers_its_logins(client: Client, settings: Settings) -> None:
    settings.DEMO = True
    page = client.get(LOGIN).content.decode()
    assert "This is the demo" in page
    for role in ("director", "manager", "engineer", "executive", "admin"):
        assert f'value="{role}@example.test"' in page


def test_outside_the_demo_no_login_is_offered(client: Client) -> None:
    assert "example.test" not in client.get(LOGIN).content.decode()


def test_whoever_is_in_is_not_asked_again(client: Client, elif_aydin: Person) -> None:
    client.force_login(elif_aydin)
    assert client.get(f"{LOGIN}?next=/sources/")["Location"] == "/sources/"


def test_signing_out_asks_first_and_ends_at_the_login(client: Client, elif_aydin: Person) -> None:
    client.force_login(elif_aydin)
    assert "Sign out?" in client.get("/accounts/logout/").content.decode()
    assert client.post("/accounts/logout/")["Location"] == LOGIN
    assert client.get("/accounts/password/change/").status_code == 302


def test_a_forgotten_password_is_replaced_by_mail(client: Client, elif_aydin: Person) -> None:
    asked = client.post("/accounts/password/reset/", {"email": "elif@example.test"}, follow=True)
    assert "Look at your mail" in asked.content.decode()
    (letter,) = mail.outbox
    assert letter.subject == "Headway: choose a new password"
    assert letter.to == ["elif@example.test"]
    assert isinstance(letter, mail.EmailMultiAlternatives)
    html, kind = letter.alternatives[0]
    link = re.search(r"http://testserver(/\S+)", str(letter.body))
    assert link is not None
    assert kind == "text/html"
    assert link[1] in str(html)
    form = client.get(link[1], follow=True)
    assert "Choose a new password" in form.content.decode()
    new = {"password1": "another long sentence", "password2": "another long sentence"}
    saved = client.post(form.request["PATH_INFO"], new, follow=True)
    assert "The new password is saved" in saved.content.decode()
    assert sign_in(client, "another long sentence") == "/"
    assert "This link is over" in Client().get(link[1], follow=True).content.decode()


def test_a_weak_new_password_is_explained_beside_its_field(client: Client, elif_aydin: Person) -> None:
    client.force_login(elif_aydin)
    answer = client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    )
    page = answer.content.decode()
    assert 'id="id_password1_error"' in page or 'id="id_password2_error"' in page
    assert "at least 8 characters" in page


def test_a_password_is_changed_by_whoever_knows_it(client: Client, elif_aydin: Person) -> None:
    client.force_login(elif_aydin)
    new = {"password1": "another long sentence", "password2": "another long sentence"}
    wrong = client.post("/accounts/password/change/", {"oldpassword": "guess", **new})
    assert "not the password you have now" in wrong.content.decode()
    changed = client.post("/accounts/password/change/", {"oldpassword": PASSWORD, **new}, follow=True)
    assert "The new password is saved" in changed.content.decode()


def test_an_unknown_address_gets_a_letter_of_its_own_and_the_page_says_nothing(client: Client) -> None:
    asked = client.post("/accounts/password/reset/", {"email": "stranger@example.test"}, follow=True)
    assert "Look at your mail" in asked.content.decode()
    (letter,) = mail.outbox
    assert "Nobody is invited with it" in str(letter.body)


def test_a_mail_server_that_does_not_answer_is_said(client: Client, elif_aydin: Person, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    asked = client.post("/accounts/password/reset/", {"email": "elif@example.test"})
    assert asked.status_code == 503
    assert "The mail could not be sent" in asked.content.decode()


def test_a_switched_off_login_does_not_open(client: Client, elif_aydin: Person) -> None:
    Person.objects.update(is_active=False)
    page = client.post(LOGIN, {"login": "elif@example.test", "password": PASSWORD}, follow=True).content.decode()
    assert "switched off" in page or "do not belong together" in page


PAGES = [
    "login/",
    "logout/",
    "inactive/",
    "signup/",
    "reauthenticate/",
    "email/",
    "confirm-email/",
    "confirm-email/abc/",
]
PAGES += ["password/change/", "password/set/", "password/reset/", "password/reset/done/", "login/code/confirm/"]
PAGES += ["password/reset/key/1-abc-def/", "password/reset/key/done/", ""]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("inside", [True, False])
def test_every_account_page_is_headways_own(client: Client, elif_aydin: Person, page: str, *, inside: bool) -> None:
    if inside:
        client.force_login(elif_aydin)
    answer = client.get(f"/accounts/{page}")
    if answer.status_code != 302:
        assert answer.status_code == 200
        assert '<main class="gate' in answer.content.decode()


@pytest.mark.parametrize("inside", [True, False])
def test_nobody_changes_an_address_or_signs_up_by_themselves(
    client: Client, elif_aydin: Person, *, inside: bool
) -> None:
    if inside:
        client.force_login(elif_aydin)
    added = client.post("/accounts/email/", {"action_add": "", "email": "other@example.test"})
    assert added.status_code == 403
    client.post("/accounts/signup/", {"email": "other@example.test", "password1": PASSWORD})
    assert not Person.objects.filter(email="other@example.test").exists()
    assert "Ask an administrator" in Client().get("/accounts/signup/").content.decode()
