"""The tree is that of RFC 6962, and its proofs convince exactly when they should."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.errors import Invalid
from simplr_core.ledger import (
    EMPTY_ROOT,
    CompactRange,
    MerkleTree,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "ledger"
LEAVES = [leaf_hash(bytes([number])) for number in range(70)]
TREE = MerkleTree(LEAVES)


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH, word for word as in RFC 6962 section 2.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(tree_hash(leaves[:split]), tree_hash(leaves[split:]))


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH, word for word as in RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*path(index, leaves[:split]), tree_hash(leaves[split:])]
    return [*path(index - split, leaves[split:]), tree_hash(leaves[:split])]


def subproof(old: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF, word for word as in RFC 6962 section 2.1.2."""
    if old == len(leaves):
        return [] if whole else [tree_hash(leaves)]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if old <= split:
        return [*subproof(old, leaves[:split], whole), tree_hash(leaves[split:])]
    return [*subproof(old - split, leaves[split:], False), tree_hash(leaves[:split])]


def test_the_published_roots_come_out() -> None:
    vector = json.loads((VECTORS / "rfc6962.json").read_text())
    tree = MerkleTree()
    for size, root in enumerate(vector["roots"]):
        assert tree.root().hex() == root
        if size < len(vector["leaves"]):
            assert tree.append(leaf_hash(bytes.fromhex(vector["leaves"][size]))) == size
    assert EMPTY_ROOT.hex() == vector["roots"][0]


def test_roots_and_proofs_are_those_of_the_rfc_at_every_size() -> None:
    for size in range(len(LEAVES) + 1):
        assert TREE.root(size) == tree_hash(LEAVES[:size])
        for index in range(size):
            assert TREE.inclusion_proof(index, size) == path(index, LEAVES[:size])
        for old in range(1, size + 1):
            assert TREE.consistency_proof(old, size) == subproof(old, LEAVES[:size], True)
        assert TREE.consistency_proof(0, size) == []


def test_every_proof_convinces() -> None:
    for size in range(1, len(LEAVES) + 1):
        root = TREE.root(size)
        for index in range(size):
            proof = TREE.inclusion_proof(index, size)
            assert len(proof) <= (size - 1).bit_length()
            assert verify_inclusion(
                leaf=LEAVES[index], index=index, size=size, proof=proof, root=root
            )
        for old in range(size + 1):
            proof = TREE.consistency_proof(old, size)
            assert verify_consistency(
                old=old, new=size, old_root=TREE.root(old), new_root=root, proof=proof
            )


sizes = st.integers(1, len(LEAVES))


@given(size=sizes, data=st.data())
def test_a_false_inclusion_never_convinces(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, root, leaf = TREE.inclusion_proof(index, size), TREE.root(size), LEAVES[index]

    def convinces(**changed: object) -> bool:
        known: dict[str, object] = {
            "leaf": leaf,
            "index": index,
            "size": size,
            "proof": proof,
            "root": root,
        }
        return verify_inclusion(**{**known, **changed})  # type: ignore[arg-type]

    assert convinces()
    other = data.draw(st.integers(-2, size + 2).filter(lambda number: number != index))
    assert not convinces(index=other)
    assert not convinces(leaf=leaf_hash(b"other"))
    assert not convinces(root=bytes(32))
    assert not convinces(proof=[*proof, bytes(32)])
    assert not convinces(proof=[bytes(32), *proof])
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        assert not convinces(proof=proof[:at] + proof[at + 1 :])
        assert not convinces(proof=[*proof[:at], bytes(32), *proof[at + 1 :]])


@given(new=sizes, data=st.data())
def test_a_false_consistency_never_convinces(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    proof = TREE.consistency_proof(old, new)

    def convinces(**changed: object) -> bool:
        known: dict[str, object] = {
            "old": old,
            "new": new,
            "old_root": TREE.root(old),
            "new_root": TREE.root(new),
            "proof": proof,
        }
        return verify_consistency(**{**known, **changed})  # type: ignore[arg-type]

    assert convinces()
    assert not convinces(old_root=bytes(32))
    assert not convinces(new_root=bytes(32))
    assert not convinces(proof=[*proof, bytes(32)])
    assert not convinces(old=new + 1)
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        assert not convinces(proof=[*proof[:at], bytes(32), *proof[at + 1 :]])
        assert not convinces(proof=proof[:at] + proof[at + 1 :])


def test_a_forked_log_is_not_consistent() -> None:
    forked = MerkleTree([*LEAVES[:10], leaf_hash(b"other"), *LEAVES[11:40]])
    assert not verify_consistency(
        old=20,
        new=40,
        old_root=TREE.root(20),
        new_root=forked.root(),
        proof=forked.consistency_proof(20),
    )
    assert not verify_consistency(old=0, new=4, old_root=bytes(32), new_root=TREE.root(4), proof=[])


def test_the_right_edge_goes_on_where_it_stopped() -> None:
    edge, kept = CompactRange(), {}
    for size, leaf in enumerate(LEAVES, start=1):
        for node in edge.append(leaf):
            assert (node.level, node.index) not in kept
            kept[node.level, node.index] = node.hash
        edge = CompactRange(edge.size, edge.peaks)
        assert edge.root() == tree_hash(LEAVES[:size])
        assert len(edge.peaks) <= size.bit_length()
    assert all(TREE.node(*place) == found for place, found in kept.items())


def test_impossible_questions_are_invalid() -> None:
    for ask in (
        lambda: CompactRange(3, [bytes(32)]),
        lambda: CompactRange(-1),
        lambda: CompactRange(1, [b"short"]),
        lambda: CompactRange().append(b"short"),
        lambda: TREE.root(71),
        lambda: TREE.inclusion_proof(5, 5),
        lambda: TREE.inclusion_proof(-1),
        lambda: TREE.consistency_proof(6, 5),
    ):
        with pytest.raises(Invalid):
            ask()
