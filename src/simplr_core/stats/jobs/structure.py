"""The job that finds which fields tell rows apart, and which follow from which."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from simplr_core.stats.structure import structure_of
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import heartbeat_of
from simplr_core.tables.jobs.versions import KeptVersion


def structure(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """The keys and dependencies of a version (`arguments`: see `KeptVersion`): names, no values."""
    version = KeptVersion(arguments, files)
    beat = heartbeat_of(port, None, "structure")
    return structure_of(version, seed=secrets.token_bytes(32), beat=beat)
