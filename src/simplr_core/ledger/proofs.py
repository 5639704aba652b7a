"""Proofs of inclusion and consistency: RFC 6962 section 2.1, checked as in RFC 9162 section 2.1.

Making a proof asks for finished subtrees only, by level and index; they may lie in a list or in a
table. Checking a proof needs nothing but the proof and the roots.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from simplr_core.errors import Invalid

FinishedNode = Callable[[int, int], bytes]


def root_of(size: int, node: FinishedNode) -> bytes:
    """The root over the first `size` leaves."""
    return _over(0, size, node) if size else hashlib.sha256().digest()


def inclusion_proof(index: int, size: int, node: FinishedNode) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves."""
    if not 0 <= index < size:
        raise Invalid(f"A tree of {size} leaves has no leaf {index}.")
    path, start, end = list[bytes](), 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_over(middle, end, node))
            end = middle
        else:
            path.append(_over(start, middle, node))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, node: FinishedNode) -> list[bytes]:
    """That the tree of `new` leaves begins with the tree of `old`; empty for 0 and for equals."""
    if not 0 <= old <= new:
        raise Invalid(f"A tree of {new} leaves does not begin with one of {old}.")
    if old in (0, new):
        return []
    proof, start, end, whole = list[bytes](), 0, new, True
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_over(middle, end, node))
            end = middle
        else:
            proof.append(_over(start, middle, node))
            start, whole = middle, False
    if not whole:
        proof.append(_over(start, end, node))
    return proof[::-1]


def verify_inclusion(
    *, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether `proof` shows that the leaf hash `leaf` is at `index` of the tree with `root`."""
    if not 0 <= index < size:
        return False
    position, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            found = _node_hash(step, found)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            found = _node_hash(found, step)
        position, last = position >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(
    *, old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether `proof` shows that the tree with `new_root` begins with the one of `old_root`."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == hashlib.sha256().digest()
    if not proof:
        return False
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_found = new_found = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old_found, new_found = _node_hash(step, old_found), _node_hash(step, new_found)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new_found = _node_hash(new_found, step)
        position, last = position >> 1, last >> 1
    return last == 0 and old_found == old_root and new_found == new_root


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _over(start: int, end: int, node: FinishedNode) -> bytes:
    """The hash over the leaves from `start` to `end`, where `start` is a border of that size."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(size)
    return _node_hash(_over(start, middle, node), _over(middle, end, node))


def _node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
