"""The port that every key store fills, and its errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from simplr_core.crypto import Key
from simplr_core.errors import Conflict, Unavailable


class KeyStoreUnusable(Unavailable):
    """The key store has a key but cannot give it. `simplr doctor` says how to mend it."""

    code = "key-store-unusable"


class KeyStoreTaken(Conflict):
    """The key store already keeps a key. A key is never overwritten."""

    code = "key-store-taken"


@dataclass(frozen=True)
class Problem:
    """Something about a key store that should be mended."""

    what: str
    mend: str
    """What to do about it: a sentence or a command."""


class KeyStore(Protocol):
    """Keeps one key for as long as the installation lives."""

    def open(self) -> Key | None:
        """The key, None if none was created yet; KeyStoreUnusable if it is there but locked."""

    def create(self, key: Key) -> None:
        """Keep `key`, durably and completely or not at all; KeyStoreTaken if one is kept."""

    def describe(self) -> str:
        """A line for people: what kind of store it is and where. Never a secret."""

    def doctor(self) -> list[Problem]:
        """What is wrong with the store; empty if nothing is. Does not open the key."""
