"""The schema of a data set: its fields, in order, with their types and what is known of them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import StrEnum
from typing import Any, Self

import pyarrow as pa

from simplr_core.errors import Invalid, NotFound

ROW_NUMBER = "_row"
"""The column that joins the parts of a version: the number of a kept row, from 0, in file order."""

_FIELD_NAME = re.compile(r"[^\W\d_]\w*\Z")


class SchemaInvalid(Invalid):
    """A schema needs fields with distinct names that are letters, digits and underscores."""

    code = "schema-invalid"


class FieldUnknown(NotFound):
    """The data set has no field of that name."""

    code = "field-unknown"


class FieldType(StrEnum):
    """What the values of a field are. Each type has one Arrow type."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    CATEGORY = "category"


class Personal(StrEnum):
    """Whether a field is about an identifiable person: not, indirectly, or by itself."""

    NONE = "none"
    INDIRECT = "indirect"
    PERSONAL = "personal"


_ARROW_TYPES: Mapping[FieldType, pa.DataType] = {
    FieldType.TEXT: pa.string(),
    FieldType.INTEGER: pa.int64(),
    FieldType.DECIMAL: pa.float64(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.DATE: pa.date32(),
    FieldType.TIME: pa.time64("us"),
    FieldType.DATETIME: pa.timestamp("us"),
    FieldType.CATEGORY: pa.string(),
}

_R_CLASSES: Mapping[FieldType, str] = {
    FieldType.TEXT: "character",
    FieldType.INTEGER: "integer64",
    FieldType.DECIMAL: "numeric",
    FieldType.BOOLEAN: "logical",
    FieldType.DATE: "Date",
    FieldType.TIME: "character",
    FieldType.DATETIME: "POSIXct",
    FieldType.CATEGORY: "character",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A column with a meaning.

    `name` is what everybody writes: snake_case and unique in its schema. `source_name` is the
    header as it was found in the file. `format` says how the values were written there (a
    strptime format for dates and times, `1.234,5` for a decimal comma); a datetime whose format
    holds `%z` is an instant, kept in UTC, and any other datetime is a wall-clock time.
    """

    name: str
    source_name: str = ""
    type: FieldType = FieldType.TEXT
    personal: Personal = Personal.NONE
    meaning: str = ""
    missing_codes: tuple[str, ...] = dataclass_field(default=())
    format: str = ""
    title: str = ""

    @property
    def is_aware(self) -> bool:
        """True for a datetime that is an instant (kept in UTC), not a wall-clock time."""
        return self.type is FieldType.DATETIME and "%z" in self.format

    def arrow_type(self) -> pa.DataType:
        """The Arrow type of the column."""
        return pa.timestamp("us", tz="UTC") if self.is_aware else _ARROW_TYPES[self.type]

    def arrow(self) -> pa.Field[Any]:
        """The Arrow field, always nullable: any value may be missing."""
        return pa.field(self.name, self.arrow_type(), nullable=True)

    def r_class(self) -> str:
        """The class of R that holds the values without loss."""
        return _R_CLASSES[self.type]

    def to_json(self) -> dict[str, Any]:
        """Plain values for JSON; `from_json` reads them back to an equal field."""
        return {
            "name": self.name,
            "source_name": self.source_name,
            "type": self.type.value,
            "personal": self.personal.value,
            "meaning": self.meaning,
            "missing_codes": list(self.missing_codes),
            "format": self.format,
            "title": self.title,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        """The field that `to_json` wrote. Raises SchemaInvalid."""
        try:
            return cls(
                name=str(plain["name"]),
                source_name=str(plain.get("source_name", "")),
                type=FieldType(plain.get("type", "text")),
                personal=Personal(plain.get("personal", "none")),
                meaning=str(plain.get("meaning", "")),
                missing_codes=tuple(str(code) for code in plain.get("missing_codes", ())),
                format=str(plain.get("format", "")),
                title=str(plain.get("title", "")),
            )
        except (KeyError, ValueError, TypeError) as error:
            raise SchemaInvalid("A field needs a name, a known type and a known mark.") from error


@dataclass(frozen=True, slots=True)
class Schema:
    """Fields in the order of the file, with distinct names."""

    fields: tuple[Field, ...]

    def __post_init__(self) -> None:
        for field in self.fields:
            if not _FIELD_NAME.match(field.name) or len(field.name) > 200:
                raise SchemaInvalid(
                    "A field name is letters, digits and underscores, and starts with a letter."
                )
        repeated = [name for name, n in Counter(self.names).items() if n > 1]
        if repeated:
            raise SchemaInvalid("Two fields have the same name.", fields=repeated)

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __contains__(self, name: object) -> bool:
        return any(field.name == name for field in self.fields)

    def __getitem__(self, name: str) -> Field:
        for field in self.fields:
            if field.name == name:
                return field
        raise FieldUnknown(f"The data set has no field {name!r}.", field=name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    def select(self, names: Iterable[str]) -> Schema:
        """The schema of these fields, in the order asked for. Raises FieldUnknown."""
        return Schema(tuple(self[name] for name in names))

    def arrow(self) -> pa.Schema:
        """The Arrow schema of a batch of these fields."""
        return pa.schema([field.arrow() for field in self.fields])

    def to_json(self) -> dict[str, Any]:
        """Plain values for JSON; `from_json` reads them back to an equal schema."""
        return {"fields": [field.to_json() for field in self.fields]}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any] | str) -> Schema:
        """The schema that `to_json` wrote, given as values or as text. Raises SchemaInvalid."""
        try:
            values = json.loads(plain) if isinstance(plain, str) else plain
            fields = values["fields"]
        except (KeyError, TypeError, ValueError) as error:
            raise SchemaInvalid("A schema is an object with a list of fields.") from error
        if not isinstance(fields, list):
            raise SchemaInvalid("A schema is an object with a list of fields.")
        return cls(tuple(Field.from_json(field) for field in fields))
