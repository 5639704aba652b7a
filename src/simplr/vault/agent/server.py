"""The socket of the key agent: who may connect, and what each operation answers."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

from simplr.vault.agent.hardening import lock_memory
from simplr.vault.agent.holder import RootKeyHolder
from simplr.vault.agent.messages import (
    OK,
    AgentStatus,
    BadRequest,
    receive,
    send,
    user_of,
)
from simplr_core.errors import Invalid, SimplrError

MOST_CONNECTIONS = 256
_LONGEST_PATH = 107

Tell = Callable[..., None]


def bind(path: Path) -> socket.socket:
    """A listening socket at `path`, in a folder that is for its owner alone.

    What a killed agent left there is removed; a living one is not disturbed (Invalid).
    """
    if len(os.fsencode(path)) > _LONGEST_PATH:
        raise Invalid(f"The path of a socket has at most {_LONGEST_PATH} bytes: {path}")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = path.parent.stat()
    if folder.st_mode & 0o077 or folder.st_uid != os.geteuid():
        raise Invalid(f"{path.parent} must be for its owner alone. Run: chmod 700 {path.parent}")
    if path.exists():
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise Invalid(f"{path} is in the way: it is not a socket.")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            if probe.connect_ex(str(path)) == 0:
                raise Invalid(f"Another key agent answers at {path}.")
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen(64)
    return listener


class AgentServer:
    """Answers on a listening socket until it is stopped; each connection has a thread."""

    def __init__(
        self,
        listener: socket.socket,
        holder: RootKeyHolder,
        *,
        users: Iterable[int],
        tell: Tell,
        memory_locked: bool,
    ) -> None:
        self._listener = listener
        self._holder = holder
        self._users = frozenset(users)
        self._tell = tell
        self._memory_locked = memory_locked
        self._places = threading.BoundedSemaphore(MOST_CONNECTIONS)

    def serve(self) -> None:
        """Accept connections until the listener is shut down."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            user = user_of(connection)
            if user not in self._users:
                self._tell("connection-refused", user=user)
                connection.close()
            elif not self._places.acquire(blocking=False):
                self._tell("too-many-connections")
                connection.close()
            else:
                threading.Thread(target=self._attend, args=(connection,), daemon=True).start()

    def _attend(self, connection: socket.socket) -> None:
        try:
            with connection, contextlib.suppress(OSError):
                while self._answer_one(connection):
                    pass
        finally:
            self._places.release()

    def _answer_one(self, connection: socket.socket) -> bool:
        """Answer one request; whether the connection goes on."""
        try:
            request = receive(connection)
            if request is None:
                return False
            answer = [OK, *self._perform(request)]
        except BadRequest as error:
            send(connection, [error.code.encode(), error.message.encode()])
            return False
        except SimplrError as error:
            answer = [error.code.encode(), error.message.encode()]
        send(connection, answer)
        return True

    def _perform(self, request: list[bytes]) -> list[bytes]:
        holder = self._holder
        match request:
            case [b"status"]:
                return [json.dumps(asdict(self.status())).encode()]
            case [b"unseal", candidate]:
                self._unseal(candidate)
                return []
            case [b"seal"]:
                holder.seal()
                self._tell("sealed")
                return []
            case [b"wrap", secret, aad]:
                return [holder.wrap(secret, aad=aad)]
            case [b"unwrap", wrapped, aad]:
                return [holder.unwrap(wrapped, aad=aad)]
            case [b"rewrap", wrapped, aad]:
                return [holder.rewrap(wrapped, aad=aad)]
            case [b"stage"]:
                staged = holder.stage()
                self._tell("root-key-staged", root_key_id=staged)
                return [staged.encode()]
            case [b"promote", key_id]:
                holder.promote(_text(key_id))
                self._tell("root-key-promoted", root_key_id=holder.root_key_id)
                return []
            case [b"derive-signing-key", label]:
                return [holder.signing_seed(_text(label))]
        raise BadRequest

    def _unseal(self, candidate: bytes) -> None:
        try:
            self._holder.unseal(candidate.decode(errors="replace"))
        except SimplrError as error:
            self._tell("unseal-refused", code=error.code)
            raise
        self._memory_locked = lock_memory()
        self._tell("unsealed")

    def status(self) -> AgentStatus:
        holder = self._holder
        return AgentStatus(
            sealed=holder.sealed,
            reason=holder.reason,
            root_key_id=holder.root_key_id,
            staged_key_id=holder.staged_key_id,
            key_store=holder.store_description,
            memory_locked=self._memory_locked,
            pid=os.getpid(),
        )


def _text(field: bytes) -> str:
    try:
        return field.decode()
    except UnicodeDecodeError:
        raise BadRequest from None
