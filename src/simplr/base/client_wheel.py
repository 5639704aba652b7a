"""The Python client and its command, as a wheel that this installation hands out itself.

The wheel is made in memory from the package that runs here, so the client always fits its server
and nobody needs to look for it on an index, where a stranger owns the name.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from functools import cache
from importlib.metadata import PackageNotFoundError, requires
from importlib.resources import files
from importlib.resources.abc import Traversable

from simplr import VERSION

DISTRIBUTION = "simplr_irm_client"
_REQUIRED = ("httpx",)
"""What the client imports beyond the standard library."""

_AT = (1980, 1, 1, 0, 0, 0)


def wheel_name() -> str:
    """The name of the file."""
    return f"{DISTRIBUTION}-{VERSION}-py3-none-any.whl"


@cache
def wheel() -> bytes:
    """The bytes of the wheel: the same for the same installation."""
    info = f"{DISTRIBUTION}-{VERSION}.dist-info"
    members = dict(_sources(files("simplr_client"), "simplr_client"))
    members[f"{info}/METADATA"] = _metadata().encode()
    members[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: simplr\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    members[f"{info}/entry_points.txt"] = (
        b"[console_scripts]\nsimplr = simplr_client.command:main\n"
    )
    record = "".join(
        f"{name},{_digest(content)},{len(content)}\n" for name, content in members.items()
    )
    members[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, _AT)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return made.getvalue()


def _sources(folder: Traversable, name: str) -> list[tuple[str, bytes]]:
    found = []
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = f"{name}/{each.name}"
        if each.is_dir():
            if each.name != "__pycache__":
                found += _sources(each, path)
        elif each.name.endswith((".py", ".typed")):
            found.append((path, each.read_bytes()))
    return found


def _metadata() -> str:
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {DISTRIBUTION.replace('_', '-')}",
        f"Version: {VERSION}",
        "Summary: Python client and command line of a Simplr installation",
        "Requires-Python: >=3.11",
        *(f"Requires-Dist: {needed}" for needed in _needed()),
    ]
    return "\n".join(lines) + "\n"


def _needed() -> list[str]:
    """The client's requirements, with the bounds that the server's own distribution gives them."""
    try:
        stated = requires("simplr-irm") or []
    except PackageNotFoundError:
        stated = []
    bounds = {each.split(";")[0].strip() for each in stated if ";" not in each}
    return [
        next((each for each in sorted(bounds) if each.lower().startswith(name)), name)
        for name in _REQUIRED
    ]


def _digest(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    return f"sha256={digest}"
