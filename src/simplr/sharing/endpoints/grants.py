"""Grants: give, list, revoke; and the answers to who, what and why."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from simplr.access import services as access
from simplr.accounts import queries as accounts
from simplr.base import events
from simplr.base.actors import actor_of
from simplr.base.entry import needs, signed_in, verdict_on
from simplr.base.paging import USUAL, page_of
from simplr.base.schemas import PROBLEMS, Answer, AwareTime, ShortText, Strict
from simplr.sharing import explaining, granting, queries
from simplr_core.access import Action
from simplr_core.errors import Invalid

router = Router(tags=["grants"])

ActionWord = Literal["discover", "describe", "read", "download", "write", "manage"]


class LinkWish(Strict):
    password: ShortText = ""


class To(Strict):
    person: UUID | None = None
    email: ShortText = ""
    organisation: UUID | None = None
    group: UUID | None = None
    link: LinkWish | None = None


class NewGrant(Strict):
    node: UUID
    to: To
    actions: list[ActionWord] = ["download"]
    release: UUID | None = None
    until: AwareTime | None = None
    conditions: Annotated[list[ShortText], Field(max_length=20)] = []
    note: ShortText = ""


class GrantAnswer(Answer):
    id: UUID
    node: UUID
    node_title: str
    release: UUID | None
    release_title: str | None
    to_kind: str
    to_id: UUID | None
    to_name: str
    actions: list[str]
    conditions: list[str]
    note: str
    granted_by: str
    granted_at: datetime
    until: datetime | None
    revoked_at: datetime | None
    link_url: str | None = None


class GrantPage(Answer):
    items: list[GrantAnswer]
    next: str | None = None


class ProgramReachAnswer(Answer):
    name: str
    scopes: list[str]
    until: datetime
    last_used_at: datetime | None


class AccessAnswer(Answer):
    person_id: UUID
    name: str
    organisation: str
    because: str
    actions: dict[str, str]
    personal: bool
    until: datetime | None
    programs: list[ProgramReachAnswer]
    """Programs that this person allows at present to reach it for him."""


class AccessPage(Answer):
    items: list[AccessAnswer]
    next: str | None = None


class WhyAnswer(Answer):
    allowed: bool
    code: str
    sentence: str
    via: str
    role: str
    grant_id: UUID | None
    release_id: UUID | None
    release_title: str
    granted_by: str
    granted_at: datetime | None
    until: datetime | None
    personal: bool


class UseAnswer(Answer):
    at: datetime
    code: str
    outcome: str
    person: str
    actor_kind: str
    release_title: str
    format: str


class UsePage(Answer):
    items: list[UseAnswer]
    next: str | None = None


def grant_answer(grant: Any, titles: dict[UUID, str], *, link_secret: str = "") -> dict[str, Any]:
    """A grant as the API shows it; the link's address this once, when it is made."""
    named = grant.person or grant.organisation or grant.group
    kind = (
        "person"
        if grant.person_id
        else "organisation"
        if grant.organisation_id
        else "group"
        if grant.group_id
        else "link"
    )
    return {
        "id": grant.id,
        "node": grant.node_id,
        "node_title": titles.get(grant.node_id, ""),
        "release": grant.release_id,
        "release_title": titles.get(grant.release_id) if grant.release_id else None,
        "to_kind": kind,
        "to_id": named.id if named else None,
        "to_name": named.name if named else "",
        "actions": grant.actions,
        "conditions": grant.conditions,
        "note": grant.note,
        "granted_by": grant.granted_by.name,
        "granted_at": grant.granted_at,
        "until": grant.until,
        "revoked_at": grant.revoked_at,
        "link_url": f"{settings.BASE_URL}/l/{link_secret}" if link_secret else None,
    }


def _titles(grants: list[Any]) -> dict[UUID, str]:
    ids = {id_ for grant in grants for id_ in (grant.node_id, grant.release_id) if id_}
    return queries.titles_of(ids)


@router.post("/grants", response={201: GrantAnswer, **PROBLEMS}, operation_id="give_grant")
@signed_in
def give_grant(request: HttpRequest, body: NewGrant) -> tuple[int, dict[str, Any]]:
    """Let a person, an organisation, a group or a link use something, until a time."""
    verdict_on(request, "manage", body.node, touching="grant")
    made = granting.give_grant(
        node_id=body.node,
        to=access.Grantee(
            person_id=body.to.person,
            email=body.to.email,
            organisation_id=body.to.organisation,
            group_id=body.to.group,
            link=body.to.link is not None,
            password=body.to.link.password if body.to.link else "",
        ),
        actions=[Action(word) for word in body.actions],
        actor=actor_of(request),
        release_id=body.release,
        until=body.until,
        conditions=body.conditions,
        note=body.note,
    )
    grant = queries.grant_of(made.grant.id)
    return 201, grant_answer(grant, _titles([grant]), link_secret=made.link_secret)


@router.get("/grants", response={200: GrantPage, **PROBLEMS}, operation_id="list_my_grants")
@signed_in(scope="grant:read")
def list_my_grants(request: HttpRequest) -> dict[str, Any]:
    """What was granted to you and still holds."""
    grants = queries.grants_to(actor_of(request))
    titles = _titles(grants)
    return {"items": [grant_answer(grant, titles) for grant in grants]}


@router.delete(
    "/grants/{grant}", response={200: GrantAnswer, **PROBLEMS}, operation_id="revoke_grant"
)
@needs("manage", node="grant", via=queries.node_of_grant)
def revoke_grant(request: HttpRequest, grant: UUID) -> dict[str, Any]:
    """End a grant now. Running downloads end within a second."""
    access.revoke_grant(grant_id=grant, actor=actor_of(request))
    row = queries.grant_of(grant)
    return grant_answer(row, _titles([row]))


@router.get(
    "/resources/{resource}/grants",
    response={200: GrantPage, **PROBLEMS},
    operation_id="list_grants",
)
@needs("manage", node="resource")
def list_grants(
    request: HttpRequest, resource: UUID, cursor: str = "", limit: int = USUAL
) -> dict[str, Any]:
    """Every grant on a resource, ended ones too."""
    page = page_of(queries.grants_on(resource), cursor=cursor, limit=limit)
    titles = _titles(page.items)
    return page.map(lambda grant: grant_answer(grant, titles)).answer()


@router.get(
    "/resources/{resource}/access",
    response={200: AccessPage, **PROBLEMS},
    operation_id="list_access",
)
@needs("manage", node="resource")
def list_access(request: HttpRequest, resource: UUID) -> dict[str, Any]:
    """Who may do what to a resource, each with the reason."""
    return {"items": [asdict(row) for row in explaining.access_to(resource)]}


@router.get(
    "/resources/{resource}/why",
    response={200: WhyAnswer, **PROBLEMS},
    operation_id="explain_access",
)
@needs("manage", node="resource")
def explain_access(
    request: HttpRequest,
    resource: UUID,
    person: UUID | None = None,
    email: ShortText = "",
    action: ActionWord = "read",
) -> dict[str, Any]:
    """Why may this person do this, or why not: from the decision itself."""
    if (person is None) == (not email):
        raise Invalid("Name a person by id or by address.", field="person")
    person = person or accounts.person_id_by_email(email)
    events.record(
        code=events.Event.ACCESS_EXPLAINED,
        actor=actor_of(request),
        node_id=resource,
        subject=("person", person),
    )
    return asdict(explaining.explain(person_id=person, node_id=resource, action=action))


@router.get(
    "/resources/{resource}/uses", response={200: UsePage, **PROBLEMS}, operation_id="list_uses"
)
@needs("manage", node="resource")
def list_uses(request: HttpRequest, resource: UUID) -> dict[str, Any]:
    """Who used a resource, when and how."""
    return {"items": [asdict(use) for use in explaining.uses_of(resource)]}
