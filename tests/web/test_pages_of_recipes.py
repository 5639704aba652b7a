"""The recipe on the page of an understanding: seen, switched, added to, tried and kept."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.institute import Institute

from simplr.intake import services as intake
from simplr.intake import tasks
from simplr.intake.models import Upload
from simplr.resources.models import Version
from simplr.sharing.recipes import recipe_of

As = Callable[[str], Client]
WARDS = ["Innenstadt"] * 30 + ["<b>West"] * 30 + ["INNENSTADT", "Innenstadd"]
CSV = (
    "Given Name,Ward,Visits\n"
    + "".join(f"Canary{n % 3},{ward},{n}\n" for n, ward in enumerate(WARDS))
    + ",,\nTotal,,1891\n"
)


@pytest.fixture(scope="module")
def understood(institute: Institute, django_db_blocker: Any) -> Upload:
    with django_db_blocker.unblock():
        return put(institute, CSV)


@pytest.fixture
def upload(understood: Upload) -> Upload:
    return Upload.objects.get(pk=understood.pk)


def put(institute: Institute, content: str | bytes, **declared: Any) -> Upload:
    raw = content.encode() if isinstance(content, str) else content
    row = intake.receive(
        project_id=institute.project.pk,
        declared=intake.Declared(name="wards.csv", size=len(raw), **declared),
        body=io.BytesIO(raw),
        actor=institute.actor("owner"),
    )
    tasks.understand(str(row.id))
    return Upload.objects.get(pk=row.id)


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of the page as it is: ticked boxes, texts and chosen options."""
    sent: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        if name := re.search(r'name="([^"]*)"', tag):
            value = re.search(r'value="([^"]*)"', tag)
            if 'type="checkbox"' not in tag or " checked" in tag:
                sent[name[1]] = value[1] if value else ""
    for name, options in re.findall(
        r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(
            r'value="([^"]*)"', options
        )
        sent[name] = chosen[1] if chosen else ""
    return {n: v for n, v in sent.items() if n not in ("file", "tree", "as", "csrfmiddlewaretoken")}


def page_of(client: Client, upload: Upload) -> str:
    return client.get(reverse("intake:upload", args=[upload.id])).content.decode()


def test_the_steps_are_shown_with_a_switch_and_their_reason(upload: Upload, as_: As) -> None:
    page = page_of(as_("owner"), upload)

    assert "Rows without a filled cell are put aside" in page
    assert "“INNENSTADT” becomes “Innenstadt”" in page
    assert len(re.findall(r'name="step-\d+" value="1" checked', page)) == 4
    assert len(re.findall(r'name="step-\d+" value="1">', page)) == 1
    assert "Keep 62 rows" in page
    assert "<b>West" not in page


def test_a_preview_shows_before_and_after_and_forgets_no_change(upload: Upload, as_: As) -> None:
    client = as_("owner")
    form = form_of(page_of(client, upload))
    change = {
        "field-1-name": "district",
        "add-0-field": "district",
        "add-0-value": "<b>West",
        "add-0-by": "<i>West",
        "title": "Named by me",
        "try": "0",
    }

    answer = client.post(reverse("intake:keep", args=[upload.id]), {**form, **change})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Tried on all 64 rows: 62 fit, 2 are put aside" in page
    assert "<del>INNENSTADT</del> <ins>Innenstadt</ins>" in page
    assert "<del>&lt;b&gt;West</del> <ins>&lt;i&gt;West</ins>" in page
    assert 'value="district"' in page
    assert 'value="Named by me"' in page
    assert 'name="add-1-value"' in page
    assert Upload.objects.get(pk=upload.pk).state == "understood"


def test_what_the_page_says_is_what_is_kept(upload: Upload, as_: As, institute: Institute) -> None:
    client = as_("owner")
    form = form_of(page_of(client, upload))
    slip = next(n for n in range(5) if f"step-{n}" not in form)
    form |= {f"step-{slip}": "1", "add-0-field": "ward", "add-0-value": "<b>West"}
    del form["step-0"]  # empty rows stay

    client.post(reverse("intake:keep", args=[upload.id]), form)
    tasks.keep(str(upload.id), str(upload.person_id))

    version = Version.objects.get(pk=Upload.objects.get(pk=upload.pk).version_id)
    assert (version.rows_kept, version.rows_quarantined) == (63, 1)
    steps = recipe_of(dataset_id=version.resource_id, version="", actor=institute.actor("owner"))[
        "steps"
    ]
    done = {
        (s["kind"], s.get("rows") or s.get("field", "")): (s["on"], s["changes"]) for s in steps
    }
    assert done["drop_rows", "empty"] == (False, 0)
    assert done["replace", "ward"] == (True, 30)
    assert sum(s["changes"] for s in steps if s["kind"] == "spell" and s["on"]) == 2


def test_a_form_left_as_it_is_keeps_what_is_proposed(upload: Upload, as_: As) -> None:
    client = as_("owner")

    client.post(reverse("intake:keep", args=[upload.id]), form_of(page_of(client, upload)))
    tasks.keep(str(upload.id), str(upload.person_id))

    kept = Upload.objects.get(pk=upload.pk)
    assert kept.recipes is None
    assert Version.objects.get(pk=kept.version_id).rows_kept == 62


def test_a_preview_that_cannot_be_says_why(upload: Upload, as_: As) -> None:
    client = as_("owner")
    form = form_of(page_of(client, upload)) | {"field-1-name": "visits", "try": "0"}

    answer = client.post(reverse("intake:keep", args=[upload.id]), form)

    assert answer.status_code == 422
    assert "same name" in answer.content.decode()


@pytest.mark.parametrize("name", ["steps", "try"])
@pytest.mark.parametrize(
    "sent", ["9" * 5000, "²", "-1", "1e5"], ids=["long", "raised", "below", "exponent"]
)
def test_a_number_that_is_none_is_no_fault_of_ours(
    upload: Upload, as_: As, name: str, sent: str
) -> None:
    client = as_("owner")
    form = form_of(page_of(client, upload)) | {"try": "0", name: sent}

    answer = client.post(reverse("intake:keep", args=[upload.id]), form)

    assert answer.status_code == 200
    assert Upload.objects.get(pk=upload.pk).state == "understood"


def test_the_next_version_says_what_did_not_fit(
    upload: Upload, as_: As, institute: Institute
) -> None:
    client = as_("owner")
    client.post(reverse("intake:keep", args=[upload.id]), form_of(page_of(client, upload)))
    tasks.keep(str(upload.id), str(upload.person_id))
    kept = Upload.objects.get(pk=upload.pk)

    february = put(institute, "Ward,Mood\n" + "Altstadt,fine\n" * 30, resource_id=kept.resource_id)

    page = page_of(client, february)
    assert "The recipe of the last version was followed" in page
    assert "the file has no field visits" in page
    assert "The field mood is in no step" in page


def test_values_of_marked_fields_are_on_no_page_of_who_sees_none(
    institute: Institute, as_: As
) -> None:
    genders = ["Canarywoman"] * 30 + ["CANARYWOMAN", "canarywoman"]
    content = "Gender,Visits\n" + "".join(f"{one},{n}\n" for n, one in enumerate(genders))
    upload = put(institute, content)
    client = as_("steward")
    if "Canarywoman" in page_of(as_("owner"), upload):
        page = page_of(client, upload)
        sees = (
            "Canarywoman"
            in client.get(f"/api/v1/uploads/{upload.id}/understanding").content.decode()
        )
        assert ("canarywoman" in page.casefold()) == sees
