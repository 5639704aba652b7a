"""Stored objects are opened again and compared; what is damaged is known, and counted once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone
from tests.s3 import S3

from simplr.base.models import Event
from simplr.vault import fixity, moving, services
from simplr.vault.models import SealedObject
from simplr.vault.objects import LocalFolder

PROJECT = UUID(int=7)
CONTENT = b"what is kept" * 20_000


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalFolder:
    """A folder of this test alone; what other tests keep is out of sight of its database."""
    SealedObject.objects.all().delete()
    store = LocalFolder(tmp_path / "objects")
    monkeypatch.setattr(services, "store", lambda: store)
    return store


def an_object() -> UUID:
    new = services.begin_object(project_id=PROJECT, kind="original")
    writer = services.ObjectWriter(new, expected_size=len(CONTENT))
    writer.write(CONTENT)
    writer.finish()
    return new.id


def damage(store: LocalFolder, object_id: UUID) -> bytes:
    path = store._place(object_id)
    before = path.read_bytes()
    content = bytearray(before)
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return before


def codes() -> list[tuple[str, UUID | None]]:
    events = Event.objects.filter(code__startswith="vault:object:").order_by("at")
    return [(event.code, event.subject_id) for event in events]


def test_what_is_whole_is_found_whole_and_not_looked_at_again_soon(store: LocalFolder) -> None:
    for _ in range(3):
        an_object()
    before = timezone.now()

    assert fixity.check(before=before).objects == 3
    assert fixity.check(before=before).objects == 0
    assert fixity.check_due(now=timezone.now()).objects == 0
    assert fixity.check_due(now=timezone.now() + timedelta(days=31)).objects == 3
    state = fixity.state()
    assert (state.objects, state.never_checked, state.damaged) == (3, 0, 0)
    assert codes() == []


def test_a_flipped_bit_and_a_lost_object_are_named_once_and_mended_ones_too(
    store: LocalFolder,
) -> None:
    whole, flipped, lost = an_object(), an_object(), an_object()
    before = damage(store, flipped)
    store.delete(lost)

    for _ in range(2):
        found = fixity.check(before=timezone.now())
        assert (found.objects, found.damaged) == (3, 2)
    assert set(fixity.damaged_ids()) == {flipped, lost}
    assert fixity.state().damaged == 2
    assert sorted(codes()) == sorted([("vault:object:damaged", id_) for id_ in (flipped, lost)])

    store._place(flipped).write_bytes(before)
    assert fixity.check(before=timezone.now()).damaged == 1
    assert fixity.damaged_ids() == [lost]
    assert ("vault:object:mended", flipped) in codes()
    assert whole not in fixity.damaged_ids()


def test_what_was_erased_is_not_damaged(store: LocalFolder) -> None:
    services.discard([an_object()])

    assert fixity.check(before=timezone.now()).objects == 0
    assert fixity.state().objects == 0


def test_a_round_ends_when_its_time_or_its_bytes_are_used(store: LocalFolder) -> None:
    for _ in range(4):
        an_object()

    assert fixity.check(before=timezone.now(), seconds=0).objects == 1
    assert fixity.check(before=timezone.now(), most_bytes=len(CONTENT)).objects == 1
    assert fixity.state().never_checked == 2


def test_everything_moves_to_another_store_and_is_proven_there(
    store: LocalFolder, s3: S3, tmp_path: Path
) -> None:
    from simplr.vault.buckets import Bucket

    ids = {an_object() for _ in range(3)}
    target = Bucket(s3.bucket(), cache=tmp_path / "cache", cache_bytes=2**20)

    ahead = moving.copy_all(target=target, prove_all=False, told=lambda _: None)
    late = an_object()
    moved = moving.copy_all(target=target, prove_all=True, told=lambda _: None)

    assert (ahead.objects, ahead.copied) == (3, 3)
    assert (moved.objects, moved.copied) == (4, 1)
    assert set(target.ids()) == {*ids, late} == set(store.ids())


def test_a_move_ends_at_the_first_object_that_is_not_what_was_pinned(
    store: LocalFolder, tmp_path: Path
) -> None:
    from simplr_core.errors import Corrupt

    damage(store, an_object())

    with pytest.raises(Corrupt):
        moving.copy_all(target=LocalFolder(tmp_path / "other"), prove_all=True, told=lambda _: None)
