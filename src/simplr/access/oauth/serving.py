"""What programs ask themselves; each that changes something in one transaction."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest
from oauth2_provider.oauth2_backends import OAuthLibCore, get_oauthlib_core
from oauthlib.common import Request

from simplr.access.authentication import digest_of, live_token
from simplr.access.models import Application
from simplr.access.oauth import devices, identity
from simplr.access.oauth.codes import is_for_us
from simplr.access.oauth.programs import Kind, kind_of, program_of_client
from simplr.access.throttling import tries_left_or_refuse_device

Answer = tuple[int, dict[str, str], str]
"""Status, headers and body."""

_SECRETS = ("code", "refresh_token", "device_code")


@transaction.atomic
def give_token(request: HttpRequest) -> Answer:
    """Exchange a code or a renewal for a token.

    Who brings the same secret at the same moment waits for the first to be answered, and then
    brings one that was used.
    """
    if not is_for_us(request.POST.getlist("resource")):
        return 400, {}, json.dumps({"error": "invalid_target"})
    # In one order, so that no two requests wait for each other.
    for secret in sorted(filter(None, map(request.POST.get, _SECRETS))):
        _wait_for_others(secret)
    _location, headers, body, status = _core().create_token_response(request)
    return status, headers, body


def _wait_for_others(secret: str) -> None:
    number = int.from_bytes(digest_of(secret)[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


@transaction.atomic
def take_back(request: HttpRequest) -> Answer:
    """End a token at its program's wish (RFC 7009)."""
    _location, headers, body, status = _core().create_revocation_response(request)
    return status, headers, body or ""


@transaction.atomic
def begin_device(request: HttpRequest) -> Answer:
    """Let a program wait for the person who types its code. Raises TooManyTries."""
    tries_left_or_refuse_device(request)
    asked = Request(*_core()._extract_params(request))
    program = program_of_client(request.POST.get("client_id", ""))
    if program is None or kind_of(program) is not Kind.DEVICE or not program.is_usable(asked):
        return 401, {}, json.dumps({"error": "invalid_client"})
    scopes = request.POST.get("scope", "").split()
    validator = _core().server.request_validator
    if not validator.validate_scopes(program.client_id, scopes, program, asked):
        return 400, {}, json.dumps({"error": "invalid_scope"})
    return 200, {}, json.dumps(devices.begin(program, scope=" ".join(dict.fromkeys(scopes))))


def introspect(request: HttpRequest) -> Answer:
    """Tell a program that proves itself about a token that it was brought (RFC 7662)."""
    if _proven(request) is None:
        return 401, {"WWW-Authenticate": 'Basic realm="simplr"'}, '{"error": "invalid_client"}'
    return 200, {}, json.dumps(_facts(request.POST.get("token", "")))


def _proven(request: HttpRequest) -> Application | None:
    """The program that proved itself by its secret; none that has no secret."""
    core = _core()
    asked = Request(*core._extract_params(request))
    if not core.server.request_validator.authenticate_client(asked):
        return None
    program: Application = asked.client
    return program if program.client_type == Application.CLIENT_CONFIDENTIAL else None


def _facts(secret: str) -> dict[str, Any]:
    token = live_token(secret)
    if token is None:
        return {"active": False}
    facts = {
        "active": True,
        "scope": token.scope,
        "sub": str(token.user_id),
        "exp": int(token.expires.timestamp()),
        "iat": int(token.updated.timestamp()),
        "token_type": "Bearer",
    }
    if token.application is not None:
        facts["client_id"] = token.application.client_id
    return facts


def tell_identity(request: HttpRequest) -> Answer:
    """Who allowed a program to know it; the token is in the header (OpenID Connect Core 5.3)."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    token = live_token(secret.strip()) if scheme.lower() == "bearer" else None
    if token is None or token.user is None:
        return 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'}, "{}"
    scopes = token.scope.split()
    if "openid" not in scopes:
        return 403, {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}, "{}"
    return 200, {}, json.dumps(identity.claims_of(token.user, scopes=scopes))


def _core() -> OAuthLibCore:
    return get_oauthlib_core()
