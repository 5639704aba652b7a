"""Understanding a whole file: one reading of every row, then a decision for every column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, BinaryIO, Literal

from simplr_core.errors import Invalid
from simplr_core.privacy.identifiers import find_personal
from simplr_core.tidy import parquet
from simplr_core.tidy.decisions import Column, decide_fields
from simplr_core.tidy.dialects import recognise_dialect
from simplr_core.tidy.encodings import (
    Undecodable,
    encoding_said,
    recognise_encoding,
    settle_encoding,
)
from simplr_core.tidy.headers import field_names
from simplr_core.tidy.media import PARQUET, media_type_of
from simplr_core.tidy.read_as import AS_RECOGNISED, ReadAs
from simplr_core.tidy.reading import HEAD, CarefulNeeded, RowReader, read_head
from simplr_core.tidy.recipe.proposing import propose
from simplr_core.tidy.recipe.steps import BY_A_PERSON, Misfit, Step, without_values
from simplr_core.tidy.recipe.totals import RowTally
from simplr_core.tidy.tallies import Tally
from simplr_core.tidy.understanding import (
    Confidence,
    Counts,
    Dialect,
    Encoding,
    FieldUnderstanding,
    Understanding,
)

SAMPLE_ROWS = 100
EXAMPLES = 5
SHOWN_CELL = 500
FREQUENT = 0.1
"""The share of rows of one length that is no accident."""
TABLE_NAMES = {".csv", ".tsv", ".tab", ".psv", ".txt"}

NO_TABLE = "Its name says that it is a table, but no table was found in it. It is kept as a file."
EMPTY = "The file is empty. It is kept as a file."

As = Literal["auto", "table", "file"]
Heartbeat = Callable[[int], None]
"""Called with the number of rows read so far; may raise to stop."""


class NotATable(Invalid):
    """This file cannot be read as a table. Keep it as a file."""

    code = "not-a-table"


class TooManyFields(Invalid):
    """A table has at most 2,000 fields here. Turn the table around, or split it."""

    code = "too-many-fields"


MOST_FIELDS = 2_000


@dataclass(frozen=True, slots=True)
class Report:
    """An understanding, and apart from it everything that is made of cell values."""

    understanding: Understanding
    sample: list[list[str | None]] = field(default_factory=list)
    examples: dict[str, list[str]] = field(default_factory=dict)
    preamble: list[list[str]] = field(default_factory=list)
    steps: tuple[Step, ...] = ()
    """The proposed steps with their values."""

    def values_to_json(self) -> dict[str, Any]:
        """The part that holds cell values: to be sealed, and shown only to the entitled."""
        return {
            "personal": [
                found.field.name
                for found in self.understanding.fields
                if found.field.personal != "none"
            ],
            "sample": {
                "fields": [found.field.name for found in self.understanding.fields],
                "rows": self.sample,
            },
            "examples": self.examples,
            "preamble": self.preamble,
            "steps": {
                str(n): {"field": step.fields[0], "values": step.values}
                for n, step in enumerate(self.steps)
                if step.holds_values
            },
        }


def recognise(
    source: BinaryIO,
    *,
    name: str = "",
    size: int,
    keep_as: As = "auto",
    said: ReadAs = AS_RECOGNISED,
    heartbeat: Heartbeat,
) -> Report:
    """Read all of `source` and say what it is. Raises NotATable where a table was insisted on.

    A text that is to be read as a person says is a table.
    """
    source.seek(0)
    head = source.read(HEAD)
    source.seek(max(0, size - 8))
    media_type = media_type_of(head, source.read(8))
    if keep_as == "file":
        return Report(Understanding(kind="file", media_type=media_type))
    notes = () if _suffix(name) not in TABLE_NAMES - {".txt"} else (NO_TABLE if head else EMPTY,)
    as_file = Report(Understanding(kind="file", media_type=media_type, notes=notes))
    if media_type == PARQUET:
        stored = _recognise_parquet(source, media_type, heartbeat)
        if not _names_are_text(stored):
            raise NotATable(
                "The names of its columns are no text. Name them anew, and put it again."
            )
        return stored
    texts = ("text/plain", "application/x-empty")
    if said and keep_as == "auto":
        keep_as = "table"
    encoding = encoding_said(said.encoding, head) if said.encoding else recognise_encoding(head)
    if encoding is None or (media_type not in texts and keep_as != "table") or not head.strip():
        if keep_as == "table":
            raise NotATable
        return as_file
    if _is_binary(media_type):
        raise NotATable
    read = _recognise_text(source, encoding, size, heartbeat, said)
    report = read if read is not None and _names_are_text(read) else None
    if report is None or (keep_as == "auto" and not _is_tabular(report, name)):
        if keep_as == "table":
            raise NotATable
        return as_file
    return report


def _suffix(name: str) -> str:
    return PurePath(name).suffix.casefold()


def _names_are_text(report: Report) -> bool:
    """Whether the header can be kept: text in a wrong encoding shows by its NUL characters."""
    return not any("\0" in found.field.source_name for found in report.understanding.fields)


def _is_binary(media_type: str) -> bool:
    return not media_type.startswith("text/") and media_type not in (
        "application/json",
        "application/xml",
        "image/svg+xml",
    )


def _is_tabular(report: Report, name: str) -> bool:
    """Whether a text that nobody called a table is one."""
    found = report.understanding
    if _suffix(name) in TABLE_NAMES - {".txt"}:
        return found.counts.rows_in > 0 or found.dialect.has_header
    wide = found.dialect.width > 1 and found.dialect.confidence is not Confidence.CHECK
    return wide and found.counts.kept >= 2 and found.counts.quarantined_rows == 0


def _recognise_text(
    source: BinaryIO, encoding: Encoding, size: int, heartbeat: Heartbeat, said: ReadAs
) -> Report | None:
    """Read the text, going over to another encoding or the careful reader where it must."""
    careful = False
    dialect: Dialect | None = None
    for _ in range(8):
        try:
            dialect = dialect or _dialect_of(source, encoding, size, said)
            report = _read_once(source, encoding, dialect, heartbeat, careful=careful)
            return _as_said(report, said) if report else None
        except Undecodable:
            encoding, dialect = _next_encoding(source, encoding, said), None
        except CarefulNeeded:
            careful = True
        except _Wider as found:
            dialect = found.dialect
    return None


def _next_encoding(source: BinaryIO, encoding: Encoding, said: ReadAs) -> Encoding:
    """The encoding to try after one that some byte is no character of: the said one twice.

    Rows with such bytes go to quarantine, if only the others can be read by what was said.
    """
    if encoding.evidence != BY_A_PERSON:
        return settle_encoding(source)
    if encoding.exact:
        return replace(encoding, exact=False)
    source.seek(0)
    return recognise_encoding(source.read(HEAD)) or settle_encoding(source)


def _as_said(report: Report, said: ReadAs) -> Report:
    """The report with what a person said; what could not be is named."""
    understood = replace(report.understanding, read_as=said)
    if said.encoding and said.encoding != understood.encoding.name:
        text = (
            f"The bytes of the file are no characters of {said.encoding}: it is read as "
            f"{understood.encoding.name}."
        )
        misfit = Misfit("read-otherwise", text, is_fatal=False)
        left = replace(said, encoding=None)
        understood = replace(understood, read_as=left, misfits=(misfit,))
    return replace(report, understanding=understood)


class _Wider(Exception):
    """The rows that were put aside show that the table has more columns than its first rows."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__()
        self.dialect = dialect


def _dialect_of(source: BinaryIO, encoding: Encoding, size: int, said: ReadAs) -> Dialect:
    head = read_head(source, encoding)
    dialect = recognise_dialect(head, complete=size <= HEAD, said=said)
    if dialect.width > MOST_FIELDS:
        raise TooManyFields
    return dialect


def _check_width(dialect: Dialect, kept: int, bad_widths: Counter[int]) -> None:
    """Raises _Wider where no header says the width and many rows, all alike, are wider."""
    width, n = max(bad_widths.items(), key=lambda item: item[1], default=(0, 0))
    if not dialect.has_header and width > dialect.width > 1 and n > FREQUENT * (kept + n):
        narrow, check = dialect.width, Confidence.CHECK
        raise _Wider(replace(dialect, width=width, fill_from=narrow, confidence=check))


def _read_once(
    source: BinaryIO,
    encoding: Encoding,
    dialect: Dialect,
    heartbeat: Heartbeat,
    *,
    careful: bool,
) -> Report | None:
    reader = RowReader(source, encoding, dialect, careful=careful)
    tallies = [Tally() for _ in range(dialect.width)]
    row_tally = RowTally()
    sample: list[list[str | None]] = []
    kept = bad = 0
    bad_widths: Counter[int] = Counter()
    for rows in reader:
        for tally, column in zip(tallies, rows.columns, strict=True):
            tally.add(column)
        row_tally.add(rows)
        if len(sample) < SAMPLE_ROWS:
            first = [c.slice(0, SAMPLE_ROWS - len(sample)).to_pylist() for c in rows.columns]
            sample += [
                [cell.strip()[:SHOWN_CELL] for cell in row] for row in zip(*first, strict=True)
            ]
        kept += rows.row_count
        bad += len(rows.bad)
        bad_widths.update(row.found for row in rows.bad)
        heartbeat(kept + bad)
    _check_width(dialect, kept, bad_widths)
    for tally in tallies:
        tally.finish()
    if reader.mended_count:
        dialect = replace(dialect, evidence=dialect.evidence + _said_of_mended(reader.mended_count))
    header = [cell.strip().lstrip("\ufeff") for cell in reader.header]
    header = (header + [""] * dialect.width)[: dialect.width]
    names = field_names(header, dialect.width)
    columns = [Column(*parts) for parts in zip(names, header, tallies, strict=True)]
    fields = mark_personal(decide_fields(columns), [t.sample for t in tallies])
    counts = Counts(
        rows_in=kept + bad,
        kept=kept,
        quarantined_rows=bad,
        quarantined_cells=sum(found.unreadable_count for found in fields),
    )
    steps = propose(fields, tallies, row_tally)
    media = "text/tab-separated-values" if dialect.delimiter == "\t" else "text/csv"
    understanding = Understanding(
        kind="table",
        media_type=media,
        encoding=encoding,
        dialect=dialect,
        fields=tuple(fields),
        counts=counts,
        careful=reader.careful,
        steps=without_values(steps),
    )
    examples = examples_of(names, tallies)
    return Report(understanding, sample, examples, reader.preamble, steps)


def _said_of_mended(count: int) -> str:
    return f" In {count} rows a stray quotation mark was read as part of its cell."


def examples_of(names: list[str], tallies: list[Tally]) -> dict[str, list[str]]:
    found = {}
    for name, tally in zip(names, tallies, strict=True):
        distinct = list(dict.fromkeys(tally.sample))
        found[name] = [value[:SHOWN_CELL] for value in distinct[:EXAMPLES]]
    return found


def mark_personal(
    fields: list[FieldUnderstanding], samples: list[list[str]]
) -> list[FieldUnderstanding]:
    marked = []
    for found, sample in zip(fields, samples, strict=True):
        finding = find_personal(found.field, found.field.source_name, sample)
        marked.append(
            replace(
                found,
                field=replace(found.field, personal=finding.personal),
                personal_kind=finding.kind,
                personal_confidence=Confidence(finding.confidence),
                personal_evidence=finding.evidence,
            )
        )
    return marked


def _recognise_parquet(source: BinaryIO, media_type: str, heartbeat: Heartbeat) -> Report:
    table = parquet.ParquetTable(source)
    if len(table.fields) > MOST_FIELDS:
        raise TooManyFields
    tallies = [Tally() for _ in table.fields]
    sample: list[list[str | None]] = []
    unreadable = [0] * len(table.fields)
    rows_in = 0
    for batch in table:
        for position, column in enumerate(batch.columns):
            unreadable[position] += batch.unreadable[position]
            tallies[position].row_count += len(column)
            tallies[position].blank_count += column.null_count
            if len(tallies[position].sample) < 600:
                tallies[position].sample += parquet.as_texts(column.drop_null().slice(0, 200))
        if len(sample) < SAMPLE_ROWS:
            sample += _sample_rows(batch.columns, SAMPLE_ROWS - len(sample))
        rows_in += batch.row_count
        heartbeat(rows_in)
    fields = [
        replace(found, unreadable_count=n, missing_count=tally.blank_count - n)
        for found, n, tally in zip(table.fields, unreadable, tallies, strict=True)
    ]
    fields = mark_personal(fields, [t.sample for t in tallies])
    understanding = Understanding(
        kind="table",
        media_type=media_type,
        fields=tuple(fields),
        counts=Counts(rows_in, rows_in, 0, sum(unreadable)),
    )
    return Report(understanding, sample, examples_of([f.field.name for f in fields], tallies))


def _sample_rows(columns: list[Any], most: int) -> Iterator[list[str | None]]:
    cells = [column.slice(0, most).to_pylist() for column in columns]
    for row in zip(*cells, strict=True):
        yield [None if cell is None else str(cell)[:SHOWN_CELL] for cell in row]
