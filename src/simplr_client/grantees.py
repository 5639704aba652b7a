"""Whom a grant is for: as people write it, and as the API says it."""

from __future__ import annotations

from collections.abc import Mapping

from simplr_client.errors import Invalid
from simplr_client.resources import given
from simplr_client.transport import Json


def grantee(to: str | Mapping[str, object], *, link_password: str | None = None) -> Json:
    """Whom a grant is for, as the API says it."""
    if not isinstance(to, str):
        return dict(to)
    if to == "link":
        return {"link": given(password=link_password)}
    if "@" in to:
        return {"email": to}
    raise Invalid(
        f"“{to}” is neither an email address nor “link”. Say person:ID, organisation:ID or group:ID.",
        code="grantee-unclear",
    )
