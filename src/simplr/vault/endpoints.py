"""Health and unsealing: all that a sealed installation answers."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Router
from pydantic import Field, SecretStr

from simplr.base.actors import actor_of
from simplr.base.entry import anyone
from simplr.base.schemas import Answer, Problem, Strict
from simplr.vault import queries, readiness, unsealing

router = Router(tags=["installation"], auth=None)


class HealthAnswer(Answer):
    status: Literal["ok", "sealed"]
    version: str


class LiveAnswer(Answer):
    status: Literal["live"]


class ReadyAnswer(Answer):
    status: Literal["ready"]


class RootKey(Strict):
    key: Annotated[SecretStr, Field(max_length=500)]


@router.get(
    "/health", response={200: HealthAnswer, 422: Problem, 503: Problem}, operation_id="show_health"
)
@anyone(because="it says only that the installation runs, and whether it is sealed")
def health(request: HttpRequest) -> HealthAnswer:
    """Whether the installation answers; databases and key agent are asked."""
    found = queries.health()
    return HealthAnswer(
        status="sealed" if found.status == "sealed" else "ok", version=found.version
    )


@router.get("/health/live", response={200: LiveAnswer, 422: Problem}, operation_id="show_live")
@anyone(because="it says only that this process answers")
def live(request: HttpRequest) -> LiveAnswer:
    """Whether this process answers at all; nothing else is asked. Start it again if it does not."""
    return LiveAnswer(status="live")


@router.get(
    "/health/ready",
    response={200: ReadyAnswer, 422: Problem, 503: Problem},
    operation_id="show_ready",
)
@anyone(because="it says only which part is away; it looks at most once a second")
def ready(request: HttpRequest) -> ReadyAnswer:
    """Whether callers may be sent here: open, with databases, key agent and objects at hand."""
    readiness.check_ready()
    return ReadyAnswer(status="ready")


@router.post(
    "/unseal",
    response={
        200: HealthAnswer,
        400: Problem,
        422: Problem,
        403: Problem,
        429: Problem,
        503: Problem,
    },
    operation_id="unseal",
)
@anyone(because="the root key is the credential; the key agent counts wrong ones")
def unseal(request: HttpRequest, body: RootKey) -> HealthAnswer:
    """Bring the root key to a sealed installation."""
    unsealing.try_root_key(written_key=body.key.get_secret_value(), actor=actor_of(request))
    return health(request)
