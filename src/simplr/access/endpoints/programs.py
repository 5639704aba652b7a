"""Programs that may ask people to act for them, for administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from simplr.access.endpoints.tokens import PROBLEMS, NamedAnswer, TokenAnswer, token_answer
from simplr.access.oauth import programs
from simplr.base.actors import actor_of
from simplr.base.entry import administrator
from simplr.base.paging import USUAL, page_of
from simplr.base.schemas import Answer, ShortText, Strict

router = Router(tags=["access"])


class NewProgramBody(Strict):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    kind: Literal["web", "native", "device", "service"]
    scopes: Annotated[
        list[Annotated[str, Field(max_length=100)]], Field(min_length=1, max_length=64)
    ]
    addresses: Annotated[list[ShortText], Field(max_length=10)] = []
    acts_for: UUID | None = None


class ProgramAnswer(Answer):
    id: UUID
    client_id: str
    name: str
    kind: str
    scopes: list[str]
    addresses: list[str]
    acts_for: NamedAnswer | None
    registered_by: NamedAnswer | None
    registered_at: datetime
    revoked_at: datetime | None
    token_count: int


class MadeProgram(ProgramAnswer):
    client_secret: str | None


class ProgramPage(Answer):
    items: list[ProgramAnswer]
    next: str | None


class TokenOfProgram(TokenAnswer):
    person: NamedAnswer


class TokensOfProgram(Answer):
    items: list[TokenOfProgram]
    next: str | None = None


def _answer(program: Any) -> dict[str, Any]:
    by, acts_for = program.registered_by, program.user
    return {
        "id": program.public_id,
        "client_id": program.client_id,
        "name": program.name,
        "kind": programs.kind_of(program).value,
        "scopes": program.scopes,
        "addresses": program.redirect_uris.split(),
        "acts_for": {"id": acts_for.id, "name": acts_for.name} if acts_for else None,
        "registered_by": {"id": by.id, "name": by.name} if by else None,
        "registered_at": program.created,
        "revoked_at": program.revoked_at,
        "token_count": getattr(program, "token_count", 0),
    }


@router.get("/programs", response={200: ProgramPage, **PROBLEMS}, operation_id="list_programs")
@administrator(scope="installation:read")
def list_programs(request: HttpRequest, cursor: str = "", limit: int = USUAL) -> dict[str, Any]:
    """Every program, ended ones too, the newest first. Secrets are not told again."""
    page = page_of(programs.programs(), cursor=cursor, limit=limit, key="public_id")
    return page.map(_answer).answer()


@router.post("/programs", response={201: MadeProgram, **PROBLEMS}, operation_id="create_program")
@administrator(scope="installation:manage")
def create_program(request: HttpRequest, body: NewProgramBody) -> tuple[int, dict[str, Any]]:
    """Let a program ask people to act for them. `client_secret` is told this once."""
    made = programs.register_program(
        name=body.name,
        kind=programs.Kind(body.kind),
        scopes=body.scopes,
        addresses=body.addresses,
        acts_for=body.acts_for,
        actor=actor_of(request),
    )
    return 201, {**_answer(made.program), "client_secret": made.secret or None}


@router.delete(
    "/programs/{program}", response={204: None, **PROBLEMS}, operation_id="revoke_program"
)
@administrator(scope="installation:manage")
def revoke_program(request: HttpRequest, program: UUID) -> tuple[int, None]:
    """End a program, and every token that people allowed it. It takes effect at once."""
    programs.revoke_program(program_id=program, actor=actor_of(request))
    return 204, None


@router.get(
    "/programs/{program}/tokens",
    response={200: TokensOfProgram, **PROBLEMS},
    operation_id="list_program_tokens",
)
@administrator(scope="installation:read")
def list_program_tokens(request: HttpRequest, program: UUID) -> dict[str, Any]:
    """Who allows a program what at present."""
    return {
        "items": [
            {**token_answer(token), "person": {"id": token.user.id, "name": token.user.name}}
            for token in programs.tokens_of_program(program)
        ]
    }
