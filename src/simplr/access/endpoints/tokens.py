"""Who one is, and access tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from pydantic import Field

from simplr.access import queries, tokens
from simplr.base.actors import actor_of
from simplr.base.entry import person_id_of, signed_in
from simplr.base.schemas import Answer, Problem, Strict

router = Router(tags=["access"])
PROBLEMS = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem}


class NamedAnswer(Answer):
    id: UUID
    name: str


class LicenceOfMe(Answer):
    state: str
    expires_at: datetime | None


class TokenOfMe(Answer):
    id: UUID
    name: str
    scopes: list[str]
    expires_at: datetime


class MeAnswer(Answer):
    id: UUID
    email: str
    name: str
    organisation: NamedAnswer | None
    administrator: bool
    auditor: bool
    licence: LicenceOfMe
    token: TokenOfMe | None


class NewTokenBody(Strict):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Annotated[
        list[Annotated[str, Field(max_length=100)]], Field(min_length=1, max_length=64)
    ]
    expires_at: datetime


class TokenAnswer(Answer):
    id: UUID
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    program: NamedAnswer | None
    """The program that the person allowed it; none for a token that he made himself."""


class MadeToken(TokenAnswer):
    token: str


class TokenPage(Answer):
    items: list[TokenAnswer]
    next: str | None = None


def token_answer(token: Any) -> dict[str, Any]:
    """A token as programs see it, without its secret."""
    return {
        "id": token.public_id,
        "name": token.name,
        "scopes": token.scope.split(),
        "created_at": token.created,
        "expires_at": token.ends_at,
        "last_used_at": token.last_used_at,
        "revoked_at": token.revoked_at,
        "program": _program(token.application),
    }


def _program(program: Any) -> dict[str, Any] | None:
    return {"id": program.public_id, "name": program.name} if program is not None else None


@router.get("/me", response={200: MeAnswer, **PROBLEMS}, operation_id="show_me")
@signed_in
def show_me(request: HttpRequest) -> dict[str, Any]:
    """Who you are here, by which licence, and with which token."""
    return queries.me(actor_of(request))


@router.get("/tokens", response={200: TokenPage, **PROBLEMS}, operation_id="list_tokens")
@signed_in(scope="token:read")
def list_tokens(request: HttpRequest) -> dict[str, Any]:
    """Your access tokens, the newest first, without their secrets."""
    person_id = person_id_of(request)
    return {"items": [token_answer(token) for token in tokens.tokens_of(person_id)]}


@router.post("/tokens", response={201: MadeToken, **PROBLEMS}, operation_id="create_token")
@signed_in(scope="token:manage")
def create_token(request: HttpRequest, body: NewTokenBody) -> tuple[int, dict[str, Any]]:
    """Make a token. It can never do more than you may; `token` is told this once."""
    expires_at = body.expires_at
    if timezone.is_naive(expires_at):
        expires_at = timezone.make_aware(expires_at)
    made = tokens.issue_access_token(
        name=body.name, scopes=body.scopes, expires_at=expires_at, actor=actor_of(request)
    )
    return 201, {**token_answer(made.token), "token": made.secret}


@router.delete("/tokens/{token}", response={204: None, **PROBLEMS}, operation_id="revoke_token")
@signed_in(scope="token:manage")
def revoke_token(request: HttpRequest, token: UUID) -> tuple[int, None]:
    """End one of your tokens. It takes effect at once."""
    tokens.revoke_access_token(token_id=token, actor=actor_of(request))
    return 204, None
