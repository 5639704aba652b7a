"""What changed between two versions, on the page, by the API and by the worker; and rows by key."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.institute import Institute, put

from simplr.base.models import Event
from simplr.intake import adding
from simplr.resources import erasing
from simplr.resources import queries as resources
from simplr.resources.models import Resource
from simplr.sharing import comparing, delivery, tasks
from simplr.sharing.models import Comparison
from simplr.sharing.views_of_data import whole_view
from simplr.vault import claims
from simplr_core.tidy.plans import KeyUnknown

As = Callable[[str], Client]

JANUARY = "Id,Street,Bins\n1,High St,3\n2,Low St,4\n3,Mill Rd,5\n4,Dock St,6\n"
FEBRUARY = "Id,Street,Bins\n2,Low Street,4\n3,Mill Rd,9\n4,Dock St,6\n5,Park Ave,7\n"
MARKS = [{"name": "street", "personal": "none"}, {"name": "bins", "type": "integer"}]


def kept(
    institute: Institute, content: str, into: Resource | None = None, **choices: Any
) -> Resource:
    return put(
        institute.project,
        institute.actor(choices.pop("role", "steward")),
        name="bins.csv",
        content=content.encode(),
        resource=into,
        **{"fields": MARKS, "title": "Bins", **choices},
    )


@pytest.fixture(scope="module")
def dataset(institute: Institute, django_db_blocker: Any) -> Resource:
    with django_db_blocker.unblock():
        return kept(institute, FEBRUARY, kept(institute, JANUARY))


def rows_of(resource: Resource) -> list[list[str | None]]:
    version = resources.version_of(resource.pk)
    return delivery.rows_of(whole_view(resource, version, personal=True), limit=100).rows


def asked(client: Client, dataset: Resource, **body: Any) -> Any:
    return client.post(
        f"/api/v1/datasets/{dataset.pk}/comparisons",
        json.dumps({"before": "1", "after": "2", **body}),
        content_type="application/json",
    )


def test_rows_fields_and_cells_are_told_with_the_key_that_was_found(
    institute: Institute, as_: As, dataset: Resource
) -> None:
    answer = asked(as_("viewer"), dataset)

    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert (found["state"], found["before"], found["after"], found["key"]) == (
        "ready",
        1,
        2,
        ["id"],
    )
    rows = found["result"]["rows"]
    assert {name: rows[name] for name in ("same", "changed", "added", "gone")} == {
        "same": 1,
        "changed": 2,
        "added": 1,
        "gone": 1,
    }
    assert {each["name"]: each["changed"] for each in found["result"]["fields"]} == {
        "id": 0,
        "street": 1,
        "bins": 1,
    }
    assert Event.objects.filter(code="sharing:versions:compared", node_id=dataset.pk).count() == 1


def test_the_page_tells_it_in_words(as_: As, dataset: Resource) -> None:
    page = as_("viewer").get(reverse("sharing:compare", args=[dataset.pk])).content.decode()

    for text in ("Rows with the same id are taken for the same row.", "Park Ave", "Low Street"):
        assert text in page
    assert "shifted" in page or "about the same" in page


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ("?before=2&after=2", 422, "Two different versions"),
        ("?before=1&after=9", 422, "There is no such version."),
        ("?before=1&after=2&key=nowhere", 422, "There is no such field in both versions."),
        ("?before=1&after=2&whole=1", 200, "whole rows were compared"),
    ],
)
def test_what_cannot_be_compared_is_said_on_the_page(
    as_: As, dataset: Resource, query: str, status: int, text: str
) -> None:
    answer = as_("steward").get(reverse("sharing:compare", args=[dataset.pk]) + query)

    assert answer.status_code == status
    assert text in answer.content.decode()


def test_a_single_version_has_nothing_to_be_compared_with(institute: Institute, as_: As) -> None:
    alone = kept(institute, JANUARY)

    answer = as_("steward").get(reverse("sharing:compare", args=[alone.pk]))

    assert answer.status_code == 200
    assert "There is only one version yet." in answer.content.decode()


def test_a_large_comparison_is_made_by_the_worker_and_waited_for(
    institute: Institute, as_: As, dataset: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "ROWS_AT_ONCE", 2)
    client = as_("viewer")

    begun = asked(client, dataset)
    page = client.get(reverse("sharing:compare", args=[dataset.pk])).content.decode()
    tasks.compare(begun.json()["id"])
    tasks.compare(begun.json()["id"])  # twice is no harm
    done = client.get(f"/api/v1/datasets/{dataset.pk}/comparisons/{begun.json()['id']}")

    assert (begun.status_code, begun.json()["state"]) == (202, "waiting")
    assert "The versions are being compared." in page
    assert done.json()["state"] == "ready"
    assert done.json()["result"]["rows"]["changed"] == 2


def test_what_was_found_is_made_once_and_kept_sealed(
    institute: Institute, as_: As, dataset: Resource
) -> None:
    first, second = (asked(as_("viewer"), dataset).json()["id"] for _ in range(2))
    row = Comparison.objects.get(pk=first)

    assert first == second
    assert row.object_id is not None
    assert claims.claimed([row.object_id]) == {row.object_id}
    assert row.object_id in erasing.objects_of([dataset.pk])
    erasing.forget([dataset.pk])
    assert not Comparison.objects.filter(resource_id=dataset.pk).exists()


@pytest.mark.parametrize("by_worker", [True, False])
def test_what_was_cut_off_is_made_anew(
    as_: As, dataset: Resource, monkeypatch: pytest.MonkeyPatch, by_worker: bool
) -> None:
    monkeypatch.setattr(comparing, "ROWS_AT_ONCE", 2 if by_worker else 1000)
    monkeypatch.setattr(comparing, "make", lambda row: None)
    first = asked(as_("viewer"), dataset).json()
    again = asked(as_("viewer"), dataset).json()
    assert (first["id"], first["state"]) == (again["id"], "waiting")

    monkeypatch.undo()
    if by_worker:
        ProcrastinateJob.objects.filter(id=Comparison.objects.get(pk=first["id"]).job_id).update(
            status="failed"
        )
    else:
        monkeypatch.setattr(comparing, "MADE_WITHIN", timedelta(0))
    made = asked(as_("viewer"), dataset).json()

    assert made["id"] != first["id"]
    assert made["state"] == "ready"


def test_only_so_many_comparisons_are_kept(
    as_: As, dataset: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "MOST_KEPT", 2)
    for key in ([], ["id"], ["street"]):
        assert asked(as_("viewer"), dataset, key=key).status_code == 200

    assert Comparison.objects.filter(resource=dataset).count() == 2


def test_rows_take_the_places_of_those_with_the_same_key(institute: Institute) -> None:
    dataset = kept(institute, JANUARY)
    kept(institute, FEBRUARY, dataset, mode="upsert", key=["id"])

    assert rows_of(dataset) == [
        ["1", "High St", "3"],
        ["2", "Low Street", "4"],
        ["3", "Mill Rd", "9"],
        ["4", "Dock St", "6"],
        ["5", "Park Ave", "7"],
    ]
    version = resources.version_of(dataset.pk)
    assert (version.mode, version.key) == ("upsert", ["id"])
    assert version.changes == {"added": 1, "replaced": 3}


def test_a_key_is_found_where_none_was_said_and_asked_for_where_none_is(
    institute: Institute,
) -> None:
    dataset = kept(institute, JANUARY)
    kept(institute, FEBRUARY, dataset, mode="upsert")
    assert resources.version_of(dataset.pk).key == ["id"]

    nothing = "Id,Street,Bins\n1,High St,3\n1,High St,4\n2,Low St,3\n"
    repeated = kept(institute, nothing)
    with pytest.raises(adding.KeyNeeded):
        kept(institute, nothing, repeated, mode="upsert")


def test_a_row_that_is_not_placed_is_put_aside_in_words(institute: Institute, as_: As) -> None:
    dataset = kept(institute, JANUARY)
    content = "Id,Street,Bins\n1,A,1\n1,B,2\n,C,3\n2,D,4\n7,E,5\n8,F,6\n"
    kept(institute, content, dataset, mode="upsert", key=["id"])

    page = as_("steward").get(reverse("sharing:quality", args=[dataset.pk])).content.decode()

    assert "Its key occurs more than once in the file." in page
    assert "Its key is missing." in page
    version = resources.version_of(dataset.pk)
    assert version.rows_in == (version.rows_kept or 0) + (version.rows_quarantined or 0)


def test_who_is_not_shown_a_field_cannot_try_keys_on_it(institute: Institute) -> None:
    """How many rows are replaced would tell whether a person is in the data set."""
    marks = [{"name": "caller", "personal": "personal"}]
    dataset = kept(institute, "Id,Caller\n1,Ann\n2,Ben\n3,Cy\n", fields=marks)
    guess = "Id,Caller\n9,Ann\n8,Zoe\n7,Flo\n"
    give_write(institute, "analyst", dataset)

    for key in (["caller"], ["nowhere"]):
        with pytest.raises(KeyUnknown):
            kept(institute, guess, dataset, role="analyst", fields=[], mode="upsert", key=key)
    assert dataset.versions.count() == 1


def give_write(institute: Institute, role: str, dataset: Resource) -> None:
    from simplr.access import services as access
    from simplr_core.access import Action

    access.give_grant(
        node_id=institute.project.pk,
        to=access.Grantee(person_id=getattr(institute, role).id),
        actions=[Action.WRITE],
        actor=institute.actor("owner"),
    )
