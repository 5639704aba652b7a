"""What tells the rows of a version apart, and which fields follow from which.

It is found in a child after a version was kept, and holds names of fields only. Nobody is told of
a field that he may not see.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from simplr.base import children
from simplr.datasets import making, queries
from simplr.datasets.models import Structure
from simplr.resources.models import Version
from simplr.vault import services as vault
from simplr_core.tables.schema import Personal


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one reader is told; `is_known` is false while nothing was looked for."""

    is_known: bool
    is_whole: bool
    keys: list[list[str]]
    dependencies: list[dict[str, str]]


def find(version_id: UUID) -> None:
    """Look for the keys of a version in a child, and note them. Does nothing twice."""
    version = Version.objects.filter(pk=version_id, node__deleted_at=None).first()
    if version is None or Structure.objects.filter(pk=version_id).exists():
        return
    found = _found_by_child(version)
    with transaction.atomic():
        if not Version.objects.select_for_update(of=("self",)).filter(pk=version_id).exists():
            return
        Structure.objects.get_or_create(
            version=version,
            defaults={
                "keys": found["keys"],
                "dependencies": found["dependencies"],
                "is_whole": found["is_whole"],
            },
        )


def _found_by_child(version: Version) -> Any:
    names = [field.name for field in queries.fields_of(version)]
    read = making.kept_version(version, names=names)
    with ExitStack() as stack:
        files = vault.open_descriptors(dict(read.objects))
        for descriptor in files.values():
            stack.callback(os.close, descriptor)
        child = stack.enter_context(
            children.start(
                job="simplr_core.stats.jobs:structure", arguments=dict(read.arguments), files=files
            )
        )
        return child.finish()


def copied(*, to: Version, of: Version) -> None:
    """Give a version that has the rows of another what was found of that, in the transaction."""
    known = Structure.objects.filter(pk=of.pk).first()
    if known is not None:
        Structure.objects.create(
            version=to,
            keys=known.keys,
            dependencies=known.dependencies,
            is_whole=known.is_whole,
        )


def structure_for(version: Version, *, personal: bool) -> Found:
    """What was found, as far as it names fields that the reader may see."""
    known = Structure.objects.filter(pk=version.pk).first()
    if known is None:
        return Found(is_known=False, is_whole=False, keys=[], dependencies=[])
    shown = {
        field.name
        for field in queries.fields_of(version)
        if personal or field.personal != Personal.PERSONAL
    }
    return Found(
        is_known=True,
        is_whole=known.is_whole,
        keys=keys_within(known, shown),
        dependencies=[
            pair for pair in known.dependencies if pair["from"] in shown and pair["to"] in shown
        ],
    )


def keys_within(known: Structure, names: Iterable[str]) -> list[list[str]]:
    """The keys that are made of these fields alone."""
    usable = set(names)
    return [key for key in known.keys if set(key) <= usable]
