"""The Merkle ledger over the events, and its signed checkpoints."""
