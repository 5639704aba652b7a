"""Licences, for programs. Only administrators enter."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from simplr.base.actors import actor_of
from simplr.base.entry import administrator
from simplr.base.paging import USUAL, page_of
from simplr.base.schemas import Answer, AwareTime, Problem, Strict
from simplr.licensing import queries, services

router = Router(tags=["people"])
PROBLEMS = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem}


class Holder(Answer):
    id: UUID
    name: str


class LicenceAnswer(Answer):
    id: UUID
    person: Holder | None
    organisation: Holder | None
    state: str
    issued_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class LicencePage(Answer):
    items: list[LicenceAnswer]
    next: str | None


class NewLicence(Strict):
    person: UUID | None = None
    organisation: UUID | None = None
    expires_at: AwareTime | None = None


def _answer(licence: Any) -> dict[str, Any]:
    return {
        "id": licence.id,
        "person": licence.person,
        "organisation": licence.organisation,
        "state": queries.state_of(licence, now=timezone.now()),
        "issued_at": licence.issued_at,
        "expires_at": licence.expires_at,
        "revoked_at": licence.revoked_at,
    }


@router.get("/licences", response={200: LicencePage, **PROBLEMS}, operation_id="list_licences")
@administrator(scope="licence:read")
def list_licences(request: HttpRequest, cursor: str = "", limit: int = USUAL) -> dict[str, Any]:
    """Every licence, ended ones too, the newest first."""
    return page_of(queries.licences(), cursor=cursor, limit=limit).map(_answer).answer()


@router.post("/licences", response={201: LicenceAnswer, **PROBLEMS}, operation_id="issue_licence")
@administrator(scope="licence:manage")
def issue_licence(request: HttpRequest, body: NewLicence) -> tuple[int, dict[str, Any]]:
    """Let one person, or everyone of an organisation, into the installation."""
    expires_at = body.expires_at
    if expires_at is not None and timezone.is_naive(expires_at):
        expires_at = timezone.make_aware(expires_at)
    licence = services.issue_licence_to(
        person_id=body.person,
        organisation_id=body.organisation,
        expires_at=expires_at,
        actor=actor_of(request),
    )
    return 201, _answer(licence)


@router.delete(
    "/licences/{licence}", response={204: None, **PROBLEMS}, operation_id="revoke_licence"
)
@administrator(scope="licence:manage")
def revoke_licence(request: HttpRequest, licence: UUID) -> tuple[int, None]:
    """End a licence. Whom no other licence lets in is out within a second."""
    services.revoke_licence(licence_id=licence, actor=actor_of(request))
    return 204, None
