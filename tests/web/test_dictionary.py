"""The data dictionary: written by who may, carried on, and telling of values only who sees them."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from tests.institute import Institute, complaints, put
from tests.xss_corpus import PAYLOADS

from simplr.access import services as access
from simplr.base.models import Event
from simplr.datasets import dictionary_queries, dictionary_services
from simplr.datasets.models import Field
from simplr.resources import queries as resources
from simplr_core.access import Action
from simplr_core.errors import Corrupt, Refused

As = Callable[[str], Client]
CANARY = "limit-canary-77"
HEADING = "name,title,description,unit,minimum,maximum,categories,key,personal"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def api(institute: Institute) -> str:
    return f"/api/v1/datasets/{institute.dataset.pk}/dictionary"


def send(client: Client, institute: Institute, *lines: str, preview: bool = False) -> Any:
    content = "\n".join((HEADING, *lines)).encode()
    address = api(institute) + ("?preview=true" if preview else "")
    return client.post(address, content, content_type="text/csv")


def say(institute: Institute, name: str, **changes: object) -> None:
    dictionary_services.change_field(
        version=resources.version_of(institute.dataset.pk),
        name=name,
        changes=changes,
        actor=institute.actor("steward"),
    )


def entry(client: Client, institute: Institute, name: str, query: str = "") -> dict[str, Any]:
    fields = client.get(api(institute) + query).json()["fields"]
    return next((field for field in fields if field["name"] == name), {})


def planted(institute: Institute) -> None:
    """What a personal field and an open one may hold."""
    say(institute, "caller_name", values=[{"value": CANARY, "label": "a person"}])
    say(institute, "nature", values=[{"value": CANARY, "label": "Garbage"}], unit="kinds")


# ── importing ────────────────────────────────────────────────────────────


def test_an_import_is_shown_first_and_then_taken_over(institute: Institute, as_: As) -> None:
    lines = ['days_open,Days open,How long,days,0,400,"0, none | 1, one",no,none']

    seen = send(as_("steward"), institute, *lines, preview=True).json()
    before = entry(as_("steward"), institute, "days_open")
    taken = send(as_("steward"), institute, *lines).json()
    after = entry(as_("steward"), institute, "days_open")

    assert (seen["taken_over"], taken["taken_over"]) == (False, True)
    assert seen["changes"] == taken["changes"]
    assert before["meaning"] == ""
    assert (after["meaning"], after["unit"], after["maximum"]) == ("How long", "days", "400")
    assert after["values"] == [{"value": "0", "label": "none"}, {"value": "1", "label": "one"}]
    assert "nature" in seen["unmentioned"]
    event = Event.objects.filter(code="datasets:dictionary:imported").latest("id")
    assert (event.details["fields"], event.details["changes"]) == (1, 6)


def test_with_one_wrong_row_nothing_is_taken_over(institute: Institute, as_: As) -> None:
    answer = send(
        as_("steward"),
        institute,
        "nature,Kind,,,,,,,",
        f"days_open,,,,{CANARY},,,,",
        "ghost,,,,,,,,",
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "dictionary-wrong")
    assert [(p["row"], p["field"], p["property"]) for p in answer.json()["problems"]] == [
        (3, "days_open", "minimum"),
        (4, "ghost", "name"),
    ]
    assert CANARY not in text_of(answer)
    assert entry(as_("steward"), institute, "nature")["title"] == ""


def test_what_is_no_dictionary_is_refused_with_what_to_do(institute: Institute, as_: As) -> None:
    for content in (b"", b"\x00\x01\x02", b"{", b"PK\x03\x04nonsense", b"a,b\n1,2\n"):
        answer = as_("steward").post(api(institute), content, content_type="text/csv")

        assert answer.status_code == 422, content
        assert answer.json()["detail"]


def test_a_table_schema_that_was_exported_changes_nothing(institute: Institute, as_: As) -> None:
    planted(institute)
    client = as_("owner")
    for form in ("table-schema", "json", "csv"):
        content = client.get(f"{api(institute)}?format={form}").content
        answer = client.post(api(institute), content, content_type="application/json").json()

        assert (answer["changes"], answer["problems"]) == ([], []), form


def test_an_unknown_format_is_refused(institute: Institute, as_: As) -> None:
    answer = as_("steward").get(f"{api(institute)}?format=docx")

    assert (answer.status_code, answer.json()["code"]) == (422, "dictionary-format-unknown")


# ── who sees and writes what ─────────────────────────────────────────────


@pytest.mark.parametrize("form", ["json", "csv", "table-schema", "csvw"])
@pytest.mark.parametrize(
    ("role", "people", "others"),
    [
        ("owner", True, True),
        ("steward", True, True),
        ("analyst", False, True),
        ("viewer", False, True),
        ("guest", False, False),
        ("colleague", False, False),
        ("stranger", False, False),
        ("administrator", False, False),
        ("auditor", False, False),
    ],
)
def test_allowed_values_are_told_to_those_who_see_the_values(
    institute: Institute, as_: As, role: str, form: str, people: bool, others: bool
) -> None:
    say(institute, "caller_name", values=[{"value": CANARY + "-person", "label": ""}])
    say(institute, "nature", values=[{"value": CANARY + "-kind", "label": ""}])
    client = as_(role)

    shown = text_of(client.get(f"{api(institute)}?format={form}"))
    pages = "".join(
        text_of(client.get(address, follow=True))
        for address in (
            reverse("sharing:dictionary", args=[institute.dataset.pk]),
            reverse("datasets:field", args=[institute.dataset.pk, "nature"]),
            reverse("datasets:field", args=[institute.dataset.pk, "caller_name"]),
        )
    )

    shown = shown.replace("\\", "")  # CSVW says them as a pattern
    assert (f"{CANARY}-person" in shown) is people
    assert (f"{CANARY}-kind" in shown) is others
    assert (f"{CANARY}-person" in pages) is people
    assert (f"{CANARY}-kind" in pages) is others


def test_a_grantee_of_a_release_gets_its_fields_and_units_and_no_values(
    institute: Institute, as_: As
) -> None:
    planted(institute)

    fields = as_("colleague").get(api(institute)).json()["fields"]

    assert [field["name"] for field in fields] == ["created_on", "nature", "days_open"]
    assert fields[1]["unit"] == "kinds"
    assert {str(field["values"]) for field in fields} == {"None"}
    assert {str(field["missing_codes"]) for field in fields} == {"None"}


def test_who_writes_without_seeing_personal_values_writes_no_limits_of_them(
    institute: Institute, as_: As
) -> None:
    planted(institute)
    access.give_grant(
        node_id=institute.project.pk,
        to=access.Grantee(person_id=institute.stranger.id),
        actions=[Action.READ, Action.WRITE],
        actor=institute.actor("owner"),
    )
    stranger = as_("stranger")

    field = f"/api/v1/datasets/{institute.dataset.pk}/fields/caller_name"
    refused = stranger.patch(field, json.dumps({"pattern": "x"}), "application/json")
    seen = send(stranger, institute, "caller_name,,,,,,guess,,", preview=True)
    unmarked = send(stranger, institute, "caller_name,,,,,,,,none")

    assert (refused.status_code, refused.json()["code"]) == (403, "limits-hidden")
    assert [p["property"] for p in seen.json()["problems"]] == ["values"]
    assert unmarked.status_code == 403
    assert CANARY not in text_of(refused) + text_of(seen) + text_of(unmarked)
    assert entry(as_("owner"), institute, "caller_name")["values"][0]["value"] == CANARY


@pytest.mark.parametrize("role", ["analyst", "viewer", "guest"])
def test_who_may_not_write_imports_nothing_by_any_way(
    institute: Institute, as_: As, role: str
) -> None:
    client = as_(role)
    page = reverse("sharing:dictionary", args=[institute.dataset.pk])

    assert send(client, institute, "nature,Kind,,,,,,,").status_code == 403
    assert client.post(page, {"text": "name,title\nnature,Kind", "take": "yes"}).status_code == 403
    assert "Take over a dictionary" not in text_of(client.get(page))
    assert entry(as_("owner"), institute, "nature")["title"] == ""


# ── at rest ──────────────────────────────────────────────────────────────


def test_limits_lie_sealed_and_open_at_no_other_field(institute: Institute) -> None:
    planted(institute)
    version = resources.version_of(institute.dataset.pk)
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT row_to_json(f)::text FROM datasets_field f WHERE limits IS NOT NULL")
        rows = "".join(row[0] for row in cursor.fetchall())

    assert rows
    assert CANARY not in rows
    assert CANARY.encode().hex() not in rows
    nature = Field.objects.get(version=version, name="nature")
    Field.objects.filter(version=version, name="ward").update(limits=nature.limits)
    with pytest.raises(Corrupt):
        dictionary_queries.entries_of(version, limits_of=["ward"])


# ── from version to version ──────────────────────────────────────────────


def test_what_was_said_is_carried_on_to_the_next_version(institute: Institute, as_: As) -> None:
    planted(institute)
    say(institute, "ward", title="City ward", key=True, personal="personal")
    put(
        institute.project,
        institute.actor("steward"),
        name="february.csv",
        content=complaints().replace(b"ZIP Code", b"Post Code"),
        resource=institute.dataset,
    )

    fields = {field["name"]: field for field in as_("owner").get(api(institute)).json()["fields"]}
    newest = resources.version_of(institute.dataset.pk)
    ward = Field.objects.select_related("part").get(version=newest, name="ward")

    assert newest.number == 2
    assert (fields["ward"]["title"], fields["ward"]["key"]) == ("City ward", True)
    assert fields["ward"]["personal"] == "personal"
    assert fields["nature"]["values"][0]["value"] == CANARY
    assert fields["post_code"]["title"] == ""
    assert list(ward.part.fields.values_list("name", flat=True)) == ["ward"]  # a key of its own
    assert entry(as_("owner"), institute, "ward", "?version=1")["title"] == "City ward"


# ── the page ─────────────────────────────────────────────────────────────


def content_in(page: Any) -> str:
    """What the form of a page would send again."""
    found = re.search(r'name="content" value="([^"]*)"', page.content.decode())
    assert found, "no field named content"
    return html.unescape(found[1])


@pytest.mark.parametrize("how", ["text", "content"])
def test_the_page_shows_what_would_change_and_takes_it_over(
    institute: Institute, as_: As, how: str
) -> None:
    page = reverse("sharing:dictionary", args=[institute.dataset.pk])
    text = "name;definition\nnature;What the call is about\n"
    sent = text if how == "text" else base64.b64encode(text.encode()).decode()
    client = as_("steward")

    shown = client.post(page, {how: sent})
    taken = client.post(page, {"content": content_in(shown), "take": "yes"}, follow=True)

    assert "1 field would change" in text_of(shown)
    assert entry(client, institute, "nature")["meaning"] == "What the call is about"
    assert "What the call is about" in text_of(taken)


def test_the_page_names_what_is_wrong_and_offers_nothing_to_take(
    institute: Institute, as_: As
) -> None:
    page = reverse("sharing:dictionary", args=[institute.dataset.pk])

    shown = text_of(as_("steward").post(page, {"text": "name,min\nghost,1\n"}))
    unread = as_("steward").post(page, {"content": "%%%"})

    assert "There is no such field." in shown
    assert "Take it over" not in shown
    assert unread.status_code == 422


def test_the_page_of_a_field_changes_its_limits(institute: Institute, as_: As) -> None:
    address = reverse("datasets:field", args=[institute.dataset.pk, "nature"])
    sent = {"title": "Kind", "personal": "none", "values": "G, Garbage\nW, Water, standing"}

    refused = as_("steward").post(address, {**sent, "minimum": "3"})
    saved = as_("steward").post(address, sent, follow=True)

    assert refused.status_code == 422
    assert "Only numbers and times have a lowest and a highest." in text_of(refused)
    assert entry(as_("steward"), institute, "nature")["values"] == [
        {"value": "G", "label": "Garbage"},
        {"value": "W", "label": "Water, standing"},
    ]
    assert "W, Water\\, standing" in text_of(saved)


def test_what_people_type_is_only_text(institute: Institute, as_: As) -> None:
    values = [{"value": text[:500], "label": text[:500]} for text in dict.fromkeys(PAYLOADS)]
    say(institute, "nature", values=values, unit=PAYLOADS[0][:60], pattern=".*")

    page = text_of(as_("steward").get(reverse("sharing:dictionary", args=[institute.dataset.pk])))

    assert "<img src=x" not in page
    assert "<script>alert" not in page


def test_a_member_cannot_take_a_mark_off_by_a_dictionary(institute: Institute) -> None:
    version = resources.version_of(institute.dataset.pk)
    read = dictionary_services.read_file(content=b"name,personal\ncaller_email,none\n")

    with pytest.raises(Refused):
        dictionary_services.import_dictionary(
            version=version, read=read, actor=institute.actor("viewer")
        )
