"""The quality score is the same by all ways, and tells of no field that its reader does not see."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.institute import Institute, complaints, put

from simplr.datasets import dictionary_services
from simplr.datasets.models import Field
from simplr.resources import queries as resources

As = Callable[[str], Client]
FIELDS, PERSONAL = 8, 3


def text_of(response: Any) -> str:
    return str(response.content.decode())


def quality(client: Client, institute: Institute, query: str = "") -> Any:
    return client.get(f"/api/v1/datasets/{institute.dataset.pk}/quality{query}")


def part(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in found["parts"] if one["dimension"] == name)


def test_one_bad_cell_is_what_validity_costs(institute: Institute, as_: As) -> None:
    found = quality(as_("owner"), institute).json()

    validity = part(found, "validity")
    assert (validity["amiss"], validity["of"]) == (1, 60 * FIELDS)
    assert validity["fields"] == [{"field": "days_open", "amiss": 1, "of": 60}]
    assert part(found, "completeness")["points"] == 100.0
    assert part(found, "uniqueness")["why"] == "No field is said to be the key."


def test_the_key_of_the_dictionary_is_measured(institute: Institute, as_: As) -> None:
    for name in ("request_number", "ward"):
        dictionary_services.change_field(
            version=resources.version_of(institute.dataset.pk),
            name=name,
            changes={"key": True},
            actor=institute.actor("owner"),
        )
        found = part(quality(as_("owner"), institute).json(), "uniqueness")
        if name == "request_number":
            assert (found["points"], found["of"]) == (100.0, 60)
    assert found["points"] is None


def test_every_reader_gets_the_same_number_by_page_and_api(institute: Institute, as_: As) -> None:
    page = reverse("sharing:quality", args=[institute.dataset.pk])
    for role, hidden in (("owner", 0), ("steward", 0), ("analyst", PERSONAL), ("viewer", PERSONAL)):
        found = quality(as_(role), institute).json()

        assert found["hidden_field_count"] == hidden
        assert f"Quality: {found['points']:g} of 100" in text_of(as_(role).get(page)), role


def test_what_is_amiss_in_a_hidden_field_changes_no_number_of_others(
    institute: Institute, as_: As
) -> None:
    version = resources.version_of(institute.dataset.pk)
    before = [text_of(quality(as_(role), institute)) for role in ("analyst", "viewer")]
    Field.objects.filter(version=version, name="caller_email").update(
        missing_count=41, quarantined_count=7, inconsistent_count=13
    )

    after = [text_of(quality(as_(role), institute)) for role in ("analyst", "viewer")]
    pages = text_of(as_("viewer").get(reverse("sharing:quality", args=[institute.dataset.pk])))

    assert after == before
    assert "caller_email" not in "".join(after) + pages
    assert part(quality(as_("owner"), institute).json(), "completeness")["amiss"] == 34


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("guest", 403),
        ("colleague", 403),
        ("stranger", 404),
        ("administrator", 404),
        ("auditor", 403),
    ],
)
def test_who_reads_no_values_gets_no_score(
    institute: Institute, as_: As, role: str, status: int
) -> None:
    answer = quality(as_(role), institute)
    page = as_(role).get(reverse("sharing:quality", args=[institute.dataset.pk]), follow=True)

    assert answer.status_code == status
    assert "points" not in answer.json()
    assert "Quality:" not in text_of(page)


def test_kind_patterns_and_outliers_are_for_those_who_see_the_values(
    institute: Institute, as_: As
) -> None:
    rows = complaints().replace(b",0,Maria Novak", b",9999,Maria Novak", 1)
    put(
        institute.project,
        institute.actor("steward"),
        name="odd.csv",
        content=rows,
        resource=institute.dataset,
    )
    profile = f"/api/v1/datasets/{institute.dataset.pk}/profile"

    owner, analyst = (as_(role).get(profile).json() for role in ("owner", "analyst"))

    assert owner["caller_email"]["kind"]["name"] == "email"
    assert owner["request_number"]["patterns"] == [{"pattern": "99-99999999", "share": 1.0}]
    assert (owner["days_open"]["outliers"]["above"], owner["days_open"]["outliers"]["below"]) == (
        1,
        0,
    )
    assert set(owner) - set(analyst) == {"caller_name", "caller_email", "request_number"}
    assert as_("colleague").get(profile).json() == {}
    field = reverse("sharing:profile", args=[institute.dataset.pk])
    shown = text_of(as_("owner").get(f"{field}?field=days_open", headers={"HX-Request": "true"}))
    hidden = text_of(
        as_("analyst").get(f"{field}?field=caller_email", headers={"HX-Request": "true"})
    )
    assert "1 lie far above the others" in shown
    assert "e-mail address" not in hidden


def test_a_version_from_before_it_was_counted_says_so(institute: Institute, as_: As) -> None:
    Field.objects.filter(version=resources.version_of(institute.dataset.pk)).update(
        quarantined_count=None, inconsistent_count=None
    )

    found = quality(as_("owner"), institute).json()

    assert part(found, "validity")["points"] is None
    assert part(found, "validity")["why"] == "It was kept before invalid cells were counted."
    json.dumps(found, allow_nan=False)
