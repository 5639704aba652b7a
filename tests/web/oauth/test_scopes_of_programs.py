"""What a program may do is bounded three times: by its registration, its token and its person (row 20)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from tests.web.oauth.asking import Program, browser_of, get, outcome_of, registered

from simplr.access import services as access
from simplr.access.models import Grant

if TYPE_CHECKING:
    from tests.institute import Institute


def token_for(institute: Institute, role: str, *scopes: str) -> str:
    """What a person of the institute allowed a program that may ask for anything in the list."""
    registration = ("resource:manage", "release:download", "project:read", "grant:manage")
    program = Program(registered(scopes=registration))
    told = program.tokens_of(getattr(institute, role), " ".join(scopes))
    return str(told["access_token"])


def test_a_token_for_one_data_set_opens_no_other_and_changes_none(institute: Institute) -> None:
    program = Program(registered(scopes=("resource:read",)))
    scope = f"resource:{institute.dataset.pk}:read"
    told = program.tokens_of(institute.steward, scope)["access_token"]
    others = browser_of(institute.steward).get("/api/v1/resources").json()["items"]
    other = next(one["id"] for one in others if one["id"] != str(institute.dataset.pk))

    assert get(f"/datasets/{institute.dataset.pk}", told).status_code == 200
    assert get(f"/datasets/{institute.dataset.pk}/sample", told).status_code == 200
    assert get(f"/resources/{other}", told).status_code in {403, 404}
    assert get(f"/resources/{institute.dataset.pk}/content", told).status_code == 403
    assert get(f"/datasets/{institute.dataset.pk}/rows?format=csv", told).status_code == 403
    assert get(f"/resources/{institute.dataset.pk}/grants", told).status_code == 403
    listed = get("/resources", told).json()["items"]
    assert [one["id"] for one in listed] == [str(institute.dataset.pk)]
    changed = Client().patch(
        f"/api/v1/resources/{institute.dataset.pk}",
        json.dumps({"title": "Taken over"}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {told}"},
    )
    assert changed.status_code == 403


def test_a_program_asks_for_no_more_than_it_was_registered_for(institute: Institute) -> None:
    program = Program(registered(scopes=("release:read", "email")))
    browser = browser_of(institute.steward)
    release = institute.release.pk

    def error(scope: str) -> Any:
        answer = browser.get(program.address(scope))
        return "" if answer.status_code == 200 else outcome_of(answer)["error"]

    assert error("release:read") == ""
    assert error(f"release:{release}:read email") == ""
    assert error(f"release:{release}:discover") == ""
    for wider in (
        "release:download",
        f"release:{release}:download",
        f"resource:{institute.dataset.pk}:read",
        "release:read resource:read",
        "profile",
        "openid",
    ):
        assert error(wider) == "invalid_scope", wider


def test_a_program_can_do_no_more_than_its_person_and_loses_it_with_him(
    institute: Institute,
) -> None:
    release = institute.release.pk
    token = token_for(institute, "colleague", f"release:{release}:download")
    stranger = token_for(institute, "stranger", f"release:{release}:download")
    rows = f"/datasets/{institute.dataset.pk}/rows?release={release}&format=csv"

    assert get(rows, token).status_code == 200
    assert get(rows, stranger).status_code == 404
    for grant in Grant.objects.filter(release_id=release, revoked_at=None):
        access.revoke_grant(grant_id=grant.id, actor=institute.actor("owner"))
    assert get(rows, token).status_code == 404


def test_the_page_names_a_thing_only_to_whom_may_know_of_it(
    institute: Institute, as_: Callable[[str], Client]
) -> None:
    program = Program(registered(scopes=("resource:read",)))
    scope = f"resource:{institute.dataset.pk}:read"
    title = institute.dataset.title

    assert title in as_("steward").get(program.address(scope)).content.decode()
    hidden = as_("stranger").get(program.address(scope)).content.decode()
    assert title not in hidden
    assert "something that you can not see now" in hidden


def test_a_token_that_only_tells_of_its_person_opens_nothing(institute: Institute) -> None:
    program = Program(registered(scopes=("email",)))
    told = program.tokens_of(institute.steward, "email")["access_token"]

    me = get("/me", told).json()
    assert (me["email"], me["name"], me["organisation"]) == (institute.steward.email, "", None)
    assert get("/resources", told).json()["items"] == []
    assert get(f"/datasets/{institute.dataset.pk}", told).status_code in {403, 404}
    assert get("/tokens", told).status_code == 403


@pytest.mark.parametrize("role", ["owner", "auditor", "stranger"])
def test_only_administrators_register_and_end_programs(
    institute: Institute, as_: Callable[[str], Client], role: str
) -> None:
    program = registered().program.public_id
    browser = as_(role)

    assert browser.get("/installation/programs").status_code == 403
    assert browser.post(f"/installation/programs/{program}/revoke").status_code == 403


def test_who_decides_about_a_thing_sees_which_programs_reach_it_and_for_whom(
    institute: Institute, as_: Callable[[str], Client]
) -> None:
    dataset, release = institute.dataset.pk, institute.release.pk
    reaching = (f"resource:{dataset}:read", "project:read", f"release:{release}:read")
    for number, scope in enumerate(reaching):
        program = Program(registered(name=f"Reaches {number}", scopes=(scope, "email")))
        program.tokens_of(institute.analyst, f"{scope} email")
    others = ("token:read", "email", "resource:01890000-0000-7000-8000-000000000000:read")
    for scope in others:
        program = Program(registered(name="Does not reach", scopes=(scope,)))
        program.tokens_of(institute.analyst, scope)

    rows = as_("steward").get(f"/api/v1/resources/{dataset}/access").json()["items"]

    found = {row["name"]: [one["name"] for one in row["programs"]] for row in rows}
    assert sorted(found.pop(institute.analyst.name)) == [f"Reaches {n}" for n in range(3)]
    assert set(map(tuple, found.values())) == {()}
    page = as_("steward").get(f"/datasets/{dataset}/access").content.decode()
    assert "by the program Reaches 0, Reaches 1, Reaches 2, too" in page
    assert as_("viewer").get(f"/api/v1/resources/{dataset}/access").status_code == 403
