"""The pages of grants: give, link, revoke, who may do what, and why."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.institute import NAME, Institute
from tests.web.sharing_forms import UNTIL, As, given, grant_url, text_of

from simplr.access.models import Grant
from simplr.accounts.models import Organisation


def test_the_sentence_says_who_may_do_what_until_when(institute: Institute, as_: As) -> None:
    address = reverse("sharing:grant-sentence", args=[institute.dataset.pk])

    fragment = text_of(
        as_("steward").post(address, given(institute, person=institute.analyst.email))
    )

    assert "<b>Jonah Weiss</b>" in fragment
    assert f"as release “{institute.release.title}”" in fragment
    assert "until the end of" in fragment
    assert 'id="grant-act"' in fragment


def test_a_grant_to_a_person_opens_the_release_at_the_next_request(
    institute: Institute, as_: As
) -> None:
    stranger, received = (
        as_("stranger"),
        reverse("sharing:received-one", args=[institute.release.pk]),
    )
    assert stranger.get(received).status_code == 404

    answer = as_("steward").post(grant_url(institute), given(institute))

    assert answer.status_code == 302
    assert stranger.get(received).status_code == 200
    assert "Research 2012" in text_of(stranger.get(reverse("sharing:received")))
    grant = Grant.objects.get(person=institute.stranger)
    assert timezone.localtime(grant.until).date().isoformat() == UNTIL


def test_an_organisation_can_be_granted_to(institute: Institute, as_: As) -> None:
    as_("steward").post(
        grant_url(institute),
        given(institute, to="organisation", organisation=institute.university.name.upper()),
    )

    received = reverse("sharing:received-one", args=[institute.release.pk])
    assert as_("stranger").get(received).status_code == 200


def test_only_organisations_that_were_granted_to_here_are_named(
    institute: Institute, as_: As
) -> None:
    unknown = Organisation.objects.create(name="Unheard-of Office")
    page = text_of(as_("steward").get(grant_url(institute)))

    assert unknown.name not in page
    assert institute.university.name in page, "its colleague was granted to"


@pytest.mark.parametrize(
    "wrong",
    [
        {"person": ""},
        {"person": "nobody@nowhere.example"},
        {"action": []},
        {"until": "31 Feb"},
        {"until": "2001-01-01"},
        {"action": ["read", "manage"]},
        {"to": "group", "group": ""},
        {"to": "organisation", "organisation": ""},
        {"to": "organisation", "organisation": "Nobody of that name"},
        {"to": "link", "password": "short"},
        {"to": "link", "until": ""},
        {"to": "link", "release": ""},
    ],
)
def test_a_grant_that_is_refused_says_why_and_keeps_what_was_typed(
    institute: Institute, as_: As, wrong: dict[str, Any]
) -> None:
    before = Grant.objects.count()

    answer = as_("steward").post(grant_url(institute), given(institute, **wrong))

    page = text_of(answer)
    assert answer.status_code == 422
    assert "Nothing was granted." in page
    assert str(wrong.get("person", institute.stranger.email)) in page
    assert Grant.objects.count() == before


def test_a_link_is_shown_once_and_opens_with_its_password(institute: Institute, as_: As) -> None:
    answer = as_("steward").post(
        grant_url(institute),
        given(institute, to="link", password="tell it by phone", action=["read", "download"]),
    )
    page = text_of(answer)
    link = re.search(r'value="(http[^"]+/l/[^"]+)"', page)
    assert link is not None
    assert answer["Cache-Control"] == "no-store"
    assert "/l/" not in text_of(
        as_("steward").get(reverse("sharing:access", args=[institute.dataset.pk]))
    )

    visitor, path = Client(), link[1].removeprefix("http://testserver")
    wrong = visitor.post(path, {"password": "guess"})
    right = visitor.post(path, {"password": "tell it by phone"}, follow=True)

    assert wrong.status_code == 403
    assert "Garbage in alley" in text_of(right) or "Standing water" in text_of(right)
    assert "Sanitation complaints" in text_of(right)
    assert NAME not in text_of(right)
    rows = text_of(
        visitor.get(
            f"/api/v1/datasets/{institute.dataset.pk}/rows?format=csv&release={institute.release.pk}"
        )
    )
    assert rows.splitlines()[0] == "created_on,nature,days_open"


def test_somebody_signed_in_is_a_visitor_for_what_his_link_shows_and_no_more(
    institute: Institute, as_: As
) -> None:
    answer = as_("steward").post(grant_url(institute), given(institute, to="link", password=""))
    link = re.search(r'value="(http[^"]+/l/[^"]+)"', text_of(answer))
    assert link is not None
    stranger = as_("stranger")

    opened = stranger.post(link[1].removeprefix("http://testserver"), follow=True)

    assert "Sanitation complaints" in text_of(opened)
    assert stranger.get(reverse("sharing:received")).status_code == 200
    assert stranger.get(reverse("datasets:dataset", args=[institute.dataset.pk])).status_code == 404


def test_a_link_without_a_session_shows_nothing(institute: Institute) -> None:
    answer = Client().get(reverse("sharing:received-one", args=[institute.release.pk]))

    assert answer.status_code in {302, 401}
    assert "Sanitation" not in text_of(answer)


def test_revoking_takes_effect_at_the_next_request(institute: Institute, as_: As) -> None:
    colleague = as_("colleague")
    received = reverse("sharing:received-one", args=[institute.release.pk])
    assert colleague.get(received).status_code == 200

    answer = as_("steward").post(reverse("sharing:grant-revoke", args=[institute.grant_id]))
    again = as_("steward").post(reverse("sharing:grant-revoke", args=[institute.grant_id]))

    assert answer.status_code == again.status_code == 302
    assert colleague.get(received).status_code == 404
    assert "Nothing was shared with you yet" in text_of(colleague.get(reverse("sharing:received")))


def test_nobody_else_can_revoke(institute: Institute, as_: As) -> None:
    address = reverse("sharing:grant-revoke", args=[institute.grant_id])

    assert as_("analyst").post(address).status_code == 403
    assert as_("stranger").post(address).status_code == 404
    assert Grant.objects.get(pk=institute.grant_id).revoked_at is None


def test_who_may_do_what_lists_everybody_with_the_reason(institute: Institute, as_: As) -> None:
    page = text_of(as_("owner").get(reverse("sharing:access", args=[institute.dataset.pk])))

    assert "Tomas Okafor" in page
    assert "Research 2012" in page
    assert "Stan Rossi" not in page
    assert str(institute.grant_id) in page
    assert "owns it" in page


def test_what_an_organisation_may_can_be_revoked_where_it_is_listed(
    institute: Institute, as_: As
) -> None:
    steward, received = as_("steward"), reverse("sharing:received-one", args=[institute.release.pk])
    steward.post(
        grant_url(institute),
        given(institute, to="organisation", organisation=institute.university.name),
    )
    grant = Grant.objects.get(organisation=institute.university)

    page = text_of(steward.get(reverse("sharing:access", args=[institute.dataset.pk])))
    steward.post(reverse("sharing:grant-revoke", args=[grant.id]))

    assert str(grant.id) in page
    assert "Lakeside University" in page
    assert as_("stranger").get(received).status_code == 404


def test_why_is_answered_from_the_decision(institute: Institute, as_: As) -> None:
    address = reverse("sharing:why", args=[institute.dataset.pk])
    owner = as_("owner")

    colleague = text_of(
        owner.get(address, {"person": str(institute.colleague.id), "action": "read"})
    )
    guest = text_of(owner.get(address, {"person": str(institute.guest.id), "action": "read"}))
    nobody = text_of(owner.get(address, {"person": str(institute.stranger.id)}))

    assert "Why Tomas Okafor may" in colleague
    assert "Research 2012" in colleague
    assert "Ines Duarte" in colleague
    assert "Why Gus Meyer may not" in guest
    assert "Stan Rossi" not in nobody
    assert as_("viewer").get(address).status_code == 403


# ── received ─────────────────────────────────────────────────────────────
