"""Secrets of the protocol: how they look, and what is kept of a program's own."""

from __future__ import annotations

import hashlib
import secrets

from django.utils.crypto import constant_time_compare

from simplr.access.authentication import TOKEN_PREFIX
from simplr.accounts.secrets import new_secret

PROGRAM_PREFIX = "smc_"
RENEWAL_PREFIX = "smr_"


def new_access_secret(request: object) -> str:
    """The secret of an access token: like that of a personal one."""
    return new_secret(TOKEN_PREFIX)


def new_renewal_secret(request: object) -> str:
    """The secret that renews an access token, once."""
    return new_secret(RENEWAL_PREFIX)


def new_program_secret() -> str:
    """The secret by which a program proves itself."""
    return new_secret(PROGRAM_PREFIX)


def kept_of(secret: str) -> str:
    """What is kept of a program's secret: it has 256 random bits, so a fast hash cannot be searched.

    A slow one would cost a third of a second of each request, which a stranger could ask for.
    """
    salt = secrets.token_hex(16)
    return f"{salt}${_digest(salt, secret)}"


def fits(secret: str, kept: str) -> bool:
    """Whether this is the secret of which `kept` was kept; never for a program without one."""
    salt, _, digest = kept.partition("$")
    return bool(digest) and constant_time_compare(_digest(salt, secret), digest)


def _digest(salt: str, secret: str) -> str:
    return hashlib.sha256(f"{salt}${secret}".encode()).hexdigest()
