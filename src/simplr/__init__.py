"""The server: remembers, permits, shows. Everything that can be a pure value lives in the core."""
