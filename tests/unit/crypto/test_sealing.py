"""What is sealed comes back, whole or in any piece; what was touched does not."""

from __future__ import annotations

import hashlib
import io
import os
import random
import threading
from pathlib import Path

import blake3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

from simplr_core.crypto import (
    HEADER_SIZE,
    BytesSource,
    FileDescriptorSource,
    Key,
    SealBroken,
    Sealed,
    SealingWriter,
    UnsealingReader,
    context_of,
    open_bytes,
    seal_bytes,
    sealed_size_of,
)
from simplr_core.errors import Conflict, Invalid

KEY = Key.generate()
CONTEXT = context_of("object", "a", "version", "1")
SEGMENT = 4096

BORDER_SIZES = st.builds(
    lambda segments, offset: max(0, segments * SEGMENT + offset),
    st.integers(0, 5),
    st.integers(-3, 3),
) | st.integers(0, 6 * SEGMENT)


def seal(plain: bytes, *, pieces: int | None = None, bits: int = 12) -> tuple[bytes, Sealed]:
    sink = io.BytesIO()
    writer = SealingWriter(
        sink, key=KEY, context=CONTEXT, expected_size=None, sha256=True, segment_bits=bits
    )
    step = pieces or max(1, len(plain))
    for start in range(0, len(plain), step):
        assert writer.write(plain[start : start + step]) == len(plain[start : start + step])
    result = writer.close()
    return sink.getvalue(), result


def reader_of(sealed: bytes, **more: object) -> UnsealingReader:
    return UnsealingReader(BytesSource(sealed), key=KEY, context=CONTEXT, **more)  # type: ignore[arg-type]


@given(size=BORDER_SIZES, piece=st.integers(1, 3 * SEGMENT))
def test_what_is_sealed_in_any_pieces_comes_back(size: int, piece: int) -> None:
    plain = random.Random(size).randbytes(size)
    sealed, result = seal(plain, pieces=piece)
    assert result.size == size
    assert result.sealed_size == len(sealed) == sealed_size_of(size, segment_bits=12)
    assert result.header == sealed[:HEADER_SIZE]
    assert result.blake3 == blake3.blake3(plain).digest()
    assert result.sha256 == hashlib.sha256(plain).digest()
    assert reader_of(sealed, header=result.header, sealed_size=len(sealed)).read() == plain
    assert open_bytes(sealed, key=KEY, context=CONTEXT) == plain


@given(plain=st.binary(max_size=500))
def test_a_small_value_and_a_file_are_one_format(plain: bytes) -> None:
    sealed = seal_bytes(plain, key=KEY, context=CONTEXT)
    assert len(sealed) == sealed_size_of(len(plain))
    assert reader_of(sealed).read() == plain


@given(
    size=BORDER_SIZES,
    steps=st.lists(st.tuples(st.integers(0, 7 * SEGMENT), st.integers(0, 2 * SEGMENT)), max_size=6),
)
def test_any_range_reads_as_of_the_plaintext(size: int, steps: list[tuple[int, int]]) -> None:
    plain = random.Random(size).randbytes(size)
    reader = reader_of(seal(plain)[0])
    for offset, length in steps:
        assert reader.seek(offset) == offset
        assert reader.read(length) == plain[offset : offset + length]
        assert reader.tell() == max(offset, min(offset + length, size))


def test_the_segment_size_follows_the_expected_size() -> None:
    def bits(expected: int | None) -> int:
        sink = io.BytesIO()
        SealingWriter(sink, key=KEY, context=CONTEXT, expected_size=expected).close()
        return sink.getvalue()[7]

    assert [bits(size) for size in (0, (1 << 20) - 1, 1 << 20, None)] == [16, 16, 18, 18]


def test_every_flipped_bit_of_a_small_object_is_refused() -> None:
    sealed, _ = seal(b"the quick brown fox" * 3)
    for bit in range(len(sealed) * 8):
        touched = bytearray(sealed)
        touched[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            reader_of(bytes(touched)).read()
        with pytest.raises(SealBroken):
            open_bytes(touched, key=KEY, context=CONTEXT)


def test_a_thousand_flipped_bits_of_a_bigger_object_are_refused() -> None:
    plain = os.urandom(40 * SEGMENT + 17)
    sealed, _ = seal(plain)
    chance = random.Random(20)
    for _ in range(1000):
        touched, bit = bytearray(sealed), chance.randrange(len(sealed) * 8)
        touched[bit // 8] ^= 1 << bit % 8
        received = bytearray()

        def receive(touched: bytearray = touched, received: bytearray = received) -> None:
            reader = reader_of(bytes(touched))
            while piece := reader.read(1500):
                received += piece

        with pytest.raises(SealBroken):
            receive()
        assert plain.startswith(received), "a byte that was not proven came out"
        assert len(received) < len(plain)


@given(size=BORDER_SIZES, cut=st.integers(1, 2 * SEGMENT))
def test_every_cut_and_every_extension_is_refused_at_opening(size: int, cut: int) -> None:
    sealed, _ = seal(bytes(size))
    with pytest.raises(SealBroken):
        reader_of(sealed[: max(0, len(sealed) - cut)])
    with pytest.raises(SealBroken):
        reader_of(sealed + bytes(cut))


def test_an_unclosed_object_is_refused() -> None:
    sink = io.BytesIO()
    writer = SealingWriter(sink, key=KEY, context=CONTEXT, expected_size=None, segment_bits=12)

    def receive_until_the_sender_is_gone() -> None:
        with writer:
            writer.write(bytes(5 * SEGMENT))
            raise ConnectionError

    with pytest.raises(ConnectionError):
        receive_until_the_sender_is_gone()
    assert writer.sealed is None
    with pytest.raises(SealBroken):
        reader_of(sink.getvalue())
    with pytest.raises(Conflict):
        writer.close()
    with pytest.raises(Conflict):
        writer.write(b"more")


def test_an_older_sealing_of_the_same_object_is_refused() -> None:
    older, _ = seal(b"salary 100")
    _, newer = seal(b"salary 200")
    assert reader_of(older).read() == b"salary 100"
    with pytest.raises(SealBroken) as caught:
        reader_of(older, header=newer.header, sealed_size=newer.sealed_size)
    assert caught.value.details["reason"] == "rolled-back"
    with pytest.raises(SealBroken):
        open_bytes(older, key=KEY, context=CONTEXT, header=newer.header)


def test_another_key_or_context_opens_nothing() -> None:
    sealed, _ = seal(b"secret")
    for key, context in ((Key.generate(), CONTEXT), (KEY, CONTEXT + b"x"), (KEY, b"")):
        with pytest.raises(SealBroken):
            UnsealingReader(BytesSource(sealed), key=key, context=context)


def test_two_sealings_of_one_plaintext_share_nothing() -> None:
    first, second = (seal_bytes(b"same" * 50, key=KEY, context=CONTEXT) for _ in range(2))
    assert first[8:HEADER_SIZE] != second[8:HEADER_SIZE]
    assert first[HEADER_SIZE:] != second[HEADER_SIZE:]


class Sluggish:
    """A sink that takes at most 1,000 bytes at a time, as a raw pipe may."""

    def __init__(self) -> None:
        self.content = b""

    def write(self, content: bytes, /) -> int:
        self.content += content[:1000]
        return min(1000, len(content))


def test_a_sink_that_takes_a_little_at_a_time_gets_everything() -> None:
    sink, plain = Sluggish(), os.urandom(3 * SEGMENT)
    with SealingWriter(sink, key=KEY, context=CONTEXT, expected_size=1, segment_bits=12) as writer:
        writer.write(plain)
    assert reader_of(sink.content).read() == plain


@pytest.mark.parametrize("failing", range(5))
def test_a_sink_that_fails_once_ends_the_object(failing: int) -> None:
    class Full:
        def __init__(self) -> None:
            self.content, self.calls = b"", 0

        def write(self, content: bytes, /) -> None:
            self.calls += 1
            if self.calls == failing + 1:
                self.content += content[: len(content) // 2]
                raise OSError(28, "No space left on device")
            self.content += content

    sink = Full()

    def attempt() -> None:
        writer = SealingWriter(sink, key=KEY, context=CONTEXT, expected_size=1, segment_bits=12)
        try:
            writer.write(bytes(3 * SEGMENT + 1))
            writer.close()
        except OSError:
            with pytest.raises(Conflict):
                writer.close()
            raise

    with pytest.raises(OSError, match="No space"):
        attempt()
    with pytest.raises(SealBroken):
        reader_of(sink.content)


class Shrinking(BytesSource):
    """A source that loses its end after it was opened."""

    shrunk = False

    def read_at(self, offset: int, length: int, /) -> bytes:
        return super().read_at(offset, length)[: length - 1 if self.shrunk else length]


def test_a_source_that_loses_bytes_while_open_is_refused() -> None:
    source = Shrinking(seal(bytes(3 * SEGMENT))[0])
    reader = UnsealingReader(source, key=KEY, context=CONTEXT)
    source.shrunk = True
    with pytest.raises(SealBroken):
        reader.read()


def test_the_reader_behaves_as_a_file(tmp_path: Path) -> None:
    plain = os.urandom(2 * SEGMENT + 5)
    path = tmp_path / "sealed"
    path.write_bytes(seal(plain)[0])
    with path.open("rb") as file:
        reader = UnsealingReader(FileDescriptorSource(file.fileno()), key=KEY, context=CONTEXT)
        assert reader.readable()
        assert reader.seekable()
        assert not reader.writable()
        assert reader.size == len(plain)
        assert reader.seek(-5, io.SEEK_END) == 2 * SEGMENT
        assert reader.readall() == plain[-5:]
        assert reader.read(10) == b""
        assert reader.seek(10) == 10
        assert reader.seek(5, io.SEEK_CUR) == 15
        assert reader.seek(10**9) == 10**9
        assert reader.read(1) == b""
        with pytest.raises(ValueError, match="seek"):
            reader.seek(-1)
        with pytest.raises(ValueError, match="whence"):
            reader.seek(0, 9)
        reader.close()
        with pytest.raises(ValueError, match="closed"):
            reader.read(1)


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def test_an_owned_descriptor_is_closed_with_its_reader_and_another_is_not(tmp_path: Path) -> None:
    path = tmp_path / "sealed"
    path.write_bytes(seal(b"content")[0])

    def opened(*, owned: bool, key: Key) -> tuple[int, UnsealingReader | None]:
        descriptor = os.open(path, os.O_RDONLY)
        source = FileDescriptorSource(descriptor, owned=owned)
        try:
            return descriptor, UnsealingReader(source, key=key, context=CONTEXT)
        except SealBroken:
            return descriptor, None

    for owned in (True, False):
        descriptor, reader = opened(owned=owned, key=KEY)
        assert reader is not None
        assert is_open(descriptor)
        reader.close()
        reader.close()
        assert is_open(descriptor) == (not owned)
        if not owned:
            os.close(descriptor)
    descriptor, reader = opened(owned=True, key=Key.generate())
    assert reader is None
    assert not is_open(descriptor)


def test_threads_that_share_a_reader_do_not_disturb_each_other() -> None:
    plain = os.urandom(30 * SEGMENT)
    reader = reader_of(seal(plain)[0])
    wrong: list[int] = []

    def work(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(300):
            offset, length = chance.randrange(len(plain)), chance.randrange(2 * SEGMENT)
            reader.seek(offset)
            if reader.read(length) != plain[offset : offset + length]:
                wrong.append(offset)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_pyarrow_reads_sealed_parquet() -> None:
    table = pa.table({"n": range(200_000), "s": [f"row {n}" for n in range(200_000)]})
    plain = io.BytesIO()
    pq.write_table(table, plain, compression="zstd", row_group_size=20_000)
    reader = reader_of(seal(plain.getvalue(), bits=16)[0])
    assert pq.read_table(reader).equals(table)
    scan = pq.ParquetFile(reader).iter_batches(columns=["n"])
    assert sum(batch.num_rows for batch in scan) == 200_000


def test_sealing_a_stream_writes_sealed_parquet() -> None:
    table = pa.table({"n": range(100_000)})
    sink = io.BytesIO()
    writer = SealingWriter(sink, key=KEY, context=CONTEXT, expected_size=None)
    with pa.PythonFile(_Writable(writer), mode="w") as file:
        pq.write_table(table, file)
    writer.close()
    assert pq.read_table(reader_of(sink.getvalue())).equals(table)


class _Writable(io.RawIOBase):
    def __init__(self, writer: SealingWriter) -> None:
        self._writer = writer

    def writable(self) -> bool:
        return True

    def write(self, content: object, /) -> int:
        return self._writer.write(memoryview(content))  # type: ignore[arg-type]


def test_impossible_requests_are_invalid() -> None:
    with pytest.raises(Invalid):
        SealingWriter(io.BytesIO(), key=KEY, context=b"", expected_size=0, segment_bits=3)
    with pytest.raises(Invalid):
        seal_bytes(b"", key=KEY, context=bytes(1025))


@settings(max_examples=examples(20))
@given(st.binary(max_size=1024))
def test_every_context_up_to_the_limit_works(context: bytes) -> None:
    sealed = seal_bytes(b"x", key=KEY, context=context)
    assert open_bytes(sealed, key=KEY, context=context) == b"x"
