"""The home page: what needs somebody, and the first steps."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse
from tests.institute import Institute, organisation, person

As = Callable[[str], Client]


def text_of(response: Any) -> str:
    content = b"".join(response) if response.streaming else response.content
    return content.decode()


def test_home_says_what_needs_a_steward(institute: Institute, as_: As) -> None:
    page = text_of(as_("steward").get(reverse("operations:home")))

    assert "1 cell of Sanitation complaints does not fit" in page
    assert "Clean streets" in page


def test_home_fetches_how_what_one_keeps_was_used(institute: Institute, as_: As) -> None:
    home = reverse("operations:home")
    part = f"{home}?part=used"
    before = text_of(as_("steward").get(part))
    for _ in range(2):
        text_of(as_("colleague").get(f"/api/v1/datasets/{institute.dataset.pk}/rows?format=csv"))

    used = text_of(as_("steward").get(part))

    assert f'hx-get="{part}"' in text_of(as_("steward").get(home))
    assert "<dd>2</dd><dt>downloads</dt>" in used
    assert "by 1 person" in used
    assert used != before
    assert text_of(as_("colleague").get(part)).strip() == "", "who decides about nothing"
    assert "part=used" not in text_of(as_("colleague").get(home))


def test_home_of_a_recipient_shows_what_was_shared_and_nothing_else(
    institute: Institute, as_: As
) -> None:
    page = text_of(as_("colleague").get(reverse("operations:home")))

    assert "let you use Research 2012" in page
    assert "Sanitation complaints" in page
    assert "Clean streets" not in page


def test_home_of_somebody_new_shows_the_first_steps(institute: Institute, as_: As) -> None:
    client = Client()
    client.force_login(person("Nora New", organisation("Parks")))

    page = text_of(client.get(reverse("operations:home")))

    assert "Three steps" in page
    assert "Clean streets" not in page


def test_an_upload_that_was_understood_waits_on_home_and_on_put(
    institute: Institute, as_: As
) -> None:
    from simplr.intake import services, tasks

    content = b"a,b\n1,2\n3,4\n"
    upload = services.receive(
        project_id=institute.project.pk,
        declared=services.Declared(name="august.csv", size=len(content)),
        body=io.BytesIO(content),
        actor=institute.actor("steward"),
    )
    tasks.understand(str(upload.id))

    assert "august.csv waits for your look" in text_of(as_("steward").get("/"))
    assert "august.csv" not in text_of(as_("analyst").get("/"))


def test_an_administrator_is_told_of_missing_factors_and_licences(
    institute: Institute, as_: As
) -> None:
    from simplr.accounts.models import Organisation

    person("Lone Wolf", Organisation.objects.create(name="Unlicensed"))

    page = text_of(as_("administrator").get("/"))

    assert "Your account has no second factor" in page
    assert "Lone Wolf" in page
    assert "Lone Wolf" not in text_of(as_("steward").get("/"))


def test_home_asks_who_is_there() -> None:
    assert Client().get("/").status_code in {302, 401}
