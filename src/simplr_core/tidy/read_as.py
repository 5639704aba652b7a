"""What a person says of how the text of a file is read, where it is not as it was recognised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from simplr_core.errors import Invalid
from simplr_core.tidy.encoding_names import encoding_named

MOST_ROWS_ABOVE = 1_000
MOST_HEADER_ROWS = 20
LONGEST_DELIMITER = 10


class ReadAsInvalid(Invalid):
    """How a file is read is said by encoding, delimiter, quote, preamble_rows and header_rows."""

    code = "read-as-invalid"


@dataclass(frozen=True, slots=True)
class ReadAs:
    """How the text of a file is read, as far as a person says; None is left to be recognised.

    `header_rows` of 0 says that no row names the columns. `preamble_rows` counts rows above them,
    without blank lines. An empty `delimiter` is a file of one column, an empty `quote` one where
    quotation marks are characters like others.
    """

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    preamble_rows: int | None = None
    header_rows: int | None = None

    def __bool__(self) -> bool:
        return bool(self.said)

    @property
    def said(self) -> tuple[str, ...]:
        """The names of what is said."""
        return tuple(f.name for f in fields(self) if getattr(self, f.name) is not None)

    @property
    def of_rows(self) -> ReadAs:
        """What is said of rows above and rows of names: all that can be said of a sheet."""
        return ReadAs(preamble_rows=self.preamble_rows, header_rows=self.header_rows)

    def over(self, other: ReadAs) -> ReadAs:
        """What is said here, and where nothing is, what is said there."""
        return replace(other, **{name: getattr(self, name) for name in self.said})

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.said}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> ReadAs:
        """What `to_json` or a person wrote. Raises ReadAsInvalid."""
        if unknown := sorted(set(plain) - set(SAYABLE)):
            raise ReadAsInvalid(
                f"{unknown[0]} is nothing that a file is read by.", field=unknown[0]
            )
        said = {name: value for name, value in plain.items() if value is not None}
        return cls(**{name: _checked(name, value) for name, value in said.items()})


AS_RECOGNISED = ReadAs()
SAYABLE = tuple(field.name for field in fields(ReadAs))
"""What can be said of a reading."""


def _checked(name: str, value: object) -> Any:
    if name == "encoding":
        found = encoding_named(value) if isinstance(value, str) else None
        if found is None:
            raise ReadAsInvalid(
                f"There is no encoding {value} here. Usual are utf-8, cp1252, latin-1, utf-16-le.",
                field=name,
            )
        return found
    if name in ("preamble_rows", "header_rows"):
        most = MOST_ROWS_ABOVE if name == "preamble_rows" else MOST_HEADER_ROWS
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise ReadAsInvalid(f"{name} is a number from 0 to {most}.", field=name)
        return value
    if not isinstance(value, str) or any(mark in value for mark in "\r\n\0"):
        raise ReadAsInvalid(f"{name} is a character that stands in the lines.", field=name)
    if name == "quote" and len(value) > 1:
        raise ReadAsInvalid("quote is one character, or none.", field=name)
    if name == "delimiter" and (len(value) > LONGEST_DELIMITER or '"' in value):
        raise ReadAsInvalid(
            f"delimiter has at most {LONGEST_DELIMITER} characters, and none is a quotation mark.",
            field=name,
        )
    return value
