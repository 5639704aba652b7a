"""A program without a browser shows a code; its person types it where he has one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from tests.web.oauth.asking import browser_of, get, status_of

from simplr.access.models import AccessToken, Application, DeviceGrant, RefreshToken
from simplr.access.oauth.programs import COMMAND_LINE, revoke_program
from simplr.accounts.models import Person
from simplr.base.actors import SYSTEM
from simplr_client.waiting import USUAL_SCOPES

if TYPE_CHECKING:
    from tests.conftest import MakePerson

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada")


def begun(scope: str = "project:read email", client_id: str = COMMAND_LINE) -> Any:
    return Client().post("/oauth/device", {"client_id": client_id, "scope": scope})


def asked_again(told: Any) -> Any:
    """The program asks; it waited long enough since it asked last."""
    DeviceGrant.objects.update(last_checked=timezone.now() - timedelta(seconds=6))
    return Client().post(
        "/oauth/token",
        {"grant_type": GRANT, "device_code": told["device_code"], "client_id": COMMAND_LINE},
    )


def answered(person: Person, code: str, **said: str) -> Any:
    return browser_of(person).post("/device", {"user_code": code, "until": "7", **said})


def test_a_typed_code_is_read_allowed_and_becomes_one_token(ada: Person) -> None:
    told = begun().json()
    assert told["verification_uri"] == "http://testserver/device"
    assert asked_again(told).json()["error"] == "authorization_pending"
    browser = browser_of(ada)
    assert told["user_code"] in browser.get(f"/device?code={told['user_code']}").content.decode()

    typed = told["user_code"].lower().replace("-", " ")
    page = browser.post("/device", {"code": typed}).content.decode()
    assert "Simplr command line asks to act for you" in page
    assert "Look into all your projects, and what is in them" in page
    assert AccessToken.objects.count() == 0
    done = answered(ada, told["user_code"], allow="yes")

    assert "is signed in" in done.content.decode()
    made = asked_again(told).json()
    assert "refresh_token" not in made
    assert made["expires_in"] > 6 * 24 * 3600
    assert get("/me", made["access_token"]).json()["email"] == "ada@example.org"
    assert not RefreshToken.objects.exists()


def test_the_usual_scopes_of_signing_in_are_those_that_it_may_ask_for() -> None:
    assert begun(" ".join(USUAL_SCOPES)).status_code == 200
    assert begun("release:x:read").json()["error"] == "invalid_scope"
    assert begun("").json()["error"] == "invalid_scope"
    assert begun(client_id="nobody").json()["error"] == "invalid_client"


def test_a_no_is_told_once_and_for_all(ada: Person) -> None:
    told = begun().json()
    answered(ada, told["user_code"], deny="yes")

    assert asked_again(told).json()["error"] == "access_denied"
    assert answered(ada, told["user_code"], allow="yes").status_code == 422
    assert asked_again(told).json()["error"] == "access_denied"


def test_a_program_that_asks_too_often_is_told_to_slow_down(ada: Person) -> None:
    told = begun().json()
    asked_again(told)

    said = {"grant_type": GRANT, "device_code": told["device_code"], "client_id": COMMAND_LINE}
    assert Client().post("/oauth/token", said).json()["error"] == "slow_down"


def test_a_code_ends_after_ten_minutes(ada: Person) -> None:
    told = begun().json()
    DeviceGrant.objects.update(expires=timezone.now())

    assert answered(ada, told["user_code"], allow="yes").status_code == 422
    assert asked_again(told).json()["error"] == "expired_token"


def test_a_code_that_comes_twice_ends_its_token(ada: Person) -> None:
    told = begun().json()
    answered(ada, told["user_code"], allow="yes")
    made = asked_again(told).json()
    assert status_of(made["access_token"]) == 200

    assert asked_again(told).json()["error"] == "invalid_grant"
    assert status_of(made["access_token"]) == 401


def test_who_is_shut_out_meanwhile_signs_no_program_in(ada: Person) -> None:
    told = begun().json()
    answered(ada, told["user_code"], allow="yes")
    Person.objects.filter(pk=ada.pk).update(is_active=False)

    assert asked_again(told).json()["error"] == "access_denied"
    assert not AccessToken.objects.exists()


def test_an_administrator_may_end_the_command_line_too(ada: Person) -> None:
    told = begun().json()
    program = Application.objects.get(client_id=COMMAND_LINE)

    revoke_program(program_id=program.public_id, actor=SYSTEM)

    assert begun().json()["error"] == "invalid_client"
    assert answered(ada, told["user_code"], allow="yes").status_code == 422


def test_codes_cannot_be_tried_out(ada: Person) -> None:
    right = begun().json()["user_code"]
    browser = browser_of(ada)
    statuses = [
        browser.post("/device", {"code": f"BCDF-GHJ{letter}"}).status_code
        for letter in "BCDFGHJKLMN"
    ]

    assert statuses == [422] * 10 + [429]
    assert browser.post("/device", {"code": right}).status_code == 429


def test_both_codes_are_kept_as_fingerprints(ada: Person) -> None:
    told = begun().json()
    kept = DeviceGrant.objects.values_list("device_code", "user_code").get()

    assert told["device_code"] not in kept
    assert told["user_code"].replace("-", "") not in kept
    assert [len(each) for each in kept] == [64, 64]
