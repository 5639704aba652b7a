"""What the institute keeps, as a client sees it: resources, data sets, releases.

Each is a thin, honest view of the JSON that the installation sent: `data` holds all of it. Nothing
is cached, so what was revoked is gone at the next call.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from simplr_client import tables
from simplr_client.comparisons import waited
from simplr_client.describing import Described
from simplr_client.downloads import Download
from simplr_client.errors import Conflict, NotFound
from simplr_client.records import Record, given
from simplr_client.releases import Release, release_body
from simplr_client.transport import Json, address

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

    from simplr_client.session import Session

__all__ = ["Dataset", "Progressed", "Record", "Release", "Resource", "given", "record"]

Progressed = Callable[[int, int | None], None]


class Resource(Record):
    """What the institute keeps: a file, or a data set."""

    @property
    def kind(self) -> str:
        return str(self.data.get("kind", ""))

    def change(self, **changes: str) -> Resource:
        """Change title, description or another property of the resource's page."""
        path = address("/resources/{}", self.id)
        return record(self._session, self._ask("PATCH", path, json=changes))

    def delete(self) -> None:
        """Put the resource in the trash. It can be brought back for a time: `Session.act`."""
        self._ask("DELETE", address("/resources/{}", self.id))

    def versions(self) -> list[Json]:
        """Every version, newest first; none to whom only a release is shown."""
        return list(self._session.transport.items(address("/resources/{}/versions", self.id)))

    def version(self, version: int | str) -> Json:
        """One version by its number or id: how it came, and how much of it was kept."""
        path = address("/resources/{}/versions/{}", self.id, str(version))
        found: Json = self._ask("GET", path)
        return found

    def restore(self, version: int | str) -> Json:
        """Make an old version the newest once more; none of those in between is lost."""
        path = address("/resources/{}/versions/{}/restore", self.id, str(version))
        made: Json = self._ask("POST", path)
        return made

    @contextmanager
    def content(self, *, version: str | None = None) -> Iterator[Download]:
        """The original file, byte for byte, as it arrives: `for chunk in content.chunks()`."""
        path = address("/resources/{}/content", self.id)
        with self._session.transport.stream(path, params={"version": version}) as download:
            yield download

    def save_content(
        self,
        path: str | os.PathLike[str],
        *,
        version: str | None = None,
        overwrite: bool = False,
        progress: Progressed | None = None,
    ) -> int:
        """Write the original file to `path`, whole or not at all; returns its size."""
        with self.content(version=version) as download:
            return tables.write_file(download, Path(path), overwrite=overwrite, progress=progress)

    def text(self, *, version: str | None = None) -> str:
        """The words of a PDF or Word file. Raises Invalid for what has none, with the reason."""
        path = address("/resources/{}/text", self.id)
        with self._session.transport.stream(path, params={"version": version}) as download:
            return b"".join(download.chunks()).decode()

    @contextmanager
    def preview(self) -> Iterator[Download]:
        """A preview of a text, an image or a PDF; `headers["content-type"]` says which."""
        with self._session.transport.stream(address("/resources/{}/preview", self.id)) as download:
            yield download

    def grant(
        self,
        to: str,
        *,
        actions: Sequence[str] = ("download",),
        release: str | None = None,
        until: datetime | None = None,
        conditions: Sequence[str] = (),
        link_password: str | None = None,
    ) -> Json:
        """Let somebody do `actions` with this until a time. See `Session.grant`."""
        return self._session.grant(
            self.id,
            to,
            actions=actions,
            release=release,
            until=until,
            conditions=conditions,
            link_password=link_password,
        )

    def grants(self) -> list[Json]:
        """Every grant on this resource."""
        return list(self._session.transport.items(address("/resources/{}/grants", self.id)))

    def access(self) -> list[Json]:
        """Who may do what with this, and why."""
        return list(self._session.transport.items(address("/resources/{}/access", self.id)))

    def why(self, person: str, *, action: str = "read") -> Json:
        """Why a person (email or id) may, or may not, do `action`: from the decision itself."""
        path = address("/resources/{}/why", self.id)
        who = {("email" if "@" in person else "person"): person}
        answer: Json = self._ask("GET", path, params={**who, "action": action})
        return answer

    def uses(self) -> list[Json]:
        """Who used this, when, and how."""
        return list(self._session.transport.items(address("/resources/{}/uses", self.id)))


class Dataset(Resource, Described):
    """A resource that is a table: typed fields, a profile, quarantine, versions, releases.

    Wherever `release` is left out, the installation gives you the widest that you may read.
    """

    def describe(self, *, release: str | None = None, version: str | None = None) -> Json:
        """Fields, counts and version, as you may see them."""
        path = address("/datasets/{}", self.id)
        found: Json = self._ask("GET", path, params={"release": release, "version": version})
        return found

    def schema(self, *, release: str | None = None, version: str | None = None) -> Json:
        """Name and type of every field you may read, for Arrow and for R."""
        path = address("/datasets/{}/schema", self.id)
        found: Json = self._ask("GET", path, params={"release": release, "version": version})
        return found

    def profile(self, *, version: str | None = None) -> Json:
        """By field, what was measured: range, quantiles, frequent values, shape.

        Under a release there is nothing: it was measured over all rows.
        """
        path = address("/datasets/{}/profile", self.id)
        found: Json = self._ask("GET", path, params={"version": version})
        return found

    def structure(self, *, version: str | None = None) -> Json:
        """Which fields tell rows apart (`keys`), and which follow from which (`dependencies`)."""
        path = address("/datasets/{}/structure", self.id)
        found: Json = self._ask("GET", path, params={"version": version})
        return found

    def comments(self) -> list[Json]:
        """What members wrote about it, the newest first."""
        return list(self._session.transport.items(address("/datasets/{}/comments", self.id)))

    def comment(self, text: str) -> Json:
        """Write a comment, as a member of the project."""
        path = address("/datasets/{}/comments", self.id)
        written: Json = self._ask("POST", path, json={"body": text})
        return written

    def sample(
        self, *, limit: int = 50, release: str | None = None, version: str | None = None
    ) -> Json:
        """A few rows, each cell as text."""
        path = address("/datasets/{}/sample", self.id)
        asked = {"limit": limit, "release": release, "version": version}
        found: Json = self._ask("GET", path, params=asked)
        return found

    @contextmanager
    def rows(
        self,
        format: str = "arrow",  # noqa: A002
        *,
        release: str | None = None,
        version: str | None = None,
        fields: Iterable[str] | None = None,
        where: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
        exact: bool = False,
    ) -> Iterator[Download]:
        """The rows as bytes as they arrive: csv, tsv, linear-tsv, ndjson, parquet or arrow.

        In csv and tsv a text that a spreadsheet would run begins with `'`, unless `exact`, which
        also writes decimals of linear-tsv to the bit.
        """
        params = {
            "format": format,
            "release": release,
            "version": version,
            "fields": None if fields is None else ",".join(fields),
            "where": where,
            "sort": sort,
            "limit": limit,
            "offset": offset,
            "exact": "true" if exact else None,
        }
        path = address("/datasets/{}/rows", self.id)
        with self._session.transport.stream(path, params=params) as download:
            yield download

    def batches(
        self,
        *,
        release: str | None = None,
        version: str | None = None,
        fields: Iterable[str] | None = None,
        where: str | None = None,
        limit: int | None = None,
    ) -> Iterator[pyarrow.RecordBatch]:
        """The rows as Arrow record batches, one at a time in memory, however many there are.

        Raises TransferBroken if the stream ends too early: nobody takes a short table for a whole.
        """
        asked = {"release": release, "version": version, "where": where, "limit": limit}
        with self.rows("arrow", fields=fields, **asked) as download:  # type: ignore[arg-type]
            yield from tables.ArrowStream(download)

    def to_arrow(
        self,
        *,
        release: str | None = None,
        version: str | None = None,
        fields: Iterable[str] | None = None,
        where: str | None = None,
        limit: int | None = None,
    ) -> pyarrow.Table:
        """The rows as one Arrow table."""
        with self.rows(
            release=release, version=version, fields=fields, where=where, limit=limit
        ) as download:
            return tables.read_arrow(download)

    def to_pandas(
        self,
        *,
        release: str | None = None,
        version: str | None = None,
        fields: Iterable[str] | None = None,
        where: str | None = None,
        limit: int | None = None,
    ) -> pandas.DataFrame:
        """The rows as a pandas data frame whose types do not depend on what is missing."""
        tables.need("pandas")
        return tables.as_pandas(
            self.to_arrow(release=release, version=version, fields=fields, where=where, limit=limit)
        )

    def to_polars(
        self,
        *,
        release: str | None = None,
        version: str | None = None,
        fields: Iterable[str] | None = None,
        where: str | None = None,
        limit: int | None = None,
    ) -> polars.DataFrame:
        """The rows as a polars data frame."""
        tables.need("polars")
        return tables.as_polars(
            self.to_arrow(release=release, version=version, fields=fields, where=where, limit=limit)
        )

    def to_file(
        self,
        path: str | os.PathLike[str],
        format: str | None = None,  # noqa: A002
        *,
        release: str | None = None,
        version: str | None = None,
        fields: Iterable[str] | None = None,
        where: str | None = None,
        overwrite: bool = False,
        progress: Progressed | None = None,
    ) -> int:
        """Write the rows to `path`, whole or not at all, and return the size in bytes.

        The format is taken from the suffix unless it is given.
        """
        chosen = format or tables.format_of(path)
        with self.rows(
            chosen, release=release, version=version, fields=fields, where=where
        ) as download:
            return tables.write_file(
                download, Path(path), overwrite=overwrite, ending=chosen, progress=progress
            )

    def compare(
        self,
        before: int | str,
        after: int | str,
        *,
        key: Sequence[str] | None = None,
        timeout: float | None = None,
    ) -> Json:
        """What changed from one version to another, in the fields that you may see of both.

        `key` names the fields that tell rows apart; `[]` compares whole rows; left out, a key is
        found where there is one. A large comparison is waited for, at most `timeout` seconds;
        raises Conflict when that is over and Invalid when it cannot be made.
        """
        body = given(before=str(before), after=str(after), key=None if key is None else list(key))
        found = self._ask("POST", address("/datasets/{}/comparisons", self.id), json=body)
        return waited(found, ask=self.comparison, timeout=timeout)

    def comparison(self, comparison: str) -> Json:
        """A comparison that was begun; its `state` is waiting, ready or failed."""
        path = address("/datasets/{}/comparisons/{}", self.id, comparison)
        found: Json = self._ask("GET", path)
        return found

    def releases(self) -> list[Release]:
        """Every release that you may know of."""
        path = address("/datasets/{}/releases", self.id)
        return [Release(self._session, item) for item in self._session.transport.items(path)]

    def release(self, release: str) -> Release:
        """The release of this data set with this id, or with exactly this title.

        Raises NotFound when there is none, Conflict when several have the title.
        """
        said = release.casefold()
        same = [one for one in self.releases() if said in (one.id, one.title.casefold())]
        if not same:
            raise NotFound(f"“{self.title}” has no release “{release}” that you may know of.")
        if len(same) > 1:
            ids = ", ".join(one.id for one in same)
            raise Conflict(
                f"Several releases are called “{release}”: {ids}.", code="title-ambiguous"
            )
        return same[0]

    def create_release(
        self,
        title: str,
        *,
        fields: Sequence[str | Json],
        where: str | None = None,
        version: str = "this",
        version_id: str | None = None,
    ) -> Release:
        """Define a release: these fields, these rows, these masks.

        A field is its name, shown as it is, or `{"name": …, "mask": {"kind": …}}`. `version` is
        "this" or "each-accepted".
        """
        body = release_body(fields=fields, where=where, version=version, version_id=version_id)
        path = address("/datasets/{}/releases", self.id)
        return Release(self._session, self._ask("POST", path, json={"title": title, **body}))

    def preview_release(
        self,
        *,
        fields: Sequence[str | Json],
        where: str | None = None,
        version: str = "this",
        version_id: str | None = None,
    ) -> Json:
        """What a release would show: fields, some rows, and how many of how many rows."""
        body = release_body(fields=fields, where=where, version=version, version_id=version_id)
        path = address("/datasets/{}/releases/preview", self.id)
        shown: Json = self._ask("POST", path, json={"title": "preview", **body})
        return shown


def record(session: Session, data: Json) -> Resource:
    """A `Dataset` for a table, a `Resource` for anything else."""
    return (Dataset if data.get("kind") == "dataset" else Resource)(session, data)
