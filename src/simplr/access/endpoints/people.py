"""People and organisations."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from simplr.access import leaving, people
from simplr.access.endpoints.tokens import PROBLEMS, NamedAnswer
from simplr.accounts import services as accounts
from simplr.base.actors import Actor, actor_of
from simplr.base.entry import administrator, signed_in
from simplr.base.paging import USUAL, page_of
from simplr.base.schemas import Answer, ShortText, Strict, Title

router = Router(tags=["people"])


class PersonAnswer(Answer):
    id: UUID
    name: str
    email: str | None = None
    organisation: NamedAnswer | None
    active: bool
    administrator: bool | None = None
    auditor: bool | None = None


class PersonPage(Answer):
    items: list[PersonAnswer]
    next: str | None


class PersonChanges(Strict):
    active: bool | None = None
    administrator: bool | None = None
    auditor: bool | None = None


class Leaver(Strict):
    heir: UUID | None = None
    """Who owns from now on what this person alone owned."""


class DepartureAnswer(Answer):
    projects: int
    things: int
    roles: int
    grants: int
    requests: int
    tokens: int
    groups: int
    licences: int
    invitations: int
    heir_needed: bool


class OrganisationAnswer(Answer):
    id: UUID
    name: str
    created_at: datetime


class OrganisationPage(Answer):
    items: list[OrganisationAnswer]
    next: str | None


class NewOrganisation(Strict):
    name: Title


def _answer(person: Any, *, actor: Actor, address: bool) -> dict[str, Any]:
    home = person.organisation
    offices = (
        {"administrator": person.is_administrator, "auditor": person.is_auditor}
        if actor.administrator
        else {}
    )
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email if address else None,
        "organisation": {"id": home.id, "name": home.name} if home else None,
        "active": person.is_active,
        **offices,
    }


@router.get("/people", response={200: PersonPage, **PROBLEMS}, operation_id="list_people")
@signed_in(scope="person:read")
def list_people(
    request: HttpRequest, q: ShortText = "", cursor: str = "", limit: int = USUAL
) -> dict[str, Any]:
    """People that you may know of: of your organisation and of your projects."""
    actor = actor_of(request)
    page = page_of(people.people_known_to(actor, words=q), cursor=cursor, limit=limit)
    shown = people.addresses_shown_to(actor, page.items)
    return page.map(
        lambda person: _answer(person, actor=actor, address=person.id in shown)
    ).answer()


@router.patch(
    "/people/{person}", response={200: PersonAnswer, **PROBLEMS}, operation_id="change_person"
)
@administrator(scope="person:manage")
def change_person(request: HttpRequest, person: UUID, body: PersonChanges) -> dict[str, Any]:
    """Shut a person out or let him in; give or take an office. Nobody does so to himself."""
    actor = actor_of(request)
    changed = people.change_person(
        person_id=person,
        active=body.active,
        administrator=body.administrator,
        auditor=body.auditor,
        actor=actor,
    )
    return _answer(changed, actor=actor, address=True)


@router.get(
    "/people/{person}/departure",
    response={200: DepartureAnswer, **PROBLEMS},
    operation_id="show_departure",
)
@administrator(scope="person:manage")
def show_departure(request: HttpRequest, person: UUID) -> dict[str, Any]:
    """What would be handed over and what would end if this person left now."""
    return asdict(leaving.departure_of(person))


@router.post(
    "/people/{person}/departure",
    response={200: DepartureAnswer, **PROBLEMS},
    operation_id="let_go",
)
@administrator(scope="person:manage")
def let_go(request: HttpRequest, person: UUID, body: Leaver) -> dict[str, Any]:
    """Hand over what a person owns and end all access of theirs, in one act."""
    told = leaving.let_go(person_id=person, heir_id=body.heir, actor=actor_of(request))
    return asdict(told)


@router.get(
    "/organisations",
    response={200: OrganisationPage, **PROBLEMS},
    operation_id="list_organisations",
)
@signed_in(scope="organisation:read")
def list_organisations(
    request: HttpRequest, cursor: str = "", limit: int = USUAL
) -> dict[str, Any]:
    """Organisations that you may know of."""
    found = people.organisations_known_to(actor_of(request))
    return page_of(found, cursor=cursor, limit=limit).answer()


@router.post(
    "/organisations",
    response={201: OrganisationAnswer, **PROBLEMS},
    operation_id="create_organisation",
)
@administrator(scope="organisation:manage")
def create_organisation(request: HttpRequest, body: NewOrganisation) -> tuple[int, Any]:
    """Make an organisation. Its people need licences, or it does."""
    return 201, accounts.add_organisation(name=body.name, actor=actor_of(request))
