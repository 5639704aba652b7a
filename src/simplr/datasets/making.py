"""Making a table's version in a child: what it reads, what it seals, and the rows that say so.

Every version of a data set is made here, of a file, of an earlier version, or of both: a job of
the core reads what it is given and ends in a `TableKeeper`. The earlier version stays as it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from simplr.base import children
from simplr.base.actors import Actor
from simplr.datasets import queries, services, tasks
from simplr.resources import services as resources
from simplr.resources.models import Resource, Version
from simplr.vault import receiving
from simplr.vault import services as vault
from simplr.vault.services import OpenObject
from simplr_core.tables.schema import Schema
from simplr_core.tables.sealed import Sealed

MOST_GROWTH = 50
ROOM_FOR_ANY = 1 << 30
"""Sealed results may take fifty times the file and one gibibyte: short cells that do not fit are
noted with their reasons. More than that is a file made to fill the disk."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """The sealed objects of one table, and what the child said of them."""

    schema: Schema
    groups: Sequence[Sequence[str]]
    parts: list[UUID]
    quarantine: UUID
    profiles: list[UUID]
    recipe: UUID | None = None
    """What was done to a file, where rows come of one."""
    result: Mapping[str, Any]

    @property
    def ids(self) -> list[UUID]:
        recipe = [self.recipe] if self.recipe else []
        return [*self.parts, self.quarantine, *self.profiles, *recipe]

    @property
    def stored_bytes(self) -> int:
        return sum(int(facts["sealed_size"]) for facts in self.result["objects"].values())

    @property
    def counts(self) -> dict[str, int]:
        """Rows in, kept and put aside of the whole; how many each row became, where that is more."""
        each = {"each": self.result["rows_each"]} if "rows_each" in self.result else {}
        return {**self.result["counts"], **each}

    @property
    def counts_of_file(self) -> dict[str, int]:
        """Rows in, kept and put aside of the file alone, where a version is made of more."""
        return dict(self.result.get("file", self.result["counts"]))

    @property
    def changes(self) -> dict[str, int]:
        """How many rows were added or replaced, as far as the job says so."""
        return dict(self.result.get("changes", {}))


@dataclass(frozen=True, kw_only=True)
class Read:
    """What a job reads: its arguments, and the sealed objects that it is handed by name."""

    arguments: Mapping[str, Any]
    objects: Mapping[str, OpenObject]

    @property
    def stored_bytes(self) -> int:
        return sum(item.sealed_size for item in self.objects.values())


def seal_table(
    *,
    project_id: UUID,
    job: str,
    read: Read,
    schema: Schema,
    groups: Sequence[Sequence[str]],
    most_bytes: int,
    has_recipe: bool = False,
    progress: Callable[[Mapping[str, Any]], None] = lambda message: None,
) -> Made:
    """Run `job` in a child and store what it seals. Nothing refers to it yet.

    With `has_recipe` the job seals the recipe that it followed, too. `progress` may raise to stop the work. Raises what makes the table impossible; then nothing is
    left behind.
    """

    def begin(kind: str) -> vault.NewObject:
        return vault.begin_object(project_id=project_id, kind=kind)

    parts = [begin("part") for _ in groups]
    quarantine = begin("quarantine")
    profiles = [begin("profile") for _ in schema]
    recipe = begin("recipe") if has_recipe else None
    sealed = [*parts, quarantine, *profiles, *([recipe] if recipe else [])]
    with ExitStack() as stack:
        files = vault.open_descriptors(dict(read.objects))
        for descriptor in files.values():
            stack.callback(os.close, descriptor)
        child = children.start(
            job=job,
            arguments={
                **read.arguments,
                "parts": [part.for_child() for part in parts],
                "quarantine": quarantine.for_child(),
                "profiles": [profile.for_child() for profile in profiles],
                **({"recipe": recipe.for_child()} if recipe else {}),
            },
            files=files,
        )
        result = receiving.store_from_child(
            child,
            dict(enumerate(sealed, start=1)),
            progress=progress,
            facts=_facts,
            most_bytes=most_bytes,
        )
    return Made(
        schema=schema,
        groups=groups,
        parts=[part.id for part in parts],
        quarantine=quarantine.id,
        profiles=[profile.id for profile in profiles],
        recipe=recipe.id if recipe else None,
        result=result,
    )


def _facts(result: Mapping[str, Any]) -> dict[int, Sealed]:
    return {
        int(channel): receiving.sealed_facts(facts) for channel, facts in result["objects"].items()
    }


def kept_version(version: Version, *, names: Sequence[str] | None = None, prefix: str = "") -> Read:
    """What a child needs to read a version as `simplr_core.tables.jobs.versions` does.

    With `names`, the parts that hold these fields and no other, without what was put aside.
    `prefix` tells the files of several versions apart.
    """
    objects: dict[str, OpenObject] = {}

    def handed(object_id: UUID, name: str) -> dict[str, Any]:
        objects[prefix + name] = vault.open_object(object_id)
        return {**objects[prefix + name].for_child(), "file": prefix + name}

    schema = queries.schema_of(queries.fields_of(version))
    parts = [
        {"fields": list(part.names), **handed(part.object_id, f"part{number}")}
        for number, part in enumerate(
            queries.parts_of(version) if names is None else queries.parts_with(version, names)
        )
    ]
    quarantine = (
        handed(version.quarantine_id, "quarantine")
        if version.quarantine_id is not None and names is None
        else None
    )
    return Read(
        arguments={
            "schema": schema.to_json(),
            "parts": parts,
            "quarantine": quarantine,
            "rows_in": version.rows_in or 0,
            "rows_made": version.rows_made,
        },
        objects=objects,
    )


@dataclass(frozen=True, kw_only=True)
class Source:
    """The file that a version came by; a version made of a version has the one of that."""

    original_id: UUID
    name: str
    media_type: str
    size: int
    table_path: Sequence[str] = ()


def add_version(
    *,
    resource: Resource,
    made: Made,
    source: Source,
    understanding: Mapping[str, Any],
    lineage: resources.Lineage,
    owner_id: UUID,
    actor: Actor,
) -> Version:
    """Write the rows of a version that was made, inside the caller's transaction.

    The caller confirms the objects. Raises VersionSuperseded.
    """
    version = resources.add_version(
        resource=resource,
        owner_id=owner_id,
        original_id=source.original_id,
        original_name=source.name,
        media_type=source.media_type,
        size=source.size,
        actor=actor,
        rows=made.counts,
        quarantine_id=made.quarantine,
        recipe_id=made.recipe,
        table_path=source.table_path,
        lineage=lineage,
    )
    services.describe_version(
        version=version,
        schema=made.schema,
        groups=made.groups,
        part_ids=made.parts,
        profile_ids=made.profiles,
        counts={facts["name"]: facts for facts in made.result["fields"]},
        understanding=understanding,
    )
    tasks.find_structure.defer(version_id=str(version.pk))
    return version
