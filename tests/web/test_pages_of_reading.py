"""How a text is read, on the page of what was understood and through the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.institute import Institute
from tests.unit.tidy.formats.books import xlsx
from tests.web.test_pages_of_recipes import form_of, page_of, put

from simplr.intake import tasks
from simplr.intake.models import Upload

As = Callable[[str], Client]
WARDS = "ward;visits\nWest;1,5\nOst;2,5\nNord;3,5\n"


@pytest.fixture(scope="module")
def understood(institute: Institute, django_db_blocker: Any) -> Upload:
    with django_db_blocker.unblock():
        return put(institute, WARDS)


@pytest.fixture
def upload(understood: Upload) -> Upload:
    return Upload.objects.get(pk=understood.pk)


def read_as(client: Client, upload: Upload, **said: str) -> Any:
    form = form_of(page_of(client, upload))
    return client.post(reverse("intake:read-as", args=[upload.id]), {**form, **said})


def test_the_page_says_how_it_was_read_and_nothing_is_said_of_it_yet(
    upload: Upload, as_: As
) -> None:
    page = page_of(as_("owner"), upload)
    form = form_of(page)

    assert "Recognise (now UTF-8)" in page
    assert "Recognise (now semicolon between cells)" in page
    assert {value for name, value in form.items() if name.startswith("read-")} == {""}


def test_what_is_said_is_done_and_shown(upload: Upload, as_: As) -> None:
    client = as_("owner")

    answer = read_as(client, upload, **{"read-delimiter": ",", "read-header_rows": "0"})
    assert (answer.status_code, answer["Location"]) == (302, f"/uploads/{upload.id}")
    assert "being understood" in page_of(client, upload)
    tasks.understand(str(upload.id))

    page = page_of(client, upload)
    form = form_of(page)
    assert (form["read-delimiter"], form["read-header_rows"]) == (",", "0")
    assert 'value="column_1"' in page
    assert '<details id="reading" class="pad" open>' in page
    nothing = {name: "" for name in form if name.startswith("read-")}
    read_as(client, upload, **nothing)
    tasks.understand(str(upload.id))
    assert 'value="ward"' in page_of(client, upload)


@pytest.mark.parametrize(
    ("typed", "delimiter"), [("tab", "\t"), ("blank", " "), ("none", ""), ("::", "::")]
)
def test_characters_that_no_form_shows_go_by_words(
    upload: Upload, as_: As, typed: str, delimiter: str
) -> None:
    client = as_("owner")

    read_as(client, upload, **{"read-delimiter-other": typed})
    tasks.understand(str(upload.id))

    again = Upload.objects.get(pk=upload.pk)
    assert again.understanding["dialect"]["delimiter"] == delimiter
    form = form_of(page_of(client, again))
    assert typed in (form["read-delimiter"], form["read-delimiter-other"])


@pytest.mark.parametrize(
    "said",
    [
        {"read-encoding": "rot13"},
        {"read-header_rows": "many"},
        {"read-header_rows": "9" * 5_000},
        {"read-preamble_rows": "-1"},
        {"read-delimiter-other": "x" * 11},
    ],
)
def test_what_cannot_be_said_is_refused_and_forgets_nothing(
    upload: Upload, as_: As, said: dict[str, str]
) -> None:
    answer = read_as(as_("owner"), upload, **said, title="Named by me")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Named by me"' in page
    assert Upload.objects.get(pk=upload.pk).state == "understood"


def test_what_is_said_and_not_read_yet_is_not_kept_in_silence(upload: Upload, as_: As) -> None:
    client = as_("owner")
    form = form_of(page_of(client, upload)) | {"read-delimiter": ","}

    answer = client.post(reverse("intake:keep", args=[upload.id]), form)

    assert answer.status_code == 422
    assert "Read it again" in answer.content.decode()
    assert Upload.objects.get(pk=upload.pk).state == "understood"


def test_the_page_says_why_it_could_not_be_read_so(institute: Institute, as_: As) -> None:
    wide = put(institute, "a,b\n" + (";".join("1" * 2_100) + ",x\n") * 4)
    client = as_("owner")

    read_as(client, wide, **{"read-delimiter": ";", "read-preamble_rows": "1"})
    tasks.understand(str(wide.id))

    assert "at most 2,000 fields" in page_of(client, wide)


def test_what_says_itself_where_its_cells_are_is_not_asked(institute: Institute, as_: As) -> None:
    client = as_("owner")
    upload = put(institute, json.dumps([{"a": 1}, {"a": 2}]))

    assert "read-" not in "".join(form_of(page_of(client, upload)))
    assert read_as(client, upload, **{"read-delimiter": ","}).status_code == 422


def test_of_a_workbook_rows_alone_are_asked(institute: Institute, as_: As) -> None:
    client = as_("owner")
    content = xlsx({"Wards": [["ward", "visits"], ["name", "count"], ["West", 1], ["Ost", 2]]})
    upload = put(institute, content)
    form = form_of(page_of(client, upload))
    assert {name for name in form if name.startswith("read-")} == {
        "read-preamble_rows",
        "read-header_rows",
    }

    assert read_as(client, upload, **{"read-encoding": "cp1252"}).status_code == 422
    assert read_as(client, upload, **{"read-header_rows": "1"}).status_code == 302
    tasks.understand(str(upload.id))

    again = Upload.objects.get(pk=upload.pk)
    assert [field["name"] for field in again.understanding["fields"]] == ["ward", "visits"]
    assert again.understanding["counts"]["in"] == 3
    client.post(reverse("intake:keep", args=[upload.id]), form_of(page_of(client, again)))
    tasks.keep(str(upload.id), str(upload.person_id))
    kept = Upload.objects.get(pk=upload.pk)
    assert (kept.state, kept.version.rows_kept) == ("kept", 3)


def test_programs_say_it_too(upload: Upload, as_: As) -> None:
    client, at = as_("owner"), f"/api/v1/uploads/{upload.id}/read-as"

    def post(**said: Any) -> Any:
        return client.post(at, json.dumps(said), content_type="application/json")

    assert (post(delimiter="|", encoding="rot13").status_code, post(columns=3).status_code) == (
        422,
        422,
    )
    answer = post(delimiter=",", header_rows=0)
    assert (answer.status_code, answer.json()["state"]) == (202, "received")
    assert (post(delimiter=",").status_code, post().json()["code"]) == (409, "upload-not-ready")
    tasks.understand(str(upload.id))
    found = client.get(f"/api/v1/uploads/{upload.id}/understanding").json()
    assert found["read_as"] == {"delimiter": ",", "header_rows": 0}
    recipe = client.get(f"/api/v1/uploads/{upload.id}/recipe").json()["text"]
    assert "said: [delimiter, header_rows]" in recipe
    assert post(recipe=recipe).json()["state"] == "understood", "it is read so already"


@pytest.mark.parametrize("delimiter", ["\t", " ", "", " | "])
def test_blanks_that_programs_send_stand_for_themselves(
    upload: Upload, as_: As, delimiter: str
) -> None:
    at, said = f"/api/v1/uploads/{upload.id}/read-as", json.dumps({"delimiter": delimiter})

    answer = as_("owner").post(at, said, content_type="application/json")

    assert answer.status_code == 202
    assert Upload.objects.get(pk=upload.pk).read_as == {"delimiter": delimiter}


def test_who_may_not_see_all_of_it_is_refused(upload: Upload, as_: As) -> None:
    at = f"/api/v1/uploads/{upload.id}/read-as"
    said = json.dumps({"delimiter": ""})

    for who in ("analyst", "viewer"):
        answer = as_(who).post(at, said, content_type="application/json")
        assert answer.status_code in (403, 404), who
    assert Upload.objects.get(pk=upload.pk).state == "understood"
