"""A program without a browser asks; its person types a short code where he has one (RFC 8628)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from oauthlib.oauth2.rfc8628.grant_types import DeviceCodeGrant

from simplr.access.authentication import of_person
from simplr.access.models import Application, DeviceGrant
from simplr.access.oauth import consents
from simplr.access.throttling import tries_of_codes_left_or_refuse
from simplr.accounts.models import Person
from simplr.accounts.secrets import new_secret
from simplr.base import events
from simplr_core.errors import NotFound

WAITS_FOR = timedelta(minutes=10)
INTERVAL = 5
"""How many seconds a program waits between two questions."""
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so that a code is no word, and nothing that is mistaken for another."""


class CodeUnknown(NotFound):
    """No program waits for this code. Look at it again, or let the program begin anew."""

    code = "device-code-unknown"


def begin(program: Application, *, scope: str) -> dict[str, Any]:
    """Let a program wait for its person; what it is told. Its own code is told this once."""
    device_code, typed = new_secret(), "".join(secrets.choice(_LETTERS) for _ in range(8))
    now = timezone.now()
    made = DeviceGrant.objects.create(
        client_id=program.client_id,
        device_code=device_code,
        user_code=typed,
        scope=scope,
        interval=INTERVAL,
        expires=now + WAITS_FOR,
    )
    # Making it was no question: the first may come at once.
    DeviceGrant.objects.filter(pk=made.pk).update(last_checked=now - timedelta(seconds=INTERVAL))
    shown = f"{typed[:4]}-{typed[4:]}"
    page = settings.BASE_URL + reverse("operations:device")
    return {
        "device_code": device_code,
        "user_code": shown,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?code={shown}",
        "expires_in": int(WAITS_FOR.total_seconds()),
        "interval": INTERVAL,
    }


def waiting_for(request: HttpRequest, typed: str, *, person_id: UUID) -> tuple[DeviceGrant, str]:
    """What waits for a code that a person typed, and the name of its program.

    Raises CodeUnknown, or TooManyTries: codes are short, so that few tries are let through.
    """
    with tries_of_codes_left_or_refuse(request, person=person_id) as tried:
        found = DeviceGrant.objects.filter(
            user_code=plain(typed),
            status=DeviceGrant.AUTHORIZATION_PENDING,
            expires__gt=timezone.now(),
        ).first()
        if found is None:
            raise CodeUnknown
        tried.succeeded()
    program = Application.objects.filter(client_id=found.client_id, revoked_at=None).first()
    if program is None:
        raise CodeUnknown
    return found, program.name


def plain(typed: str) -> str:
    """A code as it was made, however it was typed."""
    return "".join(sign for sign in typed.upper() if sign.isalnum())


@transaction.atomic
def decide(grant: DeviceGrant, *, person: Person, until: datetime | None) -> None:
    """Keep a person's yes until a day, or his no. Raises CodeUnknown when it was decided before."""
    found = DeviceGrant.objects.select_for_update().filter(
        pk=grant.pk, status=DeviceGrant.AUTHORIZATION_PENDING
    )
    changed = found.update(
        user=person,
        until=until,
        status=DeviceGrant.AUTHORIZED if until else DeviceGrant.DENIED,
    )
    if not changed:
        raise CodeUnknown
    if until is None:
        return
    program = Application.objects.get(client_id=grant.client_id)
    events.record(
        code=events.Event.PROGRAM_ALLOWED,
        actor=of_person(person),
        subject=("program", program.public_id),
        details={"scopes": grant.scope.split(), "until": until.isoformat()},
    )


def state_of(client_id: str, device_code: str, request: Any) -> str | None:
    """What a program that asks again is told, in oauthlib's words; sets what oauthlib needs."""
    now = timezone.now()
    found = (
        DeviceGrant.objects.select_related("user", "made")
        .filter(device_code=device_code, client_id=client_id)
        .first()
    )
    if found is None:
        return None
    if found.made is not None:
        consents.end_stolen(found.made, reason="code-came-twice")
        return None
    if found.expires <= now:
        return str(DeviceCodeGrant.DEVICE_CODE_EXPIRED)
    if found.status == DeviceGrant.DENIED:
        return str(DeviceCodeGrant.DEVICE_CODE_DENIED)
    if found.status != DeviceGrant.AUTHORIZED:
        too_soon = found.last_checked > now - timedelta(seconds=found.interval - 1)
        DeviceGrant.objects.filter(pk=found.pk).update(last_checked=now)
        return str(
            DeviceCodeGrant.DEVICE_CODE_SLOW_DOWN
            if too_soon
            else DeviceCodeGrant.DEVICE_CODE_PENDING
        )
    if not consents.is_let_in(found.user, now=now):
        return str(DeviceCodeGrant.DEVICE_CODE_DENIED)
    request.user, request.scopes, request.device_grant = found.user, found.scope.split(), found
    return str(DeviceCodeGrant.DEVICE_CODE_AUTHORIZED)
