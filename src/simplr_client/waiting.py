"""Signing in without a browser here: somebody types a short code where he has one (RFC 8628)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from simplr_client.errors import NotFound, Refused, Unavailable
from simplr_client.transport import Transport

CLIENT_ID = "simplr-command-line"
USUAL_SCOPES = (
    *("profile", "email", "project:read", "project:write", "project:manage"),
    *("resource:download", "resource:write", "resource:manage"),
    *("release:download", "release:manage", "grant:read", "grant:manage"),
    *("person:read", "group:read", "organisation:read", "invitation:read", "invitation:manage"),
    *("token:read", "token:manage", "ledger:read"),
)
"""What people do by commands. Running the installation is asked for by name."""
_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(frozen=True)
class Waiting:
    """A code that waits for a person to allow it."""

    page: str
    """Where he types it."""
    whole_page: str
    """The same with the code in it."""
    code: str
    seconds: int
    interval: int
    device_code: str = field(repr=False)


def begin(transport: Transport, *, scopes: Sequence[str] = USUAL_SCOPES) -> Waiting:
    """Ask an installation for a code. Raises NotFound where it is older than this way."""
    status, answer = transport.form(
        "/oauth/device", {"client_id": CLIENT_ID, "scope": " ".join(scopes)}
    )
    if status == 404:
        raise NotFound(
            "This installation signs nobody in by a code. Use --token.", code="no-device-codes"
        )
    if status != 200:
        raise Refused(_why(answer), code=str(answer.get("error") or "refused"))
    return Waiting(
        page=str(answer["verification_uri"]),
        whole_page=str(answer["verification_uri_complete"]),
        code=str(answer["user_code"]),
        seconds=int(answer["expires_in"]),
        interval=int(answer["interval"]),
        device_code=str(answer["device_code"]),
    )


def token_of(
    transport: Transport,
    waiting: Waiting,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> str:
    """Ask until the person has answered; the token. Raises Refused for a no, or none in time."""
    until, interval = clock() + waiting.seconds, waiting.interval
    while clock() < until:
        sleep(interval)
        status, answer = transport.form(
            "/oauth/token",
            {"grant_type": _GRANT, "device_code": waiting.device_code, "client_id": CLIENT_ID},
        )
        if status == 200:
            return str(answer["access_token"])
        error = str(answer.get("error", ""))
        if error == "slow_down":
            interval += 5
        elif error == "access_denied":
            raise Refused("It was not allowed.", code="access-denied")
        elif error != "authorization_pending" and status < 500:
            break
    raise Refused(
        "Nobody allowed it in time. Run the command again for a new code.", code="code-over"
    )


def _why(answer: dict[str, Any]) -> str:
    if answer.get("error") == "invalid_scope":
        return "One of the scopes is not one that the command line may ask for."
    if answer.get("code") == "too-many-attempts":
        raise Unavailable(str(answer.get("detail", "")), code="too-many-attempts")
    return str(answer.get("detail") or "Signing in by a code is not allowed here. Use --token.")
