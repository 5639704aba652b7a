"""Bounds on tries at a link's password, kept in the database, so that every process counts alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import UUID

from allauth.core.internal import ratelimit
from django.http import HttpRequest

from simplr.accounts.secrets import digest_of
from simplr_core.errors import Refused

ACTION = "open_link"
SLOWED = "slowed"


class TooManyTries(Refused):
    """It was tried too often. It rests for ten minutes."""

    code = "too-many-attempts"
    status = 429


class SlowedDown(Refused):
    """Access was unusual, so few requests a minute are answered. Wait a minute and go on."""

    code = "slowed-down"
    status = 429


def check_pace(request: HttpRequest, *, who: str) -> None:
    """Count a request of somebody who is slowed down. Raises SlowedDown.

    The limits are `slowed` in the settings.
    """
    usage = ratelimit.consume(
        request=request, app="allauth.account", action=SLOWED, key=who, limit_get=True
    )
    if usage is None:
        raise SlowedDown(retry_after=60)


class Try:
    """One try at a link. It counts unless it is said to have succeeded."""

    def __init__(self, usage: ratelimit.RateLimitUsage) -> None:
        self._usage = usage

    def succeeded(self) -> None:
        """Give the try back: only failures count."""
        self._usage.rollback()


def tries_of_codes_left_or_refuse(
    request: HttpRequest, *, person: UUID
) -> AbstractContextManager[Try]:
    """The same for the short codes of programs without a browser; the limits are `device_code`."""
    return tries_left_or_refuse(request, link=str(person), action="device_code")


def tries_left_or_refuse_device(request: HttpRequest) -> None:
    """Count that a program begins to wait, by the address it asks from. Raises TooManyTries."""
    if not ratelimit.consume(request=request, app="allauth.account", action="device"):
        raise TooManyTries(retry_after=600)


@contextmanager
def tries_left_or_refuse(request: HttpRequest, *, link: str, action: str = ACTION) -> Iterator[Try]:
    """Count a try before it is made, so that parallel tries cannot overshoot.

    Raises TooManyTries. The limits are `open_link` in the settings.
    """
    usage = ratelimit.consume(
        request=request,
        app="allauth.account",
        action=action,
        key=digest_of(link).hex(),
        limit_get=True,
    )
    if usage is None:
        raise TooManyTries(retry_after=600)
    yield Try(usage)
