"""Releases, as a client sees them."""

from __future__ import annotations

from collections.abc import Sequence

from simplr_client.records import Record, given
from simplr_client.transport import Json, address


class Release(Record):
    """A named, reviewed definition on one data set: these fields, these rows, these masks."""

    def accept(self, version: str) -> Release:
        """Let a release that follows each accepted version serve this one from now on."""
        path = address("/releases/{}/accept", self.id)
        return Release(self._session, self._ask("POST", path, json={"version": version}))


def release_body(
    *,
    fields: Sequence[str | Json],
    where: str | None,
    version: str,
    version_id: str | None,
) -> Json:
    """The body that defines a release."""
    listed = [
        {"name": field, "mask": {"kind": "keep"}} if isinstance(field, str) else field
        for field in fields
    ]
    return {"fields": listed, "version": version, **given(where=where, version_id=version_id)}
