"""Whoever is shut out, and whoever brings a secret a second time, has nothing of a program (rows 10, 18, 19)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connections
from tests.web.oauth.asking import Program, registered, status_of

from simplr.access.models import AccessToken
from simplr.access.oauth.programs import Kind, revoke_program
from simplr.access.oauth.secrets import fits
from simplr.accounts.models import Person
from simplr.base.actors import SYSTEM
from simplr.base.models import Event
from simplr.licensing.models import Licence
from simplr.licensing.services import revoke_licence

if TYPE_CHECKING:
    from tests.conftest import MakePerson

AT_ONCE = 8


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada")


@pytest.fixture
def web() -> Program:
    return Program(registered())


def shut_out(person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(is_active=False)


def licence_revoked(person: Person) -> None:
    revoke_licence(licence_id=Licence.objects.get(person=person).id, actor=SYSTEM)


@pytest.mark.parametrize("away", [shut_out, licence_revoked], ids=lambda way: way.__name__)
def test_who_may_not_be_here_has_no_token_no_renewal_no_code_and_no_introspection(
    web: Program, ada: Person, away: Callable[[Person], None]
) -> None:
    told, waiting = web.tokens_of(ada), web.code_of(ada)
    assert web.introspect(told["access_token"])["active"] is True

    away(ada)

    assert status_of(told["access_token"]) == 401
    assert web.renew(told["refresh_token"]).json()["error"] == "invalid_grant"
    assert web.redeem(waiting).json()["error"] == "invalid_grant"
    assert web.introspect(told["access_token"]) == {"active": False}


def test_a_revoked_program_has_nothing_any_more(web: Program, ada: Person) -> None:
    told, waiting = web.tokens_of(ada), web.code_of(ada)

    revoke_program(program_id=web.new.program.public_id, actor=SYSTEM)

    assert status_of(told["access_token"]) == 401
    assert web.renew(told["refresh_token"]).status_code == 401
    assert web.redeem(waiting).status_code == 401


def test_a_code_that_comes_twice_ends_what_it_was_first_redeemed_for(
    web: Program, ada: Person
) -> None:
    code = web.code_of(ada)
    told = web.redeem(code).json()
    assert status_of(told["access_token"]) == 200

    again = web.redeem(code)

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert status_of(told["access_token"]) == 401
    assert web.renew(told["refresh_token"]).json()["error"] == "invalid_grant"
    noted = Event.objects.filter(code="access:token:revoked").get()
    assert noted.details["reason"] == "code-came-twice"


def test_a_renewal_that_comes_twice_ends_the_whole_consent(web: Program, ada: Person) -> None:
    first = web.tokens_of(ada)
    second = web.renew(first["refresh_token"]).json()
    third = web.renew(second["refresh_token"]).json()
    assert status_of(third["access_token"]) == 200

    again = web.renew(first["refresh_token"])

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert status_of(third["access_token"]) == 401
    assert web.renew(third["refresh_token"]).json()["error"] == "invalid_grant"


def at_once(ask: Callable[[], Any]) -> list[Any]:
    """What each of several answers that were asked for at the same moment."""
    together = threading.Barrier(AT_ONCE)

    def one(_: int) -> Any:
        together.wait(timeout=30)
        try:
            return ask()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


@pytest.mark.django_db(databases="__all__", transaction=True)
@pytest.mark.parametrize("kind", [Kind.WEB, Kind.NATIVE], ids=lambda kind: kind.value)
def test_of_eight_who_redeem_one_code_at_once_one_is_served_and_nothing_breaks(
    ada: Person, kind: Kind
) -> None:
    program = Program(registered(kind))
    code = program.code_of(ada)

    answers = at_once(lambda: program.redeem(code))

    assert sorted(answer.status_code for answer in answers) == [200, *[400] * (AT_ONCE - 1)]
    live = [
        a for a in answers if a.status_code == 200 and status_of(a.json()["access_token"]) == 200
    ]
    assert live == []  # it came twice: one of the callers stole it


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_of_eight_who_renew_at_once_at_most_one_is_live_and_nothing_breaks(
    web: Program, ada: Person
) -> None:
    told = web.tokens_of(ada)

    answers = at_once(lambda: web.renew(told["refresh_token"]))

    assert sorted(answer.status_code for answer in answers) == [200, *[400] * (AT_ONCE - 1)]
    assert {a.json()["error"] for a in answers if a.status_code == 400} == {"invalid_grant"}
    live = [
        a for a in answers if a.status_code == 200 and status_of(a.json()["access_token"]) == 200
    ]
    assert len(live) <= 1
    assert AccessToken.objects.count() == 1


def test_a_programs_secret_is_proven_in_little_time_and_kept_as_a_hash(web: Program) -> None:
    kept = web.new.program.client_secret
    assert web.new.secret not in kept

    began = time.process_time()
    proven = [fits(web.new.secret, kept) for _ in range(100)]
    refused = [fits(web.new.secret + "x", kept) for _ in range(100)]
    took = time.process_time() - began

    assert all(proven)
    assert not any(refused)
    assert took < 0.2  # a slow hash takes 0.3 s for one of these two hundred
    assert not fits("", "")
