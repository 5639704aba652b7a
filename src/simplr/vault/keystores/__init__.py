"""Where the root key rests between starts: one small port, `KeyStore`, and what fills it.

A key store keeps exactly one key. It is asked once, when the key agent starts; if it cannot give
the key, the installation starts sealed and waits for somebody to unseal it. Nothing here is
Django, and no secret is ever put on a command line or into an environment.
"""

from __future__ import annotations

from pathlib import Path

from simplr.vault.keystores.file import FileKeyStore
from simplr.vault.keystores.gpg import GpgKeyStore
from simplr.vault.keystores.port import KeyStore, KeyStoreTaken, KeyStoreUnusable, Problem
from simplr.vault.keystores.written import RootKeyUnreadable, read_root_key, write_root_key
from simplr_core.errors import Invalid

__all__ = [
    "FileKeyStore",
    "GpgKeyStore",
    "KeyStore",
    "KeyStoreTaken",
    "KeyStoreUnusable",
    "Problem",
    "RootKeyUnreadable",
    "key_store_at",
    "read_root_key",
    "write_root_key",
]


def key_store_at(place: str) -> KeyStore:
    """The key store that `file:PATH` or `gpg:FOLDER` names; Invalid for anything else."""
    kind, _, path = place.partition(":")
    if path and kind == "file":
        return FileKeyStore(Path(path))
    if path and kind == "gpg":
        return GpgKeyStore(Path(path))
    raise Invalid("A key store is written file:PATH or gpg:FOLDER.")
