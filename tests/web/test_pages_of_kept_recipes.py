"""The recipe that a version keeps, on its page: seen in part by who may see part, done again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from tests.institute import Institute, put

from simplr.intake import again, tasks
from simplr.intake.models import Upload
from simplr.resources import queries as resources
from simplr.resources.models import Resource

As = Callable[[str], Client]
WARDS = ["Innenstadt"] * 30 + ["Westend"] * 30 + ["INNENSTADT"]
CSV = "Salary,Ward,Fee\n" + "".join(
    f'"{n},50 €",{ward},{n} $\n' for n, ward in enumerate(WARDS, start=1)
)
MARKS = [{"name": "salary", "personal": "personal"}, {"name": "ward", "personal": "none"}]


@pytest.fixture
def dataset(institute: Institute) -> Resource:
    return put(
        institute.project,
        institute.actor("steward"),
        name="wards.csv",
        content=(CSV + "x,Westend,5 km\n").encode(),
        resource=None,
        fields=MARKS,
        title="Wards",
    )


def page_of(client: Client, dataset: Resource, query: str = "") -> str:
    return client.get(reverse("sharing:recipe", args=[dataset.pk]) + query).content.decode()


def test_the_page_says_each_step_why_and_what_it_changed(dataset: Resource, as_: As) -> None:
    page = page_of(as_("owner"), dataset)

    assert "In “ward”, “INNENSTADT” becomes “Innenstadt”" in page
    assert "“salary” is a number, written as 1,5 EUR" in page
    assert "1 cell is none: it lies in quarantine." in page
    assert "Do it again, changed" in page
    assert "kind: spell" in page


def test_steps_about_fields_that_one_may_not_see_are_left_out(dataset: Resource, as_: As) -> None:
    page = page_of(as_("viewer"), dataset)

    assert "“ward” is" in page
    assert "salary" not in page
    assert "EUR" not in page
    assert "steps about fields that you may not see are left out" in page
    assert "Do it again, changed" not in page


def test_who_may_not_read_the_rows_sees_no_step(dataset: Resource, as_: As) -> None:
    page = page_of(as_("guest"), dataset)

    assert "Those who may read the rows see the steps" in page
    assert "ward" not in page.replace("Wards", "").replace("wards", "")


def test_the_list_of_versions_leads_to_the_recipe_of_each(dataset: Resource, as_: As) -> None:
    client = as_("owner")
    link = reverse("sharing:recipe", args=[dataset.pk]) + "?version=1"

    assert link in client.get(reverse("datasets:versions", args=[dataset.pk])).content.decode()
    assert link in client.get(reverse("datasets:version", args=[dataset.pk, 1])).content.decode()


def test_a_recipe_is_done_again_changed_from_its_page(dataset: Resource, as_: As) -> None:
    client = as_("owner")

    answer = client.post(reverse("intake:again", args=[dataset.pk, "1"]))

    upload = Upload.objects.get(state="received", resource=dataset)
    assert answer["Location"] == reverse("intake:upload", args=[upload.pk])
    again.copy_original(str(upload.pk), str(resources.version_of(dataset.pk).pk))
    tasks.understand(str(upload.pk))
    page = client.get(answer["Location"]).content.decode()
    assert "What is done to the cells" in page
    assert 'name="step-' in page


def test_who_sees_no_personal_field_takes_no_original_in_again(dataset: Resource, as_: As) -> None:
    assert as_("viewer").post(reverse("intake:again", args=[dataset.pk, "1"])).status_code == 403


def test_who_may_not_see_a_value_is_told_nothing_of_the_fields_that_it_was_made_of(
    institute: Institute, as_: As
) -> None:
    content = "Ward,2019,2020,2021\n" + "".join(f"W{n % 3},{n},{n},{n}\n" for n in range(40))
    recipe = "version: 1\nsteps:\n" + "".join(
        f"- {{kind: mark, field: column_{year}, personal: personal}}\n"
        for year in (2019, 2020, 2021)
    )
    recipe += (
        '- kind: unpivot\n  fields: ["column_2019", "column_2020", "column_2021"]\n'
        "  name: year\n  value: salary\n"
    )
    dataset = put(
        institute.project,
        institute.actor("owner"),
        name="a.csv",
        content=content.encode(),
        recipe=recipe,
    )

    for address in (
        reverse("sharing:recipe", args=[dataset.pk]),
        f"/api/v1/datasets/{dataset.pk}/recipe",
    ):
        assert "column_2020" in as_("owner").get(address).content.decode()
        said = as_("viewer").get(address).content.decode()
        assert "“ward”" in said or '"ward"' in said
        assert not [
            word for word in ("column_20", "unpivot", "salary", "row by row") if word in said
        ]
