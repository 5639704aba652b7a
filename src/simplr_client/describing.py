"""What is said and measured of a data set, as a client sees it: fields, dictionary, quarantine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from simplr_client import tables
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

    def quarantine(self, *, limit: int | None = None, version: str | None = None) -> Iterator[Json]:
        """Rows and cells that did not fit, each with the reason."""
        path = address("/datasets/{}/quarantine", self.id)
        return self._session.transport.items(path, {"version": version}, limit=limit)
