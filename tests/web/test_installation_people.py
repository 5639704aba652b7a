"""The administrator's pages of people, organisations and licences, as a browser uses them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from simplr.accounts.models import Group, Organisation, Person
from simplr.licensing.models import Licence

if TYPE_CHECKING:
    from tests.conftest import MakePerson

pytestmark = pytest.mark.urls("tests.web.look_urls")
BACKEND = "simplr.accounts.adapters.SignInBackend"


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada", administrator=True)


@pytest.fixture
def browser(ada: Person) -> Client:
    client = Client()
    client.force_login(ada, backend=BACKEND)
    return client


def test_an_invitation_made_on_the_page_shows_its_link_once(browser: Client, ada: Person) -> None:
    form = {"email": "bob@example.org", "organisation": str(ada.organisation_id)}
    made = browser.post("/installation/people", form).content.decode()

    assert re.search(r"http://testserver/invitation/[\w-]{43}", made)
    again = browser.get("/installation/people").content.decode()
    assert "bob@example.org" in again
    assert "/invitation/" not in again.replace("/invitations/", "")


def test_a_person_is_shut_out_and_let_in_again_from_the_page(
    browser: Client, make_person: MakePerson
) -> None:
    bob = make_person("Bob")
    for value, active in (("no", False), ("yes", True)):
        browser.post(f"/installation/people/{bob.id}", {"change": f"active:{value}"})
        bob.refresh_from_db()
        assert bob.is_active is active


def test_offices_are_given_and_taken_from_the_page(
    browser: Client, make_person: MakePerson
) -> None:
    bob = make_person("Bob")
    browser.post(f"/installation/people/{bob.id}", {"change": "auditor:yes"})
    bob.refresh_from_db()

    assert bob.is_auditor
    assert "auditor" in browser.get("/installation/people").content.decode()


def test_organisations_groups_and_licences_are_made_from_the_page(
    browser: Client, ada: Person
) -> None:
    browser.post("/installation/organisations", {"what": "organisation", "name": "School of Oak"})
    oak = Organisation.objects.get(name="School of Oak")
    group = {"what": "group", "name": "Planners", "organisation": str(oak.id)}
    browser.post("/installation/organisations", group)
    browser.post("/installation/licences", {"organisation": str(oak.id), "until": "2099-12-31"})

    assert Group.objects.get().organisation_id == oak.id
    licence = Licence.objects.get(organisation=oak)
    assert licence.expires_at is not None
    page = browser.get("/installation/licences").content.decode()
    assert "School of Oak" in page


@pytest.mark.parametrize("path", ["people", "organisations", "licences"])
def test_only_administrators_see_these_pages(path: str, make_person: MakePerson) -> None:
    client = Client(headers={"Accept": "application/json"})
    client.force_login(make_person("Bob", auditor=True), backend=BACKEND)

    assert client.get(f"/installation/{path}").status_code == 403


def test_the_page_of_tokens_shows_a_secret_once(browser: Client) -> None:
    form: dict[str, Any] = {"name": "laptop", "scopes": ["read", "put"], "expires_at": "30"}
    made = browser.post("/account/tokens", form).content.decode()

    assert re.search(r"smp_[\w-]{43}", made)
    assert "smp_" not in browser.get("/account/tokens").content.decode()


def test_the_account_page_lists_sessions_and_ends_the_others(browser: Client, ada: Person) -> None:
    other = Client()
    other.force_login(ada, backend=BACKEND)
    assert browser.get("/account/").status_code == 200

    browser.post("/account/sessions/end")

    assert other.get("/api/v1/me").status_code == 401
    assert browser.get("/api/v1/me").status_code == 200
