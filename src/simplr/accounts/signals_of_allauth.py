"""Events of what allauth does: it tells by signals, and this is the only place that listens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from simplr.accounts import sessions
from simplr.accounts.adapters import name_digest
from simplr.accounts.models import Person
from simplr.base import events
from simplr.base.actors import ANONYMOUS, Actor
from simplr.base.entry import NEEDS_FACTOR
from simplr.base.events import Event


def _tell(code: Event, person: Any, **details: Any) -> None:
    if not isinstance(person, Person):
        return
    events.record(
        code=code,
        actor=Actor(kind="person", person_id=person.id),
        organisation_id=person.organisation_id,
        subject=("person", person.id),
        details=details,
    )


@receiver(user_logged_in)
def _signed_in(sender: Any, request: HttpRequest, user: Any, **rest: Any) -> None:
    request.session[sessions.BROWSER] = sessions.browser_in_words(
        request.headers.get("User-Agent", "")
    )
    if user.is_administrator:
        from allauth.mfa.utils import is_mfa_enabled

        request.session[NEEDS_FACTOR] = not is_mfa_enabled(user)
    records = request.session.get("account_authentication_methods") or []
    _tell(Event.PERSON_SIGNED_IN, user, by=[record.get("method", "") for record in records])


@receiver(user_logged_out)
def _signed_out(sender: Any, request: HttpRequest, user: Any, **rest: Any) -> None:
    _tell(Event.PERSON_SIGNED_OUT, user)


@receiver(user_login_failed)
def _refused(sender: Any, credentials: dict[str, Any], **rest: Any) -> None:
    """The same event for known and unknown names: it holds a keyed digest of what was typed."""
    events.record(
        code=Event.PERSON_SIGN_IN_FAILED,
        actor=ANONYMOUS,
        outcome="refused",
        subject=("name", None),
        details={"name": name_digest(str(credentials.get("email", "")))},
    )


@receiver(mfa.authentication_failed)
def _factor_refused(sender: Any, user: Any, **rest: Any) -> None:
    if isinstance(user, Person):
        events.record(
            code=Event.PERSON_SIGN_IN_FAILED,
            actor=ANONYMOUS,
            outcome="refused",
            subject=("person", user.id),
            details={"by": "factor"},
        )


@receiver([account.password_changed, account.password_set, account.password_reset])
def _password_changed(sender: Any, request: HttpRequest, user: Any, **rest: Any) -> None:
    _tell(Event.PASSWORD_CHANGED, user)
    here = request.session.session_key or ""
    ended = _end_others(user.id, here)
    if ended:
        _tell(Event.SESSIONS_ENDED, user, count=ended)


def _end_others(person_id: UUID, here: str) -> int:
    from simplr.accounts.models import Session

    others = Session.objects.filter(person_id=person_id).exclude(digest=sessions.digest_of(here))
    return others.delete()[0]


@receiver([mfa.authenticator_added, mfa.authenticator_reset])
def _factor_added(
    sender: Any, request: HttpRequest, user: Any, authenticator: Any, **rest: Any
) -> None:
    request.session.pop(NEEDS_FACTOR, None)
    _tell(Event.FACTOR_ADDED, user, factor=str(authenticator.type))


@receiver(mfa.authenticator_removed)
def _factor_removed(
    sender: Any, request: HttpRequest, user: Any, authenticator: Any, **rest: Any
) -> None:
    if user.is_administrator:
        from allauth.mfa.utils import is_mfa_enabled

        request.session[NEEDS_FACTOR] = not is_mfa_enabled(user)
    _tell(Event.FACTOR_REMOVED, user, factor=str(authenticator.type))
