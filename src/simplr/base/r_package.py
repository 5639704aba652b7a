"""The R package, as a source archive that this installation hands out itself, as it does the wheel.

The archive is made in memory from the sources in `clients/r`, or from where the wheel of the server
holds them, so the package always fits its server.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from simplr import VERSION

PACKAGE = "simplr"
_HERE = Path(__file__).resolve()
_PLACES = (_HERE.parents[3] / "clients" / "r", _HERE.parents[2] / "simplr_r")
"""In a checkout, and in an installed wheel."""
_FILES = ("DESCRIPTION", "NAMESPACE")
_FOLDERS = ("R", "man", "tests")


def archive_name() -> str:
    """The name of the file."""
    return f"{PACKAGE}_{VERSION}.tar.gz"


@cache
def archive() -> bytes:
    """The bytes of the archive: the same for the same installation."""
    made = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=made, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for name, content in _sources():
            member = tarfile.TarInfo(f"{PACKAGE}/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return made.getvalue()


def _sources() -> Iterator[tuple[str, bytes]]:
    folder = next(place for place in _PLACES if (place / "DESCRIPTION").is_file())
    for name in _FILES:
        yield name, (folder / name).read_bytes()
    for name in _FOLDERS:
        for path in sorted((folder / name).iterdir()):
            yield f"{name}/{path.name}", path.read_bytes()
