"""What must go when a resource is erased: each app that keeps something about one says so here.

A higher app registers once, when it starts: which sealed objects it keeps about some resources,
and how it forgets its rows about them. The highest app forgets first, so that nothing is left that
points at what goes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Keeper:
    """One app that keeps something about resources."""

    objects: Callable[[Sequence[UUID]], set[UUID]]
    """The sealed objects that it keeps about these resources."""
    forget: Callable[[Sequence[UUID]], None]
    """Removes its rows about them, inside the caller's transaction."""


_keepers: dict[str, Keeper] = {}


def register(app: str, keeper: Keeper) -> None:
    """Let an app take part; apps start from the lowest to the highest."""
    _keepers[app] = keeper


def objects_of(resource_ids: Sequence[UUID]) -> set[UUID]:
    """Every sealed object that some app keeps about these resources."""
    found: set[UUID] = set()
    for keeper in _keepers.values():
        found |= keeper.objects(resource_ids)
    return found


def forget(resource_ids: Sequence[UUID]) -> None:
    """Remove every row about these resources, from the highest app to the lowest."""
    for keeper in reversed(_keepers.values()):
        keeper.forget(resource_ids)
