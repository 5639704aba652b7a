"""Our half of oauthlib: what it may ask of our tables, and what each answer is.

The holes of the library's own validator are closed here: a person who may not be here has no token,
no renewal and no introspection; a code or a renewal that comes twice ends what came of it; a secret
is compared by a fast hash. That two requests never redeem one secret at a time is `serving`'s.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.oauth2.rfc6749 import errors

from simplr.access.authentication import digest_of
from simplr.access.models import AccessToken, CodeGrant, RefreshToken
from simplr.access.oauth import consents, devices, identity
from simplr.access.oauth.codes import keep_code
from simplr.access.oauth.secrets import fits
from simplr.access.oauth.standing import standing_of
from simplr.access.tokens import end_tokens
from simplr.base.actors import Actor
from simplr_core.access import ScopeInvalid, parse_scope
from simplr_core.access.scopes import IDENTITY_SCOPES, MOST_SCOPES

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def _standing_in(request: Any) -> AccessToken | None:
    """What was found for a service; oauthlib shows what callers send by the same names."""
    found: AccessToken | None = vars(request).get("standing")
    return found


class Validator(OAuth2Validator):
    """Decides for oauthlib. `request` is oauthlib's; names and arguments are too."""

    # programs

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        return fits(provided_secret, stored_secret)

    def validate_scopes(
        self, client_id: str, scopes: Any, client: Any, request: Any, *rest: Any, **more: Any
    ) -> bool:
        """Scopes that are written as we write them, none wider than the program was registered for."""
        wanted = set(scopes or ())
        if not 1 <= len(wanted) <= MOST_SCOPES:
            return False
        try:
            bound = self._bound(client, request)
            may = [parse_scope(each) for each in bound if each not in IDENTITY_SCOPES]
            asked = [parse_scope(each) for each in wanted if each not in IDENTITY_SCOPES]
        except ScopeInvalid:
            return False
        known = wanted & IDENTITY_SCOPES <= set(bound)
        return known and all(any(one.covers_scope(each) for one in may) for each in asked)

    def get_default_scopes(self, client_id: str, request: Any, *rest: Any, **more: Any) -> Any:
        """None: what a program wants is said, so that its person reads it. He has, of a service."""
        standing = _standing_in(request)
        return [] if standing is None else standing.scope.split()

    def _bound(self, client: Any, request: Any) -> list[str]:
        standing = _standing_in(request)
        bound: list[str] = client.scopes if standing is None else standing.scope.split()
        return bound

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Any, *rest: Any, **more: Any
    ) -> bool:
        """What this kind of program does; a service, only while its person allows it and may be here."""
        if not super().validate_grant_type(client_id, grant_type, client, request, *rest, **more):
            return False
        if grant_type != "client_credentials":
            return True
        now = timezone.now()
        standing = request.standing = standing_of(client, now=now)
        return standing is not None and consents.is_let_in(standing.user, now=now)

    # codes

    def _create_authorization_code(self, request: Any, code: Any, expires: Any = None) -> Any:
        return keep_code(request, code["code"])

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Any, *rest: Any, **more: Any
    ) -> bool:
        """A code once; its second coming ends what came of the first."""
        found = (
            CodeGrant.objects.select_related("user", "made")
            .filter(code=code, application=client)
            .first()
        )
        if found is None:
            return False
        if found.made is not None:
            consents.end_stolen(found.made, reason="code-came-twice")
            return False
        now = timezone.now()
        if found.expires <= now or not consents.is_let_in(found.user, now=now):
            return False
        request.user = found.user
        request.scopes = found.scope.split()
        request.nonce = found.nonce or None
        request.code_grant = found
        return True

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Any, *rest: Any, **more: Any
    ) -> None:
        """Saving its token spent it; the row stays, to know a second coming by."""

    def validate_device_code(self, client_id: str, device_code: str, request: Any) -> Any:
        """Whether the person has answered, and what."""
        return devices.state_of(client_id, device_code, request)

    # who somebody is

    def finalize_id_token(self, id_token: Any, token: Any, token_handler: Any, request: Any) -> str:
        """Signed by the installation's key; nothing of it is kept."""
        if "nonce" not in id_token and request.nonce:
            id_token["nonce"] = request.nonce
        return identity.signed(id_token, person=request.user, scopes=list(request.scopes))

    def validate_silent_login(self, request: Any) -> bool:
        """Only somebody who is signed in comes this far."""
        return True

    def validate_silent_authorization(self, request: Any) -> bool:
        """Never: each consent is asked for."""
        return False

    # tokens

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Any, *rest: Any, **more: Any
    ) -> bool:
        """A renewal once, while its consent holds and its person may be here."""
        found = (
            RefreshToken.objects.select_related("access_token", "user")
            .filter(token_checksum=digest_of(refresh_token).hex(), application=client)
            .first()
        )
        if found is None:
            return False
        if found.revoked is not None:
            family = AccessToken.objects.filter(public_id=found.token_family).first()
            consents.end_stolen(family, reason="renewal-came-twice")
            return False
        now = timezone.now()
        token = found.access_token
        if token is None or token.revoked_at is not None or token.ends_at <= now:
            return False
        if token.suspended_at is not None:
            return False
        if not consents.is_let_in(found.user, now=now):
            return False
        request.user = found.user
        request.refresh_token = refresh_token
        request.refresh_token_instance = found
        return True

    def get_original_scopes(
        self, refresh_token: str, request: Any, *rest: Any, **more: Any
    ) -> list[str]:
        """What the person allowed, however little was taken of it last."""
        allowed: list[str] = request.refresh_token_instance.scope.split()
        return allowed

    def _save_bearer_token(self, token: Any, request: Any, *rest: Any, **more: Any) -> None:
        now = timezone.now()
        if request.grant_type == "refresh_token":
            kept = consents.renew(
                used=request.refresh_token_instance,
                scope=token["scope"],
                secret=token["access_token"],
                renewal_secret=token["refresh_token"],
                now=now,
            )
        else:
            kept = self._save_first_token(token, request, now=now)
        token["expires_in"] = int((kept.expires - now).total_seconds())

    def _save_first_token(self, token: Any, request: Any, *, now: Any) -> AccessToken:
        if request.grant_type == "client_credentials":
            return self._save_token_of_service(token, request, now=now)
        by_device = request.grant_type == DEVICE_GRANT
        if not by_device and request.grant_type != "authorization_code":
            raise errors.UnsupportedGrantTypeError(request=request)
        code = request.device_grant if by_device else request.code_grant
        if by_device or code.until <= now + consents.ACCESS_FOR:
            token.pop("refresh_token", None)
        kept = consents.begin(
            person=request.user,
            program=request.client,
            scope=token["scope"],
            until=code.until,
            secret=token["access_token"],
            renewal_secret=token.get("refresh_token", ""),
            now=now,
            whole=by_device,
        )
        type(code).objects.filter(pk=code.pk).update(made=kept)
        return kept

    def _save_token_of_service(self, token: Any, request: Any, *, now: Any) -> AccessToken:
        return consents.begin(
            person=request.standing.user,
            program=request.client,
            scope=token["scope"],
            until=request.standing.ends_at,
            secret=token["access_token"],
            renewal_secret="",
            now=now,
            made_with=request.standing,
        )

    def validate_bearer_token(self, token: str, scopes: Any, request: Any) -> bool:
        """Never: the middleware of `access` finds out who acts, by its own one statement."""
        return False

    def revoke_token(
        self, token: str, token_type_hint: str, request: Any, *rest: Any, **more: Any
    ) -> None:
        """End the consent that either of its secrets names, if it is this program's own."""
        checksum = digest_of(token).hex()
        own = AccessToken.objects.filter(application=request.client, revoked_at=None)
        renewals = RefreshToken.objects.filter(
            token_checksum=checksum, application=request.client
        ).values("token_family")
        found = own.filter(token_checksum=checksum) or own.filter(public_id__in=renewals)
        for each in found:
            end_tokens(
                [each],
                actor=Actor(kind="person", person_id=each.user_id, token_id=each.public_id),
                reason="program-let-go",
            )
