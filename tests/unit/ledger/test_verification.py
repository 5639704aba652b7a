"""Whatever is done to a log is found, and the first bad entry is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simplr_core.crypto import Key, SigningKey
from simplr_core.ledger import (
    MerkleTree,
    Reason,
    canonical_entry,
    leaf_hash,
    sign_checkpoint,
    verify_log,
)

MakeLog = Callable[..., Any]
Tamper = Callable[[list[bytes]], None]
KEY = SigningKey(Key.generate())
SIZES = (10, 10, 40, 64, 100)


def entry(seq: int, word: str) -> bytes:
    return canonical_entry({"seq": seq, "code": f"access:resource:{word}", "actor": f"p{seq % 7}"})


@pytest.fixture
def log(make_log: MakeLog) -> Any:
    return make_log(100, SIZES, KEY)


def test_an_untouched_log_is_proven(log: Any, make_log: MakeLog) -> None:
    public = KEY.verifying_key
    assert verify_log(log.entries, log.checkpoints, public) is None
    assert verify_log(log.entries, log.checkpoints, public, leaves=log.leaves) is None
    assert verify_log(log.entries, log.checkpoints, public, outside=log.checkpoints) is None
    assert verify_log([], [], public) is None
    nothing = make_log(0, [0, 0], KEY)
    assert verify_log([], nothing.checkpoints, public, leaves=[]) is None


def test_entries_that_are_not_sealed_yet_are_no_finding(log: Any) -> None:
    more = [*log.entries, entry(100, "seen")]
    leaves = [*log.leaves, leaf_hash(more[-1])]
    assert verify_log(more, log.checkpoints, KEY.verifying_key, leaves=leaves) is None
    assert verify_log(more, log.checkpoints, KEY.verifying_key) is None


def edit(at: int) -> Tamper:
    return lambda entries: entries.__setitem__(at, entry(at, "forged"))


def delete(at: int) -> Tamper:
    return lambda entries: entries.__delitem__(at)


def insert(at: int) -> Tamper:
    return lambda entries: entries.insert(at, entry(at, "forged"))


def swap(at: int) -> Tamper:
    return lambda entries: entries.__setitem__(slice(at, at + 2), [entries[at + 1], entries[at]])


PLACES = (0, 1, 9, 10, 11, 39, 40, 63, 70, 98)
TAMPERS = [
    (name, make, at, reason)
    for name, make, reason in (
        ("edit", edit, Reason.CHANGED),
        ("delete", delete, Reason.MISSING),
        ("insert", insert, Reason.INSERTED),
        ("swap", swap, Reason.REORDERED),
    )
    for at in PLACES
]


@pytest.mark.parametrize(("name", "make", "at", "reason"), TAMPERS)
def test_the_first_bad_entry_is_named(
    log: Any, name: str, make: Callable[[int], Tamper], at: int, reason: Reason
) -> None:
    leaves = log.leaves
    make(at)(log.entries)
    found = verify_log(log.entries, log.checkpoints, KEY.verifying_key, leaves=leaves)
    assert found is not None
    assert (found.first_bad_seq, found.reason, found.is_certain) == (at, reason, True)
    assert found.proven_size == max([size for size in (0, *SIZES) if size <= at])
    assert str(at) in found.sentence


@pytest.mark.parametrize(("name", "make", "at", "reason"), TAMPERS)
def test_without_remembered_hashes_the_range_is_named(
    log: Any, name: str, make: Callable[[int], Tamper], at: int, reason: Reason
) -> None:
    make(at)(log.entries)
    found = verify_log(log.entries, log.checkpoints, KEY.verifying_key)
    assert found is not None
    assert not found.is_certain
    assert found.proven_size <= found.first_bad_seq <= at + 1
    assert "proven only" in found.sentence


@pytest.mark.parametrize("kept", [0, 5, 10, 99])
def test_a_cut_tail_is_found_if_a_checkpoint_knows_of_it(log: Any, kept: int) -> None:
    leaves = log.leaves
    for remembered in (None, leaves, leaves[:kept]):
        found = verify_log(
            log.entries[:kept], log.checkpoints, KEY.verifying_key, leaves=remembered
        )
        assert found is not None
        assert (found.first_bad_seq, found.reason) == (kept, Reason.CUT)
        assert found.is_certain == (remembered is leaves)


def test_a_tail_cut_with_its_checkpoints_is_found_from_outside(log: Any) -> None:
    entries, checkpoints = log.entries[:40], log.checkpoints[:3]
    public = KEY.verifying_key
    assert verify_log(entries, checkpoints, public) is None, "nothing inside tells of it"
    found = verify_log(entries, checkpoints, public, outside=[log.checkpoints[-1]])
    assert found is not None
    assert (found.first_bad_seq, found.reason) == (40, Reason.CUT)


def test_a_rewritten_log_is_found_from_outside(log: Any, make_log: MakeLog) -> None:
    """Even who holds the signing key cannot rewrite what somebody keeps a checkpoint of."""
    rewritten = make_log(100, (), KEY)
    rewritten.entries[30] = entry(30, "forged")
    root = MerkleTree(rewritten.leaves).root()
    head = replace(log.checkpoints[0].checkpoint, size=100, root=root)
    chain = [sign_checkpoint(head, key=KEY)]
    public = KEY.verifying_key
    assert verify_log(rewritten.entries, chain, public, leaves=rewritten.leaves) is None
    found = verify_log(rewritten.entries, chain, public, outside=[log.checkpoints[2]])
    assert found is not None
    assert found.reason == Reason.CHANGED
    assert found.first_bad_seq <= 30 < 40


def test_remembered_hashes_that_were_forged_too_hide_nothing(log: Any) -> None:
    log.entries[30] = entry(30, "forged")
    found = verify_log(log.entries, log.checkpoints, KEY.verifying_key, leaves=log.leaves)
    assert found is not None
    assert not found.is_certain
    assert (found.first_bad_seq, found.proven_size) == (10, 10)


def test_wrong_remembered_hashes_do_not_accuse_a_right_log(log: Any) -> None:
    for leaves in ([bytes(32)] * 100, log.leaves[1:], log.leaves[50:] * 2, []):
        found = verify_log(log.entries, log.checkpoints, KEY.verifying_key, leaves=leaves)
        assert found is None


def test_the_tail_that_is_not_sealed_is_held_against_what_is_remembered(log: Any) -> None:
    public, sealed = KEY.verifying_key, log.checkpoints[:3]
    leaves = log.leaves
    assert verify_log(log.entries, sealed, public, leaves=leaves) is None
    found = verify_log(log.entries[:50], sealed, public, leaves=leaves)
    assert found is not None
    assert (found.first_bad_seq, found.reason) == (50, Reason.CUT)
    del log.entries[60]
    for remembered in (None, leaves):
        found = verify_log(log.entries, sealed, public, leaves=remembered)
        assert found is not None
        assert (found.first_bad_seq, found.reason) == (60, Reason.MISSING)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda log: log.checkpoints.pop(0), "does not follow"),
        (lambda log: log.checkpoints.pop(2), "does not follow"),
        (lambda log: log.checkpoints.reverse(), "does not follow"),
        (
            lambda log: log.checkpoints.__setitem__(
                1, replace(log.checkpoints[1], signature=bytes(64))
            ),
            "not signed",
        ),
        (
            lambda log: log.checkpoints.__setitem__(
                4, sign_checkpoint(log.checkpoints[4].checkpoint, key=SigningKey(Key.generate()))
            ),
            "not signed",
        ),
        (
            lambda log: log.checkpoints.append(
                sign_checkpoint(
                    replace(log.checkpoints[1].checkpoint, previous=log.checkpoints[4].digest),
                    key=KEY,
                )
            ),
            "goes back",
        ),
        (
            lambda log: log.checkpoints.append(
                sign_checkpoint(
                    replace(
                        log.checkpoints[4].checkpoint,
                        previous=log.checkpoints[4].digest,
                        origin="simplr/other",
                    ),
                    key=KEY,
                )
            ),
            "goes back",
        ),
    ],
)
def test_a_harmed_list_of_checkpoints_is_found(
    log: Any, harm: Callable[[Any], object], words: str
) -> None:
    harm(log)
    found = verify_log(log.entries, log.checkpoints, KEY.verifying_key)
    assert found is not None
    assert found.reason == Reason.CHECKPOINT
    assert words in found.sentence


def test_a_false_checkpoint_from_outside_is_found(log: Any, make_log: MakeLog) -> None:
    stranger = make_log(100, [100])
    head = replace(log.checkpoints[4].checkpoint, origin="simplr/other")
    for outside, words in (
        (stranger.checkpoints, "not signed here"),
        ([sign_checkpoint(head, key=KEY)], "another log"),
    ):
        found = verify_log(log.entries, log.checkpoints, KEY.verifying_key, outside=outside)
        assert found is not None
        assert words in found.sentence


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    size=st.integers(1, 40),
    covered=st.lists(st.integers(0, 40), min_size=1, max_size=4),
    data=st.data(),
)
def test_any_change_before_the_last_checkpoint_is_found_at_its_place(
    make_log: MakeLog, size: int, covered: list[int], data: st.DataObject
) -> None:
    sizes = sorted(min(size, one) for one in covered)
    sizes.append(size)
    log = make_log(size, sizes, KEY)
    leaves, before = log.leaves, list(log.entries)
    at = data.draw(st.integers(0, size - 1))
    tampers = [edit, delete, insert] + ([swap] if at + 1 < size else [])
    data.draw(st.sampled_from(tampers))(at)(log.entries)
    assert log.entries != before
    found = verify_log(log.entries, log.checkpoints, KEY.verifying_key, leaves=leaves)
    assert found is not None
    assert (found.first_bad_seq, found.is_certain) == (at, True)
