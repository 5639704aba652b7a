"""Opens an export and verifies the ledger with no server at all."""
