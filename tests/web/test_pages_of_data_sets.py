"""Pages of a data set, for everybody who may come: what they show, refuse and never show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.institute import ADDRESS, NAME, Institute, person, put

As = Callable[[str], Client]
TABS = (
    "datasets:dataset",
    "sharing:rows",
    "datasets:versions",
    "sharing:releases",
    "sharing:quality",
)
FOR_OWNERS = ("sharing:access", "datasets:ledger", "sharing:release-make")


def text_of(response: Any) -> str:
    content = b"".join(response) if response.streaming else response.content
    return content.decode()


@pytest.mark.parametrize("role", ["owner", "steward"])
@pytest.mark.parametrize("name", [*TABS, *FOR_OWNERS])
def test_owners_and_stewards_see_every_tab(
    institute: Institute, as_: As, role: str, name: str
) -> None:
    answer = as_(role).get(reverse(name, args=[institute.dataset.pk]))

    assert answer.status_code == 200, text_of(answer)[:2000]
    assert "Sanitation complaints" in text_of(answer)


@pytest.mark.parametrize("role", ["analyst", "viewer"])
@pytest.mark.parametrize("name", TABS)
def test_members_without_personal_fields_see_no_personal_value(
    institute: Institute, as_: As, role: str, name: str
) -> None:
    page = text_of(as_(role).get(reverse(name, args=[institute.dataset.pk])))

    assert "Sanitation complaints" in page
    assert NAME not in page
    assert ADDRESS not in page


@pytest.mark.parametrize("name", FOR_OWNERS)
@pytest.mark.parametrize("role", ["analyst", "viewer", "guest", "auditor"])
def test_what_is_for_owners_is_refused_to_others_with_a_page(
    institute: Institute, as_: As, role: str, name: str
) -> None:
    answer = as_(role).get(reverse(name, args=[institute.dataset.pk]))

    assert answer.status_code == 403
    assert "not-allowed" in text_of(answer) or "refused" in text_of(answer).lower()


@pytest.mark.parametrize("name", [*TABS, *FOR_OWNERS])
@pytest.mark.parametrize("role", ["stranger", "administrator"])
def test_for_whom_nothing_was_granted_there_is_no_such_page(
    institute: Institute, as_: As, role: str, name: str
) -> None:
    answer = as_(role).get(reverse(name, args=[institute.dataset.pk]))

    assert answer.status_code == 404
    assert "Sanitation" not in text_of(answer)


@pytest.mark.parametrize("name", TABS)
def test_who_sees_a_release_only_is_brought_to_it(institute: Institute, as_: As, name: str) -> None:
    answer = as_("colleague").get(reverse(name, args=[institute.dataset.pk]))

    assert answer.status_code == 302
    assert answer["Location"] == reverse("sharing:received-one", args=[institute.release.pk])


def test_a_visitor_who_is_not_signed_in_is_asked_to(institute: Institute) -> None:
    assert Client().get(reverse("datasets:dataset", args=[institute.dataset.pk])).status_code in {
        302,
        401,
    }


def test_a_data_set_that_is_not_there_is_not_found(as_: As) -> None:
    address = reverse("datasets:dataset", args=["11111111-1111-4111-8111-111111111111"])

    assert as_("owner").get(address).status_code == 404


def test_the_fields_show_their_counts_at_once_and_fetch_their_values(
    institute: Institute, as_: As
) -> None:
    page = text_of(as_("steward").get(reverse("datasets:dataset", args=[institute.dataset.pk])))

    assert reverse("sharing:profile", args=[institute.dataset.pk]) in page
    assert "days_open" in page
    assert "simplr get" in page
    assert "SIMPLR_TOKEN" in page


def test_profiles_come_as_a_fragment_for_script_and_as_a_page_without(
    institute: Institute, as_: As
) -> None:
    address = reverse("sharing:profile", args=[institute.dataset.pk])

    fragment = as_("steward").get(address, headers={"HX-Request": "true"})
    page = as_("steward").get(address)

    assert "<html" not in text_of(fragment)
    assert "median" in text_of(fragment)
    assert "<html" in text_of(page)
    assert "median" in text_of(page)


def test_the_profile_of_a_personal_field_is_closed_to_an_analyst(
    institute: Institute, as_: As
) -> None:
    address = reverse("sharing:profile", args=[institute.dataset.pk])

    all_of_them = text_of(as_("analyst").get(address, headers={"HX-Request": "true"}))
    this_one = text_of(
        as_("analyst").get(f"{address}?field=caller_name", headers={"HX-Request": "true"})
    )
    stewards = text_of(
        as_("steward").get(f"{address}?field=caller_name", headers={"HX-Request": "true"})
    )

    assert "shown to owners and stewards only" in all_of_them
    assert "shown to owners and stewards only" in this_one
    assert '<svg class="spark"' not in this_one
    assert '<svg class="spark"' in stewards
    assert "shown to owners" not in stewards


def test_a_guest_reads_the_description_and_no_rows(institute: Institute, as_: As) -> None:
    guest = as_("guest")

    rows = guest.get(reverse("sharing:rows", args=[institute.dataset.pk]))
    profile = guest.get(reverse("sharing:profile", args=[institute.dataset.pk]))

    assert "You may not read its rows" in text_of(rows)
    assert "Garbage in alley" not in text_of(rows)
    assert profile.status_code == 403


def test_rows_are_paged_and_narrowed_by_a_condition(institute: Institute, as_: As) -> None:
    steward = as_("steward")
    address = reverse("sharing:rows", args=[institute.dataset.pk])

    first, rest = text_of(steward.get(address)), text_of(steward.get(f"{address}?cursor=50"))
    some = text_of(steward.get(address, {"where": "ward = '06'"}))

    assert "12-00000000" in first
    assert "12-00000055" not in first
    assert "12-00000055" in rest
    assert "12-00000004" in some
    assert "12-00000005" not in some
    assert "format=csv" in some
    assert "where=ward" in some


def test_a_condition_that_cannot_be_read_says_why_and_keeps_what_was_typed(
    institute: Institute, as_: As
) -> None:
    answer = as_("analyst").get(
        reverse("sharing:rows", args=[institute.dataset.pk]), {"where": "wrad = '06'"}
    )

    assert answer.status_code == 422
    assert "wrad = &#x27;06&#x27;" in text_of(answer)
    assert "Nothing was looked up" in text_of(answer)


def test_an_analyst_cannot_ask_behind_a_personal_field(institute: Institute, as_: As) -> None:
    answer = as_("analyst").get(
        reverse("sharing:rows", args=[institute.dataset.pk]),
        {"where": f"caller_name = '{NAME}'"},
    )

    assert answer.status_code == 422
    assert "12-00000004" not in text_of(answer)


def test_a_field_is_described_by_its_steward_alone(institute: Institute, as_: As) -> None:
    address = reverse("datasets:field", args=[institute.dataset.pk, "ward"])
    said = {"title": "Ward", "meaning": "Number of the ward", "personal": "indirect"}

    refused = as_("viewer").post(address, said)
    saved = as_("steward").post(address, said)

    assert refused.status_code == 403
    assert saved.status_code == 302
    page = text_of(as_("viewer").get(address))
    assert "Number of the ward" in page
    assert "Indirect" in page


def test_a_form_with_an_error_keeps_what_was_typed(institute: Institute, as_: As) -> None:
    address = reverse("datasets:field", args=[institute.dataset.pk, "ward"])

    answer = as_("steward").post(address, {"meaning": "Typed with care", "personal": "perhaps"})

    assert answer.status_code == 422
    assert "Typed with care" in text_of(answer)


def test_a_field_that_is_not_there_is_not_found(institute: Institute, as_: As) -> None:
    address = reverse("datasets:field", args=[institute.dataset.pk, "nothing"])

    assert as_("steward").get(address).status_code == 404


def test_what_did_not_fit_is_shown_to_stewards_with_its_reason(
    institute: Institute, as_: As
) -> None:
    quality, aside = (
        reverse(f"sharing:{name}", args=[institute.dataset.pk])
        for name in ("quality", "quarantine")
    )

    assert "No whole number" in text_of(as_("steward").get(quality))
    assert "soon" in text_of(as_("steward").get(aside))
    assert "not shown to you" in text_of(as_("analyst").get(quality))
    assert "<code>soon</code>" not in text_of(as_("analyst").get(aside))


def test_a_second_version_stands_above_the_first(institute: Institute, as_: As) -> None:
    from tests.institute import complaints

    put(
        institute.project,
        institute.actor("steward"),
        name="complaints-2.csv",
        content=complaints(80),
        resource=institute.dataset,
        fields=[{"name": "days_open", "type": "integer"}, {"name": "ward", "type": "text"}],
    )

    page = text_of(as_("viewer").get(reverse("datasets:versions", args=[institute.dataset.pk])))
    first = as_("viewer").get(
        reverse("datasets:dataset", args=[institute.dataset.pk]), {"version": "1"}
    )

    assert page.index("Version 2") < page.index("Version 1")
    assert "+20 rows" in page
    assert "60 rows" in text_of(first)


def test_everything_that_happened_stands_in_its_ledger(institute: Institute, as_: As) -> None:
    as_("analyst").get(reverse("sharing:rows", args=[institute.dataset.pk]))

    page = text_of(as_("owner").get(reverse("datasets:ledger", args=[institute.dataset.pk])))

    assert "Jonah Weiss" in page
    assert "sharing:sample:read" in page
    assert "Garbage" not in page


def test_a_removed_member_sees_nothing_at_the_next_request(institute: Institute, as_: As) -> None:
    from simplr.access import services

    viewer = as_("viewer")
    address = reverse("datasets:dataset", args=[institute.dataset.pk])
    assert viewer.get(address).status_code == 200

    services.take_role(
        project_id=institute.project.pk,
        person_id=institute.viewer.id,
        actor=institute.actor("owner"),
    )

    assert viewer.get(address).status_code == 404


def test_how_many_can_see_it_is_told_to_those_who_decide(institute: Institute, as_: As) -> None:
    address = reverse("datasets:dataset", args=[institute.dataset.pk])
    person("Not Concerned", institute.university)

    assert "6 people can see something of it" in text_of(as_("owner").get(address))
    assert "can see something of it" not in text_of(as_("viewer").get(address))
