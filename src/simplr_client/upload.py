"""Sending a file: digest first, then the bytes as a stream, then waiting until it is understood.

A file is read twice, so that its SHA-256 travels ahead of it and the installation refuses bytes
that changed on the way. Nothing is read whole into memory, except from a pipe.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from simplr_client import resuming
from simplr_client.downloads import CHUNK
from simplr_client.errors import Conflict, Invalid, SimplrError
from simplr_client.transport import Json, address

if TYPE_CHECKING:
    from simplr_client.resources import Dataset, Resource
    from simplr_client.session import Session

Source = str | os.PathLike[str] | IO[bytes]
PIPE_LIMIT = 64 * 1024 * 1024

_WAITING = frozenset({"receiving", "received", "understanding", "keeping"})


@dataclass(frozen=True)
class Progress:
    """How far one file is. `total` is None where it is not known."""

    name: str
    step: str
    """reading, sending, understanding or keeping"""
    done: int
    total: int | None


Tell = Callable[[Progress], None]


@dataclass(frozen=True)
class _Prepared:
    name: str
    size: int
    digest: bytes
    file: IO[bytes]
    start: int = 0
    """Where the content begins in the file."""


class Upload:
    """One file on its way in: received, then understood, then kept (or cancelled)."""

    def __init__(self, session: Session, data: Json) -> None:
        self._session = session
        self.data = data

    @property
    def id(self) -> str:
        return str(self.data["id"])

    @property
    def name(self) -> str:
        return str(self.data.get("name", ""))

    @property
    def state(self) -> str:
        return str(self.data["state"])

    def __repr__(self) -> str:
        return f"<Upload {self.id} “{self.name}” {self.state}>"

    def refresh(self) -> Upload:
        """Ask the installation how far it is."""
        path = address("/uploads/{}", self.id)
        self.data = self._session.transport.request("GET", path)
        return self

    def understanding(self, table: int | None = None) -> Json:
        """What was recognised: dialect, encoding, fields with confidence, counts, a sample.

        A file with several tables answers them as `tables`, without samples; `table`, a number
        from 0, answers one of them with its sample.
        """
        path = address("/uploads/{}/understanding", self.id)
        found: Json = self._session.transport.request("GET", path, params={"table": table})
        return found

    def read_as(
        self,
        *,
        encoding: str | None = None,
        delimiter: str | None = None,
        quote: str | None = None,
        preamble_rows: int | None = None,
        header_rows: int | None = None,
        recipe: str | None = None,
    ) -> Upload:
        """Have its text read as you say; what you do not say is recognised, with nothing said all.

        `preamble_rows` counts the rows above those that name the columns, without blank lines;
        `header_rows` of 0 says that none does. A `recipe` (text) says it by its step `read`.
        Returns at once; `wait()` returns when it is understood, and raises Invalid where it cannot
        be read so: then it is as it was before.
        """
        said = {
            "encoding": encoding,
            "delimiter": delimiter,
            "quote": quote,
            "preamble_rows": preamble_rows,
            "header_rows": header_rows,
            "recipe": recipe,
        }
        body = {name: value for name, value in said.items() if value is not None}
        path = address("/uploads/{}/read-as", self.id)
        self.data = self._session.transport.request("POST", path, json=body)
        return self

    def recipe(self, table: int = 0) -> Json:
        """The recipe that is proposed: `steps` with their evidence, and their `text` (YAML)."""
        path = address("/uploads/{}/recipe", self.id)
        found: Json = self._session.transport.request("GET", path, params={"table": table})
        return found

    def try_recipe(
        self, recipe: str | None = None, *, table: int = 0, overrides: list[Json] | None = None
    ) -> Json:
        """What a recipe would do to the first rows, or what is proposed: `rows` before and after.

        `steps` say how much each changes in the `row_count` rows that were tried. Nothing is kept.
        """
        path = address("/uploads/{}/recipe/try", self.id)
        body = {"recipe": recipe, "fields": overrides or []}
        found: Json = self._session.transport.request(
            "POST", path, params={"table": table}, json=body
        )
        return found

    def keep(
        self,
        *,
        overrides: list[Json] | None = None,
        recipe: str | None = None,
        skip_unfit: bool = False,
        title: str | None = None,
        as_: str | None = None,
        tables: list[Json] | None = None,
        mode: str | None = None,
        key: list[str] | None = None,
        widen: bool = False,
    ) -> Upload:
        """Keep it as it was understood, less what `overrides` correct.

        A `recipe` (text) says all of it instead; with `skip_unfit` its steps that do not fit this
        file are left out, else they are refused. An override is `{"name": …}` with any of `type`, `personal`, `new_name`, `format` and
        `missing_codes`. Of a file with several tables all are kept, or those that `tables` names:
        `{"table": 0}` with any of `title`, `fields` (its overrides) or `recipe`. The next version of a data
        set holds these rows alone (`mode` "replace"), after those that are there ("append"),
        or in the places of those with the same `key`, a list of fields ("upsert");
        `widen` takes new fields in, and makes text of what is of two types. Returns at once;
        `wait()` returns when it is kept.
        """
        body: Json = {"fields": overrides or []}
        if recipe is not None:
            body |= {"recipe": recipe, "skip_unfit": skip_unfit}
        if tables is not None:
            body["tables"] = tables
        if title is not None:
            body["title"] = title
        if as_ is not None:
            body["as"] = as_
        if mode is not None:
            body["mode"] = mode
        if key:
            body["key"] = key
        if widen:
            body["widen"] = True
        path = address("/uploads/{}/keep", self.id)
        self.data = self._session.transport.request("POST", path, json=body)
        return self

    def cancel(self) -> None:
        """Give the upload up. What was received is erased."""
        self._session.transport.request("DELETE", address("/uploads/{}", self.id))

    def give_up(self) -> None:
        """Cancel what is not kept yet; when that fails too, the first failure is the one to tell."""
        if self.state in ("kept", "failed", "cancelled"):
            return
        try:
            self.cancel()
        except SimplrError as second:
            self.data.setdefault("notes", []).append(second.detail)

    def wait(self, *, tell: Tell | None = None, timeout: float | None = None) -> Upload:
        """Return when the installation waits for us, or is done.

        Raises Invalid when the file could not be understood, read as you said, or kept, with the
        reason.
        """
        pause, waited = 0.05, 0.0
        while self.state in _WAITING:
            if timeout is not None and waited >= timeout:
                raise Conflict(f"{self.name} is still {self.state}.", code="still-working")
            time.sleep(pause)
            waited += pause
            pause = min(pause * 1.5, 1.0)
            self.refresh()
            if tell is not None and self.state in _WAITING:
                tell(self._progress())
        said = self.data.get("error") or {}
        if said or self.state in ("failed", "cancelled"):
            raise Invalid(
                str(said.get("message") or f"{self.name}: {self.state}."),
                code=str(said.get("code") or f"upload-{self.state}"),
                problem=self.data,
            )
        return self

    def resource(self) -> Resource | Dataset:
        """The data set or file that it was kept as. Raises Conflict before it is kept.

        Of a file with several tables, the first: `resources()` has all of them.
        """
        found = self.data.get("resource")
        if self.state != "kept" or not found:
            raise Conflict(f"{self.name} is {self.state}, not kept.", code="not-kept")
        return self._session.resource(str(found))

    def resources(self) -> list[Resource | Dataset]:
        """Everything that it was kept as: one for each table of the file that was kept."""
        first = self.resource()
        others = [str(one["resource"]) for one in self.data.get("results") or []]
        return [first, *(self._session.resource(id_) for id_ in others if id_ != first.id)]

    def _progress(self) -> Progress:
        progress = self.data.get("progress") or {}
        return Progress(
            name=self.name,
            step=self.state,
            done=int(progress.get("done") or 0),
            total=progress.get("total"),
        )


def send(
    session: Session,
    source: Source,
    *,
    project: str,
    name: str | None = None,
    as_: str = "auto",
    resource: str | None = None,
    folder: str | None = None,
    tell: Tell | None = None,
) -> Upload:
    """Send one file and return the upload as soon as it has arrived whole.

    A large one goes on after a break, and where an earlier run of this was stopped.
    """
    with _prepared(source, name, tell) as ready:
        if ready.size >= resuming.RESUMABLE_FROM:
            large = resuming.Large(
                project=project,
                name=ready.name,
                as_=as_,
                resource=resource,
                folder=folder,
                size=ready.size,
                sha256=ready.digest,
                chunks_from=lambda offset: _chunks(ready, "sending", tell, offset=offset),
            )
            return Upload(session, resuming.send(session, large))
        params = {"name": ready.name, "as": as_, "resource": resource, "folder": folder}
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(ready.size),
            "Repr-Digest": f"sha-256=:{base64.b64encode(ready.digest).decode()}:",
        }
        data = session.transport.request(
            "POST",
            address("/projects/{}/uploads", project),
            params=params,
            headers=headers,
            content=_chunks(ready, "sending", tell),
        )
    return Upload(session, data)


def put(
    session: Session,
    source: Source,
    *,
    project: str,
    name: str | None,
    title: str | None,
    as_: str,
    resource: str | None,
    folder: str | None,
    overrides: list[Json] | None,
    mode: str | None,
    key: list[str] | None,
    widen: bool,
    tell: Tell | None,
) -> Resource | Dataset:
    """Send, wait, keep, wait. Interrupted or refused on the way, the upload is cancelled."""
    upload = send(
        session,
        source,
        project=project,
        name=name,
        as_=as_,
        resource=resource,
        folder=folder,
        tell=tell,
    )
    try:
        upload.wait(tell=tell)
        if upload.state == "understood":
            upload.keep(overrides=overrides, title=title, mode=mode, key=key, widen=widen)
            upload.wait(tell=tell)
    except BaseException:
        upload.give_up()
        raise
    return upload.resource()


@contextmanager
def _prepared(source: Source, name: str | None, tell: Tell | None) -> Iterator[_Prepared]:
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        try:
            file: IO[bytes] = path.open("rb")
        except OSError as cause:
            raise Invalid(f"{path}: {cause.strerror}.", code="source-unreadable") from cause
        with file:
            yield _measured(file, name or path.name, tell)
        return
    if name is None:
        found = getattr(source, "name", None)
        name = Path(found).name if isinstance(found, str) and found else None
    if name is None or name.startswith("<"):
        raise Invalid("Say what this is called: name=… (--name).", code="name-missing")
    yield _measured(_seekable(source), name, tell)


def _seekable(source: IO[bytes]) -> IO[bytes]:
    if source.seekable():
        return source
    content = source.read(PIPE_LIMIT + 1)
    if len(content) > PIPE_LIMIT:
        raise Invalid(
            f"A pipe may hold {PIPE_LIMIT // 1024**2} MiB at most. Write it to a file and send that.",
            code="pipe-too-long",
        )
    return io.BytesIO(content)


def _measured(file: IO[bytes], name: str, tell: Tell | None) -> _Prepared:
    start = file.tell()
    size = file.seek(0, io.SEEK_END) - start
    digest = hashlib.sha256()
    for chunk in _chunks(_Prepared(name, size, b"", file, start), "reading", tell):
        digest.update(chunk)
    return _Prepared(name, size, digest.digest(), file, start)


def _chunks(ready: _Prepared, step: str, tell: Tell | None, *, offset: int = 0) -> Iterator[bytes]:
    done = offset
    ready.file.seek(ready.start + offset)
    while done < ready.size:
        chunk: Any = ready.file.read(min(CHUNK, ready.size - done))
        if not chunk:
            raise Conflict(
                f"{ready.name} became shorter meanwhile. Send it again.",
                code="source-changed",
            )
        yield chunk
        done += len(chunk)
        if tell is not None:
            tell(Progress(ready.name, step, done, ready.size))
