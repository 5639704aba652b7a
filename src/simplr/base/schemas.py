"""Strict base types of the API: unknown members refused, texts bounded and free of NUL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a text holds no NUL character")
    return text


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


AwareTime = Annotated[datetime, AfterValidator(_aware)]
"""A time; one without a zone is in UTC."""
Title = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_no_nul)]
ShortText = Annotated[str, Field(max_length=500), AfterValidator(_no_nul)]
LongText = Annotated[str, Field(max_length=20_000), AfterValidator(_no_nul)]
Name = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_no_nul)]


class Strict(Schema):
    """A request body: what is not known is refused, not ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Answer(Schema):
    """A response body."""


class Problem(Schema):
    """An error (RFC 9457), with our stable `code`."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str | None = None


PROBLEMS: dict[int, type[Schema]] = {
    400: Problem,
    401: Problem,
    403: Problem,
    404: Problem,
    409: Problem,
    413: Problem,
    422: Problem,
    429: Problem,
    503: Problem,
}
"""What every operation may answer besides its success."""
