"""Versions of a data set: rows added to it, old ones read, old ones brought back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.institute import Institute, put

from simplr.access.authentication import of_person
from simplr.base.models import Event
from simplr.datasets import dictionary_services as describing
from simplr.datasets import queries as datasets
from simplr.datasets.models import Part
from simplr.intake import adding, keeping, tasks
from simplr.intake.models import Upload
from simplr.resources import queries as resources
from simplr.resources import services
from simplr.resources.models import Resource, Version
from simplr.sharing import delivery, quarantine
from simplr.sharing.views_of_data import whole_view
from simplr.vault import claims
from simplr_core.tidy.fitting import FieldsDiffer

As = Callable[[str], Client]

JANUARY = "Id,Street,Bins,Caller\n1,High St,3,Ann\n2,Low St,many,Ben\n3,Mill Rd,5,Cy\nbroken\n"
FEBRUARY = (
    "Street,Id,Bins,Caller\nPark Ave,4,6,Di\nHigh St,5,few,Ed\nalso broken\nDock St,6,8,Flo\n"
)
MARKS = [
    {"name": "caller", "personal": "personal"},
    {"name": "bins", "type": "integer"},
    {"name": "street", "personal": "none"},
]


def kept(institute: Institute, content: str, into: Resource | None = None, **choices: Any) -> Any:
    return put(
        institute.project,
        institute.actor("steward"),
        name="bins.csv",
        content=content.encode(),
        resource=into,
        **{"fields": MARKS, "title": "Bins", **choices},
    )


def rows_of(resource: Resource, version: str = "") -> list[list[str | None]]:
    row = resources.version_of(resource.pk, version)
    view = whole_view(resource, row, personal=True)
    return delivery.rows_of(view, limit=1000).rows


def aside_of(resource: Resource, version: str = "") -> list[tuple[Any, ...]]:
    row = resources.version_of(resource.pk, version)
    found = quarantine.page_of(
        dataset_id=resource.pk,
        version=str(row.number),
        cursor="",
        limit=500,
        actor=of_person(resource.node.owner),
    )["items"]
    return sorted((one["row"], one["kept_row"], one["field"], one["raw"]) for one in found)


def counts(version: Version) -> tuple[Any, ...]:
    return (
        version.rows_in,
        version.rows_kept,
        version.rows_quarantined,
        version.cells_quarantined,
    )


def test_appended_rows_stand_after_the_others_and_all_that_was_put_aside_comes_along(
    institute: Institute,
) -> None:
    dataset = kept(institute, JANUARY)
    first = resources.version_of(dataset.pk)
    before = rows_of(dataset)

    kept(institute, FEBRUARY, dataset, mode="append")

    second = resources.version_of(dataset.pk)
    assert (first.number, second.number) == (1, 2)
    assert rows_of(dataset)[:3] == before
    assert rows_of(dataset)[3:] == [
        ["4", "Park Ave", "6", "Di"],
        ["5", "High St", None, "Ed"],
        ["6", "Dock St", "8", "Flo"],
    ]
    assert counts(second) == (8, 6, 2, 2)
    assert aside_of(dataset) == [
        (2, 1, "bins", "many"),
        (4, None, None, "broken"),
        (6, 4, "bins", "few"),
        (7, None, None, "also broken"),
    ]
    assert (second.mode, second.earlier_id, second.changes) == ("append", first.pk, {"added": 3})
    assert Upload.objects.get(pk=second.upload_id).version_id == second.pk
    assert Upload.objects.get(pk=second.upload_id).understanding["counts"]["in"] == 4


def test_the_earlier_version_stays_as_it_was(institute: Institute) -> None:
    dataset = kept(institute, JANUARY)
    before, aside = rows_of(dataset), aside_of(dataset)

    kept(institute, FEBRUARY, dataset, mode="append")

    assert rows_of(dataset, "1") == before
    assert aside_of(dataset, "1") == aside
    assert counts(resources.version_of(dataset.pk, "1")) == (4, 3, 1, 1)


def test_the_profile_of_the_whole_is_measured_anew(institute: Institute) -> None:
    dataset = kept(institute, JANUARY)
    kept(institute, FEBRUARY, dataset, mode="append")

    version = resources.version_of(dataset.pk)
    profile = delivery.profile_of(whole_view(dataset, version, personal=True))

    assert (profile["bins"]["min"], profile["bins"]["max"]) == (3, 8)
    assert {f.name: f.missing_count for f in datasets.fields_of(version)}["bins"] == 2


def test_a_file_with_other_fields_is_refused_before_anything_is_written(
    institute: Institute,
) -> None:
    dataset = kept(institute, JANUARY)

    with pytest.raises(FieldsDiffer, match="“ward” is new"):
        kept(
            institute,
            "Id,Street,Ward\n7,New St,12\n8,Old St,13\n",
            dataset,
            fields=[],
            mode="append",
        )

    assert resources.version_of(dataset.pk).number == 1


def test_widening_keeps_every_row_of_both(institute: Institute) -> None:
    dataset = kept(institute, JANUARY)
    content = "Id,Street,Bins,Ward\n7,New St,about ten,12\n8,Old St,two,13\n"
    as_text = [{"name": "bins", "type": "text"}]
    kept(institute, content, dataset, fields=as_text, mode="append", widen=True)

    assert [row[:3] for row in rows_of(dataset)] == [
        ["1", "High St", "3"],
        ["2", "Low St", None],
        ["3", "Mill Rd", "5"],
        ["7", "New St", "about ten"],
        ["8", "Old St", "two"],
    ]
    assert [row[4] for row in rows_of(dataset)] == [None, None, None, "12", "13"]


def test_a_new_data_set_has_nothing_to_add_to(institute: Institute) -> None:
    with pytest.raises(adding.NothingToAddTo):
        kept(institute, JANUARY, mode="append")


def test_rows_that_another_added_meanwhile_are_not_lost(
    institute: Institute, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = kept(institute, JANUARY)
    note, others = keeping._note_kept, ["Id,Street,Bins,Caller\n9,Quay,1,Gil\n8,Pier,2,Hal\n"]

    def slowly(upload: Upload, tables: Any, *, actor: Any) -> None:
        if others:
            kept(institute, others.pop(), dataset, mode="append")
        note(upload, tables, actor=actor)

    monkeypatch.setattr(keeping, "_note_kept", slowly)
    kept(institute, FEBRUARY, dataset, mode="append")

    assert [row[0] for row in rows_of(dataset)] == ["1", "2", "3", "9", "8", "4", "5", "6"]
    assert [v.mode for v in dataset.versions.order_by("number")] == ["replace", "append", "append"]


def test_an_old_version_is_brought_back_as_a_new_one(institute: Institute) -> None:
    dataset = kept(institute, JANUARY)
    before, aside = rows_of(dataset), aside_of(dataset)
    kept(institute, FEBRUARY, dataset, mode="append")

    client = Client()
    client.force_login(institute.steward)
    answer = client.post(f"/api/v1/resources/{dataset.pk}/versions/1/restore")

    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["number"], made["mode"]) == (3, "restore")
    assert made["earlier"] == str(resources.version_of(dataset.pk, "1").pk)
    assert rows_of(dataset) == before
    assert aside_of(dataset) == aside
    assert len(rows_of(dataset, "2")) == 6
    assert counts(resources.version_of(dataset.pk)) == (4, 3, 1, 1)
    assert Event.objects.filter(code="datasets:version:restored", node_id=dataset.pk).count() == 1


def test_bringing_back_copies_nothing_and_the_objects_stay_claimed(institute: Institute) -> None:
    dataset = kept(institute, JANUARY)
    kept(institute, FEBRUARY, dataset)
    old = {
        part.object_id for part in Part.objects.filter(version__resource=dataset, version__number=1)
    }

    client_of(institute).post(f"/api/v1/resources/{dataset.pk}/versions/1/restore")

    new = {
        part.object_id for part in Part.objects.filter(version__resource=dataset, version__number=3)
    }
    assert new == old
    assert claims.claimed(old) == old


def client_of(institute: Institute, role: str = "steward") -> Client:
    client = Client()
    client.force_login(getattr(institute, role))
    return client


def test_the_current_version_is_not_brought_back(institute: Institute) -> None:
    dataset = kept(institute, JANUARY)

    answer = client_of(institute).post(f"/api/v1/resources/{dataset.pk}/versions/1/restore")

    assert answer.status_code == 409
    assert answer.json()["code"] == "version-is-current"
    assert dataset.versions.count() == 1


def test_an_upload_did_not_become_what_was_brought_back(institute: Institute) -> None:
    dataset = kept(institute, JANUARY)
    kept(institute, FEBRUARY, dataset)
    client = client_of(institute)
    client.post(f"/api/v1/resources/{dataset.pk}/versions/1/restore")
    first = resources.version_of(dataset.pk, "1")

    answer = client.get(f"/api/v1/uploads/{first.upload_id}").json()

    assert [one["version"] for one in answer["results"]] == [str(first.pk)]


def test_a_mark_of_today_holds_in_every_older_version(institute: Institute) -> None:
    dataset = kept(institute, JANUARY)
    kept(institute, FEBRUARY, dataset)
    viewer, address = client_of(institute, "viewer"), f"/api/v1/datasets/{dataset.pk}"
    assert "street" in viewer.get(f"{address}/sample?version=1").json()["fields"]

    describing.change_field(
        version=resources.version_of(dataset.pk),
        name="street",
        changes={"personal": "personal"},
        actor=institute.actor("steward"),
    )

    for version in ("1", "2"):
        sample = viewer.get(f"{address}/sample?version={version}").json()
        assert "street" not in sample["fields"]
        assert "High St" not in json.dumps(sample)
        assert "street" not in viewer.get(f"{address}/profile?version={version}").json()
    client_of(institute).post(f"/api/v1/resources/{dataset.pk}/versions/1/restore")
    assert "street" not in viewer.get(f"{address}/sample").json()["fields"]
    assert "street" in client_of(institute).get(f"{address}/sample").json()["fields"]


@pytest.mark.parametrize("what", ["", "/schema", "/sample", "/profile", "/quarantine"])
def test_everything_of_an_old_version_is_read_by_its_number_and_by_its_id(
    institute: Institute, what: str
) -> None:
    dataset = kept(institute, JANUARY)
    kept(institute, FEBRUARY, dataset)
    old, client = resources.version_of(dataset.pk, "1"), client_of(institute)
    address = f"/api/v1/datasets/{dataset.pk}{what}"

    by_number = client.get(f"{address}?version=1")
    by_id = client.get(f"{address}?version={old.pk}")

    assert by_number.status_code == 200, by_number.content
    assert by_number.json() == by_id.json()
    if what != "/schema":
        assert by_number.json() != client.get(address).json()


def test_the_original_of_every_version_is_its_own_file(institute: Institute) -> None:
    dataset = kept(institute, JANUARY)
    kept(institute, FEBRUARY, dataset, mode="append")
    address = f"/api/v1/resources/{dataset.pk}/content?version="

    found = [b"".join(client_of(institute).get(address + number)).decode() for number in ("1", "2")]

    assert found == [JANUARY, FEBRUARY]


def test_pages_of_an_old_version_say_so_and_stay_with_it(institute: Institute, as_: As) -> None:
    dataset = kept(institute, JANUARY)
    kept(institute, FEBRUARY, dataset, mode="append")
    steward = as_("steward")

    version = steward.get(reverse("datasets:version", args=[dataset.pk, "1"])).content.decode()
    rows = steward.get(reverse("sharing:rows", args=[dataset.pk]) + "?version=1").content.decode()
    new = steward.get(reverse("datasets:version", args=[dataset.pk, "2"])).content.decode()

    assert "You are looking at version 1" in version
    assert "Bring this version back" in version
    assert "You are looking at version 1" in rows
    assert "Mill Rd" in rows
    assert "Park Ave" not in rows
    assert "3 rows were added to version 1." in new
    assert "Bring this version back" not in new


def test_the_page_asks_how_the_rows_come_in_and_does_as_it_was_told(
    institute: Institute, as_: As
) -> None:
    dataset = kept(institute, JANUARY)
    steward = as_("steward")
    put_address = (
        f"/api/v1/projects/{institute.project.pk}/uploads?name=f.csv&resource={dataset.pk}"
    )
    upload = steward.post(put_address, FEBRUARY.encode(), content_type="application/octet-stream")
    id_ = upload.json()["id"]
    tasks.understand(id_)

    page = steward.get(reverse("intake:upload", args=[id_])).content.decode()
    steward.post(
        reverse("intake:keep", args=[id_]),
        {"title": "Bins", "mode": "append", "field-2-type": "integer"},
    )
    tasks.keep(id_, str(institute.steward.id))

    assert "Stand after the rows that are there" in page
    assert [row[0] for row in rows_of(dataset)] == ["1", "2", "3", "4", "5", "6"]


def test_a_version_is_brought_back_from_its_page(institute: Institute, as_: As) -> None:
    dataset = kept(institute, JANUARY)
    kept(institute, FEBRUARY, dataset)

    answer = as_("steward").post(
        reverse("datasets:version-restore", args=[dataset.pk, "1"]), follow=True
    )

    assert "Version 1 is back, as version 3." in answer.content.decode()


def test_adding_is_refused_where_the_newest_version_is_another_by_now(
    institute: Institute,
) -> None:
    dataset = kept(institute, JANUARY)
    first = resources.version_of(dataset.pk)
    kept(institute, FEBRUARY, dataset)

    with pytest.raises(services.VersionSuperseded):
        services.add_version(
            resource=dataset,
            owner_id=institute.steward.id,
            original_id=first.original_id,
            original_name="x",
            media_type="text/csv",
            size=1,
            actor=institute.actor("steward"),
            lineage=services.Lineage(mode="append", earlier_id=first.pk),
        )
