"""Row 30: second factors tried to breaking: clocks, replays, keys without their owner, and doing without."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from fido2.utils import websafe_encode
from tests.web.software_key import SoftwareKey

from simplr.accounts import services
from simplr.base.actors import SYSTEM

if TYPE_CHECKING:
    from tests.conftest import MakePerson

    from simplr.accounts.models import Person

PASSWORD = "a sentence nobody would guess"
CODE = "/account/2fa/authenticate/"
PASSKEY = "/account/2fa/webauthn/login/"


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


class Clock:
    """The time that both sides of a code go by."""

    def __init__(self, now: float) -> None:
        self.now = now

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(time.time() // 30 * 30 + 15)
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", clock)
    return clock


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada")


@pytest.fixture
def secret(ada: Person) -> str:
    made = str(generate_totp_secret())
    TOTP.activate(ada, made)
    RecoveryCodes.activate(ada)
    return made


def sign_in(name: str = "ada") -> Client:
    browser = Client()
    browser.post("/account/login/", {"login": f"{name}@example.org", "password": PASSWORD})
    return browser


def is_in(browser: Client) -> bool:
    return bool(browser.get("/api/v1/me").status_code == 200)


def code_at(secret: str, moment: float) -> str:
    return str(format_hotp_value(hotp_value(secret, int(moment) // 30)))


@pytest.mark.parametrize(
    ("steps", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_code_may_be_one_step_off_and_no_more(
    secret: str, clock: Clock, steps: int, opens: bool
) -> None:
    browser = sign_in()

    browser.post(CODE, {"code": code_at(secret, clock.now + 30 * steps)})

    assert is_in(browser) is opens


@pytest.mark.parametrize("later", [0, 31, 59])
def test_a_used_code_opens_nothing_as_long_as_it_would_fit(
    secret: str, clock: Clock, monkeypatch: pytest.MonkeyPatch, later: int
) -> None:
    code = code_at(secret, clock.now + 30)
    first = sign_in()
    first.post(CODE, {"code": code})
    assert is_in(first)
    clock.now += later
    _pass_in_the_cache(monkeypatch, later)

    second = sign_in()
    second.post(CODE, {"code": code})

    assert not is_in(second)


def _pass_in_the_cache(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """What the cache remembers is that much older."""
    import datetime

    from django.core.cache.backends import db

    real = db.tz_now
    monkeypatch.setattr(db, "tz_now", lambda: real() + datetime.timedelta(seconds=seconds))


def test_a_used_code_confirms_no_change_either(secret: str, clock: Clock) -> None:
    code = code_at(secret, clock.now)
    browser = sign_in()
    browser.post(CODE, {"code": code})

    browser.post("/account/2fa/reauthenticate/", {"code": code})

    assert _asks_again(browser, "/account/2fa/totp/deactivate/")


def test_guessing_codes_is_stopped_though_the_password_is_known(secret: str, clock: Clock) -> None:
    for n in range(12):
        browser = sign_in()
        browser.post(CODE, {"code": f"{n:06}"})

    browser = sign_in()
    browser.post(CODE, {"code": code_at(secret, clock.now)})

    assert not is_in(browser)


def prove_again(browser: Client) -> None:
    """Say the password once more, as a change of factors asks for."""
    answer: Any = browser.post("/account/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302


def _age(browser: Client, seconds: float) -> None:
    """Make what was proved in this session that much older."""
    session = browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= seconds
    session.save()


def _asks_again(browser: Client, path: str) -> bool:
    answer: Any = browser.post(path)
    return bool(answer.status_code == 302 and "reauthenticate" in answer["Location"])


@pytest.mark.parametrize(
    "path",
    [
        "/account/2fa/totp/deactivate/",
        "/account/2fa/recovery-codes/generate/",
        "/account/2fa/webauthn/add/",
    ],
)
def test_a_change_of_factors_asks_for_the_factor_again(
    secret: str, clock: Clock, ada: Person, path: str
) -> None:
    browser = sign_in()
    browser.post(CODE, {"code": code_at(secret, clock.now)})
    assert _asks_again(browser, path)
    prove_again(browser)
    before = transaction.savepoint()
    assert not _asks_again(browser, path)
    transaction.savepoint_rollback(before)
    _age(browser, 301)

    assert _asks_again(browser, path)
    assert Authenticator.objects.filter(user=ada).count() == 2


# ── passkeys ─────────────────────────────────────────────────────────────


def with_key(person: Person, *, verifies: bool) -> SoftwareKey:
    """A person's passkey, as adding it keeps it."""
    from allauth.account.utils import user_pk_to_url_str

    key = SoftwareKey("testserver", user_pk_to_url_str(person), verifies=verifies)
    WebAuthn.add(
        person, "key", key.registered({"publicKey": {"challenge": websafe_encode(b"asked")}})
    )
    return key


def by_passkey(key: SoftwareKey) -> Client:
    browser = Client()
    asked = browser.get(PASSKEY, headers={"X-Requested-With": "XMLHttpRequest"}).json()
    options = asked["request_options"]
    assert options["publicKey"]["userVerification"] == "required"
    browser.post(PASSKEY, {"credential": json.dumps(key.signed(options))})
    return browser


@pytest.mark.parametrize("verifies", [True, False])
def test_a_passkey_signs_in_only_when_it_made_sure_of_its_owner(
    ada: Person, verifies: bool
) -> None:
    key = with_key(ada, verifies=verifies)

    assert is_in(by_passkey(key)) is verifies


def test_an_answer_of_a_passkey_is_good_for_one_question(ada: Person) -> None:
    key = with_key(ada, verifies=True)
    first, second = Client(), Client()
    ajax = {"X-Requested-With": "XMLHttpRequest"}
    answer = key.signed(first.get(PASSKEY, headers=ajax).json()["request_options"])
    second.get(PASSKEY, headers=ajax)

    second.post(PASSKEY, {"credential": json.dumps(answer)})
    assert not is_in(second)
    first.post(PASSKEY, {"credential": json.dumps(answer)})
    assert is_in(first)
    first.post("/account/logout/")
    first.post(PASSKEY, {"credential": json.dumps(answer)})
    assert not is_in(first)


def test_a_passkey_signs_in_while_strangers_hold_the_name(ada: Person) -> None:
    key = with_key(ada, verifies=True)
    for n in range(8):
        Client().post("/account/login/", {"login": "ada@example.org", "password": f"wrong {n}"})

    assert is_in(by_passkey(key))


# ── administrators ───────────────────────────────────────────────────────


@pytest.fixture
def production(settings: Any) -> None:
    settings.ADMINISTRATORS_NEED_FACTOR = True


def test_an_administrator_without_a_factor_administers_nothing(
    production: None, make_person: MakePerson, clock: Clock
) -> None:
    bea = make_person("Bea", administrator=True)
    browser = sign_in("bea")

    assert is_in(browser)
    for path in ("/installation/licences", "/api/v1/licences"):
        answer = browser.get(path, headers={"Accept": "application/json"})
        assert answer.status_code == 403, path
        assert "factor" in answer.content.decode()

    TOTP.activate(bea, made := str(generate_totp_secret()))
    browser = sign_in("bea")
    browser.post(CODE, {"code": code_at(made, clock.now)})
    for path in ("/installation/licences", "/api/v1/licences"):
        assert browser.get(path).status_code == 200


def test_adding_a_factor_is_enough(
    production: None, make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person("Bea", administrator=True)
    browser = sign_in("bea")
    prove_again(browser)
    session = browser.session
    session["mfa.totp.secret"] = secret = str(generate_totp_secret())
    session.save()

    # Each test is one transaction, so what waits for its end would never come.
    monkeypatch.setattr(transaction, "on_commit", lambda then, **rest: then())
    browser.post("/account/2fa/totp/activate/", {"code": code_at(secret, time.time())})

    assert browser.get("/api/v1/licences").status_code == 200


def test_an_administrator_keeps_the_last_factor(
    production: None, make_person: MakePerson, clock: Clock
) -> None:
    bea = make_person("Bea", administrator=True)
    TOTP.activate(bea, made := str(generate_totp_secret()))
    RecoveryCodes.activate(bea)
    browser = sign_in("bea")
    browser.post(CODE, {"code": code_at(made, clock.now)})
    prove_again(browser)

    browser.post("/account/2fa/totp/deactivate/")

    assert Authenticator.objects.filter(user=bea, type="totp").exists()
    assert browser.get("/api/v1/licences").status_code == 200


def test_who_becomes_administrator_signs_in_again_and_needs_a_factor(
    production: None, make_person: MakePerson
) -> None:
    bea = make_person("Bea")
    browser = sign_in("bea")

    services.set_office(person_id=bea.id, office="administrator", held=True, actor=SYSTEM)

    assert not is_in(browser)
    assert sign_in("bea").get("/api/v1/licences").status_code == 403
