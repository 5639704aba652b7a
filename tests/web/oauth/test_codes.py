"""Somebody allows a program to act for him: what is asked, what is shown, what comes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone
from tests.web.oauth.asking import (
    BACK,
    Program,
    actor,
    browser_of,
    get,
    outcome_of,
    registered,
    status_of,
)

from simplr.access.models import AccessToken, CodeGrant, RefreshToken
from simplr.access.oauth.programs import Kind
from simplr.access.tokens import issue_access_token
from simplr.base.models import Event

if TYPE_CHECKING:
    from tests.conftest import MakePerson

    from simplr.accounts.models import Person


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada")


@pytest.fixture(params=[Kind.WEB, Kind.NATIVE], ids=lambda kind: kind.value)
def program(request: pytest.FixtureRequest) -> Program:
    return Program(registered(request.param))


@pytest.fixture
def web() -> Program:
    return Program(registered())


def test_a_yes_becomes_a_token_that_acts_for_its_person(program: Program, ada: Person) -> None:
    answer = browser_of(ada).post(program.address(), {"until": "30", "allow": "yes"})
    back = outcome_of(answer)
    assert back["state"] == "state-of-the-program"
    assert back["iss"] == "http://testserver"

    made = program.redeem(back["code"])

    assert made.status_code == 200
    assert made["Cache-Control"] == "no-store"
    told = made.json()
    assert (told["token_type"], told["expires_in"], told["scope"]) == (
        "Bearer",
        3600,
        "resource:read",
    )
    me = get("/me", told["access_token"]).json()
    assert me["id"] == str(ada.id)
    assert (me["token"]["name"], me["token"]["scopes"]) == ("Street planner", ["resource:read"])


def test_the_page_says_in_plain_words_what_is_asked_by_whom_and_where_it_goes(
    web: Program, ada: Person
) -> None:
    page = browser_of(ada).get(web.address("resource:read token:read"))

    shown = page.content.decode()
    assert "Street planner asks to act for you" in shown
    assert "Look into all data sets and files that you may use" in shown
    assert "See your access tokens" in shown
    assert "ada@example.org" in shown
    assert "https://program.example.org" in shown
    policy = page["Content-Security-Policy"]
    assert "form-action 'self' https://program.example.org" in policy


def test_who_is_not_signed_in_signs_in_first_and_comes_back(web: Program) -> None:
    answer = Client().get(web.address(), headers={"Accept": "text/html"})

    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/?next=%2Foauth%2Fauthorize")


def test_a_no_tells_the_program_and_makes_nothing(web: Program, ada: Person) -> None:
    answer = browser_of(ada).post(web.address(), {"deny": "yes"})

    assert outcome_of(answer) == {
        "error": "access_denied",
        "state": "state-of-the-program",
        "iss": "http://testserver",
    }
    assert not CodeGrant.objects.exists()


def test_a_token_stands_on_the_page_of_tokens_and_ends_there(web: Program, ada: Person) -> None:
    told = web.tokens_of(ada)
    browser = browser_of(ada)
    token = AccessToken.objects.get()
    page = browser.get("/account/tokens").content.decode()
    assert "Street planner" in page
    listed = browser.get("/api/v1/tokens").json()["items"]
    assert [(one["name"], one["program"]["name"]) for one in listed] == [
        ("Street planner", "Street planner")
    ]
    in_a_month = timezone.now() + timedelta(days=30)
    assert abs(token.ends_at - in_a_month) < timedelta(minutes=1)

    assert browser.post(f"/account/tokens/{token.public_id}/revoke").status_code == 302

    assert status_of(told["access_token"]) == 401
    assert web.renew(told["refresh_token"]).json()["error"] == "invalid_grant"


def test_what_is_allowed_for_an_hour_can_not_be_renewed(web: Program, ada: Person) -> None:
    told = web.redeem(web.code_of(ada, until="0.04")).json()

    assert "refresh_token" not in told
    assert told["expires_in"] <= 3600
    assert not RefreshToken.objects.exists()


def test_renewing_keeps_one_token_and_ends_its_older_secret(web: Program, ada: Person) -> None:
    first = web.tokens_of(ada)
    before = AccessToken.objects.get().public_id

    second = web.renew(first["refresh_token"]).json()

    assert AccessToken.objects.get().public_id == before
    assert status_of(first["access_token"]) == 401
    assert status_of(second["access_token"]) == 200
    assert second["refresh_token"] != first["refresh_token"]


def test_a_program_may_take_less_and_later_all_again_but_never_more(
    web: Program, ada: Person
) -> None:
    first = web.tokens_of(ada, "resource:read token:read")

    less = web.renew(first["refresh_token"], scope="resource:read").json()
    all_again = web.renew(less["refresh_token"]).json()
    more = web.renew(all_again["refresh_token"], scope="resource:read project:read")

    assert less["scope"] == "resource:read"
    assert set(all_again["scope"].split()) == {"resource:read", "token:read"}
    assert more.json()["error"] == "invalid_scope"


def test_a_token_of_a_program_is_never_wider_than_its_scopes(web: Program, ada: Person) -> None:
    told = web.tokens_of(ada, "token:read")

    assert get("/tokens", told["access_token"]).status_code == 200
    assert get("/people", told["access_token"]).status_code == 403
    assert get("/resources", told["access_token"]).json()["items"] == []


def test_an_ended_consent_is_not_renewed(web: Program, ada: Person) -> None:
    told = web.tokens_of(ada)
    past = timezone.now() - timedelta(seconds=1)
    AccessToken.objects.update(expires=past, renewable_until=past)

    assert web.renew(told["refresh_token"]).json()["error"] == "invalid_grant"


def test_what_a_program_sends_wrongly_is_told_to_it_or_to_the_person(
    web: Program, ada: Person
) -> None:
    browser = browser_of(ada)
    told = {
        "invalid_scope": {"scope": "project:read"},
        "invalid_request": {"code_challenge_method": "plain"},
        "unauthorized_client": {"response_type": "token"},
        "invalid_target": {"resource": "https://elsewhere.example.org"},
    }
    for error, changed in told.items():
        answer = browser.get(web.address(**changed))
        assert outcome_of(answer)["error"] == error, changed

    for changed in (
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": "short"},
        {"scope": "resource:read nonsense"},
        {"scope": ""},
    ):
        answer = browser.get(web.address(**changed))
        assert outcome_of(answer)["error"] in {"invalid_request", "invalid_scope"}, changed

    # Nobody is sent to an address that was not registered.
    for changed in (
        {"client_id": "nobody"},
        {"redirect_uri": "https://evil.example.org/back"},
        {"redirect_uri": BACK + "?x=1"},
        {"redirect_uri": BACK + "/more"},
    ):
        page = browser.get(web.address(**changed))
        assert page.status_code == 400, changed


def test_a_code_is_redeemed_with_its_proof_at_its_address_by_its_program_within_a_minute(
    web: Program, ada: Person
) -> None:
    code = web.code_of(ada)
    other = Program(registered(name="Another"))

    assert web.redeem(code, code_verifier="x" * 43).json()["error"] == "invalid_grant"
    assert web.redeem(code, redirect_uri=BACK + "/x").status_code == 400
    assert other.redeem(code, code_verifier=web.verifier).json()["error"] == "invalid_grant"
    no_secret = Client().post(
        "/oauth/token",
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": web.verifier,
            "client_id": web.client_id,
        },
    )
    assert (no_secret.status_code, no_secret.json()["error"]) == (401, "invalid_client")
    CodeGrant.objects.update(expires=timezone.now())
    assert web.redeem(code).json()["error"] == "invalid_grant"
    assert not AccessToken.objects.exists()


def test_a_program_ends_its_own_token_and_no_other(web: Program, ada: Person) -> None:
    other = Program(registered(name="Another"))
    mine, theirs = web.tokens_of(ada), other.tokens_of(ada)

    assert web.post("revoke", token=theirs["access_token"]).status_code == 200
    assert status_of(theirs["access_token"]) == 200
    assert web.post("revoke", token=mine["refresh_token"]).status_code == 200
    assert status_of(mine["access_token"]) == 401


def test_introspection_tells_a_proven_program_and_nobody_else(ada: Person) -> None:
    web, native = Program(registered()), Program(registered(Kind.NATIVE, name="On a laptop"))
    told = native.tokens_of(ada)
    personal = issue_access_token(
        name="mine",
        scopes=["resource:read"],
        expires_at=timezone.now() + timedelta(days=1),
        actor=actor(ada),
    )

    known = web.introspect(told["access_token"])

    assert (known["active"], known["scope"], known["client_id"], known["sub"]) == (
        True,
        "resource:read",
        native.client_id,
        str(ada.id),
    )
    assert web.introspect(personal.secret)["active"] is True
    assert web.introspect(told["refresh_token"]) == {"active": False}
    assert web.introspect("smp_nothing") == {"active": False}
    unproven = native.post("introspect", token=told["access_token"])
    assert unproven.status_code == 401
    # The library lets a public program through here when it names this way of asking.
    device = "urn:ietf:params:oauth:grant-type:device_code"
    tricked = native.post("introspect", token=told["access_token"], grant_type=device)
    assert tricked.status_code == 401


def test_the_metadata_names_addresses_that_answer() -> None:
    told = Client().get("/.well-known/oauth-authorization-server").json()

    assert told["issuer"] == "http://testserver"
    assert told["code_challenge_methods_supported"] == ["S256"]
    for name in ("token_endpoint", "revocation_endpoint", "introspection_endpoint"):
        path = told[name].removeprefix("http://testserver")
        assert Client().post(path, {}).status_code in {400, 401}


def test_each_step_stands_in_the_ledger_without_a_secret(web: Program, ada: Person) -> None:
    told = web.tokens_of(ada)
    web.renew(told["refresh_token"])

    found = list(
        Event.objects.filter(actor_id=ada.id).order_by("id").values_list("code", "details")
    )

    codes = [code for code, _ in found]
    assert codes[-3:] == ["access:program:allowed", "access:token:issued", "access:token:renewed"]
    assert "smp_" not in str(found)
    assert "smr_" not in str(found)
