"""From credentials to an actor. A credential that is not valid makes nobody, silently."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from simplr.access.models import AccessToken, Grant
from simplr.access.throttling import check_pace, tries_left_or_refuse
from simplr.accounts.models import Person
from simplr.accounts.secrets import digest_of as digest_of
from simplr.accounts.secrets import new_secret as new_secret
from simplr.base.actors import ANONYMOUS, Actor
from simplr.base.entry import lacks_factor
from simplr.licensing.queries import LICENCE_LETS_IN, is_licensed
from simplr_core.access.scopes import opening
from simplr_core.errors import Refused

TOKEN_PREFIX = "smp_"  # noqa: S105 - lets secret scanners recognise one


class TokenSuspended(Refused):
    """This token rests, because its use was unusual. An administrator can let it go on."""

    code = "token-suspended"

    def __init__(self, *, actor: Actor) -> None:
        super().__init__()
        self.actor = actor
        """Whose it is, for the ledger alone."""


_LINK_SESSION_KEY = "simplr-link"
_NOTED_EVERY = timedelta(minutes=1)

# Asked by each request of a program, so that it is one look at token, person and licence.
_BY_TOKEN = f"""
SELECT token.id, token.public_id, token.scope, token.last_used_at,
       person.id, person.is_administrator, person.is_auditor,
       token.suspended_at, token.slowed_until
FROM access_accesstoken token JOIN accounts_person person ON person.id = token.user_id
WHERE token.token_checksum = %(checksum)s
  AND token.revoked_at IS NULL AND token.expires > %(now)s
  AND person.is_active
  AND {LICENCE_LETS_IN}
"""  # noqa: S608 - put together of constants alone
_STILL = f"""
SELECT 1 FROM accounts_person person
WHERE person.id = %(person)s
  AND person.is_active
  AND {LICENCE_LETS_IN}
  AND (%(token)s::uuid IS NULL OR EXISTS (
    SELECT 1 FROM access_accesstoken token
    WHERE token.public_id = %(token)s AND token.revoked_at IS NULL AND token.expires > %(now)s
      AND token.suspended_at IS NULL))
"""  # noqa: S608 - put together of constants alone


def actor_for(request: HttpRequest) -> Actor:
    """The actor of a request. With an Authorization header its cookies count for nothing."""
    now = timezone.now()
    header = request.headers.get("Authorization", "")
    if header and not request.path.startswith("/api/"):
        # Tokens are for programs. Pages ask for no scope, so a token there would have no bound.
        return ANONYMOUS
    if header:
        scheme, _, secret = header.partition(" ")
        if scheme.lower() == "bearer":
            return _by_token(request, secret.strip(), now=now)
        if scheme.lower() == "link":
            return _by_link(request, secret.strip(), request.headers.get("Link-Password", ""))
        return ANONYMOUS
    person = request.user
    link = _opened_link(request)
    if link is not None and isinstance(person, Person) and _asks_for(request, link):
        # Somebody signed in opened a link: for what it shows he is its visitor, no more.
        return Actor(kind="link", link_id=link.id)
    if isinstance(person, Person):
        if person.is_active and is_licensed(person, now=now):
            if person.slowed_until is not None and now < person.slowed_until:
                check_pace(request, who=f"person {person.pk}")
            actor = of_person(person)
            # Without the second factor that an administrator needs, the office does not count.
            return replace(actor, administrator=False) if lacks_factor(request) else actor
        return ANONYMOUS
    return ANONYMOUS if link is None else Actor(kind="link", link_id=link.id)


def _opened_link(request: HttpRequest) -> Grant | None:
    """The grant whose link this browser session opened."""
    link = request.session.get(_LINK_SESSION_KEY)
    if not link:
        return None
    return Grant.objects.filter(id=UUID(link), link_digest__isnull=False).first()


def _asks_for(request: HttpRequest, link: Grant) -> bool:
    """Whether a request names the release of a link: its page, or its rows."""
    release = str(link.release_id)
    return request.path == f"/received/{release}" or request.GET.get("release") == release


def of_person(person: Person) -> Actor:
    """A signed-in person without a token."""
    return Actor(
        kind="person",
        person_id=person.id,
        administrator=person.is_administrator,
        auditor=person.is_auditor,
    )


def _by_token(request: HttpRequest, secret: str, *, now: datetime) -> Actor:
    row = _one(_BY_TOKEN, {"checksum": digest_of(secret).hex(), "now": now})
    if row is None:
        return ANONYMOUS
    key, public_id, scope, last_used_at, person_id, administrator, auditor, *measures = row
    suspended_at, slowed_until = measures
    if suspended_at is not None:
        resting = Actor(kind="person", person_id=person_id, token_id=public_id)
        raise TokenSuspended(actor=resting)
    if slowed_until is not None and now < slowed_until:
        check_pace(request, who=f"token {public_id}")
    if last_used_at is None or last_used_at < now - _NOTED_EVERY:
        AccessToken.objects.filter(pk=key).update(last_used_at=now)
    return Actor(
        kind="person",
        person_id=person_id,
        token_id=public_id,
        scopes=frozenset(opening(scope.split())),
        administrator=administrator,
        auditor=auditor,
    )


def live_token(secret: str) -> AccessToken | None:
    """The token of a secret, with its program, if it lets somebody in now."""
    row = _one(_BY_TOKEN, {"checksum": digest_of(secret).hex(), "now": timezone.now()})
    if row is None:
        return None
    token: AccessToken = AccessToken.objects.select_related("application").get(pk=row[0])
    return token if token.suspended_at is None else None


def _by_link(request: HttpRequest, secret: str, password: str) -> Actor:
    grant = grant_of_link(secret)
    if grant is None:
        return ANONYMOUS
    if grant.link_password:
        with tries_left_or_refuse(request, link=secret) as tried:
            if not link_password_fits(grant, password):
                return ANONYMOUS
            tried.succeeded()
    return Actor(kind="link", link_id=grant.id)


def grant_of_link(secret: str) -> Grant | None:
    """The grant that a link's secret belongs to, whatever its state."""
    return Grant.objects.filter(link_digest=digest_of(secret)).first()


def link_password_fits(grant: Grant, password: str) -> bool:
    """Whether a link without a password, or with this one, may be opened."""
    if not grant.link_password:
        return True
    return check_password(password, grant.link_password)


def link_password_checked(grant: Grant | None, password: str) -> bool:
    """The same, with the same work for a link that does not exist."""
    if grant is None or not grant.link_password:
        check_password(password, _nobodys_password())
        return grant is not None
    return link_password_fits(grant, password)


@cache
def _nobodys_password() -> str:
    return make_password(new_secret())


def remember_link(request: HttpRequest, grant: Grant) -> None:
    """Let this browser session use the link from now on."""
    request.session.cycle_key()
    request.session[_LINK_SESSION_KEY] = str(grant.id)


def actor_again(actor: Actor, *, now: datetime) -> Actor:
    """The same actor by what holds now: streams ask this again. ANONYMOUS once it ended."""
    if actor.kind == "link":
        return actor
    if actor.person_id is None:
        return ANONYMOUS
    values = {"person": actor.person_id, "token": actor.token_id, "now": now}
    return ANONYMOUS if _one(_STILL, values) is None else actor


def _one(statement: str, values: dict[str, Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row
