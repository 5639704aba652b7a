"""What did not fit is looked at by page and API: by group, some at a time, and as a file."""

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
from simplr.resources.models import Resource

As = Callable[[str], Client]
MARKS = [
    {"name": "id", "personal": "none", "type": "integer"},
    {"name": "street", "personal": "none", "type": "text"},
    {"name": "days", "personal": "none", "type": "integer"},
]
HEADER = "Id,Street,Days\n"


def text_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return str(content.decode())


def rows(count: int, bad: int) -> str:
    return HEADER + "".join(f"{n},High St,{'soon' if n < bad else n}\n" for n in range(count))


def kept(institute: Institute, content: str) -> Resource:
    return put(
        institute.project,
        institute.actor("steward"),
        name="bins.csv",
        content=content.encode(),
        fields=MARKS,
        title="Bins",
        wanted_as="table",
    )


@pytest.fixture
def bins(institute: Institute) -> Resource:
    """Three cells that are no numbers, and a row that is too short."""
    return kept(institute, rows(40, 3) + "41,High St\n")


def api(resource: Resource, what: str = "") -> str:
    return f"/api/v1/datasets/{resource.pk}/quarantine{what}"


def test_groups_and_entries_say_what_does_not_fit(bins: Resource, as_: As) -> None:
    groups = as_("steward").get(api(bins, "/groups")).json()
    cells = as_("steward").get(api(bins, "?field=days&reason=not-integer")).json()

    assert groups == {
        "groups": [
            {"field": "days", "reason": "not-integer", "count": 3},
            {"field": None, "reason": "too-few-cells", "count": 1},
        ],
        "total": 4,
    }
    assert [(one["row"], one["raw"]) for one in cells["items"]] == [
        (1, "soon"),
        (2, "soon"),
        (3, "soon"),
    ]
    assert cells["total"] is None
    assert as_("steward").get(api(bins)).json()["total"] == 4


def test_a_list_goes_on_from_its_cursor_to_its_end(bins: Resource, as_: As) -> None:
    seen, cursor = [], ""
    while True:
        page = as_("steward").get(api(bins, f"?limit=3&cursor={cursor}")).json()
        seen += [one["row"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert sorted(seen) == [1, 2, 3, 41]
    assert as_("steward").get(api(bins, "?cursor=x")).status_code == 422


def test_an_export_streams_the_group_and_is_in_the_ledger(bins: Resource, as_: As) -> None:
    answer = as_("steward").get(api(bins, "/file?reason=too-few-cells"))
    lines = list(csv.reader(io.StringIO(text_of(answer))))
    everything = text_of(as_("steward").get(api(bins, "/file?format=ndjson")))

    assert answer["Content-Disposition"] == 'attachment; filename="Bins quarantine.csv"'
    assert lines == [
        ["row", "field", "reason", "raw", "mended", "do"],
        ["41", "", "too-few-cells", "41,High St", "", ""],
    ]
    assert len([json.loads(line) for line in everything.splitlines()]) == 4
    events = Event.objects.filter(code="sharing:quarantine:exported", node_id=bins.pk)
    assert [event.details["format"] for event in events.order_by("id")] == ["csv", "ndjson"]
    assert "soon" not in json.dumps([event.details for event in events])
    assert as_("steward").get(api(bins, "/file?format=xlsx")).status_code == 422


def test_the_page_shows_groups_and_the_entries_of_the_chosen_one(bins: Resource, as_: As) -> None:
    page = reverse("sharing:quarantine", args=[bins.pk])

    everything = text_of(as_("steward").get(page))
    chosen = text_of(as_("steward").get(f"{page}?reason=too-few-cells"))
    none = text_of(as_("steward").get(f"{page}?field=nowhere"))
    quality = text_of(as_("steward").get(reverse("sharing:quality", args=[bins.pk])))

    assert everything.count("<code>soon</code>") == 3
    assert "41,High St" in chosen
    assert "<code>soon</code>" not in chosen
    assert "format=csv&amp;reason=too-few-cells" in chosen
    assert "Nothing in quarantine is like that." in none
    assert f"{page}?field=days&amp;reason=not-integer" in quality


def test_where_everything_fits_the_page_says_so(institute: Institute, as_: As) -> None:
    clean = kept(institute, rows(20, 0))

    page = text_of(as_("steward").get(reverse("sharing:quarantine", args=[clean.pk])))

    assert "Nothing is in quarantine: every row fits." in page
    assert "/quarantine/file" not in page


def test_ten_thousand_entries_are_shown_some_at_a_time(institute: Institute, as_: As) -> None:
    many = kept(institute, rows(10_500, 10_000))
    page = reverse("sharing:quarantine", args=[many.pk])

    first = text_of(as_("steward").get(page))
    last = text_of(as_("steward").get(f"{page}?cursor=9990"))

    assert first.count("<code>soon</code>") == 50
    assert "50 of 10,000" in first
    assert last.count("<code>soon</code>") == 10


@pytest.mark.parametrize("role", ["viewer", "analyst", "guest"])
def test_who_may_not_change_the_data_set_is_told_so_and_shown_nothing(
    bins: Resource, as_: As, role: str
) -> None:
    page = text_of(as_(role).get(reverse("sharing:quarantine", args=[bins.pk])))

    assert "Those who may change the data set see them." in page
    assert "soon" not in page
    for what in ("", "/groups", "/file"):
        assert as_(role).get(api(bins, what)).status_code == 403
