"""What every place for objects promises, held against a folder and against a server of S3."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from tests.s3 import S3

from simplr.vault import buckets
from simplr.vault.buckets import Bucket, StoreAway
from simplr.vault.objects import (
    LocalFolder,
    ObjectExists,
    ObjectMissing,
    ObjectStore,
    StoreUnsuitable,
    store_at,
)
from simplr_core.errors import Invalid

New = Callable[[], ObjectStore]


@pytest.fixture(params=["folder", "s3"])
def reopened(request: pytest.FixtureRequest, tmp_path: Path) -> New:
    """The same place again, as another machine sees it: with nothing in its cache."""
    if request.param == "folder":
        return lambda: LocalFolder(tmp_path / "objects")
    s3: S3 = request.getfixturevalue("s3")
    url = s3.bucket()
    return lambda: Bucket(url, cache=tmp_path / uuid4().hex, cache_bytes=100 * 2**20)


def read(descriptor: int) -> bytes:
    with open(descriptor, "rb") as file:
        return file.read()


@pytest.mark.parametrize("size", [0, 1, 70_000, buckets.AT_ONCE, buckets.AT_ONCE + 1, 20 * 2**20])
def test_what_is_written_is_read_by_every_machine(reopened: New, size: int) -> None:
    object_id, content = uuid4(), os.urandom(size)
    store = reopened()
    sink = store.create(object_id)
    for at in range(0, size, 2**20):
        sink.write(content[at : at + 2**20])
    sink.complete()

    assert read(store.open(object_id)) == content
    assert read(reopened().open(object_id)) == content
    assert read(reopened().fetch(object_id)) == content
    assert list(reopened().ids()) == [object_id]


def test_nothing_is_there_before_it_is_complete(reopened: New) -> None:
    object_id = uuid4()
    sink = reopened().create(object_id)
    sink.write(b"half of it")
    sink.rest()

    assert list(reopened().ids()) == []
    with pytest.raises(ObjectMissing):
        reopened().open(object_id)
    sink.abandon()
    assert list(reopened().ids()) == []


@pytest.mark.parametrize("size", [10, buckets.AT_ONCE + 1])
def test_an_object_is_never_overwritten(reopened: New, size: int) -> None:
    object_id = uuid4()
    first = reopened().create(object_id)
    first.write(b"1" * size)
    second = LateSink(reopened(), object_id)
    first.complete()

    with pytest.raises(ObjectExists):
        second.complete(b"2" * size)

    assert read(reopened().open(object_id)) == b"1" * size


class LateSink:
    """A sink that was made before the object was there, of whatever kind."""

    def __init__(self, store: ObjectStore, object_id: object) -> None:
        self._sink = store.create(object_id)  # type: ignore[arg-type]

    def complete(self, content: bytes) -> None:
        self._sink.write(content)
        self._sink.complete()


def test_of_eight_at_once_one_wins(reopened: New) -> None:
    object_id = uuid4()
    sinks = [reopened().create(object_id) for _ in range(1)]
    others = [reopened() for _ in range(7)]

    def write(number: int) -> bool:
        try:
            sink = sinks[0] if number == 0 else others[number - 1].create(object_id)
            sink.write(bytes([number]) * 1000)
            sink.complete()
        except ObjectExists:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(write, range(8)))

    assert won.count(True) == 1
    assert read(reopened().open(object_id)) == bytes([won.index(True)]) * 1000


def test_what_is_deleted_is_gone_and_may_be_deleted_again(reopened: New) -> None:
    object_id = uuid4()
    store = reopened()
    sink = store.create(object_id)
    sink.write(b"content" * 100)
    sink.complete()

    store.delete(object_id)
    store.delete(object_id)

    for one in (store, reopened()):
        with pytest.raises(ObjectMissing):
            one.open(object_id)
    assert list(store.ids()) == []


def test_a_trial_says_whether_an_object_is_overwritten_and_leaves_nothing(
    reopened: New,
) -> None:
    assert reopened().creates_on_condition()
    assert list(reopened().ids()) == []


def test_a_store_that_ignores_the_condition_is_found_out(
    s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import obstore

    put = obstore.put

    def unconditional(*arguments: object, mode: str = "", **more: object) -> object:
        return put(*arguments, **more)  # type: ignore[arg-type]

    store = Bucket(s3.bucket(), cache=tmp_path, cache_bytes=2**20)
    monkeypatch.setattr(obstore, "put", unconditional)

    assert store.creates_on_condition() is False


def test_a_folder_that_cannot_hold_objects_says_why(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("in the way")

    with pytest.raises(StoreUnsuitable, match="hard links"):
        LocalFolder(tmp_path / "a file").creates_on_condition()


def test_a_store_that_is_away_says_so_and_nothing_of_its_credentials(
    s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(buckets._RETRY, "max_retries", 0)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    store = Bucket("s3://simplr-nowhere/kept", cache=tmp_path, cache_bytes=2**20)
    sink = store.create(uuid4())
    sink.write(b"content")

    with pytest.raises(StoreAway) as caught:
        sink.complete()

    assert caught.value.status == 503
    assert "only-for-tests" not in str(caught.value) + repr(caught.value.__cause__) + repr(store)
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_stutters_is_asked_again(s3: S3, tmp_path: Path) -> None:
    """The server stops for a while within a request, as one does that is restarted."""
    store = Bucket(s3.bucket(), cache=tmp_path, cache_bytes=2**20)
    object_id = uuid4()
    sink = store.create(object_id)
    sink.write(b"content")
    s3.pause()
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(sink.complete)
        assert not done.done()
        s3.go_on()
        done.result(60)

    assert read(store.fetch(object_id)) == b"content"


def test_the_cache_stays_within_its_bound_and_what_is_open_stays_good(
    s3: S3, tmp_path: Path
) -> None:
    url = s3.bucket()
    store = Bucket(url, cache=tmp_path / "cache", cache_bytes=1_000_000)
    ids = [uuid4() for _ in range(30)]
    for object_id in ids:
        sink = store.create(object_id)
        sink.write(object_id.bytes * 6250)
        sink.complete()
    first = store.open(ids[0])
    for object_id in ids:
        assert read(store.open(object_id)) == object_id.bytes * 6250

    kept = sum(path.stat().st_size for path in (tmp_path / "cache").iterdir())
    assert 0 < kept <= 1_100_000
    assert read(first) == ids[0].bytes * 6250


def test_what_is_larger_than_the_cache_is_read_all_the_same(s3: S3, tmp_path: Path) -> None:
    store = Bucket(s3.bucket(), cache=tmp_path / "cache", cache_bytes=1000)
    object_id = uuid4()
    sink = store.create(object_id)
    sink.write(b"x" * 100_000)
    sink.complete()

    assert read(store.open(object_id)) == b"x" * 100_000
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("url", ["ftp://host/x", "s3://", "memory:///", "https://host/x"])
def test_other_places_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        store_at(url, cache=tmp_path, cache_bytes=1)
