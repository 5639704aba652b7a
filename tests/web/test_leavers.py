"""A leaver: everything owned has an owner afterwards, and nothing opens any more."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.institute import Institute, person

from simplr.access import services as access
from simplr.access.asking import ask_for_access
from simplr.access.authentication import of_person
from simplr.access.invitations import invite
from simplr.access.models import AccessRequest, AccessToken, Grant, Node, RoleAssignment
from simplr.access.services import Grantee, give_grant, give_role
from simplr.access.tokens import issue_access_token
from simplr.accounts import services as accounts
from simplr.accounts.models import Group, GroupMembership, Invitation, Person, Session
from simplr.base.models import Event
from simplr.licensing.models import Licence
from simplr.licensing.services import issue_licence
from simplr_core.access import Action, Role

As = Callable[[str], Client]


def let_go(client: Client, leaver: Person, **body: Any) -> Any:
    return client.post(
        f"/api/v1/people/{leaver.id}/departure", json.dumps(body), content_type="application/json"
    )


@pytest.fixture
def heir(institute: Institute) -> Person:
    return person("Heidi Erbin", institute.streets)


def test_an_owner_is_followed_by_the_heir_and_nothing_of_his_opens(
    institute: Institute, as_: As, heir: Person
) -> None:
    owner = institute.owner
    browser = as_("owner")
    token = issue_access_token(
        name="mine",
        scopes=["project:read", "resource:download"],
        expires_at=timezone.now() + timedelta(days=1),
        actor=institute.actor("owner"),
    )
    program = Client(headers={"Authorization": f"Bearer {token.secret}"})
    link = give_grant(
        node_id=institute.dataset.pk,
        to=Grantee(link=True),
        actions=[Action.READ],
        actor=institute.actor("owner"),
        release_id=institute.release.pk,
        until=timezone.now() + timedelta(days=1),
    )
    group = accounts.add_group(
        name="Owners", organisation_id=institute.streets.pk, actor=institute.actor("administrator")
    )
    accounts.add_group_member(
        group_id=group.pk, person_id=owner.id, actor=institute.actor("administrator")
    )
    issue_licence(actor=institute.actor("administrator"), person=owner)
    invite(
        email="new@lakeside.example",
        project_id=institute.project.pk,
        role=Role.VIEWER,
        actor=institute.actor("owner"),
    )
    rows = f"/api/v1/datasets/{institute.dataset.pk}/rows?format=csv"
    assert program.get(rows).status_code == 200
    told = as_("administrator").get(f"/api/v1/people/{owner.id}/departure").json()

    refused = let_go(as_("administrator"), owner)
    still = browser.get("/").status_code
    done = let_go(as_("administrator"), owner, heir=str(heir.id))

    assert (refused.status_code, refused.json()["code"], still) == (409, "heir-needed", 200)
    assert done.status_code == 200, done.content
    assert done.json() == told
    assert {name: told[name] for name in ("projects", "roles", "tokens", "groups", "licences")} == {
        "projects": 1,
        "roles": 1,
        "tokens": 1,
        "groups": 1,
        "licences": 1,
    }
    assert (told["invitations"], told["heir_needed"]) == (1, True)
    assert not Node.objects.filter(owner=owner).exists(), "something is still his"
    role = RoleAssignment.objects.get(node_id=institute.project.pk, person=heir)
    assert role.role == Role.OWNER
    for left in (
        RoleAssignment.objects.filter(person=owner),
        Grant.objects.filter(person=owner, revoked_at=None),
        AccessToken.objects.filter(user=owner, revoked_at=None),
        GroupMembership.objects.filter(person=owner),
        Licence.objects.filter(person=owner, revoked_at=None),
        Session.objects.filter(person=owner),
        Invitation.objects.filter(invited_by=owner, revoked_at=None, accepted_at=None),
    ):
        assert not left.exists(), left.model
    assert program.get(rows).status_code == 401
    assert browser.get("/").status_code in {302, 401}
    assert Grant.objects.get(pk=link.grant.pk).revoked_at is not None, "he knows its address"
    client = Client()
    client.force_login(heir)
    assert client.get(rows).status_code == 200
    assert Event.objects.filter(code="accounts:person:let-go", subject_id=owner.id).count() == 1


def test_what_a_steward_owned_goes_to_the_owner_and_nobody_gains(
    institute: Institute, as_: As
) -> None:
    steward, before = institute.steward, RoleAssignment.objects.count()
    assert Node.objects.filter(owner=steward).exists()

    done = let_go(as_("administrator"), steward)

    assert done.status_code == 200, done.content
    assert done.json()["heir_needed"] is False
    assert not Node.objects.filter(owner=steward).exists()
    assert RoleAssignment.objects.count() == before - 1


def test_a_grantee_reads_no_more_and_asks_no_more(institute: Institute, as_: As) -> None:
    ask_for_access(
        node_id=institute.dataset.pk,
        purpose="All of it.",
        actions=[Action.READ],
        actor=institute.actor("colleague"),
    )

    assert let_go(as_("administrator"), institute.colleague).status_code == 200

    assert AccessRequest.objects.get().state == "withdrawn"
    assert Grant.objects.get(pk=institute.grant_id).revoked_at is not None


def test_the_heir_is_somebody_else_of_the_same_organisation(
    institute: Institute, as_: As, heir: Person
) -> None:
    client, owner = as_("administrator"), institute.owner
    idle = person("Ida Idle", institute.streets)
    Person.objects.filter(pk=idle.pk).update(is_active=False)

    said = {
        name: let_go(client, owner, heir=str(who)).status_code
        for name, who in {
            "himself": owner.id,
            "the administrator": institute.administrator.id,
            "of another organisation": institute.colleague.id,
            "shut out": idle.id,
            "nobody": institute.project.pk,
        }.items()
    }

    assert said == {
        "himself": 422,
        "the administrator": 403,
        "of another organisation": 422,
        "shut out": 404,
        "nobody": 404,
    }
    owner.refresh_from_db()
    assert owner.is_active
    assert RoleAssignment.objects.filter(person=owner, role="owner").exists()


def test_an_heir_that_may_not_be_is_refused_where_none_is_needed_too(
    institute: Institute, as_: As
) -> None:
    refused = let_go(as_("administrator"), institute.steward, heir=str(institute.administrator.id))

    assert refused.status_code == 403
    assert RoleAssignment.objects.filter(person=institute.steward).exists()


def test_nobody_lets_himself_go_and_an_administrator_stays(institute: Institute, as_: As) -> None:
    assert let_go(as_("administrator"), institute.administrator).status_code == 403
    for who in ("owner", "steward", "auditor", "stranger"):
        assert let_go(as_(who), institute.viewer).status_code == 403, who
    institute.viewer.refresh_from_db()
    assert institute.viewer.is_active


def test_all_of_it_or_nothing(
    institute: Institute, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(accounts, "deactivate_person", fails)
    client = as_("administrator")
    client.raise_request_exception = False

    broken = let_go(client, institute.steward)

    assert broken.status_code == 500
    assert RoleAssignment.objects.filter(person=institute.steward).exists()
    assert Node.objects.filter(owner=institute.steward).exists()


def test_a_project_with_two_owners_needs_no_heir(institute: Institute, as_: As) -> None:
    give_role(
        project_id=institute.project.pk,
        person_id=institute.steward.id,
        role=Role.OWNER,
        actor=institute.actor("owner"),
    )

    done = let_go(as_("administrator"), institute.owner)

    assert (done.status_code, done.json()["heir_needed"]) == (200, False)
    assert Node.objects.get(pk=institute.project.pk).owner_id == institute.steward.id


def test_an_owner_who_is_shut_out_is_no_owner_to_hand_over_to(
    institute: Institute, as_: As, heir: Person
) -> None:
    give_role(
        project_id=institute.project.pk,
        person_id=institute.steward.id,
        role=Role.OWNER,
        actor=institute.actor("owner"),
    )
    Person.objects.filter(pk=institute.steward.id).update(is_active=False)

    alone = let_go(as_("administrator"), institute.owner)
    followed = let_go(as_("administrator"), institute.owner, heir=str(heir.id))

    assert (alone.status_code, alone.json()["code"]) == (409, "heir-needed")
    assert followed.status_code == 200
    assert Node.objects.get(pk=institute.project.pk).owner_id == heir.id


def test_the_page_says_what_ends_and_does_it(institute: Institute, as_: As, heir: Person) -> None:
    client = as_("administrator")
    address = reverse("operations:installation-leaver", args=[institute.owner.id])
    people = client.get(reverse("operations:installation-people")).content.decode()

    shown = client.get(address).content.decode()
    refused = client.post(address, {"heir": ""})
    done = client.post(address, {"heir": heir.email}, follow=True)
    again = client.get(address).content.decode()

    assert address in people
    assert "Projects that they alone own" in shown
    assert refused.status_code == 422
    assert "has left" in done.content.decode()
    assert "They own nothing and have no access." in again
    assert of_person(heir).person_id == Node.objects.get(pk=institute.project.pk).owner_id


def test_groups_and_links_of_others_stay(institute: Institute, as_: As) -> None:
    other = access.give_grant(
        node_id=institute.dataset.pk,
        to=Grantee(link=True),
        actions=[Action.READ],
        actor=institute.actor("owner"),
        release_id=institute.release.pk,
        until=timezone.now() + timedelta(days=1),
    )
    groups = Group.objects.count()

    assert let_go(as_("administrator"), institute.viewer).status_code == 200

    assert Grant.objects.get(pk=other.grant.pk).revoked_at is None
    assert Group.objects.count() == groups
