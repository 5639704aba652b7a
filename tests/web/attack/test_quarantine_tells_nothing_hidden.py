"""What did not fit tells nobody more than he may see of the fields that it is about, and is mended
by nobody who does not see it.

Somebody who may write to a project and does not see personal fields, a member, the grantee of a
release, an outsider: none of them learns a value of a hidden field, nor that or how many of its
cells do not fit, by groups, counts, pages, exports, mendings or error texts.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.institute import Institute, put

from simplr.access import services as access
from simplr.resources import queries as resources
from simplr.resources.models import Resource
from simplr.sharing import services as sharing
from simplr_core.access import Action

MARKS = [
    {"name": "born", "personal": "personal", "type": "date", "format": "%Y-%m-%d"},
    {"name": "days", "personal": "none", "type": "integer"},
    {"name": "id", "personal": "none", "type": "integer"},
]
HIDDEN = ("born", "clandestine", "Secretive", "key-twice")
WAYS = ("", "/groups", "/file", "/file?format=ndjson", "?field=born", "/file?field=born")


@pytest.fixture(scope="module")
def calls(institute: Institute, django_db_blocker: Any) -> Resource:
    """Cells of a personal field and of another that do not fit, and whole rows with both."""
    with django_db_blocker.unblock():
        return _calls(institute)


def _calls(institute: Institute) -> Resource:
    lines = [f"{n},1990-01-{n % 28 + 1:02},{n}" for n in range(40)]
    lines[3:5] = ["3,clandestine,3", "4,clandestine day,four"]
    lines.append("41,Secretive")
    made = put(
        institute.project,
        institute.actor("steward"),
        name="calls.csv",
        content=("Id,Born,Days\n" + "\n".join(lines) + "\n").encode(),
        fields=MARKS,
        title="Calls",
        wanted_as="table",
    )
    return put(
        institute.project,
        institute.actor("steward"),
        name="more.csv",
        content=b"Id,Born,Days\n7,1990-01-01,1\n7,1990-01-02,2\n8,1990-01-03,3\n",
        resource=made,
        fields=MARKS,
        mode="upsert",
        key=["id"],
        wanted_as="table",
    )


@pytest.fixture
def writer(institute: Institute, calls: Resource) -> Client:
    """May write to the whole project, by a grant: so without sight of personal fields."""
    access.give_grant(
        node_id=institute.project.pk,
        to=access.Grantee(person_id=institute.analyst.id),
        actions=[Action.WRITE],
        actor=institute.actor("owner"),
    )
    return as_(institute, "analyst")


def as_(institute: Institute, role: str) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(getattr(institute, role))
    return client


def said(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return str(content.decode())


def asked(client: Client, calls: Resource, way: str) -> Any:
    return client.get(f"/api/v1/datasets/{calls.pk}/quarantine{way}")


@pytest.mark.parametrize("way", WAYS)
def test_who_writes_and_does_not_see_personal_fields_learns_nothing_of_them(
    calls: Resource, writer: Client, way: str
) -> None:
    answer = asked(writer, calls, way)

    assert answer.status_code == 200
    text = said(answer)
    assert not [word for word in HIDDEN if word in text]


def test_what_he_may_see_is_there_and_counted(calls: Resource, writer: Client) -> None:
    groups = asked(writer, calls, "/groups").json()
    listed = asked(writer, calls, "").json()

    assert {(one["field"], one["reason"], one["count"]) for one in groups["groups"]} == {
        ("days", "not-integer", 1),
        (None, "too-few-cells", 1),
        (None, "put-aside", 2),
    }
    assert groups["total"] == listed["total"] == len(listed["items"]) == 4
    assert [one["raw"] for one in listed["items"] if one["field"] == "days"] == ["four"]
    assert {one["raw"] for one in listed["items"] if one["field"] is None} == {None}


def test_his_pages_say_no_more(calls: Resource, writer: Client) -> None:
    for name in ("quarantine", "quality"):
        page = said(writer.get(reverse(f"sharing:{name}", args=[calls.pk])))
        assert "four" in page or name == "quality"
        for word in ("clandestine", "Secretive", "occurs more than once"):
            assert word not in page
        assert "field=born" not in page


def test_the_counts_of_the_data_set_do_not_tell_the_rest(calls: Resource, writer: Client) -> None:
    about = writer.get(f"/api/v1/datasets/{calls.pk}").json()
    pages = [
        said(writer.get(reverse(name, args=[calls.pk])))
        for name in ("sharing:quarantine", "sharing:quality", "datasets:dataset")
    ]

    assert about["cells_quarantined"] == 1
    assert ["1 cell of the kept rows" in page for page in pages[:2]] == [True, True]
    assert not any("3 cells of the kept rows" in page for page in pages)


def counted_everywhere(client: Client, calls: Resource) -> list[int | None]:
    """Cells in quarantine, by the list of versions, one of them, and what the uploads became."""
    versions = client.get(f"/api/v1/resources/{calls.pk}/versions").json()["items"]
    newest = client.get(f"/api/v1/resources/{calls.pk}/versions/2").json()
    uploads = client.get(f"/api/v1/projects/{calls.project_id}/uploads").json()["items"]
    results = [one["counts"] for row in uploads for one in row["results"] if one["counts"]]
    return [
        *(row["cells_quarantined"] for row in (*versions, newest)),
        *(counts["quarantined_cells"] for counts in results),
        *(row["counts"].get("quarantined_cells") for row in uploads if row["counts"]),
    ]


def test_no_count_of_versions_uploads_or_home_tells_the_rest(
    institute: Institute, calls: Resource, writer: Client
) -> None:
    assert 3 in counted_everywhere(as_(institute, "steward"), calls)
    assert set(counted_everywhere(writer, calls)) <= {None, 0, 1}
    home = said(writer.get("/"))
    assert "cell of Calls" not in home
    assert "cells of Calls" not in home


def test_what_others_mended_is_not_counted_for_him(
    institute: Institute, calls: Resource, writer: Client
) -> None:
    change = {"field": "born", "do": "missing", "codes": ["clandestine", "clandestine day"]}
    made = as_(institute, "steward").post(
        f"/api/v1/datasets/{calls.pk}/mendings",
        json.dumps({"changes": [change]}),
        content_type="application/json",
    )
    assert made.json()["changes"] == {"mended_rows": 0, "mended_cells": 2}

    newest = writer.get(f"/api/v1/resources/{calls.pk}/versions/3").json()
    mending = writer.get(f"/api/v1/datasets/{calls.pk}/mendings/{made.json()['id']}").json()
    page = said(writer.get(f"/datasets/{calls.pk}/versions/3"))

    assert "mended_cells" not in newest["changes"]
    assert "mended_cells" not in mending["changes"]
    assert "2 cells" not in page
    assert "Some of what lay in quarantine of version 2 was mended." in page


def test_who_sees_everything_is_told_everything(institute: Institute, calls: Resource) -> None:
    text = said(asked(as_(institute, "steward"), calls, "/file"))

    assert all(word in text for word in HIDDEN)


@pytest.mark.parametrize("role", ["colleague", "stranger", "viewer", "administrator", "auditor"])
@pytest.mark.parametrize("way", WAYS)
def test_nobody_else_learns_anything(
    institute: Institute, calls: Resource, role: str, way: str
) -> None:
    release = sharing.create_release(
        dataset_id=calls.pk,
        definition=sharing.Definition(
            title="Days", fields=({"name": "days", "mask": {"kind": "keep"}},), where=""
        ),
        actor=institute.actor("steward"),
        personal=True,
    )
    access.give_grant(
        node_id=calls.pk,
        to=access.Grantee(person_id=institute.colleague.id),
        actions=[Action.DOWNLOAD],
        actor=institute.actor("steward"),
        release_id=release.pk,
    )

    answer = asked(as_(institute, role), calls, way)

    assert answer.status_code in {403, 404}
    assert not [word for word in (*HIDDEN, "four", "not-integer") if word in said(answer)]


def mend(client: Client, calls: Resource, *changes: dict[str, Any], preview: bool = False) -> Any:
    query = "?preview=true" if preview else ""
    return client.post(
        f"/api/v1/datasets/{calls.pk}/mendings{query}",
        json.dumps({"changes": list(changes)}),
        content_type="application/json",
    )


def bring_back(client: Client, calls: Resource, content: str, *, preview: bool = False) -> Any:
    query = "?preview=true" if preview else ""
    return client.post(
        f"/api/v1/datasets/{calls.pk}/mendings/file{query}",
        content.encode(),
        content_type="application/octet-stream",
    )


ABOUT_HIDDEN: tuple[dict[str, Any], ...] = (
    {"field": "born", "do": "drop"},
    {"field": "born", "do": "empty"},
    {"field": "born", "do": "replace", "value": "clandestine", "by": "1990-01-01"},
    {"field": "born", "do": "missing", "codes": ["clandestine"]},
    {"field": "born", "do": "type", "format": "%d.%m.%Y"},
    {"row": 4, "field": "born", "do": "write", "value": "1990-01-01"},
)


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize("change", ABOUT_HIDDEN, ids=lambda change: str(change["do"]))
def test_a_hidden_field_is_not_there_to_be_mended(
    calls: Resource, writer: Client, change: dict[str, Any], preview: bool
) -> None:
    hidden = mend(writer, calls, change, preview=preview)
    nowhere = mend(writer, calls, {**change, "field": "nowhere"}, preview=preview)

    assert (hidden.status_code, hidden.json()["code"]) == (404, "field-unknown")
    assert hidden.json()["detail"].replace("born", "nowhere") == nowhere.json()["detail"]
    assert resources.version_of(calls.pk).number == 2


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize(
    "change",
    [
        {"reason": "not-date", "do": "drop"},
        {"reason": "key-twice", "do": "drop"},
        {"reason": "put-aside", "do": "drop"},
        {"row": 41, "do": "drop"},
        {"row": 1, "do": "drop"},
        {"row": 41, "do": "write", "cells": {"id": "41", "days": "1"}},
    ],
)
def test_whole_rows_are_not_his_to_mend_and_all_of_them_answer_the_same(
    calls: Resource, writer: Client, change: dict[str, Any], preview: bool
) -> None:
    answer = mend(writer, calls, change, preview=preview)

    assert (answer.status_code, answer.json()["code"]) == (403, "rows-hidden")
    assert resources.version_of(calls.pk).number == 2


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize(
    ("line", "status"),
    [("4,born,1990-01-01", 404), ('41,,"41,1990-01-01,1"', 422), ("4,nowhere,1", 404)],
)
def test_an_edited_export_reaches_no_further(
    calls: Resource, writer: Client, line: str, status: int, preview: bool
) -> None:
    answer = bring_back(writer, calls, f"row,field,mended\n{line}\n", preview=preview)

    assert answer.status_code == status
    assert not [word for word in HIDDEN[1:] if word in said(answer)]
    assert resources.version_of(calls.pk).number == 2


def test_what_he_sees_he_mends_and_the_hidden_cells_stay_as_they_were(
    institute: Institute, calls: Resource, writer: Client
) -> None:
    change = {"field": "days", "do": "replace", "value": "four", "by": "4"}

    tried = mend(writer, calls, change, preview=True)
    made = mend(writer, calls, change)

    assert not [word for word in HIDDEN if word in said(tried) + said(made)]
    assert made.json()["changes"] == {"mended_rows": 0, "mended_cells": 1}
    groups = asked(as_(institute, "steward"), calls, "/groups").json()["groups"]
    assert {"field": "born", "reason": "not-date", "count": 2} in groups


@pytest.mark.parametrize("role", ["colleague", "stranger", "viewer", "administrator", "auditor"])
def test_nobody_else_mends_or_tries_anything(
    institute: Institute, calls: Resource, role: str
) -> None:
    change = {"field": "days", "do": "replace", "value": "four", "by": "4"}

    for preview in (True, False):
        for answer in (
            mend(as_(institute, role), calls, change, preview=preview),
            bring_back(
                as_(institute, role), calls, "row,field,mended\n5,days,4\n", preview=preview
            ),
        ):
            assert answer.status_code in {403, 404}
            assert "four" not in said(answer)
    assert resources.version_of(calls.pk).number == 2
