"""The Python client of Simplr.

    import simplr_client

    with simplr_client.connect() as session:        # after `simplr signin URL`
        trees = session.dataset("Street trees")
        frame = trees.to_pandas(where="district = 'North'")

It speaks HTTP and nothing else: it knows no server code, needs httpx alone, and imports pyarrow,
pandas and polars only when a table is asked for in their form. What you may read is decided by the
installation at every call; the client remembers no data. The `simplr` command is `command`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simplr_client.connection import connect
    from simplr_client.errors import (
        Conflict,
        Corrupt,
        Invalid,
        MissingPackage,
        NoServer,
        NotFound,
        NotSignedIn,
        Refused,
        ServerFault,
        SimplrError,
        TooManyRequests,
        TransferBroken,
        Unavailable,
    )
    from simplr_client.folders import Folder
    from simplr_client.projects import Project
    from simplr_client.resources import Dataset, Record, Release, Resource
    from simplr_client.session import Session
    from simplr_client.upload import Progress, Upload

_HOMES = {
    "connection": "connect",
    "errors": (
        "Conflict Corrupt Invalid MissingPackage NoServer NotFound NotSignedIn Refused ServerFault "
        "SimplrError TooManyRequests TransferBroken Unavailable"
    ),
    "folders": "Folder",
    "projects": "Project",
    "resources": "Dataset Record Release Resource",
    "session": "Session",
    "upload": "Progress Upload",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "Conflict",
    "Corrupt",
    "Dataset",
    "Folder",
    "Invalid",
    "MissingPackage",
    "NoServer",
    "NotFound",
    "NotSignedIn",
    "Progress",
    "Project",
    "Record",
    "Refused",
    "Release",
    "Resource",
    "ServerFault",
    "Session",
    "SimplrError",
    "TooManyRequests",
    "TransferBroken",
    "Unavailable",
    "Upload",
    "connect",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that `simplr --help` answers at once."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{home}"), name)
    return found
