"""Programs that act by themselves, for a person who is not there: what he allowed them beforehand.

An administrator names the person, who has to allow it himself: else whoever runs the installation
could read all that somebody may, by a program's secret.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from simplr.access.authentication import digest_of, new_secret, of_person
from simplr.access.models import AccessToken, Application
from simplr.access.tokens import live_tokens
from simplr.accounts.models import Person
from simplr.base import events
from simplr_core.errors import NotFound


def standing_of(program: Application, *, now: datetime) -> AccessToken | None:
    """What the person of a program allows it at present."""
    found = AccessToken.objects.filter(
        live_tokens(now),
        application=program,
        user_id=program.user_id,
        made_with=None,
        suspended_at=None,
    )
    standing: AccessToken | None = found.select_related("user").first()
    return standing


def waiting_for(person_id: UUID) -> list[Application]:
    """Programs that are to act for a person and that he has not allowed, or no longer."""
    allowed = AccessToken.objects.filter(
        live_tokens(timezone.now()),
        application=OuterRef("pk"),
        user_id=person_id,
        made_with=None,
    )
    found = Application.objects.filter(
        user_id=person_id,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        revoked_at=None,
    )
    return list(found.exclude(Exists(allowed)).order_by("name")[:100])


def program_waiting_for(person_id: UUID, program_id: UUID) -> Application:
    """One of them. Raises NotFound."""
    found = next((one for one in waiting_for(person_id) if one.public_id == program_id), None)
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def allow(program: Application, *, person: Person, until: datetime) -> AccessToken:
    """Let a program act for a person by itself until a day, as far as it was registered for.

    The row is what its tokens are made with; a secret of its own nobody knows.
    """
    scopes = sorted(program.scopes)
    kept: AccessToken = AccessToken.objects.create(
        user=person,
        application=program,
        name=program.name[:100],
        token="",
        token_checksum=digest_of(new_secret()).hex(),
        scope=" ".join(scopes),
        expires=until,
    )
    events.record(
        code=events.Event.PROGRAM_ALLOWED,
        actor=of_person(person),
        subject=("program", program.public_id),
        details={"scopes": scopes, "until": until.isoformat()},
    )
    return kept
