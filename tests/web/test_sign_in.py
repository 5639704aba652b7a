"""Signing in: by password, under limits, and without telling who is here."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from simplr.accounts.models import Session
from simplr.base.models import Event

if TYPE_CHECKING:
    from tests.conftest import MakePerson

PASSWORD = "a sentence nobody would guess"
LOGIN = "/account/login/"
RESET = "/account/password/reset/"


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"login": email, "password": password})


def codes() -> list[str]:
    return list(Event.objects.order_by("id").values_list("code", flat=True))


def test_a_person_signs_in_with_address_and_password(
    client: Client, make_person: MakePerson
) -> None:
    make_person("Ada")

    answer = sign_in(client, "ADA@example.org")

    assert answer.status_code == 302
    assert client.get("/api/v1/me").status_code == 200
    assert "accounts:session:opened" in codes()


def test_a_wrong_password_signs_nobody_in_and_is_noted(
    client: Client, make_person: MakePerson
) -> None:
    make_person("Ada")

    answer = sign_in(client, "ada@example.org", "something quite different")

    assert answer.status_code == 200
    assert client.get("/api/v1/me").status_code == 401
    refused = Event.objects.get(code="accounts:session:refused")
    assert "ada" not in str(refused.details)


def test_signing_in_changes_the_session_secret(client: Client, make_person: MakePerson) -> None:
    make_person("Ada")
    client.get(LOGIN)
    session = client.session
    session["before"] = 1
    session.save()
    before = session.session_key

    sign_in(client, "ada@example.org")

    assert client.session.session_key != before
    assert not Session.objects.filter(digest=hashlib.sha256((before or "").encode()).digest())


def test_the_fifth_failure_refuses_the_right_password_too(
    client: Client, make_person: MakePerson
) -> None:
    make_person("Ada")
    answers = [sign_in(client, "ada@example.org", f"wrong password {n}") for n in range(5)]

    assert answers[-1].status_code == 429
    assert answers[-1]["Retry-After"]
    refused = sign_in(Client(), "ada@example.org")
    assert refused.status_code == 429
    assert Client().get("/api/v1/me").status_code == 401


def test_the_lock_is_kept_in_the_database_not_in_the_process(
    client: Client, make_person: MakePerson
) -> None:
    make_person("Ada")
    for n in range(5):
        sign_in(client, "ada@example.org", f"wrong password {n}")
    cache.clear()  # what a restart could forget

    assert sign_in(Client(), "ada@example.org").status_code == 429


def test_strangers_cannot_lock_a_person_out_of_her_own_browser(make_person: MakePerson) -> None:
    make_person("Ada")
    her_browser = Client()
    sign_in(her_browser, "ada@example.org")
    her_browser.post("/account/logout/")
    for n in range(6):
        sign_in(Client(), "ada@example.org", f"wrong password {n}")

    assert sign_in(her_browser, "ada@example.org").status_code == 302


def test_a_browser_known_for_one_person_is_a_stranger_for_another(
    make_person: MakePerson,
) -> None:
    make_person("Ada")
    make_person("Bob")
    browser = Client()
    sign_in(browser, "ada@example.org")
    browser.post("/account/logout/")
    for n in range(5):
        sign_in(Client(), "bob@example.org", f"wrong password {n}")

    assert sign_in(browser, "bob@example.org").status_code == 429


def test_spraying_one_password_over_many_names_is_stopped_by_the_address(
    client: Client, make_person: MakePerson
) -> None:
    statuses = [
        sign_in(client, f"person{n}@example.org", "Password").status_code for n in range(25)
    ]

    assert statuses[:20] == [200] * 20
    assert statuses[20:] == [429] * 5


class Work:
    """What one request cost: hash computations, and queries in order without their values."""

    def __init__(self, hashes: int, queries: list[str]) -> None:
        self.hashes = hashes
        self.queries = queries

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Work) and vars(self) == vars(other)

    def __repr__(self) -> str:
        return f"{self.hashes} hashes and\n" + "\n".join(self.queries)


def work_of(path: str, data: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> tuple[Work, Any]:
    """Send a form from a new browser; count hash computations and queries on every database."""
    hashes = 0
    encode, verify = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify

    def counted_encode(self: Argon2PasswordHasher, *args: Any, **kwargs: Any) -> str:
        nonlocal hashes
        hashes += 1
        return str(encode(self, *args, **kwargs))

    def counted_verify(self: Argon2PasswordHasher, *args: Any, **kwargs: Any) -> bool:
        nonlocal hashes
        hashes += 1
        return bool(verify(self, *args, **kwargs))

    cache.clear()
    browser = Client()
    with monkeypatch.context() as patch:
        patch.setattr(Argon2PasswordHasher, "encode", counted_encode)
        patch.setattr(Argon2PasswordHasher, "verify", counted_verify)
        logs = [CaptureQueriesContext(connections[alias]) for alias in connections]
        for log in logs:
            log.__enter__()
        answer = browser.post(path, data)
        for log in logs:
            log.__exit__(None, None, None)
    shapes = [
        re.sub(r"(ada|cyd|eve|warm)@", "", query["sql"].split(" VALUES ")[0].split(" WHERE ")[0])
        for log in logs
        for query in log.captured_queries
        if "SAVEPOINT" not in query["sql"]
    ]
    return Work(hashes, shapes), answer


def seen(answer: Any) -> tuple[int, bytes, dict[str, str], list[str]]:
    """What a stranger can see of an answer, but for values that change with every request."""
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in {"Content-Security-Policy", "Content-Length", "Expires"}
    }
    lines = [
        line
        for line in answer.content.split(b"\n")
        if b"csrf" not in line.lower() and b"nonce" not in line and b'name="login"' not in line
    ]
    return answer.status_code, b"\n".join(lines), headers, sorted(answer.cookies)


@pytest.mark.parametrize(
    ("path", "field"), [(LOGIN, "login"), (RESET, "email")], ids=["login", "reset"]
)
@pytest.mark.parametrize("mail", ["", "smtp://mail.example.org"], ids=["without mail", "mail"])
def test_known_and_unknown_names_cost_and_show_the_same(
    path: str,
    field: str,
    mail: str,
    make_person: MakePerson,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    from dataclasses import replace

    settings.ENV = replace(settings.ENV, mail_url=mail)
    make_person("Ada")
    make_person("Cyd", password="")
    wrong = {"password": "a wrong sentence of words"} if field == "login" else {}
    work_of(path, {field: "warm@example.org", **wrong}, monkeypatch)

    results = [
        work_of(path, {field: f"{name}@example.org", **wrong}, monkeypatch)
        for name in ("ada", "cyd", "eve")
    ]

    works = [work for work, _ in results]
    assert works[0] == works[1] == works[2]
    assert works[0].hashes == (1 if field == "login" else 0)
    shown = [seen(answer) for _, answer in results]
    assert shown[0] == shown[1] == shown[2]


def test_a_browser_without_a_session_is_sent_to_sign_in_and_back_again() -> None:
    answer = Client().get("/projects?q=parks", headers={"Accept": "text/html,*/*;q=0.8"})

    assert answer.status_code == 302
    assert answer["Location"] == "/account/login/?next=%2Fprojects%3Fq%3Dparks"


def test_a_program_without_a_token_is_told_so() -> None:
    assert Client().get("/projects").status_code == 401
