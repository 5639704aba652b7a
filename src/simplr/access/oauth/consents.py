"""What a person allowed a program: begun by a code, renewed by the program, ended by many."""

from __future__ import annotations

from datetime import datetime, timedelta

from simplr.access.authentication import digest_of, of_person
from simplr.access.models import AccessToken, Application, RefreshToken
from simplr.access.tokens import end_tokens
from simplr.accounts.models import Person
from simplr.base import events
from simplr.base.actors import SYSTEM
from simplr.licensing.queries import is_licensed

ACCESS_FOR = timedelta(hours=1)
"""How long an access token lives before it has to be renewed."""


def is_let_in(person: Person | None, *, now: datetime) -> bool:
    """Whether a person may be here at all; a program can do no more than he."""
    return person is not None and person.is_active and is_licensed(person, now=now)


def begin(
    *,
    person: Person,
    program: Application,
    scope: str,
    until: datetime,
    secret: str,
    renewal_secret: str,
    now: datetime,
    whole: bool = False,
    made_with: AccessToken | None = None,
) -> AccessToken:
    """Keep the token of a consent, and what renews it if the consent outlives it.

    With `whole` it lives as long as the consent: for a program of which several processes run at
    once, which would renew against each other.
    """
    token: AccessToken = AccessToken.objects.create(
        user=person,
        application=program,
        name=program.name[:100],
        token="",
        token_checksum=digest_of(secret).hex(),
        scope=scope,
        expires=until if whole else min(now + ACCESS_FOR, until),
        renewable_until=until if renewal_secret else None,
        made_with=made_with,
        slowed_until=made_with.slowed_until if made_with else None,
    )
    if renewal_secret:
        _keep_renewal(token, secret=renewal_secret, scope=scope)
    events.record(
        code=events.Event.TOKEN_ISSUED,
        actor=of_person(person),
        subject=("token", token.public_id),
        details={"scopes": scope.split(), "program": str(program.public_id)},
    )
    return token


def renew(
    *, used: RefreshToken, scope: str, secret: str, renewal_secret: str, now: datetime
) -> AccessToken:
    """Exchange the secrets of a consent: the old ones open nothing from now on."""
    token: AccessToken = used.access_token
    until = token.renewable_until or token.expires
    RefreshToken.objects.filter(pk=used.pk).update(access_token=None, revoked=now)
    AccessToken.objects.filter(pk=token.pk).update(
        token_checksum=digest_of(secret).hex(),
        scope=scope,
        expires=min(now + ACCESS_FOR, until),
        updated=now,
    )
    token.refresh_from_db()
    _keep_renewal(token, secret=renewal_secret, scope=used.scope)
    events.record(
        code=events.Event.TOKEN_RENEWED,
        actor=of_person(token.user),
        subject=("token", token.public_id),
    )
    return token


def _keep_renewal(token: AccessToken, *, secret: str, scope: str) -> None:
    RefreshToken.objects.create(
        user_id=token.user_id,
        application_id=token.application_id,
        access_token=token,
        token="",
        token_checksum=digest_of(secret).hex(),
        token_family=token.public_id,
        scope=scope,
    )


def end_stolen(token: AccessToken | None, *, reason: str) -> None:
    """End a consent whose code or renewal came a second time: one of the two callers stole it."""
    if token is not None and token.revoked_at is None:
        end_tokens([token], actor=SYSTEM, reason=reason)
