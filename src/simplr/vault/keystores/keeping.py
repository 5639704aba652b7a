"""What officers do with a key store: keep a copy of the key, or let it rest somewhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from simplr.vault.keystores.durable import create_file
from simplr.vault.keystores.file import read_key_file
from simplr.vault.keystores.port import KeyStore, KeyStoreUnusable
from simplr.vault.keystores.written import write_root_key
from simplr_core.crypto import Key
from simplr_core.errors import Conflict, Invalid


class RotationUnfinished(Conflict):
    """A rotation of the root key was cut off. Finish it first: `simplr keys rotate-root`."""

    code = "rotation-unfinished"


def write_copy(store: KeyStore, path: Path) -> str:
    """Write the root key into a new file for its owner alone; returns the key's public name.

    Raises KeyStoreUnusable, RotationUnfinished, Conflict for a file that exists or Invalid for a
    place that cannot be written.
    """
    key = _opened(store)
    try:
        create_file(path, (write_root_key(key) + "\n").encode())
    except FileExistsError:
        raise Conflict(f"{path} exists already: name a new file.") from None
    except OSError as error:
        raise Invalid(f"{path} cannot be written: {error.strerror}.") from None
    return key.id


def take_copy(path: Path, store: KeyStore) -> str:
    """Keep the root key of a copy in an empty store; returns the key's public name.

    Raises KeyStoreUnusable for a file that holds none, KeyStoreTaken.
    """
    key = read_key_file(path)
    if key is None:
        raise KeyStoreUnusable(f"There is no file {path}.")
    store.create(key)
    return key.id


def move(store: KeyStore, target: KeyStore, *, own: Callable[[Path], None]) -> str:
    """Keep the key in `target`, and in `store` no longer once it was seen to open there.

    `own` gives a file to the account of the services. Returns the key's public name; the caller
    remembers the new place before `store.forget()`.
    """
    key = _opened(store)
    target.create(key)
    for path in target.files():
        own(path)
    if target.open() != key:
        raise KeyStoreUnusable(
            f"{target.describe()} does not give the key back. Nothing was moved."
        )
    return key.id


def _opened(store: KeyStore) -> Key:
    key = store.open()
    if key is None:
        raise KeyStoreUnusable(f"There is no key in {store.describe()}.")
    if store.staged_id() is not None:
        raise RotationUnfinished
    return key
