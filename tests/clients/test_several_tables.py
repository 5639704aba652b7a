"""A workbook and an archive by command and by Python, against the real installation."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.installation import Installation
from tests.unit.tidy.formats.books import xlsx

INCOME = [["street", "amount"], ["Elm", 1], ["Oak", 2]]
SPENDING = [["ward", "cost"], ["North", 1.5], ["South", 2.5], ["East", 3.5]]


def test_put_keeps_each_table_of_a_workbook_and_prints_each(
    installation: Installation, tmp_path: Path
) -> None:
    installation.json("steward", "project", "create", "Budgets", "--slug", "budgets")
    path = tmp_path / "budget.xlsx"
    path.write_bytes(xlsx({"Income": INCOME, "Spending": SPENDING}))

    found = installation.json("steward", "put", str(path), "--project", "budgets", "--yes")

    assert [(one["table"], one["title"], one["row_count"]) for one in found["items"]] == [
        ("Income", "budget: Income", 2),
        ("Spending", "budget: Spending", 3),
    ]
    packed = tmp_path / "budget.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("2024/budget.xlsx", path.read_bytes())
        archive.writestr("trees.csv", "street,trees\nElm,3\nOak,4\n")
    found = installation.json(
        *("steward", "put", str(packed), "--project", "budgets", "--yes"),
        *("--set", "cost:name=euro"),
    )
    assert [one["table"] for one in found["items"]] == [
        "2024/budget.xlsx › Income",
        "2024/budget.xlsx › Spending",
        "trees.csv",
    ]
    spending = found["items"][1]["id"]
    fields = installation.json("steward", "schema", spending)
    assert "euro" in str(fields)
    newer = installation.json(
        *("steward", "put", str(packed), "--project", "budgets", "--yes"),
        *("--version-of", spending),
    )
    assert [one["id"] for one in newer["items"]] == [spending]


def test_python_chooses_one_of_several_tables(installation: Installation, tmp_path: Path) -> None:
    path = tmp_path / "wards.xlsx"
    path.write_bytes(xlsx({"Income": INCOME, "Spending": SPENDING}))
    session = installation.as_("steward").session
    project = session.create_project("Wards").id

    upload = session.upload(path, project=project)
    tables = upload.understanding()["tables"]
    one = upload.understanding(table=1)
    upload.keep(tables=[{"table": 1, "title": "Costs"}])
    [costs] = upload.wait().resources()

    assert [table["path"] for table in tables] == [["Income"], ["Spending"]]
    assert one["sample"]["rows"][0] == ["North", "1.5"]
    assert (costs.title, costs.data["row_count"]) == ("Costs", 3)
