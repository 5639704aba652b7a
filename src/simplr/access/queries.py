"""Reading who one is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone

from simplr.access.models import AccessToken, Node, RoleAssignment
from simplr.accounts import queries as accounts
from simplr.base.actors import Actor
from simplr.licensing.queries import licence_of
from simplr_core.access.scopes import IDENTITY_SCOPES
from simplr_core.errors import NotFound


def me(actor: Actor) -> dict[str, Any]:
    """The acting person, his licence, and the token he came with. Raises NotFound.

    A program is told of its person's name and address what he allowed it, by `profile` and `email`.
    """
    if actor.person_id is None:
        raise NotFound
    person = accounts.person_by_id(actor.person_id)
    licence = licence_of(person, now=timezone.now())
    token, told = None, IDENTITY_SCOPES
    if actor.token_id is not None:
        row = AccessToken.objects.get(public_id=actor.token_id)
        if row.application_id is not None:
            told = IDENTITY_SCOPES & set(row.scope.split())
        token = {
            "id": row.public_id,
            "name": row.name,
            "scopes": row.scope.split(),
            "expires_at": row.ends_at,
        }
    home = person.organisation if "profile" in told else None
    return {
        "id": person.id,
        "email": person.email if "email" in told else "",
        "name": person.name if "profile" in told else "",
        "organisation": {"id": home.id, "name": home.name} if home else None,
        "administrator": person.is_administrator,
        "auditor": person.is_auditor,
        "licence": {
            "state": "live" if licence else "none",
            "expires_at": licence.expires_at if licence else None,
        },
        "token": token,
    }


def is_member(person_id: UUID, node_id: UUID) -> bool:
    """Whether a person has a role on a node, or on what it lies in."""
    path = Node.objects.filter(pk=node_id).values_list("path", flat=True).first() or []
    return RoleAssignment.objects.filter(person_id=person_id, node_id__in=path).exists()
