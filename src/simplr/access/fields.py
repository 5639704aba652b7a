"""A column for one-time codes: it keeps what finds a code again, and nothing that redeems one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.crypto import salted_hmac


def fingerprint_of(code: str) -> str:
    """The keyed digest of a code. Keyed, since the code that people type is short."""
    return salted_hmac("simplr.one-time-code", code, algorithm="sha256").hexdigest()


class Fingerprint(str):
    """What such a column holds: never a code, so it is not taken the digest of again."""

    __slots__ = ()


if TYPE_CHECKING:
    _Text = models.CharField[Any, Any]
else:
    _Text = models.CharField


class FingerprintField(_Text):
    """Saves the fingerprint of a code, and looks for the fingerprint of what is looked for."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return None if value is None else Fingerprint(value)

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        if value is None or isinstance(value, Fingerprint):
            return value
        return Fingerprint(fingerprint_of(value))
