"""A recipe from the file to the version: what is proposed, sent, followed, kept and shown."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from simplr.access.authentication import of_person
from simplr.access.services import give_role
from simplr.base.models import Event
from simplr.datasets import queries as datasets
from simplr.intake import again, recipes, reports, tasks, trials
from simplr.intake import services as intake
from simplr.intake.models import Upload
from simplr.projects.models import Project
from simplr.projects.services import create_project
from simplr.resources.models import Version
from simplr.sharing.recipes import RecipeNotWhole, recipe_of
from simplr.vault import claims
from simplr.vault import services as vault
from simplr.vault.models import SealedObject
from simplr_core.access import Role
from simplr_core.errors import Invalid, Refused

if TYPE_CHECKING:
    from tests.conftest import MakePerson

    from simplr.accounts.models import Person

CITIES = ["Innenstadt"] * 30 + ["Westend"] * 30 + ["INNENSTADT", "Westent"]
CSV = (
    "Given Name,Ward,Visits\n"
    + "".join(f"Canary{n % 3},{ward},{n}\n" for n, ward in enumerate(CITIES))
    + ",,\nTotal,,1891\n"
)


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada")


@pytest.fixture
def project(ada: Person) -> Project:
    return create_project(title="Wards", actor=of_person(ada))


def understood(
    project: Project, person: Person, content: str | bytes = CSV, **declared: Any
) -> Upload:
    raw = content.encode() if isinstance(content, str) else content
    upload = intake.receive(
        project_id=project.pk,
        declared=intake.Declared(name="wards.csv", size=len(raw), **declared),
        body=io.BytesIO(raw),
        actor=of_person(person),
    )
    tasks.understand(str(upload.id))
    found = Upload.objects.get(pk=upload.id)
    assert (found.state, found.error_code) == ("understood", "")
    return found


def kept(upload: Upload, person: Person, choices: dict[str, Any]) -> Version:
    intake.keep(upload_id=upload.id, choices=choices, actor=of_person(person))
    tasks.keep(str(upload.id), str(person.pk))
    found = Upload.objects.get(pk=upload.id)
    assert (found.state, found.error_code) == ("kept", "")
    return Version.objects.get(pk=found.version_id)


def proposed(upload: Upload, person: Person, *, personal: bool = True) -> dict[str, Any]:
    return reports.recipe_of(upload, personal=personal, actor=of_person(person))


def test_what_is_proposed_is_followed_counted_and_kept_with_the_version(
    project: Project, ada: Person
) -> None:
    version = kept(understood(project, ada), ada, {})

    assert (version.rows_in, version.rows_kept, version.rows_quarantined) == (64, 62, 2)
    found = recipe_of(dataset_id=version.resource_id, version="", actor=of_person(ada))
    done = {step["kind"]: step["changes"] for step in found["steps"] if step["on"]}
    assert (done["drop_rows"], done["spell"], found["hidden_step_count"]) == (1, 1, 0)
    spell = next(step for step in found["steps"] if step["kind"] == "spell" and step["on"])
    assert (spell["to"], spell["from"]) == ("Innenstadt", ["INNENSTADT"])
    assert Event.objects.filter(code="sharing:recipe:read", node_id=version.resource_id).exists()


def test_the_recipe_of_a_version_makes_the_same_of_the_same_file(
    project: Project, ada: Person
) -> None:
    first = kept(understood(project, ada), ada, {})
    text = recipe_of(dataset_id=first.resource_id, version="", actor=of_person(ada))["text"]

    second = kept(understood(project, ada), ada, {"recipe": text})

    counts = ("rows_in", "rows_kept", "rows_quarantined", "cells_quarantined")
    assert [getattr(first, c) for c in counts] == [getattr(second, c) for c in counts]
    again = recipe_of(dataset_id=second.resource_id, version="", actor=of_person(ada))
    before = recipe_of(dataset_id=first.resource_id, version="", actor=of_person(ada))
    done = [[(s["kind"], s["on"], s["changes"]) for s in one["steps"]] for one in (before, again)]
    assert done[0] == done[1]


def test_a_changed_recipe_is_what_is_kept(project: Project, ada: Person) -> None:
    upload = understood(project, ada)
    changed = proposed(upload, ada)["text"].replace(
        "  - kind: trim\n",
        "  - kind: trim\n  - {kind: replace, field: ward, value: Westent, by: Westend}\n",
    )

    version = kept(upload, ada, {"recipe": changed})

    found = recipe_of(dataset_id=version.resource_id, version="", actor=of_person(ada))
    replaced = [step for step in found["steps"] if step["kind"] == "replace"]
    assert [(step["value"], step["changes"]) for step in replaced] == [("Westent", 1)]


def test_no_value_of_a_recipe_lies_in_clear(project: Project, ada: Person) -> None:
    upload = understood(project, ada)
    text = "version: 1\nsteps:\n- {kind: replace, field: ward, value: Westent, by: PLANTED}\n"

    kept(upload, ada, {"recipe": text})

    upload.refresh_from_db()
    rows = [
        repr({field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields})
        for model in (Upload, Version, Event, SealedObject)
        for row in model.objects.all()
    ] + [repr(upload.understanding), repr(upload.overrides), repr(bytes(upload.recipes or b""))]
    assert not [row for row in rows if "PLANTED" in row or "Westent" in row or "INNEN" in row]
    assert recipes.choices_of(upload)["recipe"] == text


def test_the_objects_of_a_recipe_are_claimed(project: Project, ada: Person) -> None:
    version = kept(understood(project, ada), ada, {})

    left = SealedObject.objects.filter(erased_at=None)
    assert version.recipe_id in {row.id for row in left}
    assert {row.id for row in left} == claims.claimed(row.id for row in left)


@pytest.fixture
def bob(make_person: MakePerson, project: Project, ada: Person) -> Person:
    """A steward who does not see personal fields."""
    bob = make_person("Bob")
    give_role(project_id=project.pk, person_id=bob.pk, role=Role.ANALYST, actor=of_person(ada))
    return bob


PERSONAL = (
    "version: 1\nsteps:\n- {kind: replace, field: given_name, value: Canary1, by: CANARYBY}\n"
    "- {kind: spell, field: given_name, to: CANARYTO, from: [Canary2]}\n"
    "- {kind: missing, field: given_name, codes: [CANARYCODE]}\n"
)


def test_who_sees_no_personal_field_sees_none_of_its_values_in_a_recipe(
    project: Project, ada: Person, bob: Person
) -> None:
    version = kept(understood(project, ada), ada, {"recipe": PERSONAL})

    found = recipe_of(dataset_id=version.resource_id, version="", actor=of_person(bob))

    assert "canary" not in repr(found).casefold()
    assert "given_name" not in repr(found)
    assert found["hidden_step_count"] > 3
    assert {step["field"] for step in found["steps"] if step["kind"] == "type"} == {
        "ward",
        "visits",
    }
    whole = recipe_of(dataset_id=version.resource_id, version="", actor=of_person(ada))
    assert whole["hidden_step_count"] == 0
    assert len(whole["steps"]) == len(found["steps"]) + found["hidden_step_count"]
    with pytest.raises(RecipeNotWhole) as refused:
        recipe_of(dataset_id=version.resource_id, version="", actor=of_person(bob), whole=True)
    assert "canary" not in repr((refused.value.args, refused.value.details)).casefold()


def test_a_proposal_with_values_that_are_not_seen_can_be_kept_unseen(
    project: Project, ada: Person
) -> None:
    content = CSV.replace("Ward", "Gender").replace("Innenstadt", "Female")
    upload = understood(project, ada, content.replace("INNENSTADT", "FEMALE"))
    hidden = proposed(upload, ada, personal=False)
    assert "FEMALE" not in repr(hidden)
    assert hidden["hidden"] == ["gender"]

    version = kept(upload, ada, {"recipe": hidden["text"]})

    found = recipe_of(dataset_id=version.resource_id, version="", actor=of_person(ada))
    spell = next(step for step in found["steps"] if step["kind"] == "spell" and step["on"])
    assert (spell["to"], spell["from"], spell["changes"]) == ("Female", ["FEMALE"], 1)


def test_values_of_fields_that_one_does_not_see_cannot_be_named(
    project: Project, ada: Person, make_person: MakePerson
) -> None:
    upload = understood(project, ada)
    eve = make_person("Eve")
    plans = intake._checked_plans(upload, {"recipe": PERSONAL}, actor=of_person(eve))

    with pytest.raises(Refused, match="name its values"):
        recipes.check_values(upload, plans, actor=of_person(eve))


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        ({"recipe": "steps: ["}, "recipe-invalid"),
        ({"recipe": "version: 1\nsteps: [{kind: type, field: gone, type: text}]"}, "recipe-unfit"),
        ({"recipe": "version: 1\nsteps: []", "fields": [{"name": "ward"}]}, "recipe-invalid"),
    ],
)
def test_a_recipe_that_cannot_be_followed_is_refused_at_once(
    project: Project, ada: Person, choices: dict[str, Any], code: str
) -> None:
    upload = understood(project, ada)

    with pytest.raises(Invalid) as refused:
        intake.keep(upload_id=upload.id, choices=choices, actor=of_person(ada))

    assert refused.value.code == code
    assert Upload.objects.get().state == "understood"


def test_what_is_left_out_of_a_recipe_is_said(project: Project, ada: Person) -> None:
    upload = understood(project, ada)
    text = "version: 1\nsteps: [{kind: type, field: gone, type: text}]"

    version = kept(upload, ada, {"recipe": text, "skip_unfit": True})

    upload.refresh_from_db()
    said = [(one["code"], one["field"]) for one in upload.overrides["misfits"]]
    assert said[0] == ("no-such-field", "gone")
    assert [field.name for field in datasets.fields_of(version)] == ["given_name", "ward", "visits"]


def test_the_next_version_follows_the_recipe_of_the_last_and_says_what_does_not_fit(
    project: Project, ada: Person
) -> None:
    text = (
        "version: 1\nsteps:\n- {kind: rename, field: ward, to: district}\n"
        "- {kind: replace, field: district, value: Westent, by: Westend}\n"
        "- {kind: type, field: given_name, type: text}\n- {kind: type, field: visits, type: integer}\n"
        "- {kind: type, field: district, type: category}\n"
    )
    first = kept(understood(project, ada), ada, {"recipe": text})
    february = "Ward,Visits,Mood\n" + "".join(f"Westent,{n},fine\n" for n in range(60)) + "A,x,y\n"

    upload = understood(project, ada, february, resource_id=first.resource_id)
    second = kept(upload, ada, {})

    said = {(one["code"], one["field"]) for one in upload.understanding["misfits"]}
    assert said == {
        ("no-such-field", "given_name"),
        ("new-field", "mood"),
        ("no-longer-read", "visits"),
    }
    assert [field.name for field in datasets.fields_of(second)] == ["district", "visits", "mood"]
    found = recipe_of(dataset_id=second.resource_id, version="", actor=of_person(ada))
    replaced = [step["changes"] for step in found["steps"] if step["kind"] == "replace"]
    assert replaced == [60]


def tried(upload: Upload, person: Person, recipe: str | None, *, personal: bool) -> dict[str, Any]:
    choice = {"recipe": recipe, "skip_unfit": True}
    return trials.try_recipe(
        upload=upload, choice=choice, actor=of_person(person), personal=personal
    )


def test_what_is_tried_is_what_is_kept_then(project: Project, ada: Person) -> None:
    upload = understood(project, ada)

    found = tried(upload, ada, None, personal=True)
    version = kept(upload, ada, {})

    assert (found["kept"], found["aside"]) == (version.rows_kept, version.rows_quarantined)
    afterwards = recipe_of(dataset_id=version.resource_id, version="", actor=of_person(ada))
    assert [
        s["changes"] for s in found["steps"] if s["kind"] in ("spell", "drop_rows") and s["on"]
    ] == [
        s["changes"] for s in afterwards["steps"] if s["kind"] in ("spell", "drop_rows") and s["on"]
    ]


def test_a_trial_shows_no_value_of_a_personal_field_to_who_sees_none(
    project: Project, ada: Person
) -> None:
    upload = understood(project, ada)

    for recipe in (None, PERSONAL, PERSONAL.replace("given_name", "ward")):
        found = tried(upload, ada, recipe, personal=False)
        assert "given_name" not in found["fields"]
        values = repr([found["rows"], [s.get("evidence") for s in found["steps"]]])
        assert "Canary" not in values
    hidden = tried(upload, ada, PERSONAL, personal=False)
    counts = [s["changes"] for s in hidden["steps"] if s.get("field") == "given_name"]
    assert counts
    assert set(counts) == {None}


def test_a_changed_recipe_makes_the_next_version_of_the_same_original(
    project: Project, ada: Person
) -> None:
    first = kept(understood(project, ada), ada, {})
    text = recipe_of(dataset_id=first.resource_id, version="", actor=of_person(ada))["text"]

    upload = again.put_again(dataset_id=first.resource_id, version="1", actor=of_person(ada))
    again.copy_original(str(upload.id), str(first.pk))
    tasks.understand(str(upload.id))
    upload.refresh_from_db()
    second = kept(
        upload,
        ada,
        {"recipe": text.replace("    rows: empty\n", "    rows: empty\n    on: false\n")},
    )

    assert (first.rows_kept, second.rows_kept) == (62, 63)
    assert (second.number, second.resource_id) == (2, first.resource_id)
    assert second.original_id != first.original_id
    assert vault.digests_of(second.original_id) == vault.digests_of(first.original_id)
    left = SealedObject.objects.filter(erased_at=None)
    assert {row.id for row in left} == claims.claimed(row.id for row in left)


def test_who_sees_no_personal_field_takes_no_original_in_again(
    project: Project, ada: Person, bob: Person
) -> None:
    version = kept(understood(project, ada), ada, {})

    with pytest.raises(Refused):
        again.put_again(dataset_id=version.resource_id, version="", actor=of_person(bob))

    assert Upload.objects.count() == 1


def test_an_original_that_is_copied_twice_is_kept_once(project: Project, ada: Person) -> None:
    version = kept(understood(project, ada), ada, {})
    upload = again.put_again(dataset_id=version.resource_id, version="", actor=of_person(ada))

    again.copy_original(str(upload.id), str(version.pk))
    once = Upload.objects.get(pk=upload.pk).object_id
    again.copy_original(str(upload.id), str(version.pk))

    assert Upload.objects.get(pk=upload.pk).object_id == once


@pytest.mark.parametrize("mode", ["replace", "append"])
def test_addresses_of_people_that_come_later_are_personal(
    project: Project, ada: Person, mode: str
) -> None:
    def remarks(text: str) -> str:
        return "id,remark\n" + "".join(f"{n},{text.format(n)}\n" for n in range(40))

    first = kept(understood(project, ada, remarks("fine")), ada, {})
    assert set(first.fields.values_list("personal", flat=True)) == {"none"}

    upload = understood(
        project, ada, remarks("person{}@mail.example"), resource_id=first.resource_id
    )
    second = kept(upload, ada, {"mode": mode})

    assert second.fields.get(name="remark").personal == "personal"


@pytest.mark.parametrize("mode", ["append", "upsert"])
def test_rows_that_are_added_follow_a_recipe_too(project: Project, ada: Person, mode: str) -> None:
    first = kept(understood(project, ada), ada, {})
    more = (
        "Given Name,Ward,Visits\n"
        + "".join(f"x,INNENSTADT,{n}\n" for n in range(100, 130))
        + ",,\n"
    )
    upload = understood(project, ada, more, resource_id=first.resource_id)
    text = proposed(upload, ada)["text"].replace(
        "  - kind: trim\n",
        "  - kind: trim\n  - {kind: replace, field: ward, value: INNENSTADT, by: Innenstadt}\n",
    )

    second = kept(
        upload, ada, {"recipe": text, "mode": mode, "key": ["visits"] if mode == "upsert" else []}
    )

    assert (second.rows_kept, second.rows_quarantined) == (62 + 30, 3)
    found = recipe_of(dataset_id=second.resource_id, version="", actor=of_person(ada))
    changes = {
        step["kind"]: step["changes"] for step in found["steps"] if step["kind"] == "replace"
    }
    assert changes == {"replace": 30}
    assert [s["changes"] for s in found["steps"] if s.get("rows") == "empty"] == [1]
