"""Second factors: asked for, used once, sealed, and noted; a changed password ends other sessions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from django.core.cache import cache
from django.test import Client

from simplr.base.models import Event

if TYPE_CHECKING:
    from tests.conftest import MakePerson

    from simplr.accounts.models import Person

pytestmark = pytest.mark.urls("tests.web.look_urls")
PASSWORD = "a sentence nobody would guess"
CODE = "/account/2fa/authenticate/"


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


def sign_in(password: str = PASSWORD) -> Client:
    browser = Client()
    browser.post("/account/login/", {"login": "ada@example.org", "password": password})
    return browser


def is_in(browser: Client) -> bool:
    return bool(browser.get("/api/v1/me").status_code == 200)


def code_now(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


@pytest.fixture
def secret(make_person: MakePerson) -> str:
    ada = make_person("Ada")
    made = generate_totp_secret()
    TOTP.activate(ada, made)
    RecoveryCodes.activate(ada)
    return str(made)


def test_a_password_alone_is_not_enough_beside_a_code_app(secret: str) -> None:
    browser = sign_in()
    assert not is_in(browser)

    browser.post(CODE, {"code": "000000"})
    assert not is_in(browser)
    browser.post(CODE, {"code": code_now(secret)})
    assert is_in(browser)


def test_a_code_of_the_app_works_once(secret: str) -> None:
    code = code_now(secret)
    first, second = sign_in(), sign_in()
    first.post(CODE, {"code": code})
    second.post(CODE, {"code": code})

    assert is_in(first)
    assert not is_in(second)


def test_a_recovery_code_works_once(secret: str) -> None:
    from allauth.mfa.models import Authenticator

    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    first, second = sign_in(), sign_in()
    first.post(CODE, {"code": code})
    second.post(CODE, {"code": code})

    assert is_in(first)
    assert not is_in(second)


def test_a_changed_password_ends_the_other_sessions_and_is_noted(make_person: MakePerson) -> None:
    make_person("Ada")
    here, there = sign_in(), sign_in()
    new = "quite another sentence of words"

    answer: Any = here.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )

    assert answer.status_code == 302
    assert is_in(here)
    assert not is_in(there)
    assert Event.objects.filter(code="accounts:password:changed").count() == 1
    assert is_in(sign_in(new))


def test_an_administrator_without_a_factor_is_reminded(make_person: MakePerson) -> None:
    ada: Person = make_person("Ada", administrator=True)
    words = "only a password protects"
    assert words in sign_in().get("/installation/licences").content.decode()

    TOTP.activate(ada, secret := generate_totp_secret())
    browser = sign_in()
    browser.post(CODE, {"code": code_now(secret)})
    assert words not in browser.get("/installation/licences").content.decode()
