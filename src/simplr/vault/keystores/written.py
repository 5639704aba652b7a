"""The root key as a line of text: in the key file, inside the gpg file, and typed to unseal.

    simplr-root-key:v1:<id, 32 hex digits>:<the 32 bytes, base64url without padding>

The id lets a slip of the pen be told from another key before anything is tried.
"""

from __future__ import annotations

import base64
import binascii

from simplr_core.crypto import Key
from simplr_core.errors import Invalid

_START = "simplr-root-key:v1:"


class RootKeyUnreadable(Invalid):
    """This is not a root key as Simplr writes one. Copy the whole line again."""

    code = "root-key-unreadable"


def write_root_key(key: Key) -> str:
    """The line for `key`. It is the secret itself: print it for nobody but its keeper."""
    secret = base64.urlsafe_b64encode(key.reveal()).rstrip(b"=").decode()
    return f"{_START}{key.id}:{secret}"


def read_root_key(line: str) -> Key:
    """The key that a line holds; RootKeyUnreadable without any hint of what is wrong with it."""
    line = "".join(line.split())
    identity, _, secret = line.removeprefix(_START).partition(":")
    try:
        key = Key.from_bytes(base64.b64decode(secret + "=", altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, Invalid):
        raise RootKeyUnreadable from None
    if not line.startswith(_START) or not key.is_named(identity):
        raise RootKeyUnreadable
    return key
