"""A store of objects that is not the folder of the installation is tried before anything relies on it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from simplr.operations.start.environment import objects_url_of
from simplr.operations.start.errors import StartFailed
from simplr.operations.start.folder import DataFolder


def is_elsewhere(folder: DataFolder, environ: Mapping[str, str]) -> bool:
    """Whether objects lie outside the folder: our own needs no trial."""
    return objects_url_of(folder, environ) != (folder.path / "objects").as_uri()


def tried(printed: str) -> str:
    """What to note of what `check_store` printed; empty when all is well. Raises StartFailed."""
    said = json.loads(printed.splitlines()[-1])
    if "failed" in said:
        raise StartFailed(f"Objects cannot be kept there. {said['failed']['message']}")
    if said["creates_on_condition"]:
        return ""
    return (
        "The object store overwrites objects that are there. The database alone keeps two of one"
        " name apart, which is enough as long as nothing else writes there."
    )
