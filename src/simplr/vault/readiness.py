"""Whether a caller may be sent here: asked often and by anybody, so it is cheap and never waits long."""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID

import psycopg
from django.db import connections

from simplr.base.errors import DatabaseAway
from simplr.vault import services
from simplr.vault.objects import LocalFolder, ObjectMissing
from simplr_core.errors import SimplrError, Unavailable

KEPT_SECONDS = 1.0
"""Strangers may ask as often as they like: what they ask is looked at once a second a process."""
CONNECT_SECONDS = 2
_NO_OBJECT = UUID(int=0)


class ObjectsAway(Unavailable):
    """The place where objects are kept does not answer."""

    code = "objects-away"


class _Looked:
    """What was found at the last look, for everybody who asks until the next one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at = float("-inf")
        self._found: type[SimplrError] | None = None

    def check(self) -> None:
        with self._lock:
            if time.monotonic() - self._at > KEPT_SECONDS:
                self._found = _look()
                self._at = time.monotonic()
            found = self._found
        if found is not None:
            raise found

    def forget(self) -> None:
        self._at = float("-inf")


looked = _Looked()


def check_ready() -> None:
    """Return quietly if requests can be served: root key, three databases and objects at hand.

    Raises Sealed, NoKeyAgent, DatabaseAway or ObjectsAway.
    """
    looked.check()


def _look() -> type[SimplrError] | None:
    try:
        services.check_open()
        for alias in connections:
            _check_database(alias)
        _check_objects()
    except SimplrError as error:
        return type(error)
    return None


def _check_database(alias: str) -> None:
    """A connection of its own: one that is open already would wait for a server that hangs."""
    parameters = connections[alias].get_connection_params()
    wanted = {name: parameters.get(name) for name in ("dbname", "user", "password", "host", "port")}
    try:
        with psycopg.connect(
            **{name: value for name, value in wanted.items() if value},
            connect_timeout=CONNECT_SECONDS,
        ) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error as error:
        raise DatabaseAway from error


def _check_objects() -> None:
    try:
        store = services.store()
        if isinstance(store, LocalFolder) and not os.access(
            store.root, os.R_OK | os.W_OK | os.X_OK
        ):
            raise ObjectsAway
        os.close(store.open(_NO_OBJECT))
    except ObjectMissing:
        return
    except ObjectsAway:
        raise
    except Exception as error:
        raise ObjectsAway from error
