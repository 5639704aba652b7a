"""What a program asks of a person, read from its request; the code that the person's yes makes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauth2_provider.oauth2_backends import get_oauthlib_core
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2.rfc6749 import errors

from simplr.access.authentication import of_person
from simplr.access.models import Application, CodeGrant
from simplr.base import events
from simplr_core.errors import Invalid

CODE_FOR = timedelta(seconds=60)
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_MOST_STATE = 2000


class AsksWrongly(Invalid):
    """A program sent you here with a request that we cannot take, so you were not sent back to it."""

    code = "program-asks-wrongly"
    status = 400


class SentBack(Exception):
    """The program is told, by the browser, that it gets nothing, and why."""

    def __init__(self, location: str) -> None:
        super().__init__("sent back")
        self.location = location


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a program asks a person for."""

    program_id: UUID
    name: str
    scopes: tuple[str, ...]
    back_to: str
    """Where the browser goes with the answer."""
    credentials: Mapping[str, Any]

    @property
    def origin(self) -> str:
        parts = urlsplit(self.back_to)
        return f"{parts.scheme}://{parts.netloc}"


def asked_by(request: HttpRequest) -> Asked:
    """Read and check a request for a code.

    Raises AsksWrongly where nobody can be told, and SentBack where the program can.
    """
    try:
        scopes, credentials = get_oauthlib_core().validate_authorization_request(request)
    except FatalClientError as error:
        raise AsksWrongly(_why(error.oauthlib_error)) from error
    except OAuthToolkitError as error:
        raise SentBack(_refusal(error.oauthlib_error)) from error
    inner = credentials.pop("request")
    _check_proof(inner)
    _check_signed_in_lately(inner, request)
    program = inner.client
    return Asked(
        program_id=program.public_id,
        name=program.name,
        scopes=tuple(dict.fromkeys(scopes)),
        back_to=credentials["redirect_uri"],
        credentials=credentials,
    )


def _why(error: Any) -> str:
    found = error.description or error.error
    return f"{AsksWrongly.__doc__} It says: {found}"


def _check_proof(inner: Any) -> None:
    """PKCE by S256 always; nothing for another audience than us; nothing that is too long to keep."""
    if inner.code_challenge_method != "S256" or not _CHALLENGE.fullmatch(inner.code_challenge):
        raise SentBack(_refusal(_invalid("PKCE by S256 is needed.", inner)))
    if len(inner.nonce or "") > 255 or len(inner.state or "") > _MOST_STATE:
        raise SentBack(_refusal(_invalid("nonce or state is too long.", inner)))
    audience = [value for key, value in inner.uri_query_params if key == "resource"]
    if not is_for_us(audience):
        error = errors.CustomOAuth2Error(error="invalid_target", request=inner)
        raise SentBack(_refusal(error))


def _check_signed_in_lately(inner: Any, request: HttpRequest) -> None:
    """Nobody is asked to sign in anew here; a program that needs it is told that he did not."""
    signed_in_at = getattr(request.user, "last_login", None)
    too_old = False
    if (most := str(inner.max_age or "")).isdigit() and signed_in_at is not None:
        too_old = timezone.now() - signed_in_at > timedelta(seconds=min(int(most), 10**9))
    if too_old or "login" in str(inner.prompt or "").split():
        raise SentBack(_refusal(errors.LoginRequired(request=inner)))


def is_for_us(audience: list[str]) -> bool:
    """Whether each resource (RFC 8707) that is named is this installation."""
    ours = {settings.BASE_URL, f"{settings.BASE_URL}/api/v1"}
    return all(each.rstrip("/") in ours for each in audience)


def _invalid(description: str, inner: Any) -> Any:
    return errors.InvalidRequestError(description=description, request=inner)


def _refusal(error: Any) -> str:
    if not error.redirect_uri:  # an error of oauthlib's that knows no request
        raise AsksWrongly(_why(error))
    told = [*error.twotuples, ("iss", settings.BASE_URL)]
    return str(add_params_to_uri(error.redirect_uri, told))


def deny(asked: Asked) -> str:
    """Where the browser goes with the person's no."""
    state = asked.credentials.get("state")
    error = errors.AccessDeniedError(state=state)
    error.redirect_uri = asked.back_to
    return _refusal(error)


def allow(request: HttpRequest, asked: Asked, *, until: datetime) -> str:
    """Where the browser goes with the person's yes: it carries a code that works once, for a minute.

    Raises SentBack.
    """
    try:
        location, *_rest = get_oauthlib_core().create_authorization_response(
            request,
            scopes=list(asked.scopes),
            credentials={**asked.credentials, "until": until},
            allow=True,
        )
    except OAuthToolkitError as error:
        raise SentBack(_refusal(error.oauthlib_error)) from error
    return str(location)


def keep_code(request: Any, code: str) -> CodeGrant:
    """Keep the fingerprint of a code with what the person allowed; oauthlib's own request asks it."""
    program: Application = request.client
    kept: CodeGrant = CodeGrant.objects.create(
        application=program,
        user=request.user,
        code=code,
        expires=timezone.now() + CODE_FOR,
        until=request.until,
        redirect_uri=request.redirect_uri,
        scope=" ".join(request.scopes),
        code_challenge=request.code_challenge,
        code_challenge_method=request.code_challenge_method,
        nonce=request.nonce or "",
        claims="{}",
    )
    events.record(
        code=events.Event.PROGRAM_ALLOWED,
        actor=of_person(request.user),
        subject=("program", program.public_id),
        details={"scopes": list(request.scopes), "until": request.until.isoformat()},
    )
    return kept
