"""Random pseudonyms: a sealed map per project and field, extended before a release needs it.

A pseudonym is drawn, never derived from the value, so nobody can compute it (45 CFR 164.514(c)).
The map is read and written in the child; this process holds its sealed bytes only.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from simplr.base import children
from simplr.datasets import queries as datasets
from simplr.resources.models import Version
from simplr.sharing.models import PseudonymMap
from simplr.vault import receiving
from simplr.vault import services as vault
from simplr.vault.services import OpenObject
from simplr_core.errors import Conflict
from simplr_core.tables.sealed import Sealed


class PseudonymsMissing(Conflict):
    """The pseudonyms of this field are not made yet. Save the release again."""

    code = "pseudonyms-missing"


def _newest(project_id: UUID, field_name: str) -> PseudonymMap | None:
    return (
        PseudonymMap.objects.filter(project_id=project_id, field_name=field_name)
        .order_by("-number")
        .first()
    )


def map_of(project_id: UUID, field_name: str) -> OpenObject:
    """The newest sealed map of a field. Raises PseudonymsMissing."""
    row = _newest(project_id, field_name)
    if row is None:
        raise PseudonymsMissing(field=field_name)
    return vault.open_object(row.object_id)


def extend_map(*, version: Version, field_name: str) -> PseudonymMap:
    """Give every value of a field in this version a pseudonym; old ones keep theirs.

    Raises Conflict when somebody else extended the same map meanwhile: do it again.
    """
    project_id = version.resource.project_id
    old = _newest(project_id, field_name)
    (part,) = datasets.parts_with(version, [field_name])
    new = vault.begin_object(project_id=project_id, kind="pseudonyms")
    with ExitStack() as stack:
        files: dict[str, int] = {}

        def handed(item: OpenObject, name: str) -> dict[str, Any]:
            files[name] = item.open()
            stack.callback(os.close, files[name])
            return {**item.for_child(), "file": name}

        arguments: dict[str, Any] = {
            "field": field_name,
            "parts": [
                {"fields": list(part.names), **handed(vault.open_object(part.object_id), "part")}
            ],
            "map": handed(vault.open_object(old.object_id), "map") if old is not None else None,
            "seal": new.for_child(),
        }
        child = children.start(
            job="simplr_core.privacy.jobs:pseudonyms", arguments=arguments, files=files
        )
        result = receiving.store_from_child(child, {1: new}, facts=_facts)
    if old is not None and "sealed" not in result:
        return old
    try:
        with transaction.atomic():
            row = PseudonymMap.objects.create(
                project_id=project_id,
                field_name=field_name,
                number=old.number + 1 if old else 1,
                object_id=new.id,
                count=result["count"],
            )
            vault.confirm([new.id])
    except IntegrityError as error:
        vault.discard([new.id])
        raise Conflict("Somebody else made pseudonyms for this field. Save again.") from error
    return row


def _facts(result: Mapping[str, Any]) -> dict[int, Sealed]:
    sealed = result.get("sealed")
    return {1: receiving.sealed_facts(sealed)} if sealed else {}
