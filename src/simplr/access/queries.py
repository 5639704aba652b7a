"""Reading who one is."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from simplr.access.models import AccessToken
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
