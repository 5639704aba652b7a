"""Values planted wherever a release does not show them, and a search that opens what it is given.

A canary is a text, a number or a day that stands in one place only. `leaked` looks for all of them
in the bytes of an answer: as text, as JSON and URLs escape it, as the eight bytes of a number, and
inside Parquet and Arrow in cells, dictionaries, statistics and metadata.
"""

from __future__ import annotations

import html
import io
import re
import struct
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 48
REGIONS = ("northquay", "southquay")
HEADER = (
    "Dossier",
    "Person Name",
    "Mail",
    "Remark",
    "Seen On",
    "Income",
    "Weight",
    "Kind",
    "Region",
)
FIELDS = (
    "dossier",
    "person_name",
    "mail",
    "remark",
    "seen_on",
    "income",
    "weight",
    "kind",
    "region",
)
SHOWN = (
    {"name": "person_name", "mask": {"kind": "pseudonym"}},
    {"name": "remark", "mask": {"kind": "redact"}},
    {"name": "seen_on", "mask": {"kind": "truncate-date", "to": "year"}},
    {"name": "income", "mask": {"kind": "top-code", "at": 1000}},
    {"name": "weight", "mask": {"kind": "generalise-number", "step": 100000}},
    {"name": "kind", "mask": {"kind": "keep"}},
)
CONDITION = "region = 'northquay'"
MASKED = ("person_name", "remark", "seen_on", "income", "weight")


@dataclass
class Canaries:
    """What was planted, by place."""

    texts: dict[str, str] = field(default_factory=dict)
    numbers: dict[int | float, str] = field(default_factory=dict)
    days: dict[str, str] = field(default_factory=dict)

    def text(self, place: str) -> str:
        """A new text, in no other place."""
        made = f"cqx{len(self.texts):05d}zvk"
        self.texts[made] = place
        return made

    def leaked(self, content: bytes) -> set[str]:
        """The places whose canaries show in these bytes."""
        places = self.texts | self.days | {repr(n): place for n, place in self.numbers.items()}
        found: set[str] = set()
        for form in _forms(content):
            looks = {one.decode() for one in _LOOKS_LIKE_ONE.findall(form)}
            found |= {places[one] for one in looks if one in places}
        if content.startswith(_BINARY):
            packed = {_packed(number): place for number, place in self.numbers.items()}
            found |= {place for number, place in packed.items() if number in content}
        return found


_LOOKS_LIKE_ONE = re.compile(rb"cqx\d{5}zvk|19\d\d-\d\d-\d\d|70\d{10}|1\d{5}\.\d+")
"""Whatever has the form of a canary; each find is then looked up."""
_BINARY = (b"PAR1", b"\xff\xff\xff\xff")


def _packed(number: int | float) -> bytes:
    return struct.pack("<q" if isinstance(number, int) else "<d", number)


def _forms(content: bytes) -> list[bytes]:
    """The bytes as they came, and all that can be read out of them."""
    forms = [content, unquote_plus(content.decode("latin-1")).encode("latin-1", "replace")]
    forms.append(html.unescape(content.decode("utf-8", "replace")).encode())
    if content.startswith(b"PAR1"):
        forms += _of_parquet(content)
    elif content[:4] == b"\xff\xff\xff\xff":
        table = pa.ipc.open_stream(io.BytesIO(content)).read_all()
        forms += [*_of_table(table)]
    return forms


def _of_parquet(content: bytes) -> list[bytes]:
    file = pq.ParquetFile(io.BytesIO(content))
    forms = [*_of_table(file.read()), str(file.schema_arrow).encode()]
    forms.append(repr(file.metadata.metadata).encode())
    texts = [f.name for f in file.schema_arrow if pa.types.is_string(f.type)]
    # A dictionary page may hold values that no row refers to.
    coded = pq.ParquetFile(io.BytesIO(content), read_dictionary=texts).read()
    for name in texts:
        for chunk in coded.column(name).chunks:
            if isinstance(chunk, pa.DictionaryArray):
                forms.append("\n".join(map(str, chunk.dictionary.to_pylist())).encode())
    for group in range(file.metadata.num_row_groups):
        for place in range(file.metadata.num_columns):
            facts = file.metadata.row_group(group).column(place).statistics
            if facts is not None:
                forms.append(f"{facts.min}\n{facts.max}".encode())
    return forms


def _of_table(table: pa.Table) -> list[bytes]:
    forms = [str(table.schema).encode(), repr(table.schema.metadata).encode()]
    for column in table.columns:
        forms.append("\n".join(map(str, column.to_pylist())).encode())
        for chunk in column.chunks:
            forms += [bytes(buffer) for buffer in chunk.buffers() if buffer is not None]
    return forms


def planted(canaries: Canaries, *, version: int = 1, hidden: bool = False) -> bytes:
    """A file with a canary in every cell that the release leaves out or masks.

    Every second row passes the release's condition; of the others even the shown fields hold
    canaries. With `hidden` no cell may be seen at all.
    """
    lines = [",".join(HEADER)]
    for at in range(ROWS):
        passes = at % 2 == 0 and not hidden
        where = f"version {version} row {at}{' (not released)' if not passes else ''}"
        number = 700_000_000_000 + version * 10_000_000 + at * 7919
        weight = 100_000 + (version * 100 + at) * 13.0009765625
        day = f"19{60 + (at + 17 * version) % 40}-{at % 12 + 1:02}-{at % 27 + 2:02}"
        canaries.numbers[number] = f"income, {where}"
        canaries.numbers[weight] = f"weight, {where}"
        canaries.days[day] = f"seen_on, {where}"
        kind = "walk" if passes else canaries.text(f"kind, {where}")
        cells = [
            canaries.text(f"dossier, {where}"),
            canaries.text(f"person_name, {where}"),
            canaries.text(f"mail, {where}") + "@mail.example",
            canaries.text(f"remark, {where}"),
            day,
            str(number),
            repr(weight),
            kind,
            REGIONS[0] if passes else REGIONS[1],
        ]
        lines.append(",".join(cells))
    # One cell that does not fit: it goes to quarantine.
    broken = lines[7].split(",")
    broken[5] = canaries.text("quarantine")
    lines[7] = ",".join(broken)
    return ("\r\n".join(lines) + "\r\n").encode()


def choices() -> list[dict[str, Any]]:
    """What the steward says of the fields."""
    return [
        {"name": "dossier", "type": "text"},
        {"name": "person_name", "type": "text", "personal": "personal"},
        {"name": "mail", "type": "text", "personal": "personal"},
        {"name": "remark", "type": "text"},
        {"name": "seen_on", "type": "date"},
        {"name": "income", "type": "integer"},
        {"name": "weight", "type": "decimal"},
        {"name": "kind", "type": "text"},
        {"name": "region", "type": "text"},
    ]
