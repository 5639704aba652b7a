"""How allauth and axes fit our people: no open sign-up, sealed factors, one name for throttling."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core import context, ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

from simplr.accounts.models import Person
from simplr.base import errors, plugs
from simplr_core.errors import Refused

INSTALLATION = UUID(int=0)
"""Stands where a project's key would: secrets of people belong to the installation."""
KNOWN_BROWSER = "simplr-known"
_KNOWN_FOR = 180 * 24 * 3600


class TooManyFailures(Refused):
    """Too many failed attempts. Wait a few minutes, or sign in with a passkey."""

    code = "too-many-attempts"
    status = 429


def display_name(person: Any) -> str:
    return str(person.name or person.email)


def name_digest(login: str) -> str:
    """Stands for an address in counters and events, so that no stranger's address is kept."""
    return salted_hmac("simplr.sign-in", login.strip().lower(), algorithm="sha256").hexdigest()[:40]


def throttled_name(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """What failed attempts are counted under.

    A browser that signed in as this person before is counted apart: strangers who lock the name
    do not lock its owner out.
    """
    given = (credentials or {}).get("email") or (credentials or {}).get("username") or ""
    if not given and request is not None:
        given = request.POST.get("login", "")
    digest = name_digest(str(given))
    known = _known_browser(request, digest)
    return f"{digest}:{known}" if known else digest


def _known_browser(request: HttpRequest | None, digest: str) -> str:
    if request is None:
        return ""
    try:
        name, browser = signing.loads(
            request.COOKIES.get(KNOWN_BROWSER, ""), salt=KNOWN_BROWSER, max_age=_KNOWN_FOR
        )
    except (signing.BadSignature, ValueError):
        return ""
    return str(browser) if constant_time_compare(str(name), digest) else ""


def remember_browser(response: HttpResponse, person: Person) -> None:
    """Mark this browser as one in which the person has signed in."""
    response.set_cookie(
        KNOWN_BROWSER,
        signing.dumps([name_digest(person.email), get_random_string(12)], salt=KNOWN_BROWSER),
        max_age=_KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
        path="/account/",
    )


def too_many_failures(
    request: HttpRequest, response: Any = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Axes' answer once a name failed too often."""
    return errors.answer(request, TooManyFailures(retry_after=300))


_known: ContextVar[Person | None] = ContextVar("person", default=None)


@contextmanager
def person_known(person: Person | None) -> Iterator[None]:
    """While a session is asked for its person: who was read with it."""
    token = _known.set(person)
    try:
        yield
    finally:
        _known.reset(token)


class SignInBackend(AuthenticationBackend):
    """One look-up and one hash computation, whether the address is known or not."""

    def _authenticate_by_email(self, email: str, password: str) -> Any:
        person = Person.objects.filter(email=email.strip().lower()).first()
        return self._check_password(person, password)

    def get_user(self, user_id: Any) -> Any:
        person = _known.get()
        if person is None or str(person.pk) != str(user_id):
            return super().get_user(user_id)
        return person if self.user_can_authenticate(person) else None


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by himself: an invitation, or the first start, makes a person."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        self._login_failed_rl_usage = ratelimit._impl.consume(
            request=request,
            app="allauth.account",
            action="login_failed",
            key=throttled_name(request, credentials),
        )
        if not self._login_failed_rl_usage:
            raise TooManyFailures(retry_after=300)

    def reauthenticate(self, user: Any, password: str) -> bool:
        again = self.authenticate(context.request, email=user.email, password=password)
        return again is not None and again.pk == user.pk

    def post_login(self, request: HttpRequest, user: Any, **rest: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **rest)
        remember_browser(response, user)
        return response


class MFAAdapter(DefaultMFAAdapter):
    """Seals the secrets of second factors under the installation's key."""

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whether a factor may be taken away: an administrator's last one may not."""
        if not (settings.ADMINISTRATORS_NEED_FACTOR and authenticator.user.is_administrator):
            return True
        factors = Authenticator.objects.filter(user_id=authenticator.user_id)
        others = factors.exclude(pk=authenticator.pk)
        return bool(others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())

    def encrypt(self, text: str) -> str:
        sealed = plugs.seal(text.encode(), project_id=INSTALLATION, context=b"mfa")
        return base64.b64encode(sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        sealed = base64.b64decode(encrypted_text)
        return plugs.unseal(sealed, project_id=INSTALLATION, context=b"mfa").decode()
