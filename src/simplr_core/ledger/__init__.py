"""Proves what was written down: a Merkle log of entries and signed checkpoints of it.

Hashing is that of RFC 6962 (and RFC 9162), checkpoints are signed notes with Ed25519. It knows
bytes, hashes and signatures; it refuses to know what an entry means, who may read it and where it
is stored. Whoever holds one checkpoint can later prove that everything before it was changed,
cut or re-ordered, or was not; with this package, or with openssl and sha256sum alone.
"""

from simplr_core.ledger.checkpoints import (
    Checkpoint,
    SignedCheckpoint,
    read_checkpoints,
    sign_checkpoint,
    write_checkpoints,
)
from simplr_core.ledger.entries import canonical_entry, read_entry
from simplr_core.ledger.export import LedgerExport, open_export, write_export
from simplr_core.ledger.proofs import (
    consistency_proof,
    inclusion_proof,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from simplr_core.ledger.tree import (
    EMPTY_ROOT,
    CompactRange,
    MerkleTree,
    Node,
    leaf_hash,
    node_hash,
)
from simplr_core.ledger.verification import Finding, Reason, verify_log

__all__ = [
    "EMPTY_ROOT",
    "Checkpoint",
    "CompactRange",
    "Finding",
    "LedgerExport",
    "MerkleTree",
    "Node",
    "Reason",
    "SignedCheckpoint",
    "canonical_entry",
    "consistency_proof",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "open_export",
    "read_checkpoints",
    "read_entry",
    "root_of",
    "sign_checkpoint",
    "verify_consistency",
    "verify_inclusion",
    "verify_log",
    "write_checkpoints",
    "write_export",
]
