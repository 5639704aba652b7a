"""Opening a file: what it is by its bytes, and every table that it holds."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

from simplr_core.errors import Invalid
from simplr_core.tidy.formats.archives import (
    DEEPEST,
    ArchivesTooDeep,
    Budget,
    check_package,
    enter,
    members_of,
)
from simplr_core.tidy.formats.avro import AVRO, read_avro
from simplr_core.tidy.formats.describing import describe
from simplr_core.tidy.formats.found import (
    MOST_TABLES,
    Beat,
    FileDamaged,
    FileEncrypted,
    FoundTable,
    TooManyTables,
)
from simplr_core.tidy.formats.html import HTML, read_html
from simplr_core.tidy.formats.json_records import read_json
from simplr_core.tidy.formats.kinds import (
    ARCHIVES,
    READ_HERE_AND_THERE,
    RECORDS,
    kind_of,
)
from simplr_core.tidy.formats.spreadsheets import read_workbook
from simplr_core.tidy.formats.sqlite import SQLITE, read_sqlite
from simplr_core.tidy.media import DOCUMENTS
from simplr_core.tidy.media_types import PACKED_WORKBOOKS, WORKBOOKS
from simplr_core.tidy.read_as import AS_RECOGNISED, ReadAs
from simplr_core.tidy.recognition import SAMPLE_ROWS, As, NotATable, Report, recognise
from simplr_core.tidy.understanding import Understanding

MOST_FIELDS_IN_ALL = 20_000
FEWEST_ROWS = 8
MOST_OTHERS = 100


class TooManyFieldsInAll(Invalid):
    """The tables of one file have at most 20,000 fields together. Split the file."""

    code = "too-many-fields-in-all"


@dataclass(frozen=True, slots=True)
class FileReport:
    """What a file is, and a report on each table in it; none of a file that is kept as it is."""

    media_type: str
    tables: list[Report] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """Members of an archive that are no tables."""
    notes: tuple[str, ...] = ()
    """Why it is kept as a file, where its name says otherwise."""

    def to_json(self) -> dict[str, Any]:
        """The understanding of the one table, of a file without any, or of several `tables`.

        `container` is the type of the whole file, where the table is only a part of it.
        """
        if not self.tables:
            alone = Understanding(kind="file", media_type=self.media_type, notes=self.notes)
            return alone.to_json()
        plain = [report.understanding.to_json() for report in self.tables]
        if len(plain) == 1:
            inside = {"container": self.media_type, "others": self.others}
            return {**plain[0], **inside} if plain[0]["path"] else plain[0]
        return {
            "kind": "tables",
            "media_type": self.media_type,
            "container": self.media_type,
            "others": self.others,
            "tables": plain,
        }

    def values_to_json(self) -> dict[str, Any]:
        """Everything made of cell values, table by table; of many tables fewer rows of each."""
        values = [report.values_to_json() for report in self.tables]
        most = max(FEWEST_ROWS, SAMPLE_ROWS // len(values))
        for each in values if len(values) > 1 else ():
            each["sample"]["rows"] = each["sample"]["rows"][:most]
        return {"tables": values}


def open_file(
    source: BinaryIO,
    *,
    name: str = "",
    size: int,
    keep_as: As = "auto",
    said: ReadAs = AS_RECOGNISED,
    heartbeat: Beat,
) -> FileReport:
    """Read all of `source` and say what it is and which tables it holds.

    Its texts and sheets, or those in it, are read as somebody `said`.
    Raises NotATable where a table was insisted on and there is none, and the reason where a file
    is encrypted, damaged, or too much.
    """
    if keep_as == "file":
        as_it_is = recognise(source, size=size, keep_as="file", heartbeat=heartbeat)
        with suppress(FileEncrypted, FileDamaged):
            return FileReport(kind_of(source, size))
        return FileReport(as_it_is.understanding.media_type)
    media_type = kind_of(source, size)
    if media_type in ARCHIVES:
        return _open_archive(source, size, media_type, name, keep_as, said, heartbeat)
    return _open_alone(source, size, media_type, name, keep_as, said, heartbeat)


def _open_alone(
    source: BinaryIO,
    size: int,
    media_type: str,
    name: str,
    keep_as: As,
    said: ReadAs,
    beat: Beat,
) -> FileReport:
    """A file that is no archive."""
    if media_type in DOCUMENTS:
        if keep_as == "table":
            raise NotATable
        return FileReport(media_type)
    if media_type in PACKED_WORKBOOKS:
        check_package(source, size)
    if media_type in WORKBOOKS | RECORDS | {AVRO, SQLITE, HTML}:
        return _open_tables(source, size, media_type, keep_as, said.of_rows, beat)
    report = recognise(source, name=name, size=size, keep_as=keep_as, said=said, heartbeat=beat)
    understood = report.understanding
    if understood.kind == "file":
        return FileReport(understood.media_type, notes=understood.notes)
    return FileReport(understood.media_type, [report])


def _open_archive(
    source: BinaryIO,
    size: int,
    media_type: str,
    name: str,
    keep_as: As,
    said: ReadAs,
    beat: Beat,
) -> FileReport:
    """Every table of every member. What is no table stays in the archive, and is named."""
    others: list[str] = []
    walk = _in_archive(source, size, media_type, name, said, beat, Budget(size), others, depth=1)
    reports = _checked(walk)
    if not reports and keep_as == "table":
        raise NotATable("There is no table in it. Keep it as a file.")
    return FileReport(media_type, reports, others[:MOST_OTHERS])


def _in_archive(
    source: BinaryIO,
    size: int,
    media_type: str,
    name: str,
    said: ReadAs,
    beat: Beat,
    budget: Budget,
    others: list[str],
    *,
    depth: int,
) -> Iterator[Report]:
    if depth > DEEPEST:
        raise ArchivesTooDeep
    for member in members_of(source, size, media_type, name, budget):
        beat(0)
        kind = kind_of(member.source, member.size)
        here = member.held() if kind in READ_HERE_AND_THERE else member
        if kind in ARCHIVES:
            found = _in_archive(
                *(here.source, here.size, kind, member.label, said, beat, budget, others),
                depth=depth + 1,
            )
        else:
            report = _open_alone(here.source, here.size, kind, member.label, "auto", said, beat)
            found = iter(report.tables)
            if not report.tables and len(others) < MOST_OTHERS:
                others.append(member.label)
        for table in found:
            yield _inside(member.label, table)


def _inside(label: str, report: Report) -> Report:
    """The report of a table in a member: its path and name begin with the member's."""
    understood = report.understanding
    name = f"{label}: {understood.name}" if understood.name else label
    path = (label, *understood.path)
    return replace(report, understanding=replace(understood, name=name, path=path))


def _open_tables(
    source: BinaryIO, size: int, media_type: str, keep_as: As, said: ReadAs, beat: Beat
) -> FileReport:
    if media_type not in WORKBOOKS:
        said = AS_RECOGNISED
    found = tables_at(source, size, media_type, (), beat, said=said)
    reports = _checked(describe(table, media_type, beat) for table in found)
    if not reports and keep_as == "table":
        found = tables_at(source, size, media_type, (), beat, insist=True, said=said)
        reports = _checked(describe(table, media_type, beat) for table in found)
        if not reports:
            raise NotATable("There is no table in it. Keep it as a file.")
    if said:
        reports = [_said(report, said) for report in reports]
    return FileReport(media_type, reports)


def _said(report: Report, said: ReadAs) -> Report:
    return replace(report, understanding=replace(report.understanding, read_as=said))


def tables_at(
    source: BinaryIO,
    size: int,
    media_type: str,
    path: Sequence[str],
    beat: Beat,
    *,
    insist: bool = False,
    said: ReadAs = AS_RECOGNISED,
) -> Iterator[FoundTable]:
    """The tables that a reader of `media_type` finds: all of them, or the one at `path`."""
    if media_type in RECORDS:
        return read_json(source, media_type, path=path, beat=beat)
    if media_type == AVRO:
        return read_avro(source, size, path=path, beat=beat)
    if media_type == SQLITE:
        return read_sqlite(source, size, path=path, beat=beat)
    if media_type == HTML:
        return read_html(source, size, path=path, beat=beat)
    return read_workbook(source, size, path=path, beat=beat, insist=insist, said=said)


@dataclass(frozen=True, slots=True)
class Entered:
    """The place that an understanding leads to: a delimited or Parquet file, or a found table."""

    source: BinaryIO
    table: FoundTable | None
    found: Iterator[FoundTable] | None = None
    """Where the table came from: what a reader has open stays open as long as this is here."""


def enter_table(source: BinaryIO, understanding: Understanding) -> Entered | None:
    """Go where the table was understood; None where there is none now."""
    if not understanding.path:
        return Entered(source, None)
    size = source.seek(0, os.SEEK_END)
    source, size, rest = enter(source, size, understanding.path)
    if not rest:
        return Entered(source, None)
    found = tables_at(
        *(source, size, understanding.media_type, rest),
        beat=lambda rows: None,
        said=understanding.read_as,
    )
    table = next(found, None)
    return None if table is None else Entered(source, table, found)


def _checked(reports: Iterator[Report]) -> list[Report]:
    kept: list[Report] = []
    fields = 0
    for report in reports:
        kept.append(report)
        fields += len(report.understanding.fields)
        if len(kept) > MOST_TABLES:
            raise TooManyTables
        if fields > MOST_FIELDS_IN_ALL:
            raise TooManyFieldsInAll
    return kept
