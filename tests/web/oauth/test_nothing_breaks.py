"""Whatever is sent to the addresses of programs, the answer is an answer, never a fault of ours."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import Client
from tests.web.oauth.asking import Program, browser_of, registered

if TYPE_CHECKING:
    from tests.conftest import MakePerson

    from simplr.accounts.models import Person

PATHS = ("token", "revoke", "introspect", "device")
ODD = ("", "\x00", "%zz", "é\u2028", "x" * 20_000, "a b", "[]", "🌲", "-1", "\ud7ff", "../..")
NAMES = (
    *("client_id", "client_secret", "redirect_uri", "scope", "scopes", "state", "nonce", "user"),
    *("code", "code_verifier", "refresh_token", "device_code", "token", "token_type_hint"),
    *("code_challenge", "code_challenge_method", "response_type", "grant_type", "client"),
    *("standing", "until", "code_grant", "refresh_token_instance", "access_token", "claims"),
    *("prompt", "max_age", "id_token_hint", "resource", "response_mode", "user_code"),
)
GRANTS = (
    *("authorization_code", "refresh_token", "client_credentials", "password"),
    "urn:ietf:params:oauth:grant-type:device_code",
)


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    cache.clear()
    return make_person("Ada")


@pytest.fixture
def program() -> Program:
    return Program(registered(scopes=("openid", "resource:read")))


def some(*of: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every thirteenth of all combinations, so that each name and each word comes."""
    return list(product(*of))[::13]


def test_odd_words_in_a_request_for_a_code_break_nothing(program: Program, ada: Person) -> None:
    browser = browser_of(ada)
    broken = []
    for name, odd in some(NAMES, ODD):
        changed = {"scope": "openid resource:read", name: odd}
        status = browser.get(program.address(**changed)).status_code
        if status not in {200, 302, 400, 422}:
            broken.append((name, odd[:20], status))

    assert broken == []


def test_odd_words_from_programs_break_nothing(program: Program) -> None:
    client = Client()
    broken: list[Any] = []
    for path, name, grant, odd in some(PATHS, NAMES, GRANTS, ODD)[::4]:
        cache.clear()
        sent = {
            "grant_type": grant,
            "client_id": program.client_id,
            "client_secret": program.new.secret,
            "code": "x",
            "refresh_token": "x",
            "device_code": "x",
            "token": "x",
            name: odd,
        }
        answer = client.post(f"/oauth/{path}", sent)
        if answer.status_code not in {200, 400, 401}:
            broken.append((path, name, odd[:20], answer.status_code))
        elif answer.status_code != 200:
            assert "error" in answer.json()

    assert broken == []


def test_parameters_that_come_twice_and_bodies_that_are_no_form_break_nothing(
    program: Program, ada: Person
) -> None:
    twice = program.address() + "&" + urlencode({"scope": "openid", "client_id": "other"})
    assert browser_of(ada).get(twice).status_code == 400
    for kind, body in (
        ("application/json", b'{"grant_type": ["x"]}'),
        ("text/plain", b"grant_type=authorization_code"),
        ("application/x-www-form-urlencoded", b"grant_type=refresh_token&%ff=%fe&a&=&&b"),
        ("application/x-www-form-urlencoded", b"\xff\xfe"),
    ):
        for path in PATHS:
            answer = Client().post(f"/oauth/{path}", body, content_type=kind)
            assert answer.status_code in {400, 401}, (path, kind, body)
    for head in ("Basic", "Basic x", "Basic !!!", "Basic Og==", "Bearer", "Bearer \t", "x" * 5000):
        for path in ("token", "introspect", "userinfo"):
            answer = Client().post(f"/oauth/{path}", {}, headers={"Authorization": head})
            assert answer.status_code in {400, 401}, (path, head)
