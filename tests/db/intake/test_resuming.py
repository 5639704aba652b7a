"""An upload by several requests: what was acknowledged stays, and ends as any other upload does."""

from __future__ import annotations

import contextlib
import hashlib
import io
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from tests.db.intake.arriving import (
    CONTENT,
    Killed,
    Line,
    append,
    arrived,
    begin,
    whole,
)

from simplr.access.authentication import of_person
from simplr.intake import joining, resuming, tasks
from simplr.intake import services as intake
from simplr.intake.models import Upload, UploadPiece
from simplr.projects.models import Project
from simplr.projects.services import create_project
from simplr.vault import claims
from simplr.vault import services as vault
from simplr.vault.models import SealedObject
from simplr.vault.objects import StoreFull
from simplr_core.crypto import segments
from simplr_core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import MakePerson

    from simplr.accounts.models import Person

pytestmark = pytest.mark.usefixtures("committed", "small_pieces")


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada")


@pytest.fixture
def project(ada: Person) -> Project:
    return create_project(title="Resuming", actor=of_person(ada))


def test_a_file_in_three_requests_is_the_same_file(project: Project, ada: Person) -> None:
    upload = begin(project, ada, sha256=hashlib.sha256(CONTENT).hexdigest())

    for start, end in ((0, 1), (1, 400_000), (400_000, len(CONTENT))):
        append(upload, ada, start, CONTENT[start:end])
        assert arrived(upload) == end
    joining.join(str(upload.id))
    tasks.understand(str(upload.id))

    assert whole(upload) == CONTENT
    assert Upload.objects.get().state == "understood"
    assert UploadPiece.objects.count() == 0


def test_it_ends_as_the_same_kind_of_object_as_a_file_in_one_request(
    project: Project, ada: Person
) -> None:
    content = CONTENT * 2  # beyond a mebibyte, where segments are larger
    upload = begin(project, ada, len(content))
    append(upload, ada, 0, content[:900_000])
    append(upload, ada, 900_000, content[900_000:])
    joining.join(str(upload.id))
    once = intake.receive(
        project_id=project.pk,
        declared=intake.Declared(name="a.bin", size=len(content)),
        body=io.BytesIO(content),
        actor=of_person(ada),
    )
    resumed = Upload.objects.get(pk=upload.pk)
    assert resumed.object_id is not None
    assert once.object_id is not None
    left, right = (SealedObject.objects.get(pk=id_) for id_ in (resumed.object_id, once.object_id))

    for one in ("kind", "size", "sealed_size"):
        assert getattr(left, one) == getattr(right, one)
    assert bytes(left.header or b"")[:8] == bytes(right.header or b"")[:8]
    assert vault.digests_of(left.id) == vault.digests_of(right.id)
    assert (resumed.state, resumed.received_bytes) == (once.state, once.received_bytes)


@pytest.mark.parametrize("how", [None, ConnectionResetError])
def test_what_came_before_a_line_broke_is_kept(
    project: Project, ada: Person, how: type[BaseException] | None
) -> None:
    upload = begin(project, ada)

    append(upload, ada, 0, CONTENT, body=Line(CONTENT, 333_333, how))
    assert arrived(upload) == 333_333
    append(upload, ada, 333_333, CONTENT[333_333:])
    joining.join(str(upload.id))

    assert whole(upload) == CONTENT


def test_what_was_acknowledged_before_a_kill_is_there_and_nothing_else_is(
    project: Project, ada: Person
) -> None:
    upload = begin(project, ada)

    with pytest.raises(Killed):
        append(upload, ada, 0, CONTENT, body=Line(CONTENT, 520_000, Killed))

    assert arrived(upload) == 400_000, "two whole pieces; the third was under way"
    append(upload, ada, 400_000, CONTENT[400_000:])
    joining.join(str(upload.id))
    assert whole(upload) == CONTENT


@pytest.fixture
def sealings(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bytes, bytes]]:
    """(derived key, nonce) of every segment that is sealed from now on."""
    seen: list[tuple[bytes, bytes]] = []
    real = segments.Header.cipher

    class Noting:
        def __init__(self, derived: bytes, cipher: Any) -> None:
            self._derived, self._cipher = derived, cipher

        def encrypt(self, nonce: bytes, *rest: Any) -> bytes:
            seen.append((self._derived, nonce))
            return bytes(self._cipher.encrypt(nonce, *rest))

        def __getattr__(self, name: str) -> Any:
            return getattr(self._cipher, name)

    def noting(self: segments.Header, *, key: Any, context: bytes) -> Any:
        derived = key.reveal() + self.raw + context
        return Noting(derived, real(self, key=key, context=context))

    monkeypatch.setattr(segments.Header, "cipher", noting)
    return seen


@pytest.mark.parametrize("seed", range(5))
def test_no_key_ever_seals_twice_under_one_nonce_however_it_is_cut_off(
    project: Project, ada: Person, sealings: list[tuple[bytes, bytes]], seed: int
) -> None:
    """Other bytes at the same place after each kill: the case in which a nonce used twice shows both."""
    rng = random.Random(seed)
    upload, made_up = begin(project, ada), bytearray()
    while len(made_up) < len(CONTENT):
        content = rng.randbytes(len(CONTENT) - len(made_up))
        how = rng.choice([None, Killed, ConnectionResetError])
        cut = rng.randrange(1, len(content) + 1)
        with contextlib.suppress(Killed):
            append(upload, ada, len(made_up), content, body=Line(content, cut, how))
        made_up += content[: arrived(upload) - len(made_up)]
    joining.join(str(upload.id))

    assert whole(upload) == made_up
    assert len(sealings) > 10
    assert len(set(sealings)) == len(sealings)
    for_data = {derived[:32] for derived, _ in sealings}
    assert len(for_data) == len({derived for derived, _ in sealings}), "one key, one sealing"


def test_crumbs_leave_few_pieces(project: Project, ada: Person) -> None:
    upload = begin(project, ada, 300_000)

    for start in range(0, 300_000, 6_000):
        append(upload, ada, start, CONTENT[start : start + 6_000])

    assert UploadPiece.objects.count() <= 1 + 300_000 // 50_000
    joining.join(str(upload.id))
    assert whole(upload) == CONTENT[:300_000]
    left = SealedObject.objects.filter(erased_at=None)
    assert {row.id for row in left} == claims.claimed(row.id for row in left)
    assert set(vault.store().ids()) >= {row.id for row in left}


def test_of_two_that_send_from_one_offset_the_first_to_be_stored_wins(
    project: Project, ada: Person
) -> None:
    upload = begin(project, ada)
    append(upload, ada, 0, CONTENT[:10])

    class Slower(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() == 0:
                append(upload, ada, 10, CONTENT[10:1000])
            return super().read(size)

    other = bytes(len(CONTENT) - 10)
    with pytest.raises(resuming.OffsetDiffers):
        append(upload, ada, 10, other, body=Slower(other))

    assert arrived(upload) == 1000
    append(upload, ada, 1000, CONTENT[1000:])
    joining.join(str(upload.id))
    assert whole(upload) == CONTENT


def test_an_empty_file_is_received_at_once(project: Project, ada: Person) -> None:
    upload = begin(project, ada, 0)
    assert Upload.objects.get().state == "received"

    joining.join(str(upload.id))

    assert whole(upload) == b""


def test_a_full_disk_costs_one_piece_and_joining_waits_for_room(
    project: Project, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = begin(project, ada)
    append(upload, ada, 0, CONTENT[:300_000])

    def full(*rest: Any, **named: Any) -> None:
        raise StoreFull

    with monkeypatch.context() as patched:
        patched.setattr(vault.ObjectWriter, "finish", full)
        with pytest.raises(Unavailable):
            append(upload, ada, 300_000, CONTENT[300_000:])
        assert arrived(upload) == 300_000
    append(upload, ada, 300_000, CONTENT[300_000:])
    with monkeypatch.context() as patched:
        patched.setattr(vault.ObjectWriter, "finish", full)
        with pytest.raises(Unavailable):
            joining.join(str(upload.id))
    joining.join(str(upload.id))

    assert whole(upload) == CONTENT


def test_two_workers_that_join_at_once_leave_one_object(
    project: Project, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = begin(project, ada)
    append(upload, ada, 0, CONTENT)
    first: Callable[..., None] = joining.note_joined

    def slow(*rest: Any, **named: Any) -> None:
        monkeypatch.setattr(joining, "note_joined", first)
        joining.join(str(upload.id))
        first(*rest, **named)

    monkeypatch.setattr(joining, "note_joined", slow)
    joining.join(str(upload.id))

    assert whole(upload) == CONTENT
    left = SealedObject.objects.filter(erased_at=None)
    assert [row.id for row in left] == [Upload.objects.get().object_id]


def test_the_sweeper_leaves_the_pieces_of_an_upload_that_waits(
    project: Project, ada: Person
) -> None:
    upload = begin(project, ada)
    append(upload, ada, 0, CONTENT[:300_000])
    long_ago = timezone.now() - timedelta(hours=25)
    SealedObject.objects.update(confirmed_at=None, created_at=long_ago, stored_at=long_ago)

    assert vault.sweep(claimed=claims.claimed, now=timezone.now()) == 0

    append(upload, ada, 300_000, CONTENT[300_000:])
    joining.join(str(upload.id))
    assert whole(upload) == CONTENT
