"""Moving things: what lies below goes along, and nobody comes in unless that is meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.institute import Institute

from simplr.access import services as access
from simplr.access.models import Node
from simplr.access.permissions import decide
from simplr.base.models import Event
from simplr.resources import folder_services
from simplr.resources.folder_services import make_folder, move
from simplr.resources.models import Folder
from simplr_core.access import Action
from simplr_core.errors import NotFound

As = Callable[[str], Client]


def text_of(response: Any) -> str:
    return str(response.content.decode())


def folder(institute: Institute, title: str, inside: Folder | None = None) -> Folder:
    place = inside.pk if inside else institute.project.pk
    return make_folder(place_id=place, title=title, actor=institute.actor("steward"))


def put_into(institute: Institute, node: Any, place: Any, **how: bool) -> None:
    move(node_id=node.pk, place_id=place.pk, actor=institute.actor("steward"), **how)


def grant(institute: Institute, node: Any, *, to: str, actions: list[Action]) -> Any:
    return access.give_grant(
        node_id=node.pk,
        to=access.Grantee(person_id=getattr(institute, to).id),
        actions=actions,
        actor=institute.actor("owner"),
    ).grant


def may(institute: Institute, role: str, action: str, node: Any) -> bool:
    return bool(decide(actor=institute.actor(role), action=action, node_id=node.pk).allowed)


def test_a_move_takes_all_below_along(institute: Institute) -> None:
    outer, inner = folder(institute, "Outer"), None
    inner = folder(institute, "Inner", outer)
    elsewhere = folder(institute, "Elsewhere")
    put_into(institute, institute.dataset, inner)
    put_into(institute, outer, elsewhere)

    path = Node.objects.get(pk=institute.release.pk).path
    assert path == [
        *(institute.project.pk, elsewhere.pk, outer.pk, inner.pk),
        *(institute.dataset.pk, institute.release.pk),
    ]
    for node in Node.objects.filter(path__contains=[elsewhere.pk]):
        assert node.path[-1] == node.pk
        assert node.path[-2] == node.parent_id
    assert may(institute, "colleague", "download", institute.release)


def test_a_folder_never_lies_under_itself(institute: Institute) -> None:
    outer = folder(institute, "Outer")
    inner = folder(institute, "Inner", outer)

    for place in (outer, inner):
        with pytest.raises(folder_services.UnderItself):
            put_into(institute, outer, place)


def test_nothing_moves_to_another_project_nor_into_a_resource(institute: Institute) -> None:
    from simplr.projects.services import create_project

    other = create_project(title="Parks", actor=institute.actor("steward"))
    with pytest.raises(folder_services.OtherProject):
        put_into(institute, institute.dataset, other)
    with pytest.raises(NotFound):
        put_into(institute, institute.dataset, institute.file)


def test_what_stood_on_the_old_folder_reaches_it_no_longer(institute: Institute) -> None:
    shared = folder(institute, "Shared")
    put_into(institute, institute.file, shared)
    grant(institute, shared, to="stranger", actions=[Action.READ])
    assert may(institute, "stranger", "read", institute.file)

    put_into(institute, institute.file, institute.project)

    assert not may(institute, "stranger", "read", institute.file)


def test_a_move_that_lets_others_in_is_refused_until_it_is_meant(
    institute: Institute, as_: As
) -> None:
    shared = folder(institute, "Shared")
    grant(institute, shared, to="stranger", actions=[Action.READ])
    steward = as_("steward")
    asked = {"act": "move", "ids": [str(institute.file.pk)], "to": str(shared.pk)}

    refused = steward.post("/api/v1/acts", asked, "application/json").json()["items"][0]
    assert (refused["code"], refused["status"]) == ("move-widens", 409)
    assert not may(institute, "stranger", "read", institute.file)
    page = steward.post(
        reverse("resources:acts", args=[institute.project.pk]),
        {"act": "move", "id": [str(institute.file.pk)], "to": str(shared.pk)},
    )
    assert "Move and let them in" in text_of(page)

    steward.post("/api/v1/acts", {**asked, "wider": True}, "application/json")
    assert may(institute, "stranger", "read", institute.file)
    moved = Event.objects.get(code="resources:resource:moved")
    assert moved.details["wider"] is True


@pytest.mark.parametrize("ended", ["revoked", "over"])
def test_a_grant_that_has_ended_widens_nothing(institute: Institute, ended: str) -> None:
    from django.utils import timezone

    shared = folder(institute, "Shared")
    given = grant(institute, shared, to="stranger", actions=[Action.READ])
    if ended == "revoked":
        access.revoke_grant(grant_id=given.id, actor=institute.actor("owner"))
    else:
        type(given).objects.filter(pk=given.pk).update(until=timezone.now())

    put_into(institute, institute.file, shared)

    assert not may(institute, "stranger", "read", institute.file)


def test_a_role_on_a_folder_counts_as_letting_in(institute: Institute) -> None:
    from simplr.access.models import RoleAssignment

    shared = folder(institute, "Shared")
    RoleAssignment.objects.create(
        node=shared.node, person=institute.stranger, role="viewer", given_by=institute.owner
    )
    with pytest.raises(folder_services.MoveWidens):
        put_into(institute, institute.file, shared)


def test_who_may_write_but_not_manage_moves_and_does_not_widen(
    institute: Institute, as_: As
) -> None:
    shared, quiet = folder(institute, "Shared"), folder(institute, "Quiet")
    grant(institute, shared, to="stranger", actions=[Action.READ])
    for node in (institute.file, shared, quiet):
        grant(institute, node, to="analyst", actions=[Action.WRITE])
    analyst = as_("analyst")

    def asks(to: Folder, **how: bool) -> str:
        body = {"act": "move", "ids": [str(institute.file.pk)], "to": str(to.pk), **how}
        answer = analyst.post("/api/v1/acts", body, "application/json").json()["items"][0]
        return str(answer["code"])

    # The analyst's own grant stands on both folders: that lets nobody else in, but it counts.
    assert asks(shared, wider=True) == "refused"
    assert asks(shared) == "move-widens"
    assert asks(quiet) == "move-widens"


@pytest.mark.parametrize("role", ["analyst", "viewer", "guest", "colleague", "stranger"])
def test_who_may_not_write_moves_nothing(institute: Institute, as_: As, role: str) -> None:
    place = folder(institute, "Reports")

    answer = as_(role).post(
        "/api/v1/acts",
        {"act": "move", "ids": [str(institute.file.pk)], "to": str(place.pk)},
        "application/json",
    )

    assert answer.json()["done_count"] == 0
    assert Node.objects.get(pk=institute.file.pk).parent_id == institute.project.pk


def test_a_move_needs_a_place(institute: Institute, as_: As) -> None:
    answer = as_("steward").post(
        "/api/v1/acts", {"act": "move", "ids": [str(institute.file.pk)]}, "application/json"
    )
    assert answer.status_code == 422
