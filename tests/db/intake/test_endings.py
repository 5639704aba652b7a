"""What a kill leaves half done is ended: room given back, nothing acknowledged thrown away."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from simplr.access.authentication import of_person
from simplr.base.jobs import Patient
from simplr.datasets import making
from simplr.intake import keeping, tasks
from simplr.intake import services as intake
from simplr.intake.models import Upload
from simplr.projects.models import Project
from simplr.projects.services import create_project
from simplr.resources.models import Version
from simplr.vault import claims, keys
from simplr.vault import services as vault
from simplr.vault.models import SealedObject
from simplr.vault.objects import StoreFull, WrittenTooSlowly
from simplr_core.errors import Invalid

if TYPE_CHECKING:
    from tests.conftest import MakePerson

    from simplr.accounts.models import Person

CONTENT = b"a,b\n1,2\n3,4\n"
LATER = timedelta(hours=25)


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada")


@pytest.fixture
def project(ada: Person) -> Project:
    return create_project(title="Endings", actor=of_person(ada))


def put(project: Project, person: Person) -> Upload:
    return intake.receive(
        project_id=project.pk,
        declared=intake.Declared(name="a.csv", size=len(CONTENT)),
        body=io.BytesIO(CONTENT),
        actor=of_person(person),
    )


def used(project: Project) -> int:
    return Project.objects.get(pk=project.pk).used_bytes


def aged(upload: Upload, **changes: Any) -> None:
    past = timezone.now() - timedelta(hours=2)
    Upload.objects.filter(pk=upload.pk).update(changed_at=past, **changes)


class Killed(BaseException):
    """Stands for a process that ends here: nothing after it runs."""


def test_an_upload_that_a_kill_left_arriving_fails_and_gives_its_room_back(
    project: Project, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Body:
        def read(self, size: int, /) -> bytes:
            raise Killed

    monkeypatch.setattr(intake, "_give_up", lambda *rest, **named: None)
    with pytest.raises(Killed):
        intake.receive(
            project_id=project.pk,
            declared=intake.Declared(name="a.csv", size=1000),
            body=Body(),
            actor=of_person(ada),
        )
    upload = Upload.objects.get()
    assert (upload.state, used(project)) == ("receiving", 1000)

    assert tasks.end_interrupted_uploads(0) == 0  # it may still be arriving
    aged(upload)
    assert tasks.end_interrupted_uploads(0) == 1

    upload.refresh_from_db()
    assert (upload.state, upload.error_code) == ("failed", "upload-interrupted")
    assert used(project) == 0
    assert tasks.end_interrupted_uploads(0) == 0


def test_a_slow_upload_gives_signs_of_life(
    project: Project, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "NOTE_EVERY_SECONDS", 0.0)
    seen: list[int] = []

    class Body:
        def read(self, size: int, /) -> bytes:
            seen.append(Upload.objects.get().received_bytes)
            return bytes(min(size, 100_000))

    intake.receive(
        project_id=project.pk,
        declared=intake.Declared(name="a.bin", size=300_000, wanted_as="file"),
        body=Body(),
        actor=of_person(ada),
    )

    assert seen == [0, 100_000, 200_000]


def test_an_upload_that_was_given_up_meanwhile_is_not_taken_after_all(
    project: Project, ada: Person
) -> None:
    class Body:
        def read(self, size: int, /) -> bytes:
            aged(Upload.objects.get())
            tasks.end_interrupted_uploads(0)
            return CONTENT

    with pytest.raises(intake.CutOff):
        intake.receive(
            project_id=project.pk,
            declared=intake.Declared(name="a.csv", size=len(CONTENT)),
            body=Body(),
            actor=of_person(ada),
        )

    assert Upload.objects.get().state == "failed"
    assert used(project) == 0


def test_cancelling_stops_an_upload_while_it_arrives(
    project: Project, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "NOTE_EVERY_SECONDS", 0.0)

    class Body:
        def read(self, size: int, /) -> bytes:
            intake.cancel(upload_id=Upload.objects.get().id, actor=of_person(ada))
            return bytes(10)

    with pytest.raises(tasks.Cancelled):
        intake.receive(
            project_id=project.pk,
            declared=intake.Declared(name="a.csv", size=1000),
            body=Body(),
            actor=of_person(ada),
        )

    assert Upload.objects.get().state == "cancelled"
    assert used(project) == 0


@pytest.mark.parametrize("state", ["received", "understanding", "keeping"])
def test_an_upload_whose_job_is_gone_fails_and_one_whose_job_waits_does_not(
    project: Project, ada: Person, state: str
) -> None:
    upload = put(project, ada)
    aged(upload, state=state)

    assert tasks.end_interrupted_uploads(0) == 0
    aged(upload, state=state, job_id=0)
    assert not ProcrastinateJob.objects.filter(id=0).exists()
    assert tasks.end_interrupted_uploads(0) == 1
    assert Upload.objects.get().state == "failed"
    assert used(project) == 0


@pytest.mark.parametrize("reason", [keys.Sealed(), StoreFull()])
def test_what_is_away_for_a_while_costs_no_upload(
    project: Project, ada: Person, monkeypatch: pytest.MonkeyPatch, reason: Exception
) -> None:
    upload = put(project, ada)

    def away(*rest: Any, **named: Any) -> None:
        raise reason

    with monkeypatch.context() as patched:
        patched.setattr(vault, "begin_object", away)
        with pytest.raises(type(reason)):
            tasks.understand(str(upload.id))
    tasks.understand(str(upload.id))

    assert Upload.objects.get().state == "understood"
    job = type("Job", (), {"attempts": 1000})
    assert Patient().get_retry_decision(exception=reason, job=job) is not None
    assert Patient().get_retry_decision(exception=Invalid(), job=job) is None


def test_work_that_two_workers_do_at_once_keeps_one_version(
    project: Project, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = put(project, ada)
    tasks.understand(str(upload.id))
    intake.keep(upload_id=upload.id, choices={}, actor=of_person(ada))
    first = keeping._note_kept

    def slow(*rest: Any, **named: Any) -> None:
        """The other worker comes through while this one is about to note what it kept."""
        monkeypatch.setattr(keeping, "_note_kept", first)
        tasks.keep(str(upload.id), str(ada.pk))
        first(*rest, **named)

    monkeypatch.setattr(keeping, "_note_kept", slow)
    tasks.keep(str(upload.id), str(ada.pk))

    assert Version.objects.count() == 1
    assert Upload.objects.get().state == "kept"
    left = SealedObject.objects.filter(erased_at=None)
    assert {row.id for row in left} == claims.claimed(row.id for row in left)


def test_the_sweeper_erases_what_was_cut_off_and_confirms_what_was_not(
    project: Project, ada: Person
) -> None:
    upload = put(project, ada)
    assert upload.object_id is not None
    SealedObject.objects.filter(pk=upload.object_id).update(confirmed_at=None)
    orphan = vault.begin_object(project_id=project.pk, kind="part")
    writer = vault.ObjectWriter(orphan, expected_size=None)
    writer.write(b"cut off")
    now = timezone.now()

    assert vault.sweep(claimed=claims.claimed, now=now) == 0
    SealedObject.objects.update(created_at=now - LATER)
    SealedObject.objects.filter(pk=upload.object_id).update(stored_at=now - LATER)
    assert vault.sweep(claimed=claims.claimed, now=now) == 1

    row = SealedObject.objects.get(pk=upload.object_id)
    assert row.confirmed_at is not None
    assert vault.open_object(upload.object_id).reader().read() == CONTENT
    assert SealedObject.objects.get(pk=orphan.id).wrapped is None
    with pytest.raises(WrittenTooSlowly):
        writer.finish()


def test_an_object_written_for_days_is_not_swept_right_after_it_was_stored(
    project: Project,
) -> None:
    now = timezone.now()
    slow = vault.begin_object(project_id=project.pk, kind="original")
    writer = vault.ObjectWriter(slow, expected_size=None)
    writer.finish()
    SealedObject.objects.filter(pk=slow.id).update(created_at=now - 3 * LATER)

    assert vault.sweep(claimed=claims.claimed, now=now) == 0


def test_bytes_whose_key_was_destroyed_before_a_kill_are_removed_by_the_sweeper(
    project: Project, ada: Person
) -> None:
    upload = put(project, ada)
    assert upload.object_id is not None
    SealedObject.objects.filter(pk=upload.object_id).update(wrapped=None, erased_at=timezone.now())
    assert upload.object_id in set(vault.store().ids())

    vault.sweep(claimed=claims.claimed, now=timezone.now())

    assert upload.object_id not in set(vault.store().ids())


def test_a_version_of_another_kind_is_refused_before_the_upload_is_spent(
    project: Project, ada: Person
) -> None:
    first = put(project, ada)
    tasks.understand(str(first.id))
    intake.keep(upload_id=first.id, choices={}, actor=of_person(ada))
    tasks.keep(str(first.id), str(ada.pk))
    kept = Upload.objects.get(pk=first.pk)
    second = put(project, ada)
    Upload.objects.filter(pk=second.pk).update(resource_id=kept.resource_id)
    tasks.understand(str(second.id))

    with pytest.raises(Invalid):
        intake.keep(upload_id=second.id, choices={"as": "file"}, actor=of_person(ada))

    assert Upload.objects.get(pk=second.pk).state == "understood"


def test_results_that_would_fill_the_disk_end_the_upload(
    project: Project, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "ROOM_FOR_ANY", -50 * len(CONTENT) + 100)
    upload = put(project, ada)
    tasks.understand(str(upload.id))
    intake.keep(upload_id=upload.id, choices={}, actor=of_person(ada))

    tasks.keep(str(upload.id), str(ada.pk))

    ended = Upload.objects.get()
    assert (ended.state, ended.error_code) == ("failed", "file-too-demanding")
    assert used(project) == 0
