"""A service acts for a person while he is away, once he has allowed it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from tests.web.oauth.asking import Program, browser_of, get, registered, status_of

from simplr.access.models import AccessToken
from simplr.access.oauth.programs import Kind, register_program
from simplr.access.tokens import resume_access_token, slow_access_token, suspend_access_token
from simplr.accounts.models import Person
from simplr.base.actors import SYSTEM
from simplr_core.errors import Invalid, NotFound

if TYPE_CHECKING:
    from tests.conftest import MakePerson

    from simplr.accounts.models import Person as PersonRow


@pytest.fixture
def ada(make_person: MakePerson) -> PersonRow:
    return make_person("Ada")


@pytest.fixture
def service(ada: PersonRow) -> Program:
    return Program(
        register_program(
            name="Nightly copy",
            kind=Kind.SERVICE,
            scopes=["resource:download", "token:read"],
            acts_for=ada.id,
            actor=SYSTEM,
        )
    )


def allow(service: Program, person: PersonRow, **said: str) -> int:
    path = f"/account/programs/{service.new.program.public_id}"
    answer = browser_of(person).post(path, {"until": "30", "allow": "yes", **said})
    return int(answer.status_code)


def ask(service: Program, **more: str) -> dict[str, str]:
    answer: dict[str, str] = service.post("token", grant_type="client_credentials", **more).json()
    return answer


def test_it_gets_nothing_before_its_person_allows_it_and_nothing_after_he_ends_it(
    service: Program, ada: PersonRow
) -> None:
    assert ask(service)["error"] == "unauthorized_client"
    browser = browser_of(ada)
    assert "Nightly copy" in browser.get("/account/tokens").content.decode()
    assert allow(service, ada) == 302

    first, second = ask(service), ask(service, scope="token:read")

    assert get("/me", first["access_token"]).json()["id"] == str(ada.id)
    assert set(first["scope"].split()) == {"resource:download", "token:read"}
    assert second["scope"] == "token:read"
    assert status_of(first["access_token"]) == 200  # several of its processes ask, each for itself
    assert "refresh_token" not in first
    listed = browser.get("/api/v1/tokens").json()["items"]
    assert [one["name"] for one in listed] == ["Nightly copy"]

    browser.post(f"/account/tokens/{listed[0]['id']}/revoke")

    assert status_of(first["access_token"]) == 401
    assert status_of(second["access_token"]) == 401
    assert ask(service)["error"] == "unauthorized_client"


def test_a_no_leaves_it_without_anything(service: Program, ada: PersonRow) -> None:
    path = f"/account/programs/{service.new.program.public_id}"

    assert browser_of(ada).post(path, {"deny": "yes"}).status_code == 302

    assert ask(service)["error"] == "unauthorized_client"
    assert not AccessToken.objects.exists()


def test_nobody_else_allows_it_not_even_an_administrator(
    service: Program, make_person: MakePerson
) -> None:
    bob = make_person("Bob", administrator=True)

    assert allow(service, bob) == 404
    assert ask(service)["error"] == "unauthorized_client"


def test_it_asks_for_no_more_than_was_allowed_and_ends_with_the_day_and_the_person(
    service: Program, ada: PersonRow
) -> None:
    allow(service, ada)
    assert ask(service, scope="project:read")["error"] == "invalid_scope"

    soon = timezone.now() + timedelta(minutes=5)
    AccessToken.objects.update(expires=soon)
    assert int(ask(service)["expires_in"]) <= 300
    AccessToken.objects.update(expires=timezone.now())
    assert ask(service)["error"] == "unauthorized_client"

    allow(service, ada)
    told = ask(service)
    Person.objects.filter(pk=ada.pk).update(is_active=False)
    assert status_of(told["access_token"]) == 401
    assert ask(service)["error"] == "unauthorized_client"


def test_a_service_is_proven_by_its_secret_and_names_one_person(
    service: Program, ada: PersonRow
) -> None:
    allow(service, ada)
    service.new = type(service.new)(program=service.new.program, secret="smc_wrong")
    assert ask(service)["error"] == "invalid_client"

    with pytest.raises(Invalid):
        register_program(name="x", kind=Kind.SERVICE, scopes=["token:read"], actor=SYSTEM)
    with pytest.raises(Invalid):
        register_program(
            name="x", kind=Kind.DEVICE, scopes=["token:read"], acts_for=ada.id, actor=SYSTEM
        )
    ada.is_active = False
    ada.save()
    with pytest.raises(NotFound):
        register_program(
            name="x", kind=Kind.SERVICE, scopes=["token:read"], acts_for=ada.id, actor=SYSTEM
        )


def test_what_rests_for_its_unusual_use_is_neither_renewed_nor_made_anew_nor_good(
    service: Program, ada: PersonRow
) -> None:
    allow(service, ada)
    told, web = ask(service), Program(registered())
    renewable = web.tokens_of(ada)
    hourly = AccessToken.objects.exclude(made_with=None).get()
    renewed = AccessToken.objects.get(application=web.new.program)
    now = timezone.now()

    for token in (hourly, renewed):
        assert suspend_access_token(token_id=token.public_id, actor=SYSTEM, now=now)

    for secret in (told["access_token"], renewable["access_token"]):
        assert status_of(secret) == 403
        assert web.introspect(secret) == {"active": False}
    assert ask(service)["error"] == "unauthorized_client"
    assert allow(service, ada) == 404  # it is allowed, and rests
    assert web.renew(renewable["refresh_token"]).json()["error"] == "invalid_grant"

    for token in (hourly, renewed):
        assert resume_access_token(token_id=token.public_id, actor=SYSTEM)

    assert status_of(ask(service)["access_token"]) == 200
    assert web.renew(renewable["refresh_token"]).status_code == 200


def test_a_service_that_is_slowed_is_not_quicker_by_another_token(
    service: Program, ada: PersonRow
) -> None:
    allow(service, ada)
    ask(service)
    hourly = AccessToken.objects.exclude(made_with=None).get()
    until = timezone.now() + timedelta(hours=1)

    slow_access_token(token_id=hourly.public_id, until=until)
    ask(service)

    assert set(AccessToken.objects.values_list("slowed_until", flat=True)) == {until}
