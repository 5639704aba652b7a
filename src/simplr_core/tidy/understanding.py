"""What was understood of a file: plain values, with a confidence and the reason for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from simplr_core.errors import Invalid
from simplr_core.tables.schema import Field, FieldType, Schema
from simplr_core.tidy.confidence import Confidence
from simplr_core.tidy.read_as import AS_RECOGNISED, ReadAs
from simplr_core.tidy.recipe.steps import Kind, Misfit, Step

__all__ = [
    "Confidence",
    "Counts",
    "Dialect",
    "Encoding",
    "FieldUnderstanding",
    "Understanding",
    "UnderstandingInvalid",
]


class UnderstandingInvalid(Invalid):
    """This is not what a reading of the file returned. Read the file again."""

    code = "understanding-invalid"


@dataclass(frozen=True, slots=True)
class Encoding:
    """How bytes become characters. `bom` is the length of the mark at the start of the file.

    `exact` is false where some bytes are no characters of the encoding: their rows go to
    quarantine.
    """

    name: str = "utf-8"
    bom: int = 0
    exact: bool = True
    confidence: Confidence = Confidence.CERTAIN
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How characters become cells. An empty `delimiter` is a file of one column.

    `header_rows` counts the rows of names where `has_header`. Where `fill_from` is not 0, a row with
    at least so many cells is filled with empty ones. Lines that begin with `comment` are put aside.
    With `cuts` nothing stands between cells: they say at which character each column begins.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    skip_initial_space: bool = False
    preamble_rows: int = 0
    has_header: bool = True
    header_rows: int = 1
    width: int = 1
    fill_from: int = 0
    comment: str = ""
    cuts: tuple[int, ...] = ()
    confidence: Confidence = Confidence.CERTAIN
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class FieldUnderstanding:
    """One field and why it was read so. `evidence` holds no cell value; `examples` only values."""

    field: Field
    confidence: Confidence
    evidence: str
    personal_kind: str = ""
    personal_confidence: Confidence = Confidence.CERTAIN
    personal_evidence: str = ""
    unreadable_count: int = 0
    missing_count: int = 0
    alternatives: tuple[tuple[FieldType, str, int], ...] = ()
    """Other types that values fit: the type, the format and how many fit. No values."""

    def to_json(self) -> dict[str, Any]:
        return {
            **self.field.to_json(),
            "confidence": self.confidence.value,
            "evidence": self.evidence,
            "personal_kind": self.personal_kind,
            "personal_confidence": self.personal_confidence.value,
            "personal_evidence": self.personal_evidence,
            "unreadable_count": self.unreadable_count,
            "missing_count": self.missing_count,
            "alternatives": [[t.value, form, n] for t, form, n in self.alternatives],
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> FieldUnderstanding:
        return cls(
            field=Field.from_json(plain),
            confidence=Confidence(plain["confidence"]),
            evidence=str(plain["evidence"]),
            personal_kind=str(plain.get("personal_kind", "")),
            personal_confidence=Confidence(plain.get("personal_confidence", "certain")),
            personal_evidence=str(plain.get("personal_evidence", "")),
            unreadable_count=int(plain.get("unreadable_count", 0)),
            missing_count=int(plain.get("missing_count", 0)),
            alternatives=tuple(
                (FieldType(t), str(form), int(n)) for t, form, n in plain.get("alternatives", ())
            ),
        )


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of the file = rows kept + rows in quarantine. Cells in quarantine are of kept rows."""

    rows_in: int = 0
    kept: int = 0
    quarantined_rows: int = 0
    quarantined_cells: int = 0

    def to_json(self) -> dict[str, int]:
        return {
            "in": self.rows_in,
            "kept": self.kept,
            "quarantined_rows": self.quarantined_rows,
            "quarantined_cells": self.quarantined_cells,
        }


@dataclass(frozen=True, slots=True)
class Understanding:
    """All that a reader needs to read the file again the same way, and all that a person asks."""

    kind: str
    """`table` or `file`."""
    media_type: str
    encoding: Encoding = Encoding()
    dialect: Dialect = Dialect()
    fields: tuple[FieldUnderstanding, ...] = ()
    counts: Counts = Counts()
    careful: bool = False
    """True where only the slow reader reads the file right."""
    name: str = ""
    """What the table is called inside its file; empty where the file is the table."""
    path: tuple[str, ...] = ()
    """The way from the file to the table: members of archives, then sheet, list or number."""
    notes: tuple[str, ...] = ()
    """What was left out or put together on the way. No values."""
    steps: tuple[Step, ...] = ()
    """The steps of its recipe that fields and dialect do not say. As it is recognised: no values."""
    misfits: tuple[Misfit, ...] = ()
    """What of the last version's recipe, or of what a person said, did not fit it. No values."""
    read_as: ReadAs = AS_RECOGNISED
    """What of its reading a person said. It stands in encoding and dialect."""

    @property
    def schema(self) -> Schema:
        return Schema(tuple(found.field for found in self.fields))

    @property
    def schema_left(self) -> Schema:
        """The fields that no step leaves out."""
        dropping = [step for step in self.steps if step.on and step.kind is Kind.DROP_FIELDS]
        dropped = {name for step in dropping for name in step.fields}
        return Schema(tuple(field for field in self.schema if field.name not in dropped))

    def to_json(self) -> dict[str, Any]:
        plain: dict[str, Any] = {"kind": self.kind, "media_type": self.media_type}
        if self.kind != "table":
            return {**plain, "notes": list(self.notes)} if self.notes else plain
        return {
            **plain,
            "encoding": _plain(self.encoding),
            "dialect": _plain(self.dialect),
            "fields": [found.to_json() for found in self.fields],
            "counts": self.counts.to_json(),
            "careful": self.careful,
            "name": self.name,
            "path": list(self.path),
            "notes": list(self.notes),
            "steps": [step.to_json() for step in self.steps],
            "misfits": [misfit.to_json() for misfit in self.misfits],
            "read_as": self.read_as.to_json(),
            "decisions": [
                {
                    "about": about,
                    "text": text,
                    "confidence": decision.confidence.value,
                    "evidence": decision.evidence,
                }
                for about, text, decision in (
                    ("encoding", self.encoding.name, self.encoding),
                    ("dialect", self.dialect.delimiter, self.dialect),
                )
                if self.media_type.startswith("text/") and self.media_type != "text/html"
            ],
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Understanding:
        """The understanding that `to_json` wrote. Raises UnderstandingInvalid."""
        try:
            if plain["kind"] != "table":
                notes = tuple(str(note) for note in plain.get("notes", ()))
                return cls(kind="file", media_type=str(plain["media_type"]), notes=notes)
            encoding = dict(plain["encoding"])
            dialect = dict(plain["dialect"])
            counts = plain["counts"]
            return cls(
                kind="table",
                media_type=str(plain["media_type"]),
                encoding=Encoding(**{**encoding, "confidence": Confidence(encoding["confidence"])}),
                dialect=Dialect(
                    **{
                        **dialect,
                        "cuts": tuple(map(int, dialect.get("cuts", ()))),
                        "confidence": Confidence(dialect["confidence"]),
                    }
                ),
                fields=tuple(FieldUnderstanding.from_json(f) for f in plain["fields"]),
                counts=Counts(
                    rows_in=int(counts["in"]),
                    kept=int(counts["kept"]),
                    quarantined_rows=int(counts["quarantined_rows"]),
                    quarantined_cells=int(counts["quarantined_cells"]),
                ),
                careful=bool(plain["careful"]),
                name=str(plain.get("name", "")),
                path=tuple(str(step) for step in plain.get("path", ())),
                notes=tuple(str(note) for note in plain.get("notes", ())),
                steps=tuple(Step.from_json(step) for step in plain.get("steps", ())),
                misfits=tuple(Misfit.from_json(one) for one in plain.get("misfits", ())),
                read_as=ReadAs.from_json(plain.get("read_as", {})),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UnderstandingInvalid from error

    def with_counts(self, counts: Counts) -> Understanding:
        return replace(self, counts=counts)


def _plain(decision: Encoding | Dialect) -> dict[str, Any]:
    values = {name: getattr(decision, name) for name in decision.__slots__}
    return {**values, "confidence": decision.confidence.value}
