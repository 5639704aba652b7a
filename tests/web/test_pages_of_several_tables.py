"""The page of a workbook: each table with its own box to tick, its title and its fields."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter
from django.test import Client
from django.urls import reverse
from tests.institute import Institute

from simplr.intake import services as intake
from simplr.intake import tasks
from simplr.intake.models import Upload
from simplr.resources.models import Version

As = Callable[[str], Client]


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return content.getvalue()


@pytest.fixture
def upload(institute: Institute) -> Upload:
    content = workbook(
        {
            "Income": [["street", "amount"], ["Elm", 1], ["Oak", 2]],
            "Spending": [["ward", "cost"], ["North", 1.5], ["South", 2.5]],
            "<b>Plan<b>": [["ward", "plan"], ["North", 3], ["South", 4]],
        }
    )
    row = intake.receive(
        project_id=institute.project.pk,
        declared=intake.Declared(name="budget.xlsx", size=len(content)),
        body=io.BytesIO(content),
        actor=institute.actor("steward"),
    )
    tasks.understand(str(row.id))
    return Upload.objects.get(pk=row.id)


def test_every_table_is_shown_with_its_rows(upload: Upload, as_: As) -> None:
    page = as_("steward").get(reverse("intake:upload", args=[upload.id])).content.decode()

    assert "3 tables were found in it" in page
    assert all(f'name="t{n}-keep" value="1" checked' in page for n in range(3))
    assert 'value="budget: Spending"' in page
    assert "North" in page
    assert "<b>Plan<b>" not in page
    assert "Keep 6 rows" in page


def test_what_is_ticked_is_kept_with_its_corrections(upload: Upload, as_: As) -> None:
    client = as_("steward")
    before = set(Version.objects.values_list("pk", flat=True))
    form = {
        "t1-keep": "1",
        "t1-title": "What the wards spent",
        "t1-field-1-name": "euro",
        "t1-field-1-personal": "indirect",
        "classification": "internal",
    }

    answer = client.post(reverse("intake:keep", args=[upload.id]), form)
    tasks.keep(str(upload.id), str(upload.person_id))

    assert answer.status_code == 302
    made = Version.objects.exclude(pk__in=before).get()
    assert made.resource.title == "What the wards spent"
    assert made.table_path == ["Spending"]
    assert list(made.fields.order_by("position").values_list("name", "personal")) == [
        ("ward", "indirect"),
        ("euro", "indirect"),
    ]
    seen = client.get(f"/api/v1/uploads/{upload.id}").json()
    assert [one["table_path"] for one in seen["results"]] == [["Spending"]]


def test_nothing_ticked_is_said_at_once(upload: Upload, as_: As) -> None:
    answer = as_("steward").post(
        reverse("intake:keep", args=[upload.id]), {"classification": "internal"}
    )

    assert answer.status_code == 422
    assert "each at most once" in answer.content.decode()


def test_the_api_shows_all_tables_and_one_with_its_rows(upload: Upload, as_: As) -> None:
    client = as_("steward")
    address = f"/api/v1/uploads/{upload.id}/understanding"

    everything = client.get(address).json()
    one = client.get(f"{address}?table=1").json()

    assert everything["kind"] == "tables"
    assert [table["path"] for table in everything["tables"]] == [
        ["Income"],
        ["Spending"],
        ["<b>Plan<b>"],
    ]
    assert one["sample"]["rows"] == [["North", "1.5"], ["South", "2.5"]]
    assert client.get(f"{address}?table=9").status_code == 404
