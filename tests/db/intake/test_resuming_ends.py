"""What is refused of an upload by several requests, and how one ends that is never finished."""

from __future__ import annotations

import base64
import hashlib
import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from tests.db.intake.arriving import (
    CONTENT,
    Line,
    append,
    arrived,
    begin,
    header,
    used,
    whole,
)

from simplr.access.authentication import of_person
from simplr.accounts.models import Person
from simplr.base.errors import TooLarge
from simplr.intake import joining, metadata, resuming, tasks
from simplr.intake import services as intake
from simplr.intake.ending import RightEnded, UploadExpired
from simplr.intake.models import Upload
from simplr.projects.models import Project
from simplr.projects.services import QuotaFull, create_project
from simplr.vault.models import SealedObject
from simplr_core.errors import NotFound

if TYPE_CHECKING:
    from tests.conftest import MakePerson


pytestmark = pytest.mark.usefixtures("committed", "small_pieces")


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada")


@pytest.fixture
def project(ada: Person) -> Project:
    return create_project(title="Resuming", actor=of_person(ada))


def test_another_offset_is_refused_with_the_right_one(project: Project, ada: Person) -> None:
    upload = begin(project, ada)
    append(upload, ada, 0, CONTENT[:100])

    for offset in (0, 99, 101):
        with pytest.raises(resuming.OffsetDiffers) as refused:
            append(upload, ada, offset, CONTENT[100:200])
        assert refused.value.details["offset"] == 100


def test_more_than_was_said_is_refused_before_it_is_read(project: Project, ada: Person) -> None:
    upload = begin(project, ada, 10)

    with pytest.raises(resuming.TooMuchSent):
        append(upload, ada, 0, bytes(11), body=Line(b"", 0, AssertionError))

    assert arrived(upload) == 0


def test_a_checksum_that_differs_costs_this_request_alone(project: Project, ada: Person) -> None:
    upload = begin(project, ada)
    append(upload, ada, 0, CONTENT[:1000])
    right = resuming.Checksum(
        algorithm="sha1",
        value=hashlib.sha1(CONTENT[1000:]).digest(),  # noqa: S324
    )

    for body in (Line(CONTENT[1000:-1] + b"?"), Line(CONTENT[1000:], 500_000)):
        with pytest.raises(resuming.ChecksumDiffers):
            append(upload, ada, 1000, CONTENT[1000:], body=body, checksum=right)
        assert arrived(upload) == 1000
    append(upload, ada, 1000, CONTENT[1000:], checksum=right)
    joining.join(str(upload.id))

    assert whole(upload) == CONTENT


def test_a_whole_that_differs_from_its_digest_is_not_taken(project: Project, ada: Person) -> None:
    upload = begin(project, ada, sha256="0" * 64)
    append(upload, ada, 0, CONTENT)

    joining.join(str(upload.id))

    ended = Upload.objects.get()
    assert (ended.state, ended.error_code) == ("failed", "digest-differs")
    assert used(project) == 0
    assert SealedObject.objects.filter(erased_at=None).count() == 0


def test_what_is_never_finished_expires_and_gives_its_room_back_once(
    project: Project, ada: Person
) -> None:
    upload = begin(project, ada)
    append(upload, ada, 0, CONTENT[:500_000])
    assert used(project) == len(CONTENT)
    past = timezone.now() - timedelta(hours=2)
    Upload.objects.filter(pk=upload.pk).update(changed_at=past)
    assert tasks.end_interrupted_uploads(0) == 0, "it waits for its sender"

    Upload.objects.filter(pk=upload.pk).update(expires_at=past)
    with pytest.raises(UploadExpired):
        append(upload, ada, 500_000, CONTENT[500_000:])
    assert tasks.end_interrupted_uploads(0) == 1
    assert tasks.end_interrupted_uploads(0) == 0

    assert used(project) == 0
    assert Upload.objects.get().error_code == "upload-expired"
    assert SealedObject.objects.filter(erased_at=None).count() == 0
    with pytest.raises(UploadExpired):
        resuming.current(upload_id=upload.id, actor=of_person(ada))


def test_each_piece_that_arrives_puts_the_end_off(project: Project, ada: Person) -> None:
    upload = begin(project, ada)
    soon = timezone.now() + timedelta(minutes=1)
    Upload.objects.filter(pk=upload.pk).update(expires_at=soon)

    append(upload, ada, 0, CONTENT[:10])

    later = Upload.objects.get().expires_at
    assert later is not None
    assert later > soon + timedelta(hours=1)


def test_giving_up_erases_what_arrived_and_stops_what_arrives(
    project: Project, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resuming, "LOOK_EVERY_SECONDS", -1.0)
    upload = begin(project, ada)

    class GivenUp(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 450_000 and Upload.objects.get().state == "receiving":
                intake.cancel(upload_id=upload.id, actor=of_person(ada))
            return super().read(size)

    with pytest.raises(resuming.UploadEnded):
        append(upload, ada, 0, CONTENT, body=GivenUp(CONTENT))

    assert Upload.objects.get().state == "cancelled"
    assert used(project) == 0
    assert SealedObject.objects.filter(erased_at=None).count() == 0


def test_a_right_that_ends_stops_what_arrives(
    project: Project, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resuming, "LOOK_EVERY_SECONDS", -1.0)
    upload = begin(project, ada)

    class Deactivated(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 250_000:
                Person.objects.filter(pk=ada.pk).update(is_active=False)
            return super().read(size)

    with pytest.raises(RightEnded):
        append(upload, ada, 0, CONTENT, body=Deactivated(CONTENT))

    assert arrived(upload) == 200_000


def test_it_is_nobody_elses(project: Project, ada: Person, make_person: MakePerson) -> None:
    upload, bob = begin(project, ada), of_person(make_person("Bob"))

    for call in (
        lambda actor: resuming.current(upload_id=upload.id, actor=actor),
        lambda actor: resuming.append(
            upload_id=upload.id, offset=0, length=1, body=io.BytesIO(b"x"), actor=actor
        ),
    ):
        with pytest.raises(NotFound):
            call(bob)


def test_an_upload_by_one_request_cannot_be_appended_to(project: Project, ada: Person) -> None:
    once = intake.receive(
        project_id=project.pk,
        declared=intake.Declared(name="a.bin", size=3),
        body=io.BytesIO(b"abc"),
        actor=of_person(ada),
    )

    with pytest.raises(NotFound):
        append(once, ada, 3, b"")


def test_room_is_asked_for_the_whole_before_a_byte_comes(project: Project, ada: Person) -> None:
    Project.objects.filter(pk=project.pk).update(quota_bytes=1000)
    begin(project, ada, 600)

    with pytest.raises(QuotaFull):
        begin(project, ada, 401)
    with pytest.raises(TooLarge):
        begin(project, ada, 2**60)
    assert used(project) == 600


@pytest.mark.parametrize(
    "said",
    [
        "name !",
        f"name {base64.b64encode(bytes([255])).decode()}",
        header(name="a", sha256="12"),
        header(name="a", resource="x"),
        header(**{"name": "a", "as": "spreadsheet"}),
        header(name="a") + "," + header(name="b"),
        header(name="a" * 4000),
    ],
)
def test_what_cannot_be_read_of_a_file_is_refused(said: str) -> None:
    with pytest.raises(metadata.MetadataInvalid):
        metadata.declared_in(said, size=1)


def test_what_is_said_of_a_file_lies_sealed(project: Project, ada: Person) -> None:
    digest = hashlib.sha256(b"guess me").hexdigest()
    upload = begin(project, ada, sha256=digest)

    row = Upload.objects.get()
    assert digest.encode() not in bytes(row.metadata or b"")
    assert metadata.opened(row) == header(**{"name": "a.bin", "as": "file", "sha256": digest})
    assert upload.name == "a.bin"
