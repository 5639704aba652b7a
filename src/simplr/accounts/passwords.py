"""Password rules after NIST SP 800-63B-4: length and a blocklist; no composition, no rotation."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

ALONE_AT_LEAST = 15
WITH_FACTOR_AT_LEAST = 8
_DIFFERENT_AT_LEAST = 5


def normalised(password: str) -> str:
    """The same characters typed on two keyboards are the same password (NFC)."""
    return unicodedata.normalize("NFC", password)


class LengthRule:
    """At least 15 characters alone, at least 8 beside a second factor."""

    def _needed(self, user: Any) -> int:
        from allauth.mfa.models import Authenticator

        if user is None or getattr(user, "pk", None) is None:
            return ALONE_AT_LEAST
        second = Authenticator.objects.filter(
            user_id=user.pk, type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
        ).exists()
        return WITH_FACTOR_AT_LEAST if second else ALONE_AT_LEAST

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError with how long it must be."""
        needed = self._needed(user)
        if len(normalised(password)) < needed:
            raise ValidationError(
                _("A password has at least %(count)d characters. A sentence is a good one."),
                code="password-too-short",
                params={"count": needed},
            )

    def get_help_text(self) -> str:
        return _(
            "At least %(alone)d characters; %(with)d are enough beside a passkey or a code app."
        ) % {"alone": ALONE_AT_LEAST, "with": WITH_FACTOR_AT_LEAST}


class NotGuessable:
    """Refuses common passwords, also where one is repeated or two are put together to be long.

    Spaces, signs and capitals do not hide one. No composition of characters is asked.
    """

    def __init__(self) -> None:
        self._common: frozenset[str] = frozenset(CommonPasswordValidator().passwords)

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError for a password that is tried first."""
        plain = "".join(filter(str.isalnum, normalised(password).lower()))
        if len(set(plain)) < _DIFFERENT_AT_LEAST or self._is_common(plain):
            raise ValidationError(
                _("This password is one of those that are tried first."), code="password-common"
            )

    def _is_common(self, plain: str) -> bool:
        if plain in self._common:
            return True
        size = len(plain)
        for cut in range(1, size):
            first, rest = plain[:cut], plain[cut:]
            if first not in self._common:
                continue
            if rest in self._common or (size % cut == 0 and first * (size // cut) == plain):
                return True
        return False

    def get_help_text(self) -> str:
        return _("Not one that many people use.")
