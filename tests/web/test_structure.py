"""What tells the rows of a data set apart: found after it was kept, told as far as one may see."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.urls import reverse
from tests.institute import Institute, put

from simplr.datasets import tasks
from simplr.datasets.models import Structure
from simplr.resources import erasing
from simplr.resources import queries as resources
from simplr.resources.models import Resource

As = Callable[[str], Client]
CONTENT = "Id,Person,Street,Ward\n" + "".join(
    f"{n},Ann{n} Lee,Street {n % 4},{(n % 4) // 2}\n" for n in range(24)
)
MARKS = [
    {"name": "person", "personal": "personal"},
    {"name": "street", "personal": "none"},
    {"name": "id", "personal": "none"},
]


def kept(institute: Institute, into: Resource | None = None) -> Resource:
    return put(
        institute.project,
        institute.actor("steward"),
        name="streets.csv",
        content=CONTENT.encode(),
        resource=into,
        fields=MARKS,
        title="Streets",
    )


def test_keys_and_what_follows_from_what_are_told_to_each_as_he_may_see(
    institute: Institute, as_: As
) -> None:
    dataset = kept(institute)
    address = f"/api/v1/datasets/{dataset.pk}/structure"
    before = as_("steward").get(address).json()

    tasks.find_structure(str(resources.version_of(dataset.pk).pk))
    tasks.find_structure(str(resources.version_of(dataset.pk).pk))  # twice is no harm
    steward, viewer = (as_(role).get(address).json() for role in ("steward", "viewer"))

    assert not before["is_known"]
    assert steward["keys"] == [["id"], ["person"]]
    assert viewer["keys"] == [["id"]]
    assert {"from": "street", "to": "ward"} in viewer["dependencies"]
    assert steward["is_whole"]
    assert "person" not in as_("viewer").get(address).content.decode()
    page = as_("viewer").get(reverse("datasets:dataset", args=[dataset.pk])).content.decode()
    assert "What tells rows apart" in page
    assert "the same street, the same ward" in page


def test_a_restored_version_has_the_structure_of_the_old_one_and_all_goes_with_the_data_set(
    institute: Institute, as_: As
) -> None:
    dataset = kept(institute)
    tasks.find_structure(str(resources.version_of(dataset.pk).pk))
    kept(institute, dataset)

    as_("steward").post(f"/api/v1/resources/{dataset.pk}/versions/1/restore")

    newest = resources.version_of(dataset.pk)
    assert Structure.objects.get(pk=newest.pk).keys == [["id"], ["person"]]
    erasing.forget([dataset.pk])
    assert not Structure.objects.filter(version__resource_id=dataset.pk).exists()


def test_a_grantee_of_a_release_is_told_nothing(institute: Institute, as_: As) -> None:
    tasks.find_structure(str(resources.version_of(institute.dataset.pk).pk))

    answer = as_("colleague").get(f"/api/v1/datasets/{institute.dataset.pk}/structure")

    assert answer.status_code == 404
