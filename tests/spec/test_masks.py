"""What each mask shows, as tables a person can read. They are run, and the manual is made of them.

`docs/reference/masks.md` must be exactly what this file writes: run it as a program after a
change (`python tests/spec/test_masks.py`).
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from simplr_core.privacy.masks import apply, mask_from_json, mask_to_json, output_field
from simplr_core.privacy.pseudonyms import PseudonymMap
from simplr_core.tables.schema import Field, FieldType

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "masks.md"

INTRODUCTION = """\
# Masks

<!-- Written by tests/spec/test_masks.py, which runs every row of it. -->

A release says for each of its fields what its reader sees instead of the value. A mask is a function of one value: equal values look equal, a missing value stays missing, and there are never more distinct values after than before.
What a reader filters or sorts by is the masked value, never the one behind it.
"""

#  mask as written, in one line what for, field type, then value | what is shown
SPECIFICATION = """
{"kind": "keep"}
The value as it is.
text
    North | North
    | missing

{"kind": "hide"}
The field is not there at all: its values are not read and its key is not opened. The same as not naming the field.
text
    North | not there

{"kind": "pseudonym"}
A random name, the same for the same value throughout the project, drawn by chance and kept in a sealed map: it is not derived from the value, so nobody can find the way back by trying. A value that has no pseudonym yet is refused \
(`pseudonyms-outdated`), never shown.
text
    Ada | p-00000001
    Bob | p-00000002
    Ada | p-00000001
    | missing

{"kind": "redact", "text": "***"}
Only that there is a value. The text is yours; *** if you say none.
text
    Ada | ***
    | missing

{"kind": "truncate-date", "to": "year"}
The first day of the year.
date
    2024-02-29 | 2024-01-01
    1969-12-31 | 1969-01-01
    | missing

{"kind": "truncate-date", "to": "quarter"}
The first day of the quarter.
date
    2024-02-29 | 2024-01-01
    2024-06-30 | 2024-04-01

{"kind": "truncate-date", "to": "month"}
The first day of the month.
date
    2024-02-29 | 2024-02-01

{"kind": "truncate-date", "to": "week"}
The Monday of the week.
date
    2024-03-03 | 2024-02-26
    2024-03-04 | 2024-03-04

{"kind": "truncate-date", "to": "day"}
The day without the time. Every truncation of a date and time gives a date; an instant is cut in UTC.
datetime
    2024-02-29 23:59:59 | 2024-02-29
    1969-12-31 23:59:59 | 1969-12-31

{"kind": "generalise-number", "step": 10}
The lower end of the interval of this width, counted from nought.
integer
    17 | 10
    20 | 20
    -1 | -10
    0 | 0
    | missing

{"kind": "generalise-number", "step": 0.1}
The same for numbers with a fraction; an integer field becomes decimal if the step is no whole number.
decimal
    0.37 | 0.3
    0.3 | 0.3
    0.05 | 0.0
    -0.05 | -0.1

{"kind": "top-code", "at": 90}
Every greater number is shown as this one, as in "90 or older".
integer
    89 | 89
    90 | 90
    117 | 90
    | missing

{"kind": "top-code", "at": 99.5}
The same with a fraction.
decimal
    99.4 | 99.4
    1000.0 | 99.5
"""

READ: dict[str, Any] = {
    "text": str,
    "integer": int,
    "decimal": float,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}


def specified() -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    found = []
    for paragraph in SPECIFICATION.strip().split("\n\n"):
        mask, purpose, kind, *rows = paragraph.splitlines()
        pairs = [tuple(cell.strip() for cell in f" {row}".split(" |")) for row in rows]
        found.append((mask, purpose, kind, [(value, shown) for value, shown in pairs]))
    return found


@pytest.mark.parametrize(
    ("mask", "purpose", "kind", "rows"), specified(), ids=[each[0] for each in specified()]
)
def test_a_mask_shows_what_the_manual_says(
    mask: str, purpose: str, kind: str, rows: list[tuple[str, str]]
) -> None:
    import json

    chosen = mask_from_json(json.loads(mask))
    assert mask_to_json(chosen) == json.loads(mask)
    field = Field("field", type=FieldType(kind))
    values = [READ[kind](value) if value else None for value, _ in rows]
    output = output_field(chosen, field)
    if output is None:
        assert [shown for _, shown in rows] == ["not there"] * len(rows)
        return
    given = pa.array(values, field.arrow_type())
    names = PseudonymMap(pa.array(["Ada", "Bob"]), pa.array(["p-00000001", "p-00000002"]))
    masked = apply(chosen, given, field, names)
    assert masked.type == output.arrow_type()
    shown = ["missing" if value is None else str(value) for value in masked.to_pylist()]
    assert shown == [expected for _, expected in rows]


def page() -> str:
    from simplr_core.privacy.masks import suitable_masks

    lines = [INTRODUCTION, "## Which mask for which field\n"]
    lines += ["| type of field | masks |", "|---|---|"]
    for kind in FieldType:
        masks = ", ".join(mask.kind for mask in suitable_masks(Field("f", type=kind)))
        lines.append(f"| {kind.value} | {masks} |")
    lines.append("\n## What each shows")
    for mask, purpose, kind, rows in specified():
        lines += [f"\n`{mask}` {purpose}\n", f"| {kind} | shown |", "|---|---|"]
        lines += [
            f"| {value or '*missing*'} | {shown.replace('missing', '*missing*')} |"
            for value, shown in rows
        ]
    return "\n".join(lines) + "\n"


def test_the_manual_page_is_what_was_tested() -> None:
    assert PAGE.read_text() == page(), "run `python tests/spec/test_masks.py`"


if __name__ == "__main__":
    PAGE.write_text(page())
