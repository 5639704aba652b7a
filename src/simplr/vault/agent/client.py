"""Talking to the key agent from any thread of any process."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
from pathlib import Path

from simplr.vault.agent.messages import (
    ERRORS,
    OK,
    AgentStatus,
    BadRequest,
    NoKeyAgent,
    receive,
    send,
)
from simplr_core.crypto import Key


class AgentClient:
    """The key agent behind the socket at `path`. Safe to share between threads, and over a fork.

    Raises NoKeyAgent while the agent cannot be reached and AgentSealed while it is sealed; when
    it comes back, calls work again. Nothing is connected before the first call.
    """

    def __init__(self, path: Path | str, *, timeout_seconds: float = 10) -> None:
        self._path = str(path)
        self._timeout = timeout_seconds
        self._lock = threading.Lock()
        self._idle: list[socket.socket] = []
        self._process = os.getpid()

    def status(self) -> AgentStatus:
        """Whether it is sealed and why."""
        return AgentStatus(**json.loads(self._ask(b"status")[0]))

    def is_sealed(self) -> bool:
        return self.status().sealed

    def unseal(self, written_key: str) -> None:
        """Give the root key, as written down. WrongRootKey and TooManyTries say no more."""
        self._ask(b"unseal", written_key.encode())

    def seal(self) -> None:
        """Make the agent forget the root key, until it is unsealed or started again."""
        self._ask(b"seal")

    def wrap(self, key: Key, *, aad: bytes) -> bytes:
        """`key` wrapped under the root key."""
        return self._ask(b"wrap", key.reveal(), aad)[0]

    def unwrap(self, wrapped: bytes, *, aad: bytes) -> Key:
        """The key that was wrapped under the root key; KeyUnusable if it is not that."""
        return Key.from_bytes(self._ask(b"unwrap", wrapped, aad)[0])

    def rewrap(self, wrapped: bytes, *, aad: bytes) -> bytes:
        """A wrapped key, wrapped anew under the root key that wraps by now."""
        return self._ask(b"rewrap", wrapped, aad)[0]

    def stage(self) -> str:
        """Let the agent make the root key that is to follow, and wrap under it; returns its id."""
        return self._ask(b"stage")[0].decode()

    def promote(self, key_id: str) -> None:
        """Let the staged key be the only one. Nothing may be wrapped under the old one any more."""
        self._ask(b"promote", key_id.encode())

    def derive_signing_seed(self, label: str) -> Key:
        """The seed of a signing key that the root key has for one purpose; always the same one."""
        return Key.from_bytes(self._ask(b"derive-signing-key", label.encode())[0])

    def close(self) -> None:
        """Close idle connections. The client may be used again."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def __repr__(self) -> str:
        return f"<AgentClient {self._path}>"

    def _ask(self, *request: bytes) -> list[bytes]:
        connection = self._kept()
        if connection is not None:
            # The agent may have been restarted since; every operation may safely be repeated.
            with contextlib.suppress(OSError):
                return self._talk(connection, request)
            self.close()
        connection = self._connect()
        try:
            return self._talk(connection, request)
        except OSError as error:
            raise NoKeyAgent(f"The key agent stopped answering: {error}.") from None

    def _talk(self, connection: socket.socket, request: tuple[bytes, ...]) -> list[bytes]:
        try:
            send(connection, request)
            answer = receive(connection)
            if not answer:
                raise ConnectionResetError("it closed the connection")
        except BaseException:
            connection.close()
            raise
        self._keep(connection)
        if answer[0] == OK:
            return answer[1:]
        code, sentence = (field.decode() for field in answer)
        raise ERRORS.get(code, BadRequest)(sentence)

    def _connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(self._timeout)
        try:
            connection.connect(self._path)
        except OSError as error:
            connection.close()
            raise NoKeyAgent(f"The key agent cannot be reached: {error.strerror or error}.") from (
                None
            )
        return connection

    def _kept(self) -> socket.socket | None:
        with self._lock:
            if self._process != os.getpid():
                self._idle, self._process = [], os.getpid()  # the parent goes on using its own
            return self._idle.pop() if self._idle else None

    def _keep(self, connection: socket.socket) -> None:
        with self._lock:
            if self._process == os.getpid() and len(self._idle) < 8:
                self._idle.append(connection)
                return
        connection.close()
