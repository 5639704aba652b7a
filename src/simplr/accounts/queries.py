"""Reading people and organisations."""

from __future__ import annotations

from uuid import UUID

from simplr.accounts.models import Person
from simplr_core.errors import NotFound


def person_id_by_email(email: str) -> UUID:
    """The active person with this address. Raises NotFound."""
    person_id = (
        Person.objects.filter(email=email.strip().lower(), is_active=True)
        .values_list("id", flat=True)
        .first()
    )
    if person_id is None:
        raise NotFound("Nobody here has this address. Invite them first.")
    return person_id
