"""Pages of sharing: releases made and previewed, grants given and revoked, and what is received."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.institute import ADDRESS, NAME, Institute
from tests.web.sharing_forms import As, asked, given, grant_url, make_url, text_of

from simplr.access.models import Grant
from simplr.sharing.models import Release


def test_a_new_release_ticks_nothing_about_people(institute: Institute, as_: As) -> None:
    page = text_of(as_("steward").get(make_url(institute)))

    assert re.search(r'name="field" value="nature" checked', page)
    assert re.search(r'name="field" value="caller_name">', page)


def test_the_preview_shows_what_they_will_see_and_no_more(institute: Institute, as_: As) -> None:
    address = reverse("sharing:release-preview", args=[institute.dataset.pk])

    fragment = text_of(as_("steward").post(address, asked()))

    assert "2 of 8 fields, 15 of 60 rows" in fragment
    assert "2012-01-01" in fragment
    assert "12-000000" not in fragment
    assert NAME not in fragment
    assert "<html" not in fragment


def test_a_preview_that_cannot_be_made_says_why(institute: Institute, as_: As) -> None:
    address = reverse("sharing:release-preview", args=[institute.dataset.pk])

    written = text_of(as_("steward").post(address, asked(formula="now() > created_on")))
    masked = text_of(
        as_("steward").post(
            address, asked(field=["days_open"], **{"mask-days_open": "generalise-number"})
        )
    )

    assert 'class="error"' in written
    assert 'class="error"' in masked


def test_the_form_of_the_widest_table_is_taken(institute: Institute, as_: As) -> None:
    address = reverse("sharing:release-preview", args=[institute.dataset.pk])
    inputs = {f"mask-f{n}-by-{kind}": "" for n in range(2000) for kind in "abcdef"}

    assert as_("steward").post(address, asked(**inputs)).status_code == 200


def test_who_may_not_grant_is_offered_no_grant(institute: Institute, as_: As) -> None:
    address = reverse("sharing:releases", args=[institute.dataset.pk])
    grant = reverse("sharing:grant", args=[institute.dataset.pk])

    assert grant in text_of(as_("steward").get(address))
    assert grant not in text_of(as_("analyst").get(address))


def test_a_release_that_nobody_uses_says_so_before_it_ends(institute: Institute, as_: As) -> None:
    as_("steward").post(make_url(institute), asked(then="save"))
    made = Release.objects.get(title="For the press")

    page = text_of(as_("steward").get(reverse("sharing:release-end", args=[made.pk])))

    assert "Nobody uses it now." in page
    assert "0 grants" not in page


def test_saving_makes_the_release_that_was_asked_for(institute: Institute, as_: As) -> None:
    answer = as_("steward").post(make_url(institute), asked(then="save"))

    made = Release.objects.get(title="For the press")
    assert answer["Location"] == reverse("sharing:release", args=[made.pk])
    assert made.fields == [
        {"name": "request_number", "mask": {"kind": "pseudonym"}},
        {"name": "created_on", "mask": {"kind": "truncate-date", "to": "year"}},
    ]
    assert made.row_count == 15
    page = text_of(as_("steward").get(answer["Location"]))
    assert "Random pseudonym" in page
    assert "ward" in page


def test_save_and_grant_goes_on_to_the_grant_of_that_release(institute: Institute, as_: As) -> None:
    steward = as_("steward")

    answer = steward.post(make_url(institute), asked(then="grant"))
    page = text_of(steward.get(answer["Location"]))

    made = Release.objects.get(title="For the press")
    assert re.search(rf'value="{made.pk}" checked', page)


def test_a_release_that_is_refused_keeps_all_that_was_typed(institute: Institute, as_: As) -> None:
    answer = as_("steward").post(make_url(institute), asked(title="", formula="ward like"))

    page = text_of(answer)
    assert answer.status_code == 422
    assert "The release was not saved." in page
    assert "ward like" in page
    assert re.search(r'name="field" value="request_number" checked', page)
    assert re.search(r'name="condition-0-value" value="06"', page)
    assert not Release.objects.filter(fields__len=2, title="").exists()


def test_and_adds_a_line_without_saving(institute: Institute, as_: As) -> None:
    answer = as_("steward").post(make_url(institute), asked(then="another"))

    assert answer.status_code == 200
    assert "condition-1-field" in text_of(answer)
    assert not Release.objects.filter(title="For the press").exists()


def test_one_release_can_begin_as_another_is(institute: Institute, as_: As) -> None:
    page = text_of(as_("steward").get(make_url(institute), {"from": str(institute.release.pk)}))

    assert re.search(r'name="field" value="days_open" checked', page)
    assert re.search(r'name="field" value="ward">', page)
    assert "ward = &#x27;06&#x27;" in page


def test_an_analyst_cannot_make_a_release(institute: Institute, as_: As) -> None:
    assert as_("analyst").post(make_url(institute), asked()).status_code == 403
    assert not Release.objects.filter(title="For the press").exists()


def test_a_release_that_follows_waits_for_its_owner(institute: Institute, as_: As) -> None:
    from tests.institute import complaints, put

    steward = as_("steward")
    steward.post(make_url(institute), asked(version="each-accepted"))
    made = Release.objects.get(title="For the press")
    put(
        institute.project,
        institute.actor("steward"),
        name="more.csv",
        content=complaints(80),
        resource=institute.dataset,
        fields=[{"name": "days_open", "type": "integer"}, {"name": "ward", "type": "text"}],
    )
    address = reverse("sharing:release", args=[made.pk])

    assert "Version 2 arrived" in text_of(steward.get(address))
    assert "waits to be accepted" in text_of(steward.get(reverse("operations:home")))
    steward.post(reverse("sharing:release-accept", args=[made.pk]), {"version": "2"})

    made.refresh_from_db()
    assert made.version.number == 2
    assert made.row_count == 20
    assert "arrived" not in text_of(steward.get(address))


def test_ending_a_release_ends_its_grants(institute: Institute, as_: As) -> None:
    received = reverse("sharing:received-one", args=[institute.release.pk])
    end = reverse("sharing:release-end", args=[institute.release.pk])
    colleague, steward = as_("colleague"), as_("steward")
    assert "1 grant stands on it" in text_of(steward.get(end))
    assert colleague.get(received).status_code == 200

    steward.post(end)

    assert colleague.get(received).status_code == 404
    assert Grant.objects.get(pk=institute.grant_id).revoked_at is not None
    assert steward.get(reverse("sharing:release", args=[institute.release.pk])).status_code == 404


# ── grants ───────────────────────────────────────────────────────────────


HIDDEN = (
    NAME,
    ADDRESS,
    "caller_name",
    "caller_email",
    "request_number",
    "zip_code",
    "12-000000",
    "complaints.csv",
    "Clean streets",
    "Jonah Weiss",
    "ward",
    "of 8 fields",
    "60 rows",
    "soon<",
)


@pytest.mark.parametrize(
    "page",
    [
        "sharing:received",
        "sharing:received-one",
        "sharing:received-one?cursor=5",
        "operations:home",
        "catalogue:find",
        "catalogue:find?q=caller_name",
        "catalogue:find?q=sanitation",
        "projects:list",
        "datasets:dataset",
        "sharing:rows",
        "sharing:profile",
        "sharing:quality",
        "sharing:access",
        "sharing:release-make",
        "datasets:versions",
        "datasets:ledger",
        "sharing:release",
        "sharing:why",
        "sharing:grant",
        "resources:file",
        "resources:content",
        "resources:preview",
        "datasets:field caller_name",
        "datasets:field nature",
        "the file",
        "the project",
    ],
)
def test_a_grantee_sees_the_release_and_not_a_word_beyond_it(
    institute: Institute, as_: As, page: str
) -> None:
    name, _, query = page.partition("?")
    name, _, extra = name.partition(" ")
    things: dict[str, list[Any]] = {
        "sharing:received": [],
        "operations:home": [],
        "catalogue:find": [],
        "projects:list": [],
        "sharing:received-one": [institute.release.pk],
        "sharing:release": [institute.release.pk],
    }
    if page == "the file":
        address = reverse("resources:file", args=[institute.file.pk])
    elif page == "the project":
        address = reverse("resources:project", args=[institute.project.slug])
    else:
        address = reverse(
            name, args=things.get(name, [institute.dataset.pk, *filter(None, [extra])])
        )

    answer = as_("colleague").get(f"{address}?{query}", follow=True)

    seen = text_of(answer).replace(f"q={query.partition('=')[2]}", "")
    for word in HIDDEN:
        if word in page:
            seen = seen.replace(f"“{word}”", "").replace(f'value="{word}"', "")
            seen = re.sub(rf"<title>\s*{word}", "", seen)
        assert word not in seen, (page, word)


def test_the_recipient_reads_masked_rows_with_ways_to_take_them(
    institute: Institute, as_: As
) -> None:
    page = text_of(
        as_("colleague").get(reverse("sharing:received-one", args=[institute.release.pk]))
    )

    assert "3 fields, 15 rows" in page
    assert "Ines Duarte" in page
    assert "first day of their month" in page
    assert "20 means 20 or more" in page
    assert f"release={institute.release.pk}" in page
    assert "format=parquet" in page


def test_read_without_download_offers_no_files(institute: Institute, as_: As) -> None:
    as_("steward").post(grant_url(institute), given(institute))

    page = text_of(
        as_("stranger").get(reverse("sharing:received-one", args=[institute.release.pk]))
    )

    assert "Standing water" in page or "Garbage in alley" in page
    assert "format=" not in page
    assert "simplr get" not in page


def test_a_share_that_is_not_there_is_not_found(as_: As) -> None:
    address = reverse("sharing:received-one", args=[UUID(int=7)])

    assert as_("colleague").get(address).status_code == 404


def test_what_was_received_comes_some_at_a_time(institute: Institute, as_: As) -> None:
    Grant.objects.bulk_create(
        Grant(
            node_id=institute.dataset.pk,
            release_id=institute.release.pk,
            person=institute.colleague,
            granted_by=institute.owner,
            granted_at=timezone.now(),
            actions=["read"],
        )
        for _ in range(120)
    )
    colleague, address, shown = as_("colleague"), reverse("sharing:received"), []
    while address:
        page = text_of(colleague.get(address))
        shown.append(page.count('<th role="rowheader"'))
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
        if address.startswith("?"):
            address = reverse("sharing:received") + address

    held = Grant.objects.filter(person=institute.colleague, revoked_at=None).count()
    assert shown == [50, 50, held - 100]
