"""How allauth and axes fit our people: no open sign-up, sealed factors, one name for throttling."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest, HttpResponse

from simplr.accounts.passwords import normalised
from simplr.base import errors, plugs
from simplr_core.errors import Refused

INSTALLATION = UUID(int=0)
"""Stands where a project's key would: secrets of people belong to the installation."""


class TooManyFailures(Refused):
    """Too many failed attempts. Wait a few minutes, or sign in with a passkey."""

    code = "too-many-attempts"
    status = 429


def display_name(person: Any) -> str:
    return str(person.name or person.email)


def throttled_name(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """What failed attempts are counted under: a digest, so that no address is kept for strangers."""
    given = (credentials or {}).get("email") or (credentials or {}).get("username") or ""
    if not given and request is not None:
        given = request.POST.get("login", "")
    return hashlib.sha256(str(given).strip().lower().encode()).hexdigest()[:40]


def too_many_failures(
    request: HttpRequest, response: Any = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Axes' answer once a name or an address failed too often."""
    return errors.answer(request, TooManyFailures(retry_after=300))


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by himself: an invitation, or the first start, makes a person."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def clean_password(self, password: str, user: Any = None) -> str:
        return str(super().clean_password(normalised(password), user))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        if "password" in credentials:
            credentials["password"] = normalised(credentials["password"])
        return super().authenticate(request, **credentials)


class MFAAdapter(DefaultMFAAdapter):
    """Seals the secrets of second factors under the installation's key."""

    def encrypt(self, text: str) -> str:
        sealed = plugs.seal(text.encode(), project_id=INSTALLATION, context=b"mfa")
        return base64.b64encode(sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        sealed = base64.b64decode(encrypted_text)
        return plugs.unseal(sealed, project_id=INSTALLATION, context=b"mfa").decode()
