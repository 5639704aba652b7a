"""Groups: several people under one name, to be granted to at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from simplr.access import people
from simplr.access.endpoints.tokens import PROBLEMS, NamedAnswer
from simplr.accounts import queries, services
from simplr.base.actors import actor_of
from simplr.base.entry import administrator, person_id_of, signed_in
from simplr.base.paging import USUAL, page_of
from simplr.base.schemas import Answer, ShortText, Strict, Title
from simplr_core.errors import Invalid

router = Router(tags=["people"])


class GroupAnswer(Answer):
    id: UUID
    name: str
    organisation: NamedAnswer
    member_count: int


class GroupPage(Answer):
    items: list[GroupAnswer]
    next: str | None


class NewGroup(Strict):
    name: Title
    organisation: UUID | None = None


class NewGroupMember(Strict):
    person: UUID | None = None
    email: ShortText | None = None


def _answer(group: Any) -> dict[str, Any]:
    home = group.organisation
    return {
        "id": group.id,
        "name": group.name,
        "organisation": {"id": home.id, "name": home.name},
        "member_count": getattr(group, "member_count", 0),
    }


@router.get("/groups", response={200: GroupPage, **PROBLEMS}, operation_id="list_groups")
@signed_in(scope="group:read")
def list_groups(request: HttpRequest, cursor: str = "", limit: int = USUAL) -> dict[str, Any]:
    """Groups of your organisation, and those that you are in."""
    found = people.groups_known_to(actor_of(request))
    return page_of(found, cursor=cursor, limit=limit).map(_answer).answer()


@router.post("/groups", response={201: GroupAnswer, **PROBLEMS}, operation_id="create_group")
@administrator(scope="group:manage")
def create_group(request: HttpRequest, body: NewGroup) -> tuple[int, dict[str, Any]]:
    """Make a group, of your organisation unless another is named."""
    actor, person_id = actor_of(request), person_id_of(request)
    organisation = body.organisation or queries.person_by_id(person_id).organisation_id
    if organisation is None:
        raise Invalid("Say of which organisation.", field="organisation")
    group = services.add_group(name=body.name, organisation_id=organisation, actor=actor)
    return 201, _answer(group)


@router.post(
    "/groups/{group}/members",
    response={200: GroupAnswer, **PROBLEMS},
    operation_id="add_to_group",
)
@administrator(scope="group:manage")
def add_to_group(request: HttpRequest, group: UUID, body: NewGroupMember) -> dict[str, Any]:
    """Add a person, and so to what is granted to the group. Nobody adds himself."""
    if (body.person is None) == (body.email is None):
        raise Invalid("Name a person by id or by address.", field="person")
    person_id = body.person or queries.person_id_by_email(body.email or "")
    services.add_group_member(group_id=group, person_id=person_id, actor=actor_of(request))
    return _answer(queries.group_by_id(group))


@router.delete(
    "/groups/{group}/members/{person}",
    response={204: None, **PROBLEMS},
    operation_id="remove_from_group",
)
@administrator(scope="group:manage")
def remove_from_group(request: HttpRequest, group: UUID, person: UUID) -> tuple[int, None]:
    """Take a person out. What the group is granted ends for him at once."""
    services.remove_group_member(group_id=group, person_id=person, actor=actor_of(request))
    return 204, None
