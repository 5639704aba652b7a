"""Room in a project is counted exactly, however many put files at once (row 53)."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from django.db import connections

from simplr.access.authentication import of_person
from simplr.intake import ending, tasks
from simplr.intake import services as intake
from simplr.intake.models import Upload
from simplr.projects.models import Project
from simplr.projects.services import QuotaFull, create_project
from simplr.resources.trash_services import erase, order_erasure, put_in_trash

if TYPE_CHECKING:
    from tests.conftest import MakePerson

    from simplr.accounts.models import Person

SIZE = 1_000
THREADS = 20

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada")


@pytest.fixture
def project(ada: Person) -> Project:
    made = create_project(title="Narrow", actor=of_person(ada))
    Project.objects.filter(pk=made.pk).update(quota_bytes=7 * SIZE + 1)
    return made


def put(project: Project, person: Person, content: bytes, size: int = SIZE) -> Upload:
    return intake.receive(
        project_id=project.pk,
        declared=intake.Declared(name="a.txt", size=size, wanted_as="file"),
        body=io.BytesIO(content),
        actor=of_person(person),
    )


def used(project: Project) -> int:
    return Project.objects.get(pk=project.pk).used_bytes


def test_twenty_uploads_at_once_never_exceed_the_room(project: Project, ada: Person) -> None:
    together = threading.Barrier(THREADS)

    def one(number: int) -> bool:
        together.wait(timeout=30)
        try:
            put(project, ada, b"x" * SIZE)
        except QuotaFull:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        taken = sum(pool.map(one, range(THREADS)))

    assert taken == 7
    assert used(project) == 7 * SIZE
    assert Upload.objects.filter(project=project).count() == 7


def test_twenty_that_are_cut_off_at_once_give_all_their_room_back(
    project: Project, ada: Person
) -> None:
    together = threading.Barrier(THREADS)

    def one(number: int) -> None:
        together.wait(timeout=30)
        try:
            with pytest.raises((intake.CutOff, QuotaFull)):
                put(project, ada, b"x" * (SIZE // 3))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(one, range(THREADS)))

    assert used(project) == 0


def test_an_upload_that_is_cancelled_while_its_work_fails_gives_room_back_once(
    project: Project, ada: Person
) -> None:
    other = put(project, ada, b"y" * SIZE)
    upload = put(project, ada, b"x" * SIZE)
    together = threading.Barrier(6)

    def cancel() -> None:
        intake.cancel(upload_id=upload.id, actor=of_person(ada))

    def fail() -> None:
        ending.fail(upload.id, ending.Interrupted(), during="received")

    def one(end: object) -> None:
        together.wait(timeout=30)
        try:
            end()  # type: ignore[operator]
        except intake.NotReady:
            pass  # the others were quicker
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(one, [cancel, fail] * 3))

    assert used(project) == SIZE
    assert Upload.objects.get(pk=other.pk).state == "received"
    assert Upload.objects.get(pk=upload.pk).state in {"cancelled", "failed"}


def test_what_lies_in_the_trash_takes_its_room_until_it_is_erased(
    project: Project, ada: Person
) -> None:
    """Its bytes are kept, so they count: the trash moves nothing behind the books' back."""
    upload = put(project, ada, b"x" * SIZE)
    tasks.understand(str(upload.id))
    intake.keep(upload_id=upload.id, choices={}, actor=of_person(ada))
    tasks.keep(str(upload.id), str(ada.pk))
    kept = Upload.objects.get(pk=upload.pk)
    assert kept.resource_id is not None

    put_in_trash(node_id=kept.resource_id, actor=of_person(ada))

    assert used(project) == SIZE
    with pytest.raises(intake.NotReady):
        intake.cancel(upload_id=upload.id, actor=of_person(ada))
    assert used(project) == SIZE

    order_erasure(node_id=kept.resource_id, actor=of_person(ada))
    erase(node_id=kept.resource_id)
    assert used(project) == 0
    erase(node_id=kept.resource_id)
    assert used(project) == 0
