"""What goes over the socket: frames of fields, operations, and the errors that come back.

A frame is a 4-byte big-endian length and that many bytes: fields, each after its own 4-byte
length. The first field of a request names the operation; the first field of an answer is `ok`, or
the code of an error followed by its sentence.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from simplr.vault.keystores.gpg import GpgFailed
from simplr.vault.keystores.port import KeyStoreTaken, KeyStoreUnusable
from simplr_core.crypto import KeyUnusable
from simplr_core.errors import Invalid, Refused, SimplrError, Unavailable

LARGEST_FRAME = 64 * 1024
OK = b"ok"

_LENGTH = struct.Struct(">I")
_CREDENTIALS = struct.Struct("3i")


class NoKeyAgent(Unavailable):
    """The key agent cannot be reached. `simplr status` says whether it runs."""

    code = "no-key-agent"


class AgentSealed(Unavailable):
    """The installation is sealed. Somebody who holds the root key must unseal it."""

    code = "sealed"


class WrongRootKey(Refused):
    """This is not the root key of this installation."""

    code = "wrong-root-key"


class TooManyTries(Refused):
    """There were too many wrong root keys. Wait a minute and try again."""

    code = "too-many-tries"
    status = 429


class BadRequest(Invalid):
    """The key agent does not understand the request."""

    code = "bad-agent-request"


ERRORS: dict[str, type[SimplrError]] = {
    kind.code: kind
    for kind in (
        AgentSealed,
        WrongRootKey,
        TooManyTries,
        KeyUnusable,
        KeyStoreUnusable,
        KeyStoreTaken,
        GpgFailed,
        BadRequest,
    )
}


@dataclass(frozen=True)
class AgentStatus:
    """How the key agent stands."""

    sealed: bool
    reason: str
    """Why it is sealed, for people; empty when it is not."""
    root_key_id: str | None
    """The id of the root key that wraps, held or waited for, if it knows."""
    staged_key_id: str | None
    """The id of the key that is to follow another one; None while keys do not rotate."""
    key_store: str
    memory_locked: bool
    """Whether the system promised to keep the key out of swap."""
    pid: int


def send(connection: socket.socket, fields: Sequence[bytes]) -> None:
    body = b"".join(_LENGTH.pack(len(field)) + field for field in fields)
    connection.sendall(_LENGTH.pack(len(body)) + body)


def receive(connection: socket.socket) -> list[bytes] | None:
    """The fields of the next frame; None if the other side closed before it; BadRequest if odd."""
    start = _receive_exactly(connection, _LENGTH.size)
    if start is None:
        return None
    (length,) = _LENGTH.unpack(start)
    if length > LARGEST_FRAME:
        raise BadRequest
    body = _receive_exactly(connection, length)
    if body is None:
        raise ConnectionResetError("closed within a frame")
    fields, at = [], 0
    while at < length:
        if at + _LENGTH.size > length:
            raise BadRequest
        (size,) = _LENGTH.unpack_from(body, at)
        at += _LENGTH.size
        if at + size > length:
            raise BadRequest
        fields.append(body[at : at + size])
        at += size
    return fields


def user_of(connection: socket.socket) -> int:
    """The user id of the process at the other end, as the kernel knows it."""
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(found)[1])


def _receive_exactly(connection: socket.socket, length: int) -> bytes | None:
    """That many bytes; None if there were none at all; ConnectionResetError if too few."""
    pieces, missing = [], length
    while missing:
        piece = connection.recv(missing)
        if not piece:
            if missing == length:
                return None
            raise ConnectionResetError("closed within a frame")
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)
