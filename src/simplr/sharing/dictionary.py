"""The dictionary of a data set, as its reader may see it: made from a view and nothing else.

Under a release only the fields that it shows, as they leave, and nothing that is made of values:
allowed values and ranges tell of rows that the release hides.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from simplr.base.actors import Actor
from simplr.datasets import dictionary_queries
from simplr.datasets import queries as datasets
from simplr.sharing.views_of_data import DataView, view_for
from simplr_core.tables.dictionary import FORMATS, Entry, entry_of, export


@dataclass(frozen=True, kw_only=True)
class DictionaryFile:
    """A dictionary written as a file."""

    content: bytes
    media_type: str
    name: str


def dictionary_of(
    actor: Actor, *, dataset_id: UUID, release: str = "", version: str = ""
) -> tuple[DataView, list[Entry]]:
    """The entries of the fields that the actor may know of. Raises what `view_for` raises."""
    view = view_for(
        actor, dataset_id=dataset_id, action="describe", release=release, version=version
    )
    if view.release_id is not None:
        return view, _as_released(view)
    shown = {item.name for item in view.fields}
    limits_of = dictionary_queries.names_with_limits(actor, view.version)
    entries = dictionary_queries.entries_of(view.version, limits_of=limits_of & shown)
    return view, [entry for entry in entries if entry.name in shown]


def _as_released(view: DataView) -> list[Entry]:
    units = {row.name: row.unit for row in datasets.fields_of(view.version)}
    return [
        entry_of(field, unit=units[item.name])
        for item, field in zip(view.fields, view.shown_schema, strict=True)
    ]


def as_file(
    actor: Actor, *, dataset_id: UUID, form: str, release: str = "", version: str = ""
) -> DictionaryFile:
    """The dictionary as a file. Raises DictionaryFormatUnknown, or what `view_for` raises."""
    view, entries = dictionary_of(actor, dataset_id=dataset_id, release=release, version=version)
    title = view.resource.title
    content = export(entries, form, title=title)
    ending = {"csv": "dictionary.csv", "csvw": "csv-metadata.json"}.get(form, f"{form}.json")
    return DictionaryFile(content=content, media_type=FORMATS[form], name=f"{title}.{ending}")
