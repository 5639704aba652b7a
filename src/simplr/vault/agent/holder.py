"""The root key in memory, and what may be done with it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from simplr.vault.agent.messages import AgentSealed, BadRequest, TooManyTries, WrongRootKey
from simplr.vault.keystores import KeyStore, RootKeyUnreadable, read_root_key
from simplr_core.crypto import Key, unwrap, wrap
from simplr_core.errors import Invalid, SimplrError

TRIES = 5
TRIES_WITHIN_SECONDS = 60.0

_NO_KEY_EXPECTED = "0" * 32


class RootKeyHolder:
    """Holds the root key, or waits for it. Thread-safe.

    A candidate is the root key if its id is the expected one. Wrong ones all get the same answer,
    and after five of them within a minute even the right one is refused until the minute is over.
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
        self._key: Key | None = None
        self._failures: deque[float] = deque(maxlen=TRIES)
        self.reason = "It was not opened yet."

    @property
    def root_key_id(self) -> str | None:
        return self._expected_id

    @property
    def store_description(self) -> str:
        return self._store.describe()

    @property
    def sealed(self) -> bool:
        return self._key is None

    def open(self) -> None:
        """Ask the key store, once. Stays sealed, and knows the reason, if it has not the key."""
        try:
            key = self._store.open()
        except SimplrError as error:
            self.reason = error.message
            return
        if key is None:
            self.reason = f"There is no key in {self._store.describe()}."
        elif self._expected_id is not None and not key.is_named(self._expected_id):
            self.reason = f"The key in {self._store.describe()} belongs to another installation."
        else:
            self._take(key)

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
            right = key.is_named(self._expected_id or _NO_KEY_EXPECTED)
            if not right or self._expected_id is None:
                self._failures.append(now)
                raise WrongRootKey
            self._failures.clear()
        self._take(key)

    def seal(self) -> None:
        """Forget the key."""
        self._key, self.reason = None, "It was sealed by hand."

    def wrap(self, secret: bytes, *, aad: bytes) -> bytes:
        try:
            key = Key.from_bytes(secret)
        except Invalid:
            raise BadRequest("Only a key of 32 bytes is wrapped.") from None
        return wrap(key, under=self._root(), aad=aad)

    def unwrap(self, wrapped: bytes, *, aad: bytes) -> bytes:
        return unwrap(wrapped, under=self._root(), aad=aad).reveal()

    def signing_seed(self, label: str) -> bytes:
        return self._root().derive(f"signing/{label}").reveal()

    def _take(self, key: Key) -> None:
        self._key, self._expected_id, self.reason = key, key.id, ""

    def _root(self) -> Key:
        key = self._key
        if key is None:
            raise AgentSealed
        return key
