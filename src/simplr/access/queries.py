"""Reading who one is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone

from simplr.access.models import AccessToken, Node, RoleAssignment
from simplr.accounts import queries as accounts
from simplr.base.actors import Actor
from simplr.licensing.queries import licence_of
from simplr_core.errors import NotFound


def me(actor: Actor) -> dict[str, Any]:
    """The acting person, his licence, and the token he came with. Raises NotFound."""
    if actor.person_id is None:
        raise NotFound
    person = accounts.person_by_id(actor.person_id)
    licence = licence_of(person, now=timezone.now())
    token = None
    if actor.token_id is not None:
        row = AccessToken.objects.get(public_id=actor.token_id)
        token = {
            "id": row.public_id,
            "name": row.name,
            "scopes": row.scope.split(),
            "expires_at": row.expires,
        }
    home = person.organisation
    return {
        "id": person.id,
        "email": person.email,
        "name": person.name,
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
