"""Which objects are referred to: each app that keeps object ids says so here, for the sweeper."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

Claim = Callable[[Iterable[UUID]], set[UUID]]
_claims: list[Claim] = []


def register(claim: Claim) -> None:
    """Let an app name those of some ids that its rows refer to."""
    if claim not in _claims:
        _claims.append(claim)


def claimed(ids: Iterable[UUID]) -> set[UUID]:
    """Those of `ids` that any row of any app refers to."""
    wanted = list(ids)
    found: set[UUID] = set()
    for claim in _claims:
        found |= claim(wanted)
    return found
