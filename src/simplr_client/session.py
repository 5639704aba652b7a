"""A signed-in session with one installation: where every use of the client begins."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, overload

from simplr_client import tables
from simplr_client.asking import Asking
from simplr_client.directory import Directory
from simplr_client.downloads import Download
from simplr_client.errors import Conflict, Invalid, NotFound
from simplr_client.folders import Folder, folder_of
from simplr_client.grantees import grantee
from simplr_client.projects import Project
from simplr_client.resources import Dataset, Release, Resource, given, record
from simplr_client.transport import Json, Transport, address
from simplr_client.upload import Source, Tell, Upload, send
from simplr_client.upload import put as put_file

_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


class Session(Directory, Asking):
    """Everything that one person or token may do in one installation.

    Use it as a context manager, or call `close()`. It may be shared by threads.
    """

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)

    def __repr__(self) -> str:
        return f"<Session with {self.url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        return self.transport.url

    def close(self) -> None:
        """Close the connections. The token stays valid."""
        self.transport.close()

    def health(self) -> Json:
        """Whether the installation is ready or sealed, and its version. Needs no token."""
        found: Json = self.transport.request("GET", "/health")
        return found

    def metrics(self) -> str:
        """What Prometheus reads: counts and measures of the whole installation."""
        with self.transport.stream("/metrics") as download:
            return b"".join(download.chunks()).decode()

    def me(self) -> Json:
        """Who you are to the installation, and with which token."""
        found: Json = self.transport.request("GET", "/me")
        return found

    # ---- projects and resources

    def projects(self) -> list[Project]:
        """Every project that you may know of."""
        return [Project(self, item) for item in self.transport.items("/projects")]

    def create_project(
        self, title: str, *, slug: str | None = None, aims: str | None = None
    ) -> Project:
        """A new project, of which you are the owner."""
        body = given(title=title, slug=slug, aims=aims)
        return Project(self, self.transport.request("POST", "/projects", json=body))

    def project(self, project: str) -> Project:
        """The project with this id or slug."""
        return Project(self, self.transport.request("GET", address("/projects/{}", project)))

    def resources(self, q: str | None = None, *, kind: str | None = None) -> list[Resource]:
        """Every resource that you may know of, by words of titles, descriptions and fields."""
        found = self.transport.items("/resources", {"q": q, "kind": kind})
        return [record(self, item) for item in found]

    def resource(self, resource: str) -> Resource:
        """The resource with this id, or with exactly this title.

        Raises NotFound when there is none, Conflict when several have the title.
        """
        if _UUID.fullmatch(resource):
            return record(self, self.transport.request("GET", address("/resources/{}", resource)))
        same = [
            found
            for found in self.resources(resource)
            if found.title.casefold() == resource.casefold()
        ]
        if not same:
            raise NotFound(f"There is no resource “{resource}” that you may know of.")
        if len(same) > 1:
            ids = ", ".join(found.id for found in same)
            raise Conflict(
                f"{len(same)} resources are called “{resource}”. Say which by id: {ids}.",
                code="title-ambiguous",
            )
        return same[0]

    def dataset(self, dataset: str) -> Dataset:
        """The data set with this id or title. Raises Invalid when it is a file, not a table."""
        found = self.resource(dataset)
        if not isinstance(found, Dataset):
            raise Invalid(f"“{found.title}” is a file, not a data set.", code="not-a-dataset")
        return found

    def recipe(self, dataset: str, *, version: str | None = None, whole: bool = False) -> Json:
        """The recipe that made a version: `steps` with what each changed, and their `text` (YAML).

        Values of fields that you may not see are left out; with `whole`, raises Refused instead.
        """
        path = address("/datasets/{}/recipe", self.dataset(dataset).id)
        asked = {"version": version, "whole": whole or None}
        return dict(self.transport.request("GET", path, params=asked))

    def put_again(self, dataset: str, *, version: str | None = None) -> Upload:
        """Take the original of a version in once more; `keep(recipe=…)` makes the next version."""
        path = address("/datasets/{}/again", self.dataset(dataset).id)
        asked = {"version": version} if version else {}
        return Upload(self, self.transport.request("POST", path, json=asked))

    def change_comment(self, comment: str, text: str) -> Json:
        """Write your own comment anew, by its id."""
        body = {"body": text}
        return dict(self.transport.request("PATCH", address("/comments/{}", comment), json=body))

    def remove_comment(self, comment: str) -> None:
        """Take a comment away: your own, or any of a data set that you manage."""
        self.transport.request("DELETE", address("/comments/{}", comment))

    # ---- folders, the trash, and several things at once

    def folder(self, folder: str) -> Folder:
        """The folder with this id; by its way from a project: `Project.folder`."""
        return folder_of(self, folder)

    def trash(self, *, project: str | None = None) -> list[Json]:
        """What lies in the trash and you may manage; of one project (id or slug) or of all."""
        return list(self.transport.items("/trash", {"project": project}))

    def act(
        self, act: str, things: Sequence[str], *, to: str | None = None, wider: bool = False
    ) -> list[Json]:
        """Do one thing to several by their ids: "move", "trash", "bring-back" or "erase".

        Each thing is decided for itself. Returns an outcome for each: `id`, `title`, `done`, and
        `code` and `detail` where it was refused. "move" goes `to` a folder or the project itself;
        where others would see a thing there, only with `wider`. "erase" is for owners and cannot
        be undone.
        """
        body = given(act=act, ids=list(things), to=to, wider=wider or None)
        answer: Json = self.transport.request("POST", "/acts", json=body)
        return list(answer["items"])

    # ---- taking in

    @overload
    def put(
        self,
        source: Source,
        *,
        project: str,
        name: str | None = None,
        title: str | None = None,
        as_: str = "auto",
        resource: str | None = None,
        folder: str | None = None,
        overrides: list[Json] | None = None,
        mode: str | None = None,
        key: list[str] | None = None,
        widen: bool = False,
        progress: Tell | None = None,
    ) -> Resource: ...
    @overload
    def put(
        self,
        source: list[Source] | tuple[Source, ...],
        *,
        project: str,
        title: None = None,
        as_: str = "auto",
        folder: str | None = None,
        overrides: list[Json] | None = None,
        progress: Tell | None = None,
    ) -> list[Resource]: ...
    def put(
        self,
        source: Source | list[Source] | tuple[Source, ...],
        *,
        project: str,
        name: str | None = None,
        title: str | None = None,
        as_: str = "auto",
        resource: str | None = None,
        folder: str | None = None,
        overrides: list[Json] | None = None,
        mode: str | None = None,
        key: list[str] | None = None,
        widen: bool = False,
        progress: Tell | None = None,
    ) -> Resource | list[Resource]:
        """Send a file (a path or an open binary file), keep it, and return what it became.

        A table comes back as `Dataset`, anything else as `Resource`. `as_` is "table", "file" or
        "auto"; `resource` makes it the next version of that resource; how its rows come in is said by
        `mode`, `key` and `widen` (see `Upload.keep`); `overrides` correct fields
        before they are kept (see `Upload.keep`); `folder` (an id) is where a new one lies. Several
        files are sent one after the other and the first that fails raises. Of a file with several tables all are kept and the first is
        returned. To look first and keep later, or to have all of them, use `upload`.
        """
        if isinstance(source, list | tuple):
            return [
                self.put(
                    one,
                    project=project,
                    as_=as_,
                    folder=folder,
                    overrides=overrides,
                    progress=progress,
                )
                for one in source
            ]
        return put_file(
            self,
            source,
            project=project,
            name=name,
            title=title,
            as_=as_,
            resource=resource,
            folder=folder,
            overrides=overrides,
            mode=mode,
            key=key,
            widen=widen,
            tell=progress,
        )

    def upload(
        self,
        source: Source,
        *,
        project: str,
        name: str | None = None,
        as_: str = "auto",
        resource: str | None = None,
        folder: str | None = None,
        progress: Tell | None = None,
    ) -> Upload:
        """Send a file and wait until it is understood; `understanding()` and `keep()` follow."""
        sent = send(
            self,
            source,
            project=project,
            name=name,
            as_=as_,
            resource=resource,
            folder=folder,
            tell=progress,
        )
        return sent.wait(tell=progress)

    def find_upload(self, upload: str) -> Upload:
        """An upload that was begun earlier."""
        return Upload(self, self.transport.request("GET", address("/uploads/{}", upload)))

    # ---- sharing

    def release(self, release: str) -> Release:
        """The release with this id."""
        return Release(self, self.transport.request("GET", address("/releases/{}", release)))

    def grant(
        self,
        node: str,
        to: str | Mapping[str, object],
        *,
        actions: Sequence[str] = ("download",),
        release: str | None = None,
        until: datetime | None = None,
        conditions: Sequence[str] = (),
        link_password: str | None = None,
    ) -> Json:
        """Let somebody do `actions` with a project or resource, until a time.

        `download` brings `read`, `describe` and `discover` with it; rows as Arrow or as a file are
        a download, pages and samples are reading.

        `to` is an email address, "link", or one of `{"person": id}`, `{"organisation": id}` and
        `{"group": id}`. A release narrows it to those fields, rows and masks. For a link the
        answer holds `link_url`, this once.
        """
        if until is not None and until.tzinfo is None:
            raise Invalid("Say in which time zone `until` is.", code="time-without-zone")
        body = given(
            node=node,
            to=grantee(to, link_password=link_password),
            actions=list(actions),
            release=release,
            until=until.isoformat() if until else None,
            conditions=list(conditions) or None,
        )
        return dict(self.transport.request("POST", "/grants", json=body))

    def revoke(self, grant: str) -> None:
        """Revoke a grant. Within a second nobody reads by it, running downloads included."""
        self.transport.request("DELETE", address("/grants/{}", grant))

    def grants(self) -> list[Json]:
        """What was granted to you and still holds."""
        return list(self.transport.items("/grants"))

    # ---- ledger and jobs

    def ledger(
        self,
        *,
        node: str | None = None,
        actor: str | None = None,
        code: str | None = None,
        since: datetime | None = None,
        limit: int | None = None,
    ) -> Iterator[Json]:
        """Who did what, newest first: all of it for auditors, your own things for owners."""
        asked = given(node=node, actor=actor, code=code, since=since.isoformat() if since else None)
        return self.transport.items("/ledger", asked, limit=limit)

    def ledger_checkpoints(self) -> list[Json]:
        """The signed heads of the ledger."""
        return list(self.transport.items("/ledger/checkpoints"))

    def ledger_verify(self) -> Json:
        """Have the installation check its whole ledger; names the first bad entry."""
        found: Json = self.transport.request("GET", "/ledger/verify")
        return found

    def ledger_export(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> int:
        """Write entries, checkpoints and proofs to `path`, to be verified anywhere."""
        with self.transport.stream("/ledger/export") as download:
            return tables.write_file(download, Path(path), overwrite=overwrite)

    def job(self, job: str) -> Json:
        """How far a job is."""
        found: Json = self.transport.request("GET", address("/jobs/{}", job))
        return found

    def cancel_job(self, job: str) -> Json:
        """Cancel a job that waits; ask one that runs to stop."""
        return dict(self.transport.request("POST", address("/jobs/{}/cancel", job)))

    def scans(self) -> Json:
        """How many originals were scanned for malware, and what was found (administrators)."""
        return dict(self.transport.request("GET", "/scans"))

    def scan(self, *, again: bool = False) -> Json:
        """Have every original scanned that was not; with `again` all of them (administrators)."""
        return dict(self.transport.request("POST", "/scans", json={"again": again}))

    # ---- anything else

    def get(self, path: str, **params: object) -> object:
        """The JSON at `path` of the API, such as `/projects`: for a look at what is sent."""
        return self.transport.request("GET", "/" + path.lstrip("/"), params=params or None)

    @contextmanager
    def open(self, path: str, **params: object) -> Iterator[Download]:
        """The bytes at `path` of the API as they arrive."""
        with self.transport.stream("/" + path.lstrip("/"), params=params or None) as download:
            yield download
