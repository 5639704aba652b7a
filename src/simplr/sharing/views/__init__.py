"""Pages of sharing: rows, profiles and quarantine; releases; grants; what was received."""
