"""A program is told who somebody is, by OpenID Connect, as far as he allowed it."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet
from tests.web.oauth.asking import Program, browser_of, outcome_of, registered

from simplr.access.models import IdentityKey
from simplr.accounts.models import Person

if TYPE_CHECKING:
    from tests.conftest import MakePerson


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada")


@pytest.fixture
def program() -> Program:
    return Program(registered(scopes=("openid", "profile", "email", "resource:read")))


def keys() -> KeySet:
    return KeySet.import_key_set(Client().get("/oauth/keys").json())


def checked(token: str, program: Program) -> dict[str, Any]:
    """The claims of an identity token, as a stock library checks it."""
    found = jwt.decode(token, keys(), algorithms=["RS256"])
    rules = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": "http://testserver"},
        aud={"essential": True, "value": program.client_id},
        exp={"essential": True},
    )
    rules.validate(found.claims)
    return dict(found.claims)


def userinfo(token: str) -> Any:
    return Client().get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})


def told_by(program: Program, person: Person, scope: str, **more: str) -> Any:
    return program.redeem(program.code_of(person, scope, **more)).json()


def test_an_identity_token_names_its_person_and_is_signed_for_its_program(
    program: Program, ada: Person
) -> None:
    told = told_by(program, ada, "openid email", nonce="nonce-of-the-program")

    claims = checked(told["id_token"], program)

    assert (claims["sub"], claims["nonce"]) == (str(ada.id), "nonce-of-the-program")
    assert claims["email"] == "ada@example.org"
    assert "name" not in claims  # `profile` was not asked for
    digest = hashlib.sha256(told["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert claims["auth_time"] <= timezone.now().timestamp()
    again = program.renew(told["refresh_token"]).json()
    assert checked(again["id_token"], program)["sub"] == str(ada.id)


def test_a_changed_identity_token_is_noticed(program: Program, ada: Person) -> None:
    head, body, signature = told_by(program, ada, "openid")["id_token"].split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["sub"] = "somebody-else"
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")

    with pytest.raises(BadSignatureError):
        jwt.decode(f"{head}.{changed}.{signature}", keys(), algorithms=["RS256"])


def test_userinfo_tells_what_was_allowed_and_nothing_after_the_person_is_shut_out(
    program: Program, ada: Person
) -> None:
    token = told_by(program, ada, "openid profile resource:read")["access_token"]
    assert userinfo(token).json() == {"sub": str(ada.id), "name": "Ada"}

    without = told_by(program, ada, "profile")["access_token"]
    assert userinfo(without).status_code == 403
    assert userinfo("smp_nothing").status_code == 401
    assert browser_of(ada).get("/oauth/userinfo").status_code == 401  # a cookie counts for nothing
    Person.objects.filter(pk=ada.pk).update(is_active=False)
    assert userinfo(token).status_code == 401


def test_without_openid_there_is_no_identity_token(program: Program, ada: Person) -> None:
    assert "id_token" not in told_by(program, ada, "profile email")


def test_who_has_to_sign_in_anew_or_unasked_is_told_to_the_program(
    program: Program, ada: Person
) -> None:
    browser = browser_of(ada)

    def error(**changed: str) -> str:
        return outcome_of(browser.get(program.address("openid", **changed)))["error"]

    assert error(prompt="login") == "login_required"
    assert error(prompt="none") == "consent_required"
    assert browser.get(program.address("openid", max_age="3600")).status_code == 200
    ada.last_login = timezone.now() - timedelta(hours=2)
    ada.save(update_fields=["last_login"])
    assert error(max_age="3600") == "login_required"


def test_one_key_signs_and_its_private_half_lies_sealed(program: Program, ada: Person) -> None:
    first = Client().get("/oauth/keys").json()
    told_by(program, ada, "openid")

    assert Client().get("/oauth/keys").json() == first
    (shown,) = first["keys"]
    assert set(shown) == {"kty", "n", "e", "use", "alg", "kid"}
    kept = bytes(IdentityKey.objects.get().sealed)
    assert b'"d"' not in kept
    assert b"RSA" not in kept


def test_what_is_found_by_discovery_answers() -> None:
    told = Client().get("/.well-known/openid-configuration").json()

    assert told["issuer"] == "http://testserver"
    assert told["id_token_signing_alg_values_supported"] == ["RS256"]
    assert Client().get(told["jwks_uri"].removeprefix("http://testserver")).status_code == 200
