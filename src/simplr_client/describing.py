"""What is said and measured of a data set, as a client sees it: fields, dictionary, quarantine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from simplr_client import tables
from simplr_client.comparisons import waited
from simplr_client.records import Record, given
from simplr_client.transport import Json, address


class Described(Record):
    """A data set by what is said of its fields, and by what did not fit."""

    def change_field(
        self, name: str, *, values: Mapping[str, str] | None = None, **changes: str | bool | None
    ) -> Json:
        """Correct what is said of a field: meaning, title, unit, key, minimum, maximum, pattern,
        and personal (none, indirect or personal). `values` are allowed values and their labels.

        What is not given stays as it is.
        """
        path = address("/datasets/{}/fields/{}", self.id, name)
        body = given(**changes)
        if values is not None:
            body["values"] = [{"value": one, "label": label} for one, label in values.items()]
        changed: Json = self._ask("PATCH", path, json=body)
        return changed

    def dictionary(self, *, release: str | None = None, version: str | None = None) -> list[Json]:
        """What each field means and may hold; null for what you may not know."""
        path = address("/datasets/{}/dictionary", self.id)
        found: Json = self._ask("GET", path, params={"release": release, "version": version})
        return list(found.get("fields") or [])

    def save_dictionary(
        self,
        path: str | os.PathLike[str],
        format: str = "csv",  # noqa: A002
        *,
        release: str | None = None,
        version: str | None = None,
        overwrite: bool = False,
    ) -> int:
        """Write the dictionary to `path`: csv, table-schema, csvw or json; returns its size."""
        asked = {"format": format, "release": release, "version": version}
        where = address("/datasets/{}/dictionary", self.id)
        with self._session.transport.stream(where, params=asked) as download:
            return tables.write_file(download, Path(path), overwrite=overwrite)

    def import_dictionary(self, path: str | os.PathLike[str], *, preview: bool = False) -> Json:
        """Take over a dictionary from a file: CSV, XLSX, JSON or Table Schema, all or nothing.

        With `preview`, only learn what would change and what is wrong, by row and field.
        """
        content = Path(path).read_bytes()
        found: Json = self._ask(
            "POST",
            address("/datasets/{}/dictionary", self.id),
            params={"preview": "true"} if preview else None,
            content=iter([content]),
            headers={
                "Content-Type": "application/octet-stream",
                "Content-Length": str(len(content)),
            },
        )
        return found

    def quality(self, *, version: str | None = None) -> Json:
        """The quality score (`points`, 0 to 100) over the fields that you may see, and its parts."""
        path = address("/datasets/{}/quality", self.id)
        found: Json = self._ask("GET", path, params={"version": version})
        return found

    def quarantine(
        self,
        *,
        field: str | None = None,
        reason: str | None = None,
        limit: int | None = None,
        version: str | None = None,
    ) -> Iterator[Json]:
        """Rows and cells that did not fit, each with the reason: all, or those of a field or reason."""
        path = address("/datasets/{}/quarantine", self.id)
        asked = {"version": version, "field": field, "reason": reason}
        return self._session.transport.items(path, asked, limit=limit)

    def quarantine_groups(self, *, version: str | None = None) -> list[Json]:
        """How many rows and cells did not fit, by field and reason; whole rows have no field."""
        path = address("/datasets/{}/quarantine/groups", self.id)
        found: Json = self._ask("GET", path, params={"version": version})
        return list(found.get("groups") or [])

    def save_quarantine(
        self,
        path: str | os.PathLike[str],
        format: str | None = None,  # noqa: A002
        *,
        field: str | None = None,
        reason: str | None = None,
        version: str | None = None,
        exact: bool = False,
        overwrite: bool = False,
    ) -> int:
        """Write what did not fit to `path`, as csv or ndjson (else by its ending); returns its size.

        `exact` leaves texts as they are that a spreadsheet would run.
        """
        asked = {
            "format": format or tables.format_of(path),
            "field": field,
            "reason": reason,
            "version": version,
            "exact": "true" if exact else None,
        }
        where = address("/datasets/{}/quarantine/file", self.id)
        with self._session.transport.stream(where, params=asked) as download:
            return tables.write_file(download, Path(path), overwrite=overwrite)

    def mend(
        self,
        changes: Sequence[Mapping[str, object]],
        *,
        preview: bool = False,
        version: str | None = None,
        timeout: float | None = None,
    ) -> Json:
        """Mend what did not fit: what fits now is in the next version, in its place.

        Each change says what to `do` (replace, missing, type, empty, drop, write), with which entries:
        those of a `field`, a `reason`, or the one of a `row`. With `preview`, only learn how many fit.
        `version` refuses if it is the newest no more. Waits for a large one, at most `timeout` seconds.
        """
        asked = {"changes": [dict(one) for one in changes], **given(version=version)}
        path = address("/datasets/{}/mendings", self.id)
        params = {"preview": "true"} if preview else None
        found: Json = self._ask("POST", path, params=params, json=asked)
        return found if preview else self._waited(found, timeout)

    def mend_by_file(
        self,
        path: str | os.PathLike[str],
        format: str | None = None,  # noqa: A002
        *,
        preview: bool = False,
        version: str | None = None,
        timeout: float | None = None,
    ) -> Json:
        """Bring back an export of the quarantine in which `mended` or `do` were filled in."""
        content = Path(path).read_bytes()
        asked = {
            "format": format or tables.format_of(path),
            "version": version,
            "preview": "true" if preview else None,
        }
        found: Json = self._ask(
            "POST",
            address("/datasets/{}/mendings/file", self.id),
            params=asked,
            content=iter([content]),
            headers={
                "Content-Type": "application/octet-stream",
                "Content-Length": str(len(content)),
            },
        )
        return found if preview else self._waited(found, timeout)

    def mending(self, mending: str) -> Json:
        """A mending that was asked for: `state` is waiting, ready or failed."""
        found: Json = self._ask("GET", address("/datasets/{}/mendings/{}", self.id, mending))
        return found

    def cancel_mending(self, mending: str) -> Json:
        """Stop a mending that is being written."""
        found: Json = self._ask("DELETE", address("/datasets/{}/mendings/{}", self.id, mending))
        return found

    def _waited(self, found: Json, timeout: float | None) -> Json:
        words = "The quarantine is still being mended."
        return waited(found, ask=self.mending, timeout=timeout, words=words)
