"""The Merkle tree of RFC 6962, section 2.1: appending in O(log n), whole or as its right edge."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from simplr_core.errors import Invalid
from simplr_core.ledger import proofs

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256().digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry: SHA-256 of 0x00 and its bytes."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees: SHA-256 of 0x01 and both hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Node:
    """A finished subtree: it covers 2**level leaves from index * 2**level and never changes."""

    level: int
    index: int
    hash: bytes


class CompactRange:
    """The right edge of a tree: enough to append and to know the root, in O(log n) memory."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if size < 0 or len(peaks) != size.bit_count():
            raise Invalid(f"A tree of {size} leaves has {size.bit_count()} peaks.")
        if any(len(peak) != HASH_SIZE for peak in peaks):
            raise Invalid("A peak is a hash of 32 bytes.")
        self._size = size
        self._peaks = list(peaks)

    @property
    def size(self) -> int:
        return self._size

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """The hashes of the finished subtrees, largest first: keep them with `size` to go on."""
        return tuple(self._peaks)

    def append(self, leaf: bytes) -> list[Node]:
        """Add the hash of a leaf; the subtrees that it finishes, itself first, for who keeps them."""
        if len(leaf) != HASH_SIZE:
            raise Invalid("A leaf hash has 32 bytes.")
        index, level, current = self._size, 0, leaf
        finished = [Node(0, index, leaf)]
        while index & 1:
            current = node_hash(self._peaks.pop(), current)
            index, level = index >> 1, level + 1
            finished.append(Node(level, index, current))
        self._peaks.append(current)
        self._size += 1
        return finished

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root


class MerkleTree:
    """A whole tree in memory, 64 bytes a leaf: roots and proofs for any size up to its own."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self._edge = CompactRange()
        self._levels: list[list[bytes]] = []
        for leaf in leaves:
            self.append(leaf)

    @property
    def size(self) -> int:
        return self._edge.size

    def append(self, leaf: bytes) -> int:
        """Add the hash of a leaf; its index."""
        for node in self._edge.append(leaf):
            if node.level == len(self._levels):
                self._levels.append([])
            self._levels[node.level].append(node.hash)
        return self.size - 1

    def node(self, level: int, index: int) -> bytes:
        """The hash of a finished subtree."""
        return self._levels[level][index]

    def root(self, size: int | None = None) -> bytes:
        """The root, now or when the tree had `size` leaves."""
        return proofs.root_of(self._known(size), self.node)

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """That leaf `index` is in the tree of `size` leaves."""
        return proofs.inclusion_proof(index, self._known(size), self.node)

    def consistency_proof(self, old: int, new: int | None = None) -> list[bytes]:
        """That the tree of `new` leaves begins with the tree of `old` leaves."""
        return proofs.consistency_proof(old, self._known(new), self.node)

    def _known(self, size: int | None) -> int:
        if size is None:
            return self.size
        if not 0 <= size <= self.size:
            raise Invalid(f"The tree has {self.size} leaves.")
        return size
