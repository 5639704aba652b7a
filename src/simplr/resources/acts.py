"""Doing one thing to several: each is decided for itself, and the answer names each outcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from simplr.access.permissions import decide
from simplr.base.actors import Actor
from simplr.resources import folder_services, queries, trash_services
from simplr_core.errors import Invalid, NotFound, Refused, SimplrError

MOST = 500
"""How many things one request may name."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one of several things."""

    id: UUID
    title: str
    """Empty for what the actor may not know of."""
    error: SimplrError | None = None

    @property
    def is_done(self) -> bool:
        return self.error is None


def act_on_several(
    *,
    act: str,
    ids: Sequence[UUID],
    actor: Actor,
    to: UUID | None = None,
    wider: bool = False,
) -> list[Outcome]:
    """Do `act` (one of `ACTS`) to each thing, in the order given; one that fails stops no other.

    `to` is where to move; `wider` says that others may come in by that. Whatever is refused for
    one thing stands in its outcome. Raises Invalid for an unknown act, for too many things, or
    for a move without a place.
    """
    if act not in ACTS:
        raise Invalid(f"It can be one of these: {', '.join(ACTS)}.", field="act")
    if not 0 < len(ids) <= MOST:
        raise Invalid(f"Name 1 to {MOST} things at a time.", field="ids")
    wanted = list(dict.fromkeys(ids))
    titles = queries.titles_of(wanted)
    do = ACTS[act]
    if act == "move":
        if to is None:
            raise Invalid("Say where to: a folder, or the project itself.", field="to")
        do = partial(do, place_id=to, wider=wider)
    return [_one(do, id_, title=titles.get(id_, ""), actor=actor) for id_ in wanted]


def _one(act: Callable[..., Any], node_id: UUID, *, title: str, actor: Actor) -> Outcome:
    try:
        with transaction.atomic():
            act(node_id=node_id, actor=actor)
    except NotFound as error:
        return Outcome(id=node_id, title="", error=error)
    except SimplrError as error:
        return Outcome(id=node_id, title=title, error=error)
    return Outcome(id=node_id, title=title)


def check_may(actor: Actor, action: str, node_id: UUID, *, in_trash: bool = False) -> None:
    """Return quietly if the decision allows it. Raises NotFound or Refused."""
    verdict = decide(actor=actor, action=action, node_id=node_id, in_trash=in_trash)
    if verdict.allowed:
        return
    if not verdict.known:
        raise NotFound
    raise Refused(reason=verdict.code, action=action)


def trash(*, node_id: UUID, actor: Actor) -> None:
    """Put one thing in the trash, if the actor may manage it."""
    check_may(actor, "manage", node_id)
    trash_services.put_in_trash(node_id=node_id, actor=actor)


def bring_back(*, node_id: UUID, actor: Actor) -> None:
    """Bring one thing back, if the actor may manage it."""
    check_may(actor, "manage", node_id, in_trash=True)
    trash_services.bring_back(node_id=node_id, actor=actor)


def erase(*, node_id: UUID, actor: Actor) -> None:
    """Have one thing in the trash erased, if the actor decides about the whole project."""
    check_may(actor, "manage", node_id, in_trash=True)
    check_may(actor, "manage", queries.project_of_node(node_id))
    trash_services.order_erasure(node_id=node_id, actor=actor)


def move(*, node_id: UUID, place_id: UUID, actor: Actor, wider: bool = False) -> None:
    """Move one thing, if the actor may write to it and to the place, and manage it for `wider`."""
    check_may(actor, "manage" if wider else "write", node_id)
    check_may(actor, "write", place_id)
    folder_services.move(node_id=node_id, place_id=place_id, actor=actor, wider=wider)


ACTS: dict[str, Callable[..., Any]] = {
    "move": move,
    "trash": trash,
    "bring-back": bring_back,
    "erase": erase,
}
"""What can be done to several things at once."""
