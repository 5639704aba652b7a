"""From credentials to an actor. A credential that is not valid makes nobody, silently."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest
from django.utils import timezone

from simplr.access.models import AccessToken, Grant
from simplr.access.throttling import tries_left_or_refuse
from simplr.accounts.models import Person
from simplr.accounts.secrets import digest_of as digest_of
from simplr.accounts.secrets import new_secret as new_secret
from simplr.base.actors import ANONYMOUS, Actor
from simplr.licensing.queries import is_licensed

TOKEN_PREFIX = "smp_"  # noqa: S105 - lets secret scanners recognise one
_LINK_SESSION_KEY = "simplr-link"
_NOTED_EVERY = timedelta(minutes=1)


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
            return _by_token(secret.strip(), now=now)
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
            return of_person(person)
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


def _by_token(secret: str, *, now: datetime) -> Actor:
    token = (
        AccessToken.objects.select_related("user")
        .filter(token_checksum=digest_of(secret).hex(), revoked_at=None, expires__gt=now)
        .first()
    )
    if token is None or not token.user.is_active or not is_licensed(token.user, now=now):
        return ANONYMOUS
    if token.last_used_at is None or token.last_used_at < now - _NOTED_EVERY:
        AccessToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return Actor(
        kind="person",
        person_id=token.user.id,
        token_id=token.public_id,
        scopes=frozenset(token.scope.split()),
        administrator=token.user.is_administrator,
        auditor=token.user.is_auditor,
    )


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
    person = Person.objects.filter(pk=actor.person_id, is_active=True).first()
    if person is None or not is_licensed(person, now=now):
        return ANONYMOUS
    if (
        actor.token_id is not None
        and not AccessToken.objects.filter(
            public_id=actor.token_id, revoked_at=None, expires__gt=now
        ).exists()
    ):
        return ANONYMOUS
    return actor
