"""Row 31: a session ends when it is idle, when it is old, when its power changes, and when told to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from simplr.accounts import services
from simplr.accounts.models import Session
from simplr.base.actors import SYSTEM

if TYPE_CHECKING:
    from tests.conftest import MakePerson

    from simplr.accounts.models import Person

PASSWORD = "a sentence nobody would guess"


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada")


def sign_in(browser: Client | None = None) -> Client:
    browser = browser or Client()
    browser.post("/account/login/", {"login": "ada@example.org", "password": PASSWORD})
    assert is_in(browser)
    return browser


def is_in(browser: Client) -> bool:
    return bool(browser.get("/api/v1/me").status_code == 200)


def _age(**columns: timedelta) -> None:
    now = timezone.now()
    Session.objects.update(**{name: now - age for name, age in columns.items()})


def test_an_idle_session_ends_and_a_used_one_goes_on(ada: Person, settings: Any) -> None:
    browser = sign_in()
    _age(seen_at=timedelta(minutes=59))
    assert is_in(browser)  # which is a sign of life
    assert Session.objects.get().seen_at > timezone.now() - timedelta(minutes=1)

    _age(seen_at=timedelta(minutes=61))
    assert not is_in(browser)


def test_nothing_that_is_done_in_a_session_makes_it_last(ada: Person) -> None:
    browser = sign_in()
    _age(created_at=timedelta(hours=12, minutes=1))
    session = Session.objects.get()
    session.expires_at = timezone.now() + timedelta(days=300)
    session.save(update_fields=["expires_at"])

    assert not is_in(browser)


def test_a_session_that_is_written_to_stays_as_old_as_its_sign_in(ada: Person) -> None:
    browser = sign_in()
    before = Session.objects.get().created_at

    session = browser.session
    session["anything"] = 1
    session.save()

    assert Session.objects.get().created_at == before


def test_signing_in_again_begins_anew_and_the_old_cookie_is_worth_nothing(ada: Person) -> None:
    browser = sign_in()
    old = browser.cookies["simplr"].value
    browser.post("/account/logout/")

    sign_in(browser)

    assert browser.cookies["simplr"].value != old
    thief = Client()
    thief.cookies["simplr"] = old
    assert not is_in(thief)


@pytest.mark.parametrize("office", ["administrator", "auditor"])
@pytest.mark.parametrize("held", [True, False])
def test_a_changed_office_ends_every_session(
    make_person: MakePerson, office: str, held: bool
) -> None:
    make_person("Zed", administrator=True)
    ada = make_person("Ada", administrator=not held and office == "administrator")
    if not held and office == "auditor":
        services.set_office(person_id=ada.id, office=office, held=True, actor=SYSTEM)
    here, there = sign_in(), sign_in()

    services.set_office(person_id=ada.id, office=office, held=held, actor=SYSTEM)

    assert not is_in(here)
    assert not is_in(there)


def test_all_other_sessions_end_by_one_button(ada: Person) -> None:
    here, there, elsewhere = sign_in(), sign_in(), sign_in()

    here.post("/account/sessions/end")

    assert is_in(here)
    assert not is_in(there)
    assert not is_in(elsewhere)


def test_a_cookie_that_somebody_chose_is_not_taken(ada: Person) -> None:
    """A stranger who plants a session secret does not know that of the session signed in."""
    browser = Client()
    browser.cookies["simplr"] = "chosen-by-a-stranger-0123456789ab"

    sign_in(browser)

    assert browser.cookies["simplr"].value != "chosen-by-a-stranger-0123456789ab"


def test_over_https_cookies_are_for_this_host_by_https_and_not_for_scripts() -> None:
    """Settings are read once, by the address of the installation: asked of a process of its own."""
    script = (
        "import django, json; django.setup(); from django.conf import settings as s;"
        "names = [n for n in dir(s) if 'COOKIE' in n];"
        "print(json.dumps({n: getattr(s, n) for n in names}, default=str))"
    )
    environment = {**os.environ, "SIMPLR_BASE_URL": "https://data.example.org"}
    said = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    found = json.loads(said.stdout.splitlines()[-1])

    assert found["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert found["CSRF_COOKIE_NAME"].startswith("__Host-")
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is True
    assert found["SESSION_COOKIE_HTTPONLY"] is True
    assert found["SESSION_COOKIE_SAMESITE"] in {"Lax", "Strict"}
    assert found["CSRF_COOKIE_SAMESITE"] == "Strict"
    # What `__Host-` asks for besides: no domain, and the whole host.
    assert found["SESSION_COOKIE_DOMAIN"] is found["CSRF_COOKIE_DOMAIN"] is None
    assert found["SESSION_COOKIE_PATH"] == found["CSRF_COOKIE_PATH"] == "/"


def test_the_cookie_that_is_sent_says_so(ada: Person, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = True
    settings.SESSION_COOKIE_NAME = "__Host-simplr"
    browser = Client()

    browser.post("/account/login/", {"login": "ada@example.org", "password": PASSWORD}, secure=True)

    cookie = browser.cookies["__Host-simplr"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["path"], cookie["domain"]) == ("/", "")
