"""Comparing versions, reading old ones and bringing them back tell nobody more than he may see.

A member without sight of personal fields, the grantee of a release, an outsider: none of them
learns a hidden value, nor that or how often a hidden cell changed; and what is revoked stops.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from tests.institute import Institute, put

from simplr.access import services as access
from simplr.datasets import dictionary_services as describing
from simplr.resources import queries as resources
from simplr.resources.models import Resource
from simplr.sharing import services as sharing
from simplr.sharing.models import Comparison
from simplr_core.access import Action

MARKS = [
    {"name": "caller", "personal": "personal"},
    {"name": "code", "personal": "personal"},
    {"name": "street", "personal": "none"},
    {"name": "id", "personal": "none"},
]
HEADER = "Id,Code,Street,Caller\n"
BEFORE = HEADER + "".join(f"{n},K{n},High St,Secretive Ann {n}\n" for n in range(8))
AFTER = HEADER + "".join(f"{n},K{n},High St,Clandestine Ben {n}\n" for n in range(8))


@pytest.fixture(scope="module")
def dataset(institute: Institute, django_db_blocker: Any) -> Resource:
    """Two versions that differ in nothing but a personal field."""
    with django_db_blocker.unblock():
        return _dataset(institute)


def _dataset(institute: Institute) -> Resource:
    made: Resource | None = None
    for content in (BEFORE, AFTER):
        made = put(
            institute.project,
            institute.actor("steward"),
            name="calls.csv",
            content=content.encode(),
            resource=made,
            fields=MARKS,
            title="Calls",
        )
    assert made is not None
    return made


def as_(institute: Institute, role: str) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(getattr(institute, role))
    return client


def compared(
    institute: Institute, role: str, dataset: Resource, key: list[str] | None = None
) -> Any:
    return as_(institute, role).post(
        f"/api/v1/datasets/{dataset.pk}/comparisons",
        json.dumps({"before": "1", "after": "2", "key": key}),
        content_type="application/json",
    )


def test_who_sees_personal_fields_is_told_that_they_changed(
    institute: Institute, dataset: Resource
) -> None:
    answer = compared(institute, "steward", dataset).json()

    assert answer["result"]["rows"]["changed"] == 8
    assert "Clandestine" in json.dumps(answer)


@pytest.mark.parametrize("role", ["viewer", "analyst"])
@pytest.mark.parametrize("key", [None, [], ["id"]])
def test_to_others_nothing_has_changed_by_any_key(
    institute: Institute, dataset: Resource, role: str, key: list[str] | None
) -> None:
    compared(institute, "steward", dataset)  # is not handed to others

    answer = compared(institute, role, dataset, key)
    result = answer.json()["result"]

    assert (result["rows"]["same"], result["rows"]["added"], result["rows"]["gone"]) == (8, 0, 0)
    assert result["rows"]["changed"] in {0, None}
    assert {each["name"] for each in result["fields"]} == {"id", "street"}
    for hidden in ("Secretive", "Clandestine", "K1", "caller"):
        assert hidden not in answer.content.decode()


def test_a_hidden_field_is_no_key_and_no_reason_to_say_that_there_is_one(
    institute: Institute, dataset: Resource
) -> None:
    hidden, unknown = (compared(institute, "viewer", dataset, [n]) for n in ("code", "nowhere"))

    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert hidden.json()["detail"] == unknown.json()["detail"]


def test_a_comparison_of_one_who_sees_more_is_not_there_for_others(
    institute: Institute, dataset: Resource
) -> None:
    made = compared(institute, "steward", dataset).json()["id"]

    answer = as_(institute, "viewer").get(f"/api/v1/datasets/{dataset.pk}/comparisons/{made}")

    assert answer.status_code == 404


def test_what_was_marked_since_is_hidden_in_comparisons_that_were_there(
    institute: Institute, dataset: Resource
) -> None:
    made = compared(institute, "viewer", dataset).json()
    assert {each["name"] for each in made["result"]["fields"]} == {"id", "street"}

    describing.change_field(
        version=resources.version_of(dataset.pk),
        name="street",
        changes={"personal": "personal"},
        actor=institute.actor("steward"),
    )
    old = as_(institute, "viewer").get(f"/api/v1/datasets/{dataset.pk}/comparisons/{made['id']}")
    new = compared(institute, "viewer", dataset)

    assert old.status_code == 404
    assert {each["name"] for each in new.json()["result"]["fields"]} == {"id"}


@pytest.fixture
def granted(institute: Institute, dataset: Resource) -> Any:
    release = sharing.create_release(
        dataset_id=dataset.pk,
        definition=sharing.Definition(
            title="Streets", fields=[{"name": "street", "mask": {"kind": "keep"}}], version="1"
        ),
        actor=institute.actor("steward"),
        personal=True,
    )
    return access.give_grant(
        node_id=dataset.pk,
        to=access.Grantee(person_id=institute.colleague.id),
        actions=[Action.DOWNLOAD],
        actor=institute.actor("steward"),
        release_id=release.pk,
    )


@pytest.mark.parametrize(
    ("method", "what"),
    [
        ("post", "/api/v1/datasets/{}/comparisons"),
        ("get", "/api/v1/resources/{}/versions/2"),
        ("get", "/api/v1/resources/{}/versions/1"),
        ("get", "/api/v1/datasets/{}/rows?version=2"),
        ("get", "/api/v1/datasets/{}/sample?version=2"),
        ("get", "/api/v1/datasets/{}/schema?version=2"),
        ("get", "/api/v1/datasets/{}/profile?version=2"),
        ("post", "/api/v1/resources/{}/versions/1/restore"),
    ],
)
@pytest.mark.parametrize("role", ["colleague", "stranger"])
def test_a_grantee_and_an_outsider_learn_of_no_version(
    institute: Institute, dataset: Resource, granted: Any, role: str, method: str, what: str
) -> None:
    body = json.dumps({"before": "1", "after": "2"}) if what.endswith("comparisons") else "{}"
    client = as_(institute, role)

    answer = client.generic(
        method.upper(), what.format(dataset.pk), body, content_type="application/json"
    )

    assert answer.status_code in {403, 404}
    text = answer.content.decode()
    for hidden in ("Clandestine", "Secretive", "High St", "caller", "restored"):
        assert hidden not in text
    assert dataset.versions.count() == 2


def test_what_was_granted_whole_is_compared_until_it_is_revoked(
    institute: Institute, dataset: Resource
) -> None:
    given = access.give_grant(
        node_id=dataset.pk,
        to=access.Grantee(person_id=institute.stranger.id),
        actions=[Action.DOWNLOAD],
        actor=institute.actor("steward"),
    )
    before = compared(institute, "stranger", dataset)
    comparison = f"/api/v1/datasets/{dataset.pk}/comparisons/{before.json()['id']}"
    assert before.status_code == 200

    access.revoke_grant(grant_id=given.grant.id, actor=institute.actor("steward"))

    assert compared(institute, "stranger", dataset).status_code == 404
    stranger = as_(institute, "stranger")
    assert stranger.get(comparison).status_code == 404
    for what in ("rows", "sample", "schema", "profile"):
        assert stranger.get(f"/api/v1/datasets/{dataset.pk}/{what}?version=1").status_code == 404


def test_a_viewer_brings_nothing_back(institute: Institute, dataset: Resource) -> None:
    for role in ("viewer", "analyst", "guest"):
        answer = as_(institute, role).post(f"/api/v1/resources/{dataset.pk}/versions/1/restore")
        assert answer.status_code == 403
    assert dataset.versions.count() == 2


def test_nothing_of_a_comparison_lies_in_the_database(
    institute: Institute, dataset: Resource
) -> None:
    compared(institute, "steward", dataset)

    rows = Comparison.objects.filter(resource=dataset).values()

    assert rows
    assert "Clandestine" not in str(list(rows))
    assert "High St" not in str(list(rows))
