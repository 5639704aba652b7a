"""Who somebody is, told to a program that he allowed it (OpenID Connect): claims, signed.

One RSA key of the installation signs them. Its private half lies sealed, and is opened to sign.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from jwcrypto.jwk import JWK
from jwcrypto.jwt import JWT

from simplr.access.models import IdentityKey
from simplr.accounts.adapters import INSTALLATION
from simplr.accounts.models import Person
from simplr.base import plugs

TOLD_FOR = timedelta(minutes=10)
_CONTEXT = b"identity-key"
_ONE_AT_A_TIME = 0x696B6579


def claims_of(person: Person, *, scopes: list[str]) -> dict[str, Any]:
    """What of a person these scopes tell. The id is the one of the ledger and of the API."""
    claims = {"sub": str(person.id)}
    if "profile" in scopes:
        claims["name"] = person.name
    if "email" in scopes:
        claims["email"] = person.email
    return claims


def signed(claims: dict[str, Any], *, person: Person, scopes: list[str]) -> str:
    """An identity token: oauthlib's claims about the request, and ours about the person."""
    now = timezone.now()
    signed_in_at = person.last_login or now
    whole = {
        **claims,
        **claims_of(person, scopes=scopes),
        "iss": settings.BASE_URL,
        "exp": int((now + TOLD_FOR).timestamp()),
        "auth_time": int(signed_in_at.timestamp()),
    }
    row = _current_key()
    key = JWK.from_json(
        plugs.unseal(bytes(row.sealed), project_id=INSTALLATION, context=_CONTEXT).decode()
    )
    header = {"typ": "JWT", "alg": "RS256", "kid": key.thumbprint()}
    token = JWT(header=json.dumps(header), claims=json.dumps(whole))
    token.make_signed_token(key)
    return str(token.serialize())


def public_keys() -> dict[str, Any]:
    """The public halves, by which programs check what was signed (RFC 7517)."""
    _current_key()
    rows = IdentityKey.objects.order_by("-id")
    return {"keys": [json.loads(row.public) for row in rows]}


@transaction.atomic
def _current_key() -> IdentityKey:
    found = IdentityKey.objects.order_by("-id").first()
    if found is not None:
        return found
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
    return IdentityKey.objects.order_by("-id").first() or _new_key()


def _new_key() -> IdentityKey:
    key = JWK.generate(kty="RSA", size=2048, use="sig", alg="RS256")
    public = {**json.loads(key.export_public()), "kid": key.thumbprint()}
    sealed = plugs.seal(key.export_private().encode(), project_id=INSTALLATION, context=_CONTEXT)
    return IdentityKey.objects.create(public=json.dumps(public), sealed=sealed)
