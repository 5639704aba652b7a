"""Addresses that programs ask. Nobody is signed in here: what is brought is the credential."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from simplr.access.oauth import serving
from simplr.base.entry import anyone

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_OTHERS = ["client_credentials", DEVICE_GRANT]
_METHODS = ["client_secret_basic", "client_secret_post"]


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
    return _answered(serving.give_token(request))


@csrf_exempt
@require_POST
@anyone(because="it makes a code that does nothing until a person allows it; counted by address")
def device(request: HttpRequest) -> HttpResponse:
    """Let a program without a browser wait for its person."""
    return _answered(serving.begin_device(request))


@csrf_exempt
@require_POST
@sensitive_post_parameters()
@anyone(because="a program proves itself and ends what is its own")
def revoke(request: HttpRequest) -> HttpResponse:
    """End a token at its program's wish."""
    return _answered(serving.take_back(request))


@csrf_exempt
@require_POST
@sensitive_post_parameters()
@anyone(because="a program proves itself, and brings the token that it asks about")
def introspect(request: HttpRequest) -> HttpResponse:
    """Whether a token is good, and for what."""
    return _answered(serving.introspect(request))


@require_GET
@anyone(because="it says where to ask, and nothing that is kept")
def metadata(request: HttpRequest) -> JsonResponse:
    """Where what is (RFC 8414)."""
    response = JsonResponse(
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
        }
    )
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _at(name: str) -> str:
    return settings.BASE_URL + reverse(name)
