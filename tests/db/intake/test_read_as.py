"""An upload that is read as a person says, from the file to the next version."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.utils import timezone
from tests.db.intake.test_recipes import kept, understood
from tests.unit.tidy.formats.books import xlsx
from tests.unit.tidy.formats.test_archives import zipped

from simplr.access.authentication import of_person
from simplr.access.services import give_role
from simplr.base.models import Event
from simplr.intake import rereading, tasks
from simplr.intake.models import Upload
from simplr.intake.services import NotReady
from simplr.projects.models import Project
from simplr.projects.services import create_project
from simplr.sharing.recipes import recipe_of
from simplr.vault import claims
from simplr.vault.models import SealedObject
from simplr_core.access import Role
from simplr_core.errors import NotFound, Refused
from simplr_core.tidy.read_as import AS_RECOGNISED, ReadAs

if TYPE_CHECKING:
    from tests.conftest import MakePerson

    from simplr.accounts.models import Person

WARDS = "ward;visits\nWest;1,5\nOst;2,5\nNord;3,5\n"
BY_COMMA = ReadAs(delimiter=",", header_rows=0)


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada")


@pytest.fixture
def project(ada: Person) -> Project:
    return create_project(title="Wards", actor=of_person(ada))


def read_as(upload: Upload, person: Person, said: ReadAs) -> Upload:
    rereading.read_as(upload_id=upload.id, said=said, actor=of_person(person))
    tasks.understand(str(upload.id))
    return Upload.objects.get(pk=upload.id)


def fields_of(upload: Upload) -> list[str]:
    return [field["name"] for field in upload.understanding["fields"]]


def objects_left() -> set[UUID]:
    return set(SealedObject.objects.filter(erased_at=None).values_list("id", flat=True))


def test_it_is_understood_anew_and_what_was_sealed_before_is_erased(
    project: Project, ada: Person, django_capture_on_commit_callbacks: Any
) -> None:
    upload = understood(project, ada, WARDS)
    assert fields_of(upload) == ["ward", "visits"]

    with django_capture_on_commit_callbacks(execute=True):
        again = read_as(upload, ada, BY_COMMA)

    assert (again.state, again.error_code) == ("understood", "")
    assert fields_of(again) == ["column_1", "column_2"]
    assert again.understanding["counts"]["in"] == 4
    assert again.report_id != upload.report_id
    assert upload.report_id not in objects_left()
    assert objects_left() == claims.claimed(objects_left())
    event = Event.objects.get(code="intake:upload:read-as")
    assert event.details == {"said": ["delimiter", "header_rows"]}
    by_itself = read_as(again, ada, AS_RECOGNISED)
    assert fields_of(by_itself) == ["ward", "visits"]


def test_what_is_so_already_is_not_done_again(project: Project, ada: Person) -> None:
    upload = understood(project, ada, WARDS)

    same = rereading.read_as(upload_id=upload.id, said=AS_RECOGNISED, actor=of_person(ada))

    assert (same.state, same.report_id) == ("understood", upload.report_id)
    assert not Event.objects.filter(code="intake:upload:read-as").exists()


def test_the_next_file_is_read_as_the_last_version_was(project: Project, ada: Person) -> None:
    version = kept(read_as(understood(project, ada, WARDS), ada, BY_COMMA), ada, {})
    text = recipe_of(dataset_id=version.resource_id, version="", actor=of_person(ada))["text"]
    assert "said: [delimiter, header_rows]" in text

    following = understood(project, ada, WARDS + "Sued;4,5\n", resource_id=version.resource_id)

    assert fields_of(following) == ["column_1", "column_2"]
    assert following.understanding["misfits"] == []
    otherwise = read_as(following, ada, AS_RECOGNISED)
    assert fields_of(otherwise) == ["ward", "visits"], "what is said of this file goes first"
    by_recipe = rereading.said_in({"recipe": text})
    assert by_recipe == BY_COMMA
    assert kept(read_as(otherwise, ada, by_recipe), ada, {"recipe": text}).rows_kept == 4


def test_what_cannot_be_read_so_stays_as_it_was(project: Project, ada: Person) -> None:
    wide = "a,b\n" + (";".join("1" * 2_100) + ",x\n") * 4
    upload = understood(project, ada, wide)

    refused = read_as(upload, ada, ReadAs(delimiter=";", header_rows=0, preamble_rows=1))

    assert (refused.state, refused.error_code) == ("understood", "too-many-fields")
    assert refused.understanding == upload.understanding
    assert refused.report_id == upload.report_id
    assert objects_left() == claims.claimed(objects_left())
    assert kept(refused, ada, {}).rows_kept == 4


def test_a_reading_that_was_cut_off_stays_as_it_was(project: Project, ada: Person) -> None:
    upload = understood(project, ada, WARDS)
    rereading.read_as(upload_id=upload.id, said=BY_COMMA, actor=of_person(ada))
    waits = Upload.objects.filter(pk=upload.id)
    waits.update(job_id=0, changed_at=timezone.now() - timedelta(minutes=5))

    assert tasks.end_interrupted_uploads(0) == 1

    again = Upload.objects.get(pk=upload.id)
    assert (again.state, again.error_code) == ("understood", "reading-interrupted")
    assert (again.understanding, again.report_id) == (upload.understanding, upload.report_id)
    assert kept(again, ada, {}).rows_kept == 3


def test_of_an_archive_its_texts_and_sheets_are_read_as_said(project: Project, ada: Person) -> None:
    content = zipped(
        {
            "a.xlsx": xlsx({"A": [["ward", "visits"], ["name", "count"], ["West", 1], ["Ost", 2]]}),
            "b.csv": b"ward;visits\nname;count\nWest;1\nOst;2\n",
        }
    )
    said = ReadAs(delimiter=";", header_rows=2)

    again = read_as(understood(project, ada, content), ada, said)

    tables = again.understanding["tables"]
    assert [field["name"] for one in tables for field in one["fields"]] == [
        *("ward_name", "visits_count"),
        *("ward_name", "visits_count"),
    ]
    assert [one["read_as"] for one in tables] == [{"header_rows": 2}, said.to_json()]
    assert rereading.read_now(again.understanding) == said


def test_a_file_that_was_no_table_becomes_one(project: Project, ada: Person) -> None:
    raw = "West 1/Ost 2\nNord 3/Sued 4\n"
    upload = understood(project, ada, raw, wanted_as="file")
    assert upload.understanding["kind"] == "file"

    again = read_as(upload, ada, ReadAs(delimiter="/", header_rows=0))

    assert again.understanding["kind"] == "table"
    assert kept(again, ada, {}).rows_kept == 2


def test_who_does_not_see_all_of_a_file_has_it_read_in_no_other_way(
    project: Project, ada: Person, make_person: MakePerson
) -> None:
    """Read as one column, the marked fields of another's file would stand in one that is not."""
    bob = make_person("Bob")
    give_role(project_id=project.pk, person_id=bob.pk, role=Role.ANALYST, actor=of_person(ada))
    stranger = make_person("Eve")
    upload = understood(project, ada)

    with pytest.raises(Refused):
        read_as(upload, bob, ReadAs(delimiter=""))
    with pytest.raises(NotFound):
        read_as(upload, stranger, ReadAs(delimiter=""))

    upload.refresh_from_db()
    assert (upload.state, upload.read_as) == ("understood", None)
    own = understood(project, bob, WARDS)
    assert fields_of(read_as(own, bob, BY_COMMA)) == ["column_1", "column_2"]


def test_what_says_itself_where_its_cells_are_is_not_read_in_another_way(
    project: Project, ada: Person
) -> None:
    upload = understood(project, ada, '[{"a": 1}, {"a": 2}]')

    with pytest.raises(rereading.NotSayable):
        read_as(upload, ada, BY_COMMA)

    kept(upload, ada, {})
    with pytest.raises(NotReady):
        read_as(upload, ada, BY_COMMA)
