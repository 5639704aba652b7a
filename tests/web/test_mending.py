"""What did not fit is mended by API and page: the next version holds it in its place."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.institute import Institute, put

from simplr.base.models import Event
from simplr.intake.models import Upload
from simplr.resources import erasing
from simplr.resources import queries as resources
from simplr.resources.models import Resource
from simplr.sharing import delivery, tasks
from simplr.sharing.mending import asking
from simplr.sharing.models import Mending
from simplr.sharing.views_of_data import whole_view
from simplr.vault.models import SealedObject

As = Callable[[str], Client]
MARKS = [
    {"name": "id", "personal": "none", "type": "integer"},
    {"name": "day", "personal": "none", "type": "date", "format": "%Y-%m-%d"},
    {"name": "days", "personal": "none", "type": "integer"},
]
HEADER = "Id,Day,Days\n"
JANUARY = HEADER + (
    "1,2024-01-01,1\n2,02.01.2024,soon\n3,2024-01-03\n4,2024-01-04,later\n5,2024-01-05,5\n"
)
RULES = [
    {"field": "days", "reason": "not-integer", "do": "replace", "value": "soon", "by": "3"},
    {"field": "days", "do": "missing", "codes": ["later"]},
    {"field": "day", "do": "type", "format": "%d.%m.%Y"},
]


@pytest.fixture
def bins(institute: Institute) -> Resource:
    return put(
        institute.project,
        institute.actor("steward"),
        name="bins.csv",
        content=JANUARY.encode(),
        fields=MARKS,
        title="Bins",
        wanted_as="table",
    )


def ask(client: Client, bins: Resource, changes: Any, query: str = "", **body: Any) -> Any:
    return client.post(
        f"/api/v1/datasets/{bins.pk}/mendings{query}",
        json.dumps({"changes": changes, **body}),
        content_type="application/json",
    )


def bring_back(client: Client, bins: Resource, content: str, query: str = "") -> Any:
    return client.post(
        f"/api/v1/datasets/{bins.pk}/mendings/file{query}",
        content.encode(),
        content_type="application/octet-stream",
    )


def rows_of(bins: Resource, version: str = "") -> list[list[str | None]]:
    row = resources.version_of(bins.pk, version)
    return delivery.rows_of(whole_view(bins, row, personal=True), limit=100).rows


def test_a_rule_is_tried_and_then_makes_the_next_version(bins: Resource, as_: As) -> None:
    steward = as_("steward")

    tried = ask(steward, bins, RULES, "?preview=true").json()["changes"]
    made = ask(steward, bins, RULES)

    assert [(one["matched"], one["mended"]) for one in tried] == [(2, 2), (0, 0), (1, 1)]
    assert made.status_code == 201
    answer = made.json()
    assert (answer["state"], answer["earlier"], answer["version"]) == ("ready", 1, 2)
    assert answer["changes"] == {"mended_rows": 0, "mended_cells": 3}
    assert rows_of(bins) == [
        ["1", "2024-01-01", "1"],
        ["2", "2024-01-02", "3"],
        ["4", "2024-01-04", None],
        ["5", "2024-01-05", "5"],
    ]
    version = resources.version_of(bins.pk)
    assert (version.rows_in, version.rows_kept, version.cells_quarantined) == (5, 4, 0)
    assert (version.mode, version.earlier.number if version.earlier else 0) == ("mend", 1)
    assert rows_of(bins, "1")[1] == ["2", None, None]


def test_a_row_written_by_hand_stands_in_its_place(bins: Resource, as_: As) -> None:
    cells = {"id": "3", "day": "2024-01-03", "days": "9"}

    made = ask(as_("steward"), bins, [{"row": 3, "do": "write", "cells": cells}])

    assert made.json()["changes"] == {"mended_rows": 1, "mended_cells": 0}
    assert [row[0] for row in rows_of(bins)] == ["1", "2", "3", "4", "5"]
    assert resources.version_of(bins.pk).rows_quarantined == 0


def test_the_next_file_is_mended_by_itself(institute: Institute, bins: Resource, as_: As) -> None:
    ask(as_("steward"), bins, RULES)

    put(
        institute.project,
        institute.actor("steward"),
        name="february.csv",
        content=(HEADER + "6,01.02.2024,soon\n7,2024-02-02,later\n8,2024-02-03,8\n").encode(),
        resource=bins,
        wanted_as="table",
    )

    assert rows_of(bins) == [
        ["6", "2024-02-01", "3"],
        ["7", "2024-02-02", None],
        ["8", "2024-02-03", "8"],
    ]
    assert resources.version_of(bins.pk).cells_quarantined == 0
    assert Upload.objects.latest("created_at").understanding["counts"]["quarantined_cells"] == 0


def test_an_export_that_was_edited_comes_back(bins: Resource, as_: As) -> None:
    steward = as_("steward")
    exported = steward.get(f"/api/v1/datasets/{bins.pk}/quarantine/file")
    text = b"".join(exported.streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    for row in rows:
        if row["raw"] == "soon":
            row["mended"] = "12"
        if row["raw"] == "later":
            row["do"] = "empty"
        if not row["field"]:
            row["mended"] = "3,2024-01-03,33"
    edited = io.StringIO()
    writer = csv.DictWriter(edited, rows[0].keys(), delimiter=";")
    writer.writeheader()
    writer.writerows(rows)

    tried = bring_back(steward, bins, edited.getvalue(), "?preview=true").json()["changes"]
    made = bring_back(steward, bins, "\ufeff" + edited.getvalue())

    assert [(one["matched"], one["mended"]) for one in tried] == [(3, 3)]
    assert made.status_code == 201
    assert [row[2] for row in rows_of(bins)] == ["1", "12", "33", None, "5"]
    assert resources.version_of(bins.pk).cells_quarantined == 1


def test_json_lines_come_back_too(bins: Resource, as_: As) -> None:
    lines = [
        {"row": 2, "field": "days", "reason": "not-integer", "raw": "soon", "mended": "4"},
        {"row": 3, "field": None, "mended": {"id": "3", "days": "5"}},
        {"row": 4, "field": "days", "mended": None, "do": None},
    ]
    content = "\n".join(json.dumps(line) for line in lines)

    made = bring_back(as_("steward"), bins, content, "?format=ndjson")

    assert made.json()["changes"] == {"mended_rows": 1, "mended_cells": 1}


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        ("", "edited-export-invalid", "names no column row, field, mended"),
        ("row,field\n2,days\n", "edited-export-invalid", "names no column mended"),
        ("row,field,mended\n2,days,\n", "edited-export-invalid", "nothing would change"),
        ("row,field,mended\nx,days,1\n", "edited-export-invalid", "Line 2"),
        ("row,field,mended\n2,nowhere,1\n", "field-unknown", "nowhere"),
        ("row,field,mended\n3,,1\n", "edited-export-invalid", "1 cells"),
        ("row,field,mended\n2,days,1\n2,days,2\n", "edited-export-invalid", "Line 3"),
        ("row,field,mended\n1,days,1\n", "no-such-entry", "no such entry"),
        ("row,field,mended\n2,days,never\n", "nothing-mended", "None of it fits"),
        ("row,field,mended,do\n2,days,,burn\n", "edited-export-invalid", "`empty` or `drop`"),
    ],
)
def test_an_edited_export_that_cannot_be_says_why_and_changes_nothing(
    bins: Resource, as_: As, content: str, code: str, words: str
) -> None:
    answer = bring_back(as_("steward"), bins, content)

    assert answer.status_code in {404, 422}
    assert answer.json()["code"] == code
    assert words in answer.json()["detail"]
    assert resources.version_of(bins.pk).number == 1


def test_what_was_asked_lies_sealed_and_is_gone_when_the_work_has_ended(
    bins: Resource, as_: As, django_capture_on_commit_callbacks: Any
) -> None:
    steward = as_("steward")
    with django_capture_on_commit_callbacks(execute=True):
        ask(steward, bins, RULES, "?preview=true")
        ask(steward, bins, [{"row": 2, "field": "days", "do": "write", "value": "never"}])
        ask(steward, bins, RULES)

    assert [row.asked_id for row in Mending.objects.filter(resource=bins)] == [None, None]
    assert not SealedObject.objects.filter(kind="mending", wrapped__isnull=False).exists()
    events = Event.objects.filter(code="sharing:quarantine:mended", node_id=bins.pk)
    assert [event.details["mended_cells"] for event in events] == [3]
    assert "soon" not in json.dumps([event.details for event in Event.objects.all()], default=str)


def test_only_the_newest_version_is_mended(bins: Resource, as_: As) -> None:
    ask(as_("steward"), bins, RULES)

    late = ask(as_("steward"), bins, [{"row": 3, "do": "drop"}], version="1")

    assert (late.status_code, late.json()["code"]) == (409, "mending-superseded")


def test_a_large_one_is_written_by_the_worker_and_can_be_cancelled(
    bins: Resource, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ROWS_AT_ONCE", 2)
    steward = as_("steward")

    stopped = ask(steward, bins, RULES)
    address = f"/api/v1/datasets/{bins.pk}/mendings/{stopped.json()['id']}"
    cancelled = steward.delete(address).json()
    tasks.mend(stopped.json()["id"])
    begun = ask(steward, bins, RULES)
    tasks.mend(begun.json()["id"])
    done = steward.get(f"/api/v1/datasets/{bins.pk}/mendings/{begun.json()['id']}").json()

    assert (stopped.status_code, stopped.json()["state"]) == (202, "waiting")
    assert (cancelled["state"], cancelled["error"]["code"]) == ("failed", "mending-cancelled")
    assert (done["state"], done["version"]) == ("ready", 2)
    assert Mending.objects.filter(resource=bins, asked_id__isnull=False).count() == 0


def test_a_right_that_ended_meanwhile_ends_the_work(
    institute: Institute, bins: Resource, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ROWS_AT_ONCE", 2)
    begun = ask(as_("steward"), bins, RULES).json()
    row = Mending.objects.get(pk=begun["id"])
    Mending.objects.filter(pk=row.pk).update(person=institute.viewer)

    tasks.mend(begun["id"])

    row.refresh_from_db()
    assert (row.error_code, row.made_id) == ("right-ended", None)
    assert resources.version_of(bins.pk).number == 1


def test_what_waits_to_be_mended_is_erased_with_its_data_set(
    bins: Resource, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ROWS_AT_ONCE", 2)
    begun = ask(as_("steward"), bins, RULES).json()

    asked = Mending.objects.get(pk=begun["id"]).asked_id

    assert asked in erasing.objects_of([bins.pk])


@pytest.mark.parametrize("role", ["viewer", "analyst", "guest", "colleague", "stranger"])
def test_who_may_not_change_the_data_set_mends_nothing(bins: Resource, as_: As, role: str) -> None:
    for query in ("", "?preview=true"):
        assert ask(as_(role), bins, RULES, query).status_code in {403, 404}
        content = "row,field,mended\n2,days,1\n"
        assert bring_back(as_(role), bins, content, query).status_code in {403, 404}


def mend_page(client: Client, bins: Resource, **form: str) -> Any:
    where = reverse("sharing:quarantine-mend", args=[bins.pk])
    return client.post(where, {"version": "1", **form})


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_the_page_tries_a_rule_and_then_mends_by_it(bins: Resource, as_: As) -> None:
    steward = as_("steward")
    rule = {"field": "days", "reason": "not-integer", "do": "replace", "value": "soon", "by": "3"}

    tried = text_of(mend_page(steward, bins, **rule, **{"try": "1"}))
    before = resources.version_of(bins.pk).number
    done = mend_page(steward, bins, **rule)
    after = text_of(steward.get(done["Location"]))

    assert "Of 2, 1 would fit, and 1 would stay." in tried
    assert "<del>soon</del> → <ins>3</ins>" in tried
    assert before == 1
    assert done["Location"] == reverse("sharing:quarantine", args=[bins.pk])
    assert "Version 2: 1 cell came back." in after
    assert "<code>later</code>" in after


def test_the_page_has_a_form_for_each_cell_and_for_each_cell_of_a_row(
    bins: Resource, as_: As
) -> None:
    steward = as_("steward")
    page = text_of(steward.get(reverse("sharing:quarantine", args=[bins.pk])))

    cell = mend_page(steward, bins, row="2", field="days", do="write", value="7")
    row = mend_page(
        steward,
        bins,
        version="2",
        row="3",
        do="write",
        **{"cell:id": "3", "cell:day": "2024-01-03", "cell:days": "8"},
    )

    assert 'name="value" value="soon"' in page
    assert 'name="cell:day" value="2024-01-03"' in page
    assert (cell.status_code, row.status_code) == (302, 302)
    assert [one[2] for one in rows_of(bins)] == ["1", "7", "8", None, "5"]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"row": "2", "field": "days", "do": "write", "value": "never"}, "None of it fits"),
        ({"row": "1", "field": "days", "do": "write", "value": "1"}, "no such entry"),
        ({"field": "day", "do": "type", "format": "%d"}, "date format"),
        ({"field": "days", "do": "burn"}, "is one of"),
        ({"version": "9", "field": "days", "do": "drop"}, ""),
    ],
)
def test_what_cannot_be_is_said_on_the_page_and_changes_nothing(
    bins: Resource, as_: As, form: dict[str, str], words: str
) -> None:
    answer = mend_page(as_("steward"), bins, **form)

    assert answer.status_code in {404, 422}
    assert words in text_of(answer)
    assert resources.version_of(bins.pk).number == 1


def test_the_page_follows_a_mending_that_the_worker_writes(
    bins: Resource, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ROWS_AT_ONCE", 2)
    steward = as_("steward")

    begun = mend_page(steward, bins, field="days", do="missing", codes="soon\nlater")
    waiting = text_of(steward.get(begun["Location"]))
    tasks.mend(begun["Location"].split("mending=")[1])
    ready = text_of(steward.get(begun["Location"]))

    assert "It is being mended." in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert "Version 2: 2 cells came back." in ready


def test_an_old_version_is_shown_without_forms(bins: Resource, as_: As) -> None:
    steward = as_("steward")
    ask(steward, bins, RULES)

    old = text_of(steward.get(reverse("sharing:quarantine", args=[bins.pk]) + "?version=1"))

    assert "<code>soon</code>" in old
    assert "quarantine/mend" not in old


def test_rows_made_by_unpivoting_are_mended_in_the_recipe(institute: Institute, as_: As) -> None:
    text = (
        "version: 1\nsteps:\n- kind: unpivot\n"
        '  fields: ["y2019", "y2020", "y2021"]\n  name: year\n  value: pupils\n'
    )
    wide = "School,Y2019,Y2020,Y2021\nElm,1,2,3\nOak,4,5,6\nFir,7,8,9\nAsh,1,1,1\n"
    made = put(
        institute.project,
        institute.actor("steward"),
        name="pupils.csv",
        content=wide.encode(),
        recipe=text,
    )

    refused = ask(as_("steward"), made, [{"field": "pupils", "do": "missing", "codes": ["5"]}])

    assert (refused.status_code, refused.json()["code"]) == (409, "unpivoted-mended")
    page = as_("steward").get(f"/datasets/{made.pk}/quarantine")
    assert page.status_code == 200
