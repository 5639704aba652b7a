"""Personal access tokens: scoped, expiring, revocable, kept as a digest only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from simplr.access.authentication import TOKEN_PREFIX, digest_of, new_secret
from simplr.access.models import AccessToken
from simplr.base import events
from simplr.base.actors import Actor
from simplr_core.access import parse_scope, parse_scopes
from simplr_core.errors import Conflict, Invalid, NotFound, Refused

LONGEST = timedelta(days=366)
CONSENTS = Q(application=None) | Q(made_with=None)
"""All but the tokens that a program made each hour with what a person allowed it once."""


class TokenEnded(Conflict):
    """This token was revoked already."""

    code = "token-ended"


@dataclass(frozen=True, kw_only=True)
class NewToken:
    """A token as issued, with the secret that is shown this once."""

    token: AccessToken
    secret: str = field(repr=False)


@transaction.atomic
def issue_access_token(
    *, name: str, scopes: Sequence[str], expires_at: datetime, actor: Actor
) -> NewToken:
    """Issue a token for the acting person. Scopes only ever narrow what he may do himself.

    A token cannot issue one that is wider than itself or outlives it; revoking it revokes what it
    issued. Raises ScopeInvalid, Invalid or Refused.
    """
    if actor.person_id is None:
        raise Refused("Only a person has access tokens.")
    wanted = parse_scopes(scopes)
    made_with = AccessToken.objects.filter(public_id=actor.token_id).first()
    if actor.scopes is not None:
        own = [parse_scope(scope) for scope in actor.scopes]
        wider = [each for each in wanted if not any(scope.covers_scope(each) for scope in own)]
        if wider:
            named = ", ".join(sorted(map(str, wider)))
            raise Refused(
                f"A token cannot issue one that is wider than itself. It does not have: {named}.",
                reason="wider-token",
            )
    if made_with is not None and expires_at > made_with.expires:
        ends = made_with.expires.isoformat(timespec="minutes")
        raise Refused(
            f"A token cannot issue one that outlives it: it ends at {ends}.", reason="longer-token"
        )
    now = timezone.now()
    if not now < expires_at <= now + LONGEST:
        raise Invalid("A token ends in the future, within a year.", field="expires_at")
    if not name.strip():
        raise Invalid("Give the token a name, to know it by when you revoke it.", field="name")
    secret = new_secret(TOKEN_PREFIX)
    token = AccessToken.objects.create(
        user_id=actor.person_id,
        name=name.strip(),
        token="",
        token_checksum=digest_of(secret).hex(),
        scope=" ".join(sorted(str(scope) for scope in wanted)),
        expires=expires_at,
        made_with=made_with,
    )
    events.record(
        code=events.Event.TOKEN_ISSUED,
        actor=actor,
        subject=("token", token.public_id),
        details={"scopes": sorted(str(scope) for scope in wanted)},
    )
    return NewToken(token=token, secret=secret)


def tokens_of(person_id: UUID) -> list[AccessToken]:
    """A person's tokens, the newest first, ended ones too."""
    rows = AccessToken.objects.filter(CONSENTS, user_id=person_id).select_related("application")
    return list(rows.order_by("-created")[:500])


def live_tokens(now: datetime, *, at: str = "") -> Q:
    """Tokens that are neither revoked nor over for good; `at` leads to them."""
    return Q(**{f"{at}revoked_at": None}) & (
        Q(**{f"{at}expires__gt": now}) | Q(**{f"{at}renewable_until__gt": now})
    )


@transaction.atomic
def revoke_access_token(*, token_id: UUID, actor: Actor) -> AccessToken:
    """End one of the actor's own tokens now, and every token that was made with it.

    Administrators end those of programs, whoever allowed them.

    Raises NotFound or TokenEnded.
    """
    token: AccessToken | None = (
        AccessToken.objects.select_for_update().filter(_revocable_by(actor), public_id=token_id)
    ).first()
    if token is None:
        raise NotFound
    if token.revoked_at is not None:
        raise TokenEnded
    end_tokens([token], actor=actor)
    return token


@transaction.atomic
def suspend_access_token(*, token_id: UUID, actor: Actor, now: datetime) -> bool:
    """Let a token rest, and every token that was made with it; whether it was not resting yet.

    Requests and running downloads that come with it are refused within a second. What a service
    was allowed rests as a whole: it would only make itself another.
    """
    token = _consent_behind(token_id)
    if token is None or token.suspended_at is not None or token.revoked_at is not None:
        return False
    for resting in (token, *_made_with(token)):
        resting.suspended_at = now
        resting.save(update_fields=["suspended_at"])
        events.record(
            code=events.Event.TOKEN_SUSPENDED, actor=actor, subject=("token", resting.public_id)
        )
    return True


@transaction.atomic
def resume_access_token(*, token_id: UUID, actor: Actor) -> bool:
    """Let a token that rests go on, and those that were made with it; whether it rested."""
    token = _consent_behind(token_id)
    if token is None or token.suspended_at is None:
        return False
    for resting in (token, *_made_with(token)):
        resting.suspended_at = None
        resting.save(update_fields=["suspended_at"])
        events.record(
            code=events.Event.TOKEN_RESUMED, actor=actor, subject=("token", resting.public_id)
        )
    return True


@transaction.atomic
def slow_access_token(*, token_id: UUID, until: datetime | None) -> None:
    """Answer few requests a minute of a token until then; with None as many as usual."""
    token = _consent_behind(token_id)
    if token is None:
        return
    made = Q(made_with=token, application__isnull=False)
    AccessToken.objects.filter(Q(pk=token.pk) | made).update(slowed_until=until)


def _consent_behind(token_id: UUID) -> AccessToken | None:
    """A token, locked; of a service's hourly one, what its person allowed the service."""
    found: AccessToken | None = AccessToken.objects.filter(public_id=token_id).first()
    if found is None:
        return None
    key = found.made_with_id if found.application_id and found.made_with_id else found.pk
    locked: AccessToken | None = AccessToken.objects.select_for_update().filter(pk=key).first()
    return locked


def _revocable_by(actor: Actor) -> Q:
    """One's own tokens; those of programs for an administrator, who lets programs in."""
    own = Q(user_id=actor.person_id)
    return own | Q(application__isnull=False) if actor.administrator else own


def end_tokens(tokens: Iterable[AccessToken], *, actor: Actor, reason: str = "") -> None:
    """End live tokens now with all that was made with them, inside the caller's transaction."""
    for token in tokens:
        for ended in (token, *_made_with(token)):
            ended.revoked_at = timezone.now()
            ended.save(update_fields=["revoked_at"])
            events.record(
                code=events.Event.TOKEN_REVOKED,
                actor=actor,
                subject=("token", ended.public_id),
                details={"reason": reason} if reason else None,
            )


def _made_with(token: AccessToken) -> list[AccessToken]:
    """The live tokens that a token made, and those that these made."""
    found: list[AccessToken] = []
    now = timezone.now()
    makers = [token.pk]
    while makers:
        made = list(AccessToken.objects.select_for_update().filter(made_with__in=makers))
        found += [each for each in made if each.revoked_at is None and each.ends_at > now]
        makers = [each.pk for each in made]
    return found
