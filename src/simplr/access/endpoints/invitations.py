"""Invitations: one-time links by which somebody becomes a person here."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from simplr.access import invitations
from simplr.access.endpoints.tokens import PROBLEMS, NamedAnswer
from simplr.accounts import queries
from simplr.accounts.invitations import revoke_invitation as revoke
from simplr.base.actors import actor_of
from simplr.base.entry import signed_in
from simplr.base.paging import USUAL, page_of
from simplr.base.schemas import Answer, Problem, ShortText, Strict

router = Router(tags=["people"])


class NewInvitationBody(Strict):
    email: ShortText
    organisation: UUID | None = None
    project: UUID | None = None
    role: Literal["owner", "steward", "analyst", "viewer", "guest"] | None = None
    name: ShortText = ""


class InvitationAnswer(Answer):
    id: UUID
    email: str
    organisation: NamedAnswer
    project: UUID | None
    role: str
    created_at: datetime
    expires_at: datetime


class MadeInvitation(InvitationAnswer):
    url: str


class InvitationPage(Answer):
    items: list[InvitationAnswer]
    next: str | None


def _answer(invitation: Any) -> dict[str, Any]:
    home = invitation.organisation
    return {
        "id": invitation.id,
        "email": invitation.email,
        "organisation": {"id": home.id, "name": home.name},
        "project": invitation.project_id,
        "role": invitation.role,
        "created_at": invitation.created_at,
        "expires_at": invitation.expires_at,
    }


@router.get(
    "/invitations", response={200: InvitationPage, **PROBLEMS}, operation_id="list_invitations"
)
@signed_in(scope="invitation:read")
def list_invitations(request: HttpRequest, cursor: str = "", limit: int = USUAL) -> dict[str, Any]:
    """Your open invitations; every open one for an administrator. Links are not told again."""
    actor = actor_of(request)
    found = queries.open_invitations()
    if not actor.administrator:
        found = found.filter(invited_by_id=actor.person_id)
    return page_of(found, cursor=cursor, limit=limit).map(_answer).answer()


@router.post(
    "/invitations",
    response={201: MadeInvitation, **PROBLEMS},
    operation_id="create_invitation",
)
@signed_in(scope="invitation:manage")
def create_invitation(request: HttpRequest, body: NewInvitationBody) -> tuple[int, dict[str, Any]]:
    """Invite somebody, perhaps into a project of yours. `url` is told this once; it works once."""
    made = invitations.invite(
        email=body.email,
        organisation_id=body.organisation,
        project_id=body.project,
        role=body.role or "",
        name=body.name,
        actor=actor_of(request),
    )
    return 201, {**_answer(made.invitation), "url": invitations.address_of(made.secret)}


@router.delete(
    "/invitations/{invitation}",
    response={204: None, **PROBLEMS, 410: Problem},
    operation_id="revoke_invitation",
)
@signed_in(scope="invitation:manage")
def revoke_invitation(request: HttpRequest, invitation: UUID) -> tuple[int, None]:
    """Withdraw an invitation: your own, or any for an administrator."""
    revoke(invitation_id=invitation, actor=actor_of(request))
    return 204, None
