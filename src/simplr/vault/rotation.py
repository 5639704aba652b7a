"""Exchanging keys: what they wrap is wrapped anew, and no byte of what is kept is touched.

A rotation may be cut off anywhere. What is wrapped under the key before stays readable until
nothing is, and going on from there is the same as beginning.

    root key      stage the next one -> wrap every project's key anew -> promote it
    project key   retire it, make another -> wrap the keys of the project's objects anew
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connections, transaction
from django.db.models import QuerySet

from simplr.base import events
from simplr.base.actors import Actor
from simplr.vault import keys
from simplr.vault.models import ProjectKey, SealedObject
from simplr_core.errors import Corrupt, NotFound

BATCH = 2000
_OBJECTS = """
UPDATE vault_sealedobject kept SET wrapped = anew.wrapped, project_key_id = %s
FROM unnest(%s::uuid[], %s::bytea[], %s::bytea[]) AS anew (id, before, wrapped)
WHERE kept.id = anew.id AND kept.wrapped = anew.before
"""
_PROJECT_KEYS = """
UPDATE vault_projectkey kept SET wrapped = anew.wrapped, root_key_id = %s
FROM unnest(%s::uuid[], %s::bytea[], %s::bytea[]) AS anew (id, before, wrapped)
WHERE kept.id = anew.id AND kept.wrapped = anew.before
"""

Told = Callable[[int], None]


class KeysLeftBehind(Corrupt):
    """Some keys are wrapped under no root key that is at hand. Restore them from a backup."""

    code = "keys-left-behind"


def rotate_root_key(*, actor: Actor, told: Told = lambda _: None) -> tuple[str, int]:
    """Make the next root key and wrap every project's key under it; returns its id and how many.

    The root key before is still kept, by the key agent and in the key store, until the agent is
    told to promote the new one: `promote_root_key`, once its id is remembered. Safe to repeat.
    """
    keys.ledger_key()  # made by the first root key, so it must be there before that one goes
    root_key_id = keys.stage_root_key()
    left = ProjectKey.objects.filter(wrapped__isnull=False).exclude(root_key_id=root_key_id)
    count = 0
    while rows := list(left.order_by("id")[:BATCH]):
        done = _wrap_project_keys(rows, root_key_id)
        if not done and left.filter(id__in=[row.id for row in rows]).exists():
            raise KeysLeftBehind
        count += done
        told(count)
    with transaction.atomic():
        events.record(
            code=events.Event.ROOT_KEY_ROTATED,
            actor=actor,
            details={"root_key": root_key_id, "keys": count},
        )
    return root_key_id, count


def promote_root_key(root_key_id: str) -> None:
    """Let the new root key be the only one. Raises KeysLeftBehind while any key needs the old."""
    if ProjectKey.objects.filter(wrapped__isnull=False).exclude(root_key_id=root_key_id).exists():
        raise KeysLeftBehind
    keys.agent().promote(root_key_id)


def rotate_project_key(
    *, project_id: UUID, actor: Actor, now: datetime, told: Told = lambda _: None
) -> int:
    """Give a project another key and wrap the keys of its objects under it; returns how many.

    Small values in columns name the key that sealed them: that one is retired and stays. Raises
    NotFound for a project without a key, and for the ledger's, which is never exchanged.
    """
    missing = NotFound(f"No key of a project {project_id} can be exchanged.")
    if project_id == keys.LEDGER:
        raise missing
    with transaction.atomic(using="vault"):
        row = (
            ProjectKey.objects.select_for_update()
            .filter(project_id=project_id, retired_at=None)
            .first()
        )
        if row is None:
            raise missing
        row.retired_at = now
        row.save(update_fields=["retired_at"])
        keys.new_key_row(project_id).save(force_insert=True)
    count = rewrap_objects(project_id=project_id, told=told)
    with transaction.atomic():
        events.record(
            code=events.Event.PROJECT_KEY_ROTATED,
            actor=actor,
            project_id=None if project_id == keys.INSTALLATION else project_id,
            details={"keys": count},
        )
    return count


def rewrap_objects(*, project_id: UUID, told: Told = lambda _: None) -> int:
    """Wrap what a project's retired keys still wrap under its present one; returns how many."""
    current, key = keys.current_key(project_id)
    left = _under_retired_keys().filter(project_key__project_id=project_id)
    count, after = 0, UUID(int=0)
    while rows := list(left.filter(id__gt=after).order_by("id")[:BATCH]):
        anew = []
        for row in rows:
            old = keys.key_of(row.project_key)
            wrapped = bytes(row.wrapped or b"")
            data_key = keys.unwrap_under(wrapped, under=old, object_id=row.id)
            anew.append(keys.wrap_under(data_key, under=key, object_id=row.id))
        count += _write(
            _OBJECTS,
            current.id,
            [(row.id, bytes(row.wrapped or b""), w) for row, w in zip(rows, anew, strict=True)],
        )
        after = rows[-1].id
        told(count)
    return count


def rewrap_what_was_left() -> int:
    """Finish rotations of project keys that were cut off, or that a writer overtook."""
    projects = _under_retired_keys().values_list("project_key__project_id", flat=True).distinct()
    return sum(rewrap_objects(project_id=project_id) for project_id in list(projects))


def project_ids() -> list[UUID]:
    """Whose keys can be exchanged: every project's that has one, and the installation's own."""
    current = ProjectKey.objects.filter(retired_at=None, wrapped__isnull=False)
    return list(
        current.exclude(project_id=keys.LEDGER)
        .order_by("project_id")
        .values_list("project_id", flat=True)
    )


def _under_retired_keys() -> QuerySet[SealedObject]:
    return SealedObject.objects.select_related("project_key").filter(
        project_key__retired_at__isnull=False,
        project_key__wrapped__isnull=False,
        wrapped__isnull=False,
    )


def _wrap_project_keys(rows: Sequence[ProjectKey], root_key_id: str) -> int:
    anew = []
    for row in rows:
        wrapped = bytes(row.wrapped or b"")
        anew.append((row.id, wrapped, keys.agent().rewrap(wrapped, aad=keys.aad_of(row))))
    return _write(_PROJECT_KEYS, root_key_id, anew)


def _write(statement: str, value: str | UUID, anew: Sequence[tuple[UUID, bytes, bytes]]) -> int:
    """Put wrapped keys in the place of those before; one that was destroyed meanwhile stays so."""
    with connections["vault"].cursor() as cursor:
        cursor.execute(statement, [value, *(list(column) for column in zip(*anew, strict=True))])
        return int(cursor.rowcount)
