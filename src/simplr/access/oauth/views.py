"""Addresses that programs ask. Nobody is signed in here: what is brought is the credential."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from simplr.access.oauth import identity, serving
from simplr.base.entry import anyone
from simplr_core.access.scopes import IDENTITY_SCOPES

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_OTHERS = ["client_credentials", DEVICE_GRANT]
_METHODS = ["client_secret_basic", "client_secret_post"]


def _served(request: HttpRequest, serve: Callable[[HttpRequest], serving.Answer]) -> HttpResponse:
    """An answer in the protocol's own words, to what no text may hold as well."""
    if any("\x00" in value for _name, values in request.POST.lists() for value in values):
        return _answered((400, {}, '{"error": "invalid_request"}'))
    return _answered(serve(request))


def _answered(answer: serving.Answer) -> HttpResponse:
    status, headers, body = answer
    response = HttpResponse(body, status=status, content_type="application/json")
    for name, value in headers.items():
        response[name] = value
    response["Cache-Control"] = "no-store"
    return response


@csrf_exempt
@require_POST
@sensitive_post_parameters()
@anyone(because="the code or renewal is the credential, beside the program's secret or proof")
def token(request: HttpRequest) -> HttpResponse:
    """Exchange a code or a renewal for an access token."""
    return _served(request, serving.give_token)


@csrf_exempt
@require_POST
@anyone(because="it makes a code that does nothing until a person allows it; counted by address")
def device(request: HttpRequest) -> HttpResponse:
    """Let a program without a browser wait for its person."""
    return _served(request, serving.begin_device)


@csrf_exempt
@require_POST
@sensitive_post_parameters()
@anyone(because="a program proves itself and ends what is its own")
def revoke(request: HttpRequest) -> HttpResponse:
    """End a token at its program's wish."""
    return _served(request, serving.take_back)


@csrf_exempt
@require_POST
@sensitive_post_parameters()
@anyone(because="a program proves itself, and brings the token that it asks about")
def introspect(request: HttpRequest) -> HttpResponse:
    """Whether a token is good, and for what."""
    return _served(request, serving.introspect)


@require_GET
@anyone(because="it says where to ask, and nothing that is kept")
def metadata(request: HttpRequest) -> JsonResponse:
    """Where what is (RFC 8414, OpenID Connect Discovery)."""
    return _for_everybody(
        {
            "issuer": settings.BASE_URL,
            "authorization_endpoint": _at("operations:authorize"),
            "token_endpoint": _at("access:oauth-token"),
            "device_authorization_endpoint": _at("access:oauth-device"),
            "revocation_endpoint": _at("access:oauth-revoke"),
            "introspection_endpoint": _at("access:oauth-introspect"),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", *_OTHERS],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": [*_METHODS, "none"],
            "revocation_endpoint_auth_methods_supported": [*_METHODS, "none"],
            "introspection_endpoint_auth_methods_supported": _METHODS,
            "authorization_response_iss_parameter_supported": True,
            "userinfo_endpoint": _at("access:oauth-userinfo"),
            "jwks_uri": _at("access:oauth-keys"),
            "scopes_supported": sorted(IDENTITY_SCOPES),
            "claims_supported": ["sub", "name", "email", "auth_time"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
    )


@require_GET
@anyone(because="public halves of keys")
def keys(request: HttpRequest) -> JsonResponse:
    """By what programs check who somebody is."""
    return _for_everybody(identity.public_keys())


@csrf_exempt
@require_http_methods(["GET", "POST"])
@anyone(because="the access token in the header is the credential")
def userinfo(request: HttpRequest) -> HttpResponse:
    """Who allowed a program to know it."""
    return _answered(serving.tell_identity(request))


def _for_everybody(document: dict[str, Any]) -> JsonResponse:
    response = JsonResponse(document)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _at(name: str) -> str:
    return settings.BASE_URL + reverse(name)
