"""Whoever may do one thing does not come by another through it.

Each test is somebody of the institute with one right, who uses it to reach for more: decides, and
grants to himself by way of his organisation; changes, and takes the mark off a field; puts files,
and looks at those of others; has a token, and makes one that outlives it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.institute import ADDRESS, NAME, Institute, organisation, person, put

from simplr.access import people
from simplr.access import services as access
from simplr.access.authentication import of_person
from simplr.access.models import RoleAssignment
from simplr.access.permissions import decide
from simplr.base.actors import SYSTEM
from simplr.intake import services as intake
from simplr.intake import tasks
from simplr.intake.models import Upload
from simplr.resources import acts
from simplr.resources import folder_services as folders
from simplr.sharing import services as sharing
from simplr_core.access import Action, Role
from simplr_core.errors import Refused

As = Callable[[str], Client]


def granted(institute: Institute, node: Any, *actions: Action, to: str = "stranger") -> None:
    """The owner lets a person of the other organisation do this to a node, and nothing else."""
    access.give_grant(
        node_id=node.pk,
        to=access.Grantee(person_id=getattr(institute, to).id),
        actions=actions,
        actor=institute.actor("owner"),
    )


def post(browser: Client, path: str, body: object) -> Any:
    return browser.post(f"/api/v1{path}", json.dumps(body), content_type="application/json")


def patch(browser: Client, path: str, body: object) -> Any:
    return browser.patch(f"/api/v1{path}", json.dumps(body), content_type="application/json")


def received(institute: Institute, role: str, name: str, content: bytes) -> Upload:
    """A file that somebody put and that was understood."""
    upload = intake.receive(
        project_id=institute.project.pk,
        declared=intake.Declared(name=name, size=len(content)),
        body=io.BytesIO(content),
        actor=institute.actor(role),
    )
    tasks.understand(str(upload.id))
    return Upload.objects.get(pk=upload.pk)


# Deciding


@pytest.mark.parametrize("action", ["read", "download", "write"])
def test_who_only_decides_lets_nobody_do_what_he_may_not(
    institute: Institute, as_: As, action: str
) -> None:
    granted(institute, institute.dataset, Action.MANAGE)
    browser = as_("stranger")

    for to in ({"organisation": str(institute.university.id)}, {"email": ADDRESS}):
        answer = post(
            browser,
            "/grants",
            {"node": str(institute.dataset.pk), "to": to, "actions": [action]},
        )
        assert answer.status_code in {403, 404}, answer.content

    rows = browser.get(f"/api/v1/datasets/{institute.dataset.pk}/rows")
    assert rows.status_code == 403


def test_who_only_decides_opens_no_release_either(institute: Institute, as_: As) -> None:
    granted(institute, institute.dataset, Action.MANAGE)

    answer = post(
        as_("stranger"),
        "/grants",
        {
            "node": str(institute.dataset.pk),
            "release": str(institute.release.pk),
            "to": {"organisation": str(institute.university.id)},
        },
    )

    assert answer.status_code == 403, answer.content


def test_who_only_decides_accepts_no_version_that_he_cannot_look_into(
    institute: Institute, as_: As
) -> None:
    steward = institute.actor("steward")
    dataset = put(institute.project, steward, name="one.csv", content=b"a,b\n1,2\n")
    release = sharing.create_release(
        dataset_id=dataset.pk,
        definition=sharing.Definition(
            title="Followed",
            fields=[{"name": "a", "mask": {"kind": "keep"}}],
            follows="each-accepted",
        ),
        actor=steward,
        personal=True,
    )
    put(institute.project, steward, name="two.csv", content=b"a,b\n3,4\n", resource=dataset)
    granted(institute, dataset, Action.MANAGE)
    address = f"/releases/{release.pk}/accept"

    assert post(as_("stranger"), address, {"version": "2"}).status_code == 403
    page = as_("stranger").post(f"/releases/{release.pk}/accept", {"version": "2"})
    assert page.status_code == 403

    assert post(as_("steward"), address, {"version": "2"}).status_code == 200


def test_who_sees_no_personal_fields_lets_nobody_see_them(institute: Institute, as_: As) -> None:
    """A grant on the project shows no personal fields; one on the data set would."""
    granted(institute, institute.project, Action.MANAGE, Action.DOWNLOAD)
    browser = as_("stranger")
    assert (
        NAME not in browser.get(f"/api/v1/datasets/{institute.dataset.pk}/rows").getvalue().decode()
    )  # type: ignore[attr-defined]

    answer = post(
        browser,
        "/grants",
        {
            "node": str(institute.dataset.pk),
            "to": {"organisation": str(institute.university.id)},
            "actions": ["download"],
        },
    )

    assert answer.status_code == 403, answer.content


@pytest.mark.parametrize("role", ["owner", "steward"])
def test_who_decides_about_a_project_by_a_grant_makes_nobody_more_than_himself(
    institute: Institute, as_: As, role: str
) -> None:
    granted(institute, institute.project, Action.MANAGE, Action.DOWNLOAD)
    browser, members = as_("stranger"), f"/projects/{institute.project.pk}/members"

    for email in (institute.stranger.email, institute.colleague.email):
        assert post(browser, members, {"email": email, "role": role}).status_code == 403
    body = {"email": "new@lakeside.example", "project": str(institute.project.pk), "role": role}
    assert post(browser, "/invitations", body).status_code == 403

    ends = RoleAssignment.objects.filter(node_id=institute.project.pk, role=role)
    assert {row.person_id for row in ends} == {getattr(institute, role).id}
    assert (
        post(browser, members, {"email": institute.colleague.email, "role": "viewer"}).status_code
        == 200
    )


def test_an_owner_and_a_steward_go_on_granting(institute: Institute, as_: As) -> None:
    for role in ("owner", "steward"):
        for release in (None, str(institute.release.pk)):
            body = {
                "node": str(institute.dataset.pk),
                "to": {"organisation": str(institute.university.id)},
                "release": release,
            }
            assert post(as_(role), "/grants", body).status_code == 201


def test_nobody_grants_to_himself(institute: Institute) -> None:
    with pytest.raises(Refused):
        access.give_grant(
            node_id=institute.dataset.pk,
            to=access.Grantee(person_id=institute.owner.id),
            actions=[Action.READ],
            actor=institute.actor("owner"),
        )


def test_who_only_decides_moves_nothing_to_where_he_would_read_it(institute: Institute) -> None:
    owner = institute.actor("owner")
    dataset = put(institute.project, owner, name="moving.csv", content=b"a,b\n1,2\n")
    folder = folders.make_folder(place_id=institute.project.pk, title="His own", actor=owner)
    granted(institute, dataset, Action.MANAGE, Action.WRITE)
    granted(institute, folder, Action.WRITE, Action.DOWNLOAD)
    stranger = institute.actor("stranger")

    with pytest.raises(access.NotYours):
        acts.move(node_id=dataset.pk, place_id=folder.pk, actor=stranger, wider=True)

    assert not decide(actor=stranger, action="read", node_id=dataset.pk).allowed
    acts.move(node_id=dataset.pk, place_id=folder.pk, actor=owner, wider=True)
    assert decide(actor=stranger, action="read", node_id=dataset.pk).allowed


# Changing


def test_who_sees_no_personal_field_does_not_take_its_mark_off(
    institute: Institute, as_: As
) -> None:
    granted(institute, institute.project, Action.WRITE, Action.DOWNLOAD)
    browser, fields = as_("stranger"), f"/datasets/{institute.dataset.pk}/fields"

    for mark in ("none", "indirect"):
        answer = patch(browser, f"{fields}/caller_name", {"personal": mark})
        assert answer.status_code == 403, answer.content
    page = browser.post(
        f"/datasets/{institute.dataset.pk}/fields/caller_name",
        {"personal": "none", "title": "", "meaning": ""},
    )
    assert page.status_code in {403, 422}

    rows = browser.get(f"/api/v1/datasets/{institute.dataset.pk}/rows").getvalue().decode()  # type: ignore[attr-defined]
    assert "nature" in rows
    assert NAME not in rows
    assert patch(browser, f"{fields}/ward", {"personal": "personal"}).status_code == 200
    assert patch(as_("steward"), f"{fields}/ward", {"personal": "none"}).status_code == 200


def test_who_may_put_files_keeps_no_file_of_others_with_its_marks_off(
    institute: Institute, as_: As
) -> None:
    granted(institute, institute.project, Action.WRITE, Action.DOWNLOAD)
    upload = received(
        institute, "steward", "callers.csv", f"caller_name,n\n{NAME},1\nMaria Silva,2\n".encode()
    )
    marks = {field["name"]: field["personal"] for field in upload.understanding["fields"]}
    assert marks["caller_name"] == "personal"
    browser = as_("stranger")

    shown = browser.get(f"/api/v1/uploads/{upload.id}/understanding")
    assert NAME not in shown.content.decode()
    choices = {"fields": [{"name": "caller_name", "personal": "none"}]}
    answer = post(browser, f"/uploads/{upload.id}/keep", choices)

    assert answer.status_code == 403, answer.content
    assert post(as_("steward"), f"/uploads/{upload.id}/keep", choices).status_code == 202


def test_who_only_puts_files_neither_sees_nor_ends_those_of_others(
    institute: Institute, as_: As
) -> None:
    granted(institute, institute.project, Action.WRITE)
    theirs = received(institute, "steward", "their-secret-plan.csv", b"a,b\n1,2\n")
    own = received(institute, "stranger", "own.csv", b"a,b\n1,2\n")
    browser = as_("stranger")

    page = browser.get(f"/projects/{institute.project.slug}/put").content.decode()
    assert "own.csv" in page
    assert "their-secret-plan" not in page
    for method, path in (
        ("GET", ""),
        ("GET", "/understanding"),
        ("POST", "/keep"),
        ("DELETE", ""),
    ):
        address = f"/api/v1/uploads/{theirs.id}{path}"
        answer = browser.generic(method, address, "{}", content_type="application/json")
        assert answer.status_code == 404, (method, path, answer.content)
    for path in ("", "/keep", "/cancel"):
        address = f"/uploads/{theirs.id}{path}"
        answer = browser.get(address) if not path else browser.post(address)
        assert answer.status_code == 404, path

    assert Upload.objects.get(pk=theirs.pk).state == "understood"
    assert browser.get(f"/api/v1/uploads/{own.id}").status_code == 200


# Work in the background


@pytest.mark.parametrize("ending", ["membership", "person", "licence"])
def test_work_in_the_background_ends_with_the_right_it_was_begun_by(
    institute: Institute, ending: str
) -> None:
    owner = institute.actor("owner")
    newcomer = person(f"Nell {ending}", organisation(f"Institute of {ending}"))
    access.give_role(
        project_id=institute.project.pk, person_id=newcomer.id, role=Role.STEWARD, actor=owner
    )
    actor = of_person(newcomer)
    upload = intake.receive(
        project_id=institute.project.pk,
        declared=intake.Declared(name="late.csv", size=8),
        body=io.BytesIO(b"a,b\n1,2\n"),
        actor=actor,
    )
    tasks.understand(str(upload.id))
    intake.keep(upload_id=upload.id, choices={"fields": []}, actor=actor)

    if ending == "membership":
        access.take_role(project_id=institute.project.pk, person_id=newcomer.id, actor=owner)
    elif ending == "person":
        people.change_person(person_id=newcomer.id, active=False, actor=SYSTEM)
    else:
        from simplr.licensing.models import Licence
        from simplr.licensing.services import revoke_licence

        (licence,) = Licence.objects.filter(organisation=newcomer.organisation)
        revoke_licence(licence_id=licence.id, actor=SYSTEM)
    tasks.keep(str(upload.id), str(newcomer.id))

    ended = Upload.objects.get(pk=upload.pk)
    assert (ended.state, ended.error_code) == ("failed", "right-ended")
    assert ended.resource_id is None
    assert ended.object_id is None
