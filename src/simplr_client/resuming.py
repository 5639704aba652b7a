"""Large files: sent by tus 1.0, so that a break or a kill costs what was on the line and no more.

Where an upload stands is asked of the installation, never assumed. Which upload a file was begun
as is kept on this machine, in a file that its owner alone may read, named by a fingerprint of the
content and of what it was to become: the same command, run again, goes on.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simplr_client.errors import (
    Conflict,
    NotFound,
    ServerFault,
    SimplrError,
    TransferBroken,
    Unavailable,
)
from simplr_client.transport import Json, address

if TYPE_CHECKING:
    from simplr_client.session import Session

RESUMABLE_FROM = 16 * 1024 * 1024
"""Files from this size on are sent so that they can go on after a break."""
TRIES = 8
"""How often in a row an upload may get no further before it is left for another run."""
LONGEST_WAIT = 30.0
KEPT_SECONDS = 7 * 24 * 3600.0

_PASSING = (Unavailable, TransferBroken, ServerFault)
"""What is often over by the next try: a restart, a broken line, a database that comes back."""
_TUS = {"Tus-Resumable": "1.0.0"}


@dataclass(frozen=True, kw_only=True)
class Large:
    """A file to be sent, and what it is to become."""

    project: str
    name: str
    as_: str
    resource: str | None
    folder: str | None = None
    size: int
    sha256: bytes
    chunks_from: Callable[[int], Iterator[bytes]]
    """The content from an offset on; may be asked again."""

    def fingerprint(self, url: str) -> str:
        """The same for the same content sent to the same place, and for nothing else."""
        facts = [url, self.project, self.name, self.as_, self.resource, self.folder, self.size]
        return hashlib.sha256(json.dumps(facts).encode() + self.sha256).hexdigest()

    def metadata(self) -> str:
        """What tus says of it: words, each with base64."""
        words = {"name": self.name, "as": self.as_, "sha256": self.sha256.hex()}
        if self.resource is not None:
            words["resource"] = self.resource
        if self.folder is not None:
            words["folder"] = self.folder
        return ",".join(
            f"{word} {base64.b64encode(text.encode()).decode()}" for word, text in words.items()
        )


def send(session: Session, large: Large, *, sleep: Callable[[float], None] = time.sleep) -> Json:
    """Send all of it, going on where an earlier run stopped; the upload as the API shows it.

    Raises what stopped it when it got no further `TRIES` times in a row; the next call goes on.
    """
    kept = _Kept(large.fingerprint(session.url))
    upload, offset = _earlier(session, kept)
    if upload is None:
        upload, offset = _begin(session, large), 0
        kept.store(upload)
    failures = 0
    while offset < large.size:
        try:
            offset = _append(session, upload, offset, large)
            failures = 0
        except (*_PASSING, Conflict) as broken:
            if not _may_go_on(broken):
                raise
            failures += 1
            if failures >= TRIES:
                raise
            sleep(min(LONGEST_WAIT, 0.5 * 2**failures))
            arrived = _arrived_if_told(session, upload)
            if arrived is not None and arrived != offset:
                offset, failures = arrived, 0
    kept.forget()
    shown: Json = session.transport.request("GET", address("/uploads/{}", upload))
    return shown


def _may_go_on(broken: SimplrError) -> bool:
    """Whether asking where it stands can help."""
    return not isinstance(broken, Conflict) or broken.code == "offset-differs"


def _begin(session: Session, large: Large) -> str:
    headers = {"Upload-Length": str(large.size), "Upload-Metadata": large.metadata()}
    path = address("/projects/{}/tus", large.project)
    return str(session.transport.request("POST", path, headers={**_TUS, **headers})["id"])


def _append(session: Session, upload: str, offset: int, large: Large) -> int:
    headers = {
        **_TUS,
        "Upload-Offset": str(offset),
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(large.size - offset),
    }
    path = address("/tus/{}", upload)
    content = large.chunks_from(offset)
    return _offset_in(session.transport.headers("PATCH", path, headers=headers, content=content))


def _arrived(session: Session, upload: str) -> int:
    """How much has arrived for good. Raises NotFound when there is no such upload any more."""
    return _offset_in(session.transport.headers("HEAD", address("/tus/{}", upload), headers=_TUS))


def _arrived_if_told(session: Session, upload: str) -> int | None:
    """The same; None while nothing answers."""
    with suppress(*_PASSING):
        return _arrived(session, upload)
    return None


def _earlier(session: Session, kept: _Kept) -> tuple[str | None, int]:
    """The upload that an earlier run began, and how far it is; none if it is gone."""
    upload = kept.read()
    if upload is None:
        return None, 0
    try:
        return upload, _arrived(session, upload)
    except SimplrError as gone:
        if not isinstance(gone, NotFound) and gone.status != 410:
            raise
        kept.forget()
        return None, 0


def _offset_in(headers: dict[str, str]) -> int:
    said = headers.get("upload-offset", "")
    if not said.isdigit():
        raise SimplrError("The answer does not say how much has arrived.", code="not-simplr")
    return int(said)


def folder() -> Path:
    """Where begun uploads are kept: `$XDG_STATE_HOME/simplr/uploads`, else under `~/.local/state`."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "simplr" / "uploads"


class _Kept:
    """The id of one upload, in a file of its own. Where it cannot be written, a later run begins anew."""

    def __init__(self, fingerprint: str) -> None:
        self._path = folder() / fingerprint

    def read(self) -> str | None:
        try:
            return self._path.read_text(encoding="ascii").strip() or None
        except (OSError, ValueError):
            return None

    def store(self, upload: str) -> None:
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._forget_old()
            descriptor, temporary = tempfile.mkstemp(dir=self._path.parent)  # 0600
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(upload)
            os.replace(temporary, self._path)

    def forget(self) -> None:
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _forget_old(self) -> None:
        for other in self._path.parent.iterdir():
            if time.time() - other.stat().st_mtime > KEPT_SECONDS:
                other.unlink(missing_ok=True)
