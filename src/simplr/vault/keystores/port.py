"""The port that every key store fills, and its errors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from simplr_core.crypto import Key
from simplr_core.errors import Conflict, Unavailable


class KeyStoreUnusable(Unavailable):
    """The key store has a key but cannot give it. `simplr doctor` says how to mend it."""

    code = "key-store-unusable"


class KeyStoreTaken(Conflict):
    """The key store already keeps a key. A key is never overwritten."""

    code = "key-store-taken"


STAGED = ".next-"
"""Between the name of the kept key and the public name of its successor."""


@dataclass(frozen=True)
class Problem:
    """Something about a key store that should be mended."""

    what: str
    mend: str
    """What to do about it: a sentence or a command."""


class KeyStore(Protocol):
    """Keeps one key for as long as the installation lives, and its successor while keys rotate."""

    def open(self) -> Key | None:
        """The key, None if none was created yet; KeyStoreUnusable if it is there but locked."""

    def create(self, key: Key) -> None:
        """Keep `key`, durably and completely or not at all; KeyStoreTaken if one is kept."""

    def staged_id(self) -> str | None:
        """The public name of the key that is to follow the kept one; None if none is to."""

    def stage(self, key: Key) -> None:
        """Keep `key` beside the kept one, as the one to follow; KeyStoreTaken if another is."""

    def open_staged(self) -> Key | None:
        """The key that is to follow, None if none is; KeyStoreUnusable if it is locked."""

    def promote(self, key_id: str) -> None:
        """Let the staged key of that name be the only one: the one before is gone afterwards.

        Harmless when that was done already.
        """

    def files(self) -> list[Path]:
        """Every file and folder that the store consists of, for whoever must own them."""

    def forget(self) -> None:
        """Remove the kept key, which rests somewhere else by now."""

    def describe(self) -> str:
        """A line for people: what kind of store it is and where. Never a secret."""

    def doctor(self) -> list[Problem]:
        """What is wrong with the store; empty if nothing is. Does not open the key."""
