"""clamd's protocol on a real socket: what is a verdict, and all that is none."""

from __future__ import annotations

import hashlib
import socket
import time
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.clamd import EICAR, SIGNATURE, VERSION, Daemon, clamd, nobody_listens
from tests.examples import examples

from simplr.resources.scanning.clamd import ClamdAddress, address_of, verdict_in
from simplr.resources.scanning.port import (
    CLEAN,
    TOO_LARGE,
    Scanner,
    ScannerAway,
    ScannerUnknown,
    TimeLimits,
    scanner_at,
)
from simplr_core.access.scans import ScanFacts, ScanState

INFECTED = ScanFacts(ScanState.INFECTED, SIGNATURE)
SOON = TimeLimits(connect_seconds=2, send_seconds=2, answer_seconds=0.4)


@pytest.fixture(params=["tcp", "unix"])
def daemon(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Daemon]:
    path = tmp_path / "clamd.ctl" if request.param == "unix" else None
    with clamd(path) as running:
        yield running


@pytest.fixture(scope="module")
def standing() -> Iterator[Daemon]:
    with clamd() as running:
        yield running


def of(daemon: Daemon, limits: TimeLimits | None = None) -> Scanner:
    return scanner_at(daemon.url, limits=limits)


def pieces(content: bytes, size: int = 1000) -> Iterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


def test_what_holds_nothing_is_clean_and_was_seen_whole(daemon: Daemon) -> None:
    content = bytes(range(256)) * 4000

    assert of(daemon).scan(pieces(content)) == CLEAN
    assert daemon.streams == [hashlib.sha256(content).hexdigest()]


def test_what_is_found_is_named(daemon: Daemon) -> None:
    assert of(daemon).scan([b"before ", EICAR, b" after"]) == INFECTED


def test_an_empty_file_is_clean(daemon: Daemon) -> None:
    assert of(daemon).scan([]) == CLEAN
    assert len(daemon.streams) == 1


@settings(max_examples=examples(60))
@given(
    before=st.binary(max_size=200),
    after=st.binary(max_size=200),
    cuts=st.lists(st.integers(0, 400), max_size=8),
)
def test_it_is_found_wherever_pieces_are_cut_and_empty_ones_end_nothing(
    standing: Daemon, before: bytes, after: bytes, cuts: list[int]
) -> None:
    content = before + EICAR + after
    ends = [0, *sorted(cuts), len(content)]
    cut = [content[start:end] for start, end in pairwise(ends)]

    assert of(standing).scan(cut) == INFECTED
    assert standing.streams.pop() == hashlib.sha256(content).hexdigest()


def test_what_is_longer_than_it_takes_is_not_scanned(daemon: Daemon) -> None:
    daemon.size_limit = 50_000

    for _ in range(20):  # it hangs up while more is on the way: what it said before is heard
        assert of(daemon).scan(pieces(bytes(4_000_000), 100_000)) == TOO_LARGE
    assert of(daemon).scan([bytes(50_000)]) == CLEAN


def test_it_says_what_it_is(daemon: Daemon) -> None:
    assert of(daemon).version() == VERSION
    assert daemon.commands == ["zPING", "zVERSION"]


def test_a_slow_answer_is_waited_for(daemon: Daemon) -> None:
    daemon.waits_seconds, daemon.drips = 0.3, True

    assert of(daemon).scan([EICAR]) == INFECTED


@pytest.mark.parametrize("drips", [False, True])
def test_too_slow_an_answer_is_none(daemon: Daemon, drips: bool) -> None:
    daemon.waits_seconds, daemon.drips = (0.0, True) if drips else (2.0, False)
    daemon.says = b"stream: " + b"x" * 400 + b" FOUND\0" if drips else None
    began = time.monotonic()

    with pytest.raises(ScannerAway):
        of(daemon, SOON).scan([b"anything"])
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("dies_after", [1, 500_000])
def test_one_that_dies_in_the_middle_says_nothing(daemon: Daemon, dies_after: int) -> None:
    daemon.dies_after = dies_after

    with pytest.raises(ScannerAway):
        of(daemon, SOON).scan(pieces(bytes(3_000_000), 100_000))


def test_clean_before_all_was_seen_is_not_clean(daemon: Daemon) -> None:
    daemon.says, daemon.says_after = b"stream: OK\0", 100_000

    def slowly() -> Iterator[bytes]:
        for piece in pieces(bytes(1_000_000), 100_000):
            yield piece
            time.sleep(0.05)

    with pytest.raises(ScannerAway):
        of(daemon).scan(slowly())


@pytest.mark.parametrize(
    "answer",
    [
        *(b"", b"\0", b"OK\0", b"stream: OK", b"stream: ok\0", b"stream:  OK\0", b"PONG\0"),
        *(b"stream: FOUND\0", b"stream:  FOUND\0", b"stream: \x07\x1b FOUND\0", b"\xff\xfe\0"),
        *(b"stream: Can't allocate memory ERROR\0", b"COMMAND READ TIMED OUT\0"),
        *(b"stream: OK FOUND OK\0", b"HTTP/1.1 200 OK\r\n\r\n\0", b"x" * 10_000, b"OK\n" * 5_000),
    ],
)
def test_what_is_no_verdict_is_none(standing: Daemon, answer: bytes) -> None:
    standing.says = answer
    try:
        with pytest.raises(ScannerAway):
            of(standing, SOON).scan([b"anything"])
    finally:
        standing.says = None


@given(st.text())
def test_only_one_answer_means_clean(answer: str) -> None:
    try:
        found = verdict_in(answer)
    except ScannerAway:
        return
    assert (found == CLEAN) == (answer == "stream: OK")


def test_what_it_did_not_look_into_is_not_scanned() -> None:
    assert verdict_in("stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND") == TOO_LARGE


def test_a_name_changes_nothing_round_it() -> None:
    found = verdict_in("stream: Win.Evil\x1b[2J\n\u202e" + "y" * 300 + " FOUND")

    assert found.found.isascii()
    assert found.found.isprintable()
    assert len(found.found) == 100


def test_none_that_listens_is_away(tmp_path: Path) -> None:
    for url in (nobody_listens(), f"clamd+unix://{tmp_path}/none", f"clamd+unix:///{'x' * 200}"):
        with pytest.raises(ScannerAway):
            scanner_at(url).version()
        with pytest.raises(ScannerAway):
            scanner_at(url).scan([b"anything"])


def test_one_that_takes_nobody_in_is_away() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        url = f"clamd://127.0.0.1:{deaf.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(ScannerAway):
            scanner_at(url, limits=SOON).version()
        with pytest.raises(ScannerAway):
            scanner_at(url, limits=SOON).scan(pieces(bytes(50_000_000), 1_000_000))
    assert time.monotonic() - began < 8


@pytest.mark.parametrize("said", [b"nonsense\0", b"\0", b"UNKNOWN COMMAND ERROR\0"])
def test_one_that_does_not_say_what_it_is_is_away(daemon: Daemon, said: bytes) -> None:
    daemon.pong = said
    with pytest.raises(ScannerAway):
        of(daemon).version()
    daemon.pong = b"PONG\0"
    if said != b"nonsense\0":
        daemon.version = said
        with pytest.raises(ScannerAway):
            of(daemon).version()


def test_what_the_file_raises_is_raised(daemon: Daemon) -> None:
    def broken() -> Iterator[bytes]:
        yield b"some"
        raise KeyError("not ours")

    with pytest.raises(KeyError):
        of(daemon).scan(broken())


def test_memory_stays_bounded_however_long_the_file(daemon: Daemon) -> None:
    piece = bytes(256 * 1024)
    tracemalloc.start()
    try:
        assert of(daemon).scan(piece for _ in range(200)) == CLEAN
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * len(piece)  # the server's own buffers, in this process, included


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("clamd://scanner:3311", ClamdAddress(host="scanner", port=3311)),
        ("clamd://127.0.0.1", ClamdAddress(host="127.0.0.1", port=3310)),
        ("clamd://[::1]:3310/", ClamdAddress(host="::1", port=3310)),
        ("clamd+unix:///run/clamav/clamd.ctl", ClamdAddress(path="/run/clamav/clamd.ctl")),
    ],
)
def test_addresses(url: str, address: ClamdAddress) -> None:
    assert address_of(url) == address


@pytest.mark.parametrize(
    "url",
    [
        *("clamd:", "clamd://", "clamd:///path", "clamd://host:port", "clamd://host:99999"),
        *("http://host:3310", "clamd+unix://host/path", "clamd+unix:path", "host:3310"),
        *("clamd://u:p@host:3310", "clamd://host/path", "clamd://host?x=1", "clamd://[::1"),
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ScannerUnknown):
        address_of(url)
