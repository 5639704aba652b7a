"""The root key in memory, and what may be done with it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from simplr.vault.agent.messages import AgentSealed, BadRequest, TooManyTries, WrongRootKey
from simplr.vault.keystores import (
    KeyStore,
    KeyStoreUnusable,
    RootKeyUnreadable,
    read_root_key,
)
from simplr_core.crypto import Key, KeyUnusable, unwrap, wrap
from simplr_core.errors import Invalid, SimplrError

TRIES = 5
TRIES_WITHIN_SECONDS = 60.0

_NO_KEY_EXPECTED = "0" * 32


class RootKeyHolder:
    """Holds the root key, or waits for it. Thread-safe.

    A candidate is the root key if its id is the expected one. Wrong ones all get the same answer,
    and after five of them within a minute even the right one is refused until the minute is over.

    While keys rotate there are two: the staged one wraps, both unwrap, and it is sealed until it
    holds both.
    """

    def __init__(
        self,
        store: KeyStore,
        *,
        expected_id: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._expected_id = expected_id
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: dict[str, Key] = {}
        self._staged_id: str | None = None
        self._failures: deque[float] = deque(maxlen=TRIES)
        self.reason = "It was not opened yet."

    @property
    def root_key_id(self) -> str | None:
        """The id of the key that wraps, held or waited for."""
        return self._staged_id or self._expected_id

    @property
    def staged_key_id(self) -> str | None:
        """The id of the key that is to be the only one; None while none is."""
        return self._staged_id

    @property
    def store_description(self) -> str:
        return self._store.describe()

    @property
    def sealed(self) -> bool:
        return not self._keys or any(wanted not in self._keys for wanted in self._wanted())

    def open(self) -> None:
        """Ask the key store, once. Stays sealed, and knows the reason, if it has not the key."""
        try:
            self._settle()
            key = self._store.open()
            if key is None:
                self.reason = f"There is no key in {self._store.describe()}."
                return
            if self._expected_id is not None and not key.is_named(self._expected_id):
                self.reason = (
                    f"The key in {self._store.describe()} belongs to another installation."
                )
                return
            self._take(key)
            staged = self._store.open_staged()
            if staged is not None:
                self._take(staged)
        except SimplrError as error:
            self.reason = error.message

    def create(self) -> None:
        """Make the root key of a new installation, unless the key store has one."""
        if self._expected_id is not None:
            raise Invalid("A root key is expected, so none is made.")
        if self._store.open() is None:
            self._store.create(Key.generate())

    def unseal(self, candidate: str) -> None:
        """Take `candidate` if it is the root key; WrongRootKey or TooManyTries if not."""
        with self._lock:
            now = self._clock()
            if len(self._failures) == TRIES and now - self._failures[0] < TRIES_WITHIN_SECONDS:
                raise TooManyTries
            try:
                key = read_root_key(candidate)
            except RootKeyUnreadable:
                key = Key.generate()
            wanted = self._wanted() or [_NO_KEY_EXPECTED]
            # All are compared, so that the time tells nothing of which one it was.
            right = sum(key.is_named(name) for name in wanted) > 0
            if not right or self._expected_id is None:
                self._failures.append(now)
                raise WrongRootKey
            self._failures.clear()
        self._take(key)

    def seal(self) -> None:
        """Forget the key."""
        self._keys, self.reason = {}, "It was sealed by hand."

    def stage(self) -> str:
        """Make the key that is to follow, keep it durably, and wrap under it from now on.

        Returns its id; the same one again while it waits. Raises AgentSealed, or what the key
        store raises when it cannot keep another key.
        """
        with self._lock:
            self._root()
            if self._staged_id is None:
                key = Key.generate()
                self._kept(lambda: self._store.stage(key))
                self._keys = {**self._keys, key.id: key}
                self._staged_id = key.id
            return self._staged_id

    def promote(self, key_id: str) -> None:
        """Let the staged key be the only one, here and in the key store: the old one is gone.

        Only after nothing is wrapped under the old one any more. BadRequest if another key is
        named; harmless when it was done already.
        """
        with self._lock:
            key = self._root()
            if not key.is_named(key_id):
                raise BadRequest("The key of that name is not the one that is to follow.")
            self._kept(lambda: self._store.promote(key.id))
            self._keys, self._expected_id, self._staged_id = {key.id: key}, key.id, None

    def wrap(self, secret: bytes, *, aad: bytes) -> bytes:
        try:
            key = Key.from_bytes(secret)
        except Invalid:
            raise BadRequest("Only a key of 32 bytes is wrapped.") from None
        return wrap(key, under=self._root(), aad=aad)

    def unwrap(self, wrapped: bytes, *, aad: bytes) -> bytes:
        root = self._root()
        try:
            return unwrap(wrapped, under=root, aad=aad).reveal()
        except KeyUnusable:
            others = [key for key in self._keys.values() if key is not root]
            if not others:
                raise
            return unwrap(wrapped, under=others[0], aad=aad).reveal()

    def rewrap(self, wrapped: bytes, *, aad: bytes) -> bytes:
        """A wrapped key, under the key that wraps by now; what it holds leaves for nobody."""
        return self.wrap(self.unwrap(wrapped, aad=aad), aad=aad)

    def signing_seed(self, label: str) -> bytes:
        """What the first root key gave for one purpose; asked once in an installation's life."""
        self._root()
        return self._keys[self._expected_id or ""].derive(f"signing/{label}").reveal()

    def _kept(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            raise KeyStoreUnusable(
                f"{self._store.describe()} cannot be written by the account of the services:"
                f" {error.strerror}. Let it own that folder."
            ) from None

    def _settle(self) -> None:
        """Learn of a key that is to follow; finish what was cut off after all was done for it."""
        staged = self._store.staged_id()
        if staged is not None and staged == self._expected_id:
            self._store.promote(staged)
            staged = None
        self._staged_id = staged

    def _wanted(self) -> list[str]:
        return [name for name in (self._expected_id, self._staged_id) if name]

    def _take(self, key: Key) -> None:
        self._keys = {**self._keys, key.id: key}
        if self._expected_id is None:
            self._expected_id = key.id
        missing = [name for name in self._wanted() if name not in self._keys]
        self.reason = (
            "A rotation of the root key was cut off: the key before and the key after are both"
            f" needed. The one named {missing[0]} is missing."
            if missing
            else ""
        )

    def _root(self) -> Key:
        if self.sealed:
            raise AgentSealed
        return self._keys[self.root_key_id or ""]
