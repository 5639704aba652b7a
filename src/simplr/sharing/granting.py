"""Giving a grant: only what may be shared is granted, whoever gives it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from simplr.access import services as access
from simplr.access.models import Node
from simplr.access.services import Grantee, NewGrant
from simplr.base.actors import Actor
from simplr.resources import queries as resources
from simplr.resources.models import Version
from simplr.resources.scanning import rules as scanning
from simplr.sharing.models import Release
from simplr_core.access import Action, NodeKind, included

_SHOWS_CONTENT = {Action.READ, Action.DOWNLOAD}


@transaction.atomic
def give_grant(
    *,
    node_id: UUID,
    to: Grantee,
    actions: Sequence[Action],
    actor: Actor,
    release_id: UUID | None = None,
    until: datetime | None = None,
    conditions: Sequence[str] = (),
    note: str = "",
) -> NewGrant:
    """Let one grantee do `actions` to a node, perhaps only under one of its releases.

    What a project or a folder holds is asked for when it is read: it may change any day. Raises
    what `access.services.give_grant` raises, FileInfected or FileNotScanned.
    """
    made = access.give_grant(
        node_id=node_id,
        to=to,
        actions=actions,
        actor=actor,
        release_id=release_id,
        until=until,
        conditions=conditions,
        note=note,
    )
    if _SHOWS_CONTENT & included(frozenset(actions)):
        version = _granted(made.grant.node, release_id)
        if version is not None:
            scanning.check_shareable(version)
    return made


def _granted(node: Node, release_id: UUID | None) -> Version | None:
    """The version that the grantee would get first; None for what holds several things."""
    if release_id is not None:
        return Release.objects.select_related("version").get(pk=release_id).version
    if node.kind != NodeKind.RESOURCE:
        return None
    return resources.version_of(node.pk)
