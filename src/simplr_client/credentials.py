"""Where `simplr signin` keeps tokens: one file, readable by its owner alone.

The file holds one token for each installation and the name of the one used last. It is refused,
not mended, when others could read it: somebody may have read it already.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simplr_client.errors import Invalid, Refused


@dataclass(frozen=True)
class Credential:
    """A token for one installation."""

    url: str
    token: str = field(repr=False)
    email: str = ""
    ca_file: str | None = None


def path() -> Path:
    """The file: `$XDG_CONFIG_HOME/simplr/credentials.json`, else under `~/.config`."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "simplr" / "credentials.json"


def stored(url: str | None = None) -> Credential | None:
    """The credential kept for `url`, or the one signed in last; None when there is none.

    Raises Refused if others may read the file.
    """
    content = _read()
    chosen = url or content.get("current")
    entry = content.get("installations", {}).get(chosen)
    if not chosen or entry is None:
        return None
    return Credential(
        url=chosen,
        token=str(entry["token"]),
        email=str(entry.get("email", "")),
        ca_file=entry.get("ca_file"),
    )


def store(credential: Credential) -> Path:
    """Keep `credential` and make its installation the current one."""
    content = _read()
    entry = {"token": credential.token, "email": credential.email}
    if credential.ca_file:
        entry["ca_file"] = credential.ca_file
    content.setdefault("installations", {})[credential.url] = entry
    content["current"] = credential.url
    return _write(content)


def forget(url: str | None = None) -> str | None:
    """Forget the token for `url` (else the current one); returns the address, or None."""
    content = _read()
    chosen = url or content.get("current")
    if not chosen or content.get("installations", {}).pop(chosen, None) is None:
        return None
    if content.get("current") == chosen:
        content["current"] = next(iter(content["installations"]), None)
    _write(content)
    return str(chosen)


def _read() -> dict[str, Any]:
    target = path()
    try:
        descriptor = os.open(target, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return {}
    with os.fdopen(descriptor, encoding="utf-8") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise Refused(
                f"Others may read {target}. Revoke the tokens in it, delete it, and sign in again.",
                code="credentials-exposed",
            )
        try:
            content = json.load(file)
        except ValueError:
            content = None
    if not isinstance(content, dict):
        raise Invalid(
            f"{target} is damaged. Delete it and sign in again.", code="credentials-damaged"
        )
    return content


def _write(content: dict[str, Any]) -> Path:
    target = path()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".credentials-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target
