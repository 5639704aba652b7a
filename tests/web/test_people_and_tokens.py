"""Tokens, invitations, people and offices, through the API and the one-time links."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from simplr.accounts.models import Invitation, Person, Session, SigninLink
from simplr.base.models import Event
from simplr.licensing.models import Licence

if TYPE_CHECKING:
    from tests.conftest import MakePerson

PASSWORD = "a sentence nobody would guess"
SOON = "2026-12-24T12:00:00Z"


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


def browser_of(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="simplr.accounts.adapters.SignInBackend")
    return client


def send(client: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    return client.generic(
        method,
        f"/api/v1{path}",
        "" if body is None else json.dumps(body),
        content_type="application/json",
        headers=headers,
    )


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def token_of(person: Person, *scopes: str) -> str:
    from datetime import timedelta

    from django.utils import timezone

    from simplr.access.authentication import of_person
    from simplr.access.tokens import issue_access_token

    made = issue_access_token(
        name="for a test",
        scopes=scopes or ("token:manage", "person:manage"),
        expires_at=timezone.now() + timedelta(days=1),
        actor=of_person(person),
    )
    return made.secret


def test_a_token_is_shown_once_and_works_until_it_is_revoked(make_person: MakePerson) -> None:
    ada = make_person("Ada")
    from datetime import timedelta

    from django.utils import timezone

    until = (timezone.now() + timedelta(days=3)).isoformat()
    body = {"name": "laptop", "scopes": ["token:manage"], "expires_at": until}
    made = send(browser_of(ada), "POST", "/tokens", body)
    assert made.status_code == 201, made.content
    secret = made.json()["token"]

    me = send(Client(), "GET", "/me", **bearer(secret))
    assert me.json()["token"]["name"] == "laptop"
    listed = send(Client(), "GET", "/tokens", **bearer(secret))
    assert secret not in listed.content.decode()
    assert (
        send(Client(), "DELETE", f"/tokens/{made.json()['id']}", **bearer(secret)).status_code
        == 204
    )
    assert send(Client(), "GET", "/me", **bearer(secret)).status_code == 401


def test_nobody_revokes_the_token_of_another(make_person: MakePerson) -> None:
    ada, bob = make_person("Ada"), make_person("Bob")
    secret = token_of(ada)
    token = send(Client(), "GET", "/me", **bearer(secret)).json()["token"]["id"]

    assert send(browser_of(bob), "DELETE", f"/tokens/{token}").status_code == 404
    assert send(Client(), "GET", "/me", **bearer(secret)).status_code == 200


def test_the_first_start_makes_one_administrator_and_the_link_works_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("first_signin_link", "--json")
    start = json.loads(capsys.readouterr().out)
    path = start["signin"].removeprefix("http://testserver")
    assert send(Client(), "GET", "/people", **bearer(start["token"])).status_code == 200
    assert not Person.objects.get().has_usable_password()

    for _ in range(2):
        assert Client().get(path).status_code == 200  # a link preview uses nothing up
    browser = Client()
    form = {
        "name": "Ada",
        "email": "ada@example.org",
        "organisation": "City of Elm",
        "password": PASSWORD,
        "then": "password",
    }
    weak = browser.post(path, {**form, "password": "short"})
    assert weak.status_code == 422
    assert browser.post(path, form).status_code == 302
    me = send(browser, "GET", "/me").json()
    assert (me["name"], me["administrator"], me["licence"]["state"]) == ("Ada", True, "live")
    assert me["organisation"]["name"] == "City of Elm"
    assert Client().post(path, form).status_code == 410
    assert Person.objects.count() == 1


def test_a_later_start_gives_a_link_but_no_token_and_ends_the_older_link(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("first_signin_link", "--json")
    first = json.loads(capsys.readouterr().out)
    call_command("first_signin_link", "--json")
    second = json.loads(capsys.readouterr().out)

    assert second["token"] is None
    assert Client().get(first["signin"].removeprefix("http://testserver")).status_code == 410
    assert SigninLink.objects.filter(used_at=None).count() == 1


def test_a_signin_link_of_a_known_administrator_signs_in_by_post_only(
    make_person: MakePerson, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = make_person("Ada", administrator=True)
    call_command("first_signin_link", "--json", "--email", "ada@example.org")
    path = json.loads(capsys.readouterr().out)["signin"].removeprefix("http://testserver")
    browser = Client()

    browser.get(path)
    assert send(browser, "GET", "/me").status_code == 401
    assert browser.post(path).status_code == 302
    assert send(browser, "GET", "/me").json()["id"] == str(ada.id)
    assert Client().post(path).status_code == 410


def test_an_invitation_makes_a_person_with_licence_and_home(make_person: MakePerson) -> None:
    ada = make_person("Ada", administrator=True)
    made = send(
        browser_of(ada),
        "POST",
        "/invitations",
        {"email": "Bob@Example.org", "organisation": str(ada.organisation_id)},
    )
    assert made.status_code == 201, made.content
    secret = made.json()["url"].rsplit("/", 1)[1]
    assert secret.encode() not in bytes(Invitation.objects.get().secret_digest)
    path = f"/invitation/{secret}"
    browser = Client()

    assert browser.get(path).status_code == 200
    form = {"name": "Bob", "password": PASSWORD, "then": "password"}
    assert browser.post(path, form).status_code == 302
    me = send(browser, "GET", "/me").json()
    assert (me["email"], me["licence"]["state"]) == ("bob@example.org", "live")
    assert Client().post(path, {**form, "name": "Eve"}).status_code == 410


def test_a_withdrawn_invitation_makes_nobody(make_person: MakePerson) -> None:
    ada = make_person("Ada", administrator=True)
    made = send(browser_of(ada), "POST", "/invitations", {"email": "bob@example.org"}).json()

    assert send(browser_of(ada), "DELETE", f"/invitations/{made['id']}").status_code == 204
    path = made["url"].removeprefix("http://testserver")
    answer = Client().post(path, {"name": "Bob", "password": PASSWORD, "then": "password"})
    assert answer.status_code == 410
    assert not Person.objects.filter(email="bob@example.org").exists()


def test_deactivating_ends_sessions_and_tokens_at_once_and_for_good(
    make_person: MakePerson,
) -> None:
    ada, bob = make_person("Ada", administrator=True), make_person("Bob")
    his_browser, secret = browser_of(bob), token_of(bob)
    assert send(his_browser, "GET", "/me").status_code == 200

    change = send(browser_of(ada), "PATCH", f"/people/{bob.id}", {"active": False})

    assert change.json()["active"] is False
    assert send(his_browser, "GET", "/me").status_code == 401
    assert send(Client(), "GET", "/me", **bearer(secret)).status_code == 401
    assert not Session.objects.filter(person=bob).exists()
    send(browser_of(ada), "PATCH", f"/people/{bob.id}", {"active": True})
    assert send(Client(), "GET", "/me", **bearer(secret)).status_code == 401


def test_a_revoked_licence_lets_nobody_in_and_says_so_calmly(make_person: MakePerson) -> None:
    ada, bob = make_person("Ada", administrator=True), make_person("Bob")
    his_browser = browser_of(bob)
    licence = Licence.objects.get(person=bob)

    assert send(browser_of(ada), "DELETE", f"/licences/{licence.id}").status_code == 204

    answer = send(his_browser, "GET", "/me")
    assert (answer.status_code, answer.json()["code"]) == (403, "no-licence")
    page = his_browser.get("/projects", follow=True)
    assert page.status_code == 403
    assert "no licence" in page.content.decode()


def test_the_last_administrator_stays_and_nobody_changes_his_own_office(
    make_person: MakePerson,
) -> None:
    ada, bob = make_person("Ada", administrator=True), make_person("Bob", administrator=True)

    own = send(browser_of(ada), "PATCH", f"/people/{ada.id}", {"auditor": True})
    assert own.status_code == 403
    assert (
        send(browser_of(ada), "PATCH", f"/people/{bob.id}", {"administrator": False}).status_code
        == 200
    )
    assert send(browser_of(bob), "GET", "/licences").status_code == 403


def test_people_of_another_organisation_are_not_known_nor_their_addresses(
    make_person: MakePerson,
) -> None:
    ada, bob = make_person("Ada"), make_person("Bob")
    make_person("Cyd", organisation="School of Oak")

    found = send(browser_of(ada), "GET", "/people").json()["items"]

    assert {person["name"] for person in found} == {"Ada", "Bob"}
    shown = {person["name"]: person["email"] for person in found}
    assert shown == {"Ada": "ada@example.org", "Bob": None}
    assert send(browser_of(bob), "GET", "/people?q=example").json()["items"] == []
    orgs = send(browser_of(ada), "GET", "/organisations").json()["items"]
    assert [one["name"] for one in orgs] == ["City of Elm"]


OFFICES = ("nobody", "person", "auditor", "administrator")


@pytest.mark.parametrize(
    ("method", "path", "body", "allowed"),
    [
        ("GET", "/me", None, {"person", "auditor", "administrator"}),
        ("GET", "/people", None, {"person", "auditor", "administrator"}),
        ("GET", "/organisations", None, {"person", "auditor", "administrator"}),
        ("POST", "/organisations", {"name": "School of Oak"}, {"administrator"}),
        ("GET", "/groups", None, {"person", "auditor", "administrator"}),
        ("POST", "/groups", {"name": "Planners"}, {"administrator"}),
        ("GET", "/licences", None, {"administrator"}),
        ("POST", "/licences", {"person": "{other}"}, {"administrator"}),
        ("PATCH", "/people/{other}", {"auditor": True}, {"administrator"}),
        ("POST", "/invitations", {"email": "new@example.org"}, {"administrator"}),
        ("GET", "/invitations", None, {"person", "auditor", "administrator"}),
        ("GET", "/tokens", None, {"person", "auditor", "administrator"}),
    ],
)
def test_who_may_do_what_to_people(
    method: str, path: str, body: Any, allowed: set[str], make_person: MakePerson
) -> None:
    other = make_person("Other")
    for office in OFFICES:
        client = Client()
        if office != "nobody":
            client = browser_of(
                make_person(
                    office, administrator=office == "administrator", auditor=office == "auditor"
                )
            )
        written = json.loads(json.dumps(body).replace("{other}", str(other.id)))
        answer = send(client, method, path.replace("{other}", str(other.id)), written)
        expected = "yes" if office in allowed else 401 if office == "nobody" else 403
        given: Any = "yes" if answer.status_code < 300 else answer.status_code
        assert given == expected, (office, answer.content)


def test_a_group_is_joined_by_others_only_and_left_at_once(make_person: MakePerson) -> None:
    ada, bob = make_person("Ada", administrator=True), make_person("Bob")
    group = send(browser_of(ada), "POST", "/groups", {"name": "Planners"}).json()["id"]
    members = f"/groups/{group}/members"

    assert send(browser_of(ada), "POST", members, {"person": str(ada.id)}).status_code == 403
    added = send(browser_of(ada), "POST", members, {"email": "bob@example.org"})
    assert added.json()["member_count"] == 1
    assert send(browser_of(ada), "DELETE", f"{members}/{bob.id}").status_code == 204
    assert send(browser_of(ada), "DELETE", f"{members}/{bob.id}").status_code == 404


def test_a_token_does_only_what_its_scopes_say(make_person: MakePerson) -> None:
    ada = make_person("Ada", administrator=True)
    reading = token_of(ada, "person:read")

    assert send(Client(), "GET", "/people", **bearer(reading)).status_code == 200
    refused = send(Client(), "POST", "/organisations", {"name": "X"}, **bearer(reading))
    assert (refused.status_code, refused.json()["code"]) == (403, "scope-missing")
    wider = send(
        Client(),
        "POST",
        "/tokens",
        {"name": "wider", "scopes": ["person:manage"], "expires_at": SOON},
        **bearer(token_of(ada, "token:manage")),
    )
    assert (wider.status_code, wider.json()["reason"]) == (403, "wider-token")
    assert "person:manage" in wider.json()["detail"]


def test_a_token_issues_one_that_is_narrower(make_person: MakePerson) -> None:
    ada = make_person("Ada")
    in_an_hour = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    made = send(
        Client(),
        "POST",
        "/tokens",
        {"name": "nightly copy", "scopes": ["resource:read"], "expires_at": in_an_hour},
        **bearer(token_of(ada, "token:manage", "resource:download")),
    )

    assert made.status_code == 201


def test_events_tell_of_people_by_id_only(make_person: MakePerson) -> None:
    ada = make_person("Ada", administrator=True)
    send(browser_of(ada), "POST", "/invitations", {"email": "bob@example.org"})

    written = " ".join(str(row) for row in Event.objects.values_list("details", "subject_kind"))
    assert "example.org" not in written
    assert "Ada" not in written
