"""Secrets of one-time links: random, shown once, kept as a digest."""

from __future__ import annotations

import hashlib
import secrets


def new_secret(prefix: str = "") -> str:
    """256 random bits, as text that survives a URL."""
    return prefix + secrets.token_urlsafe(32)


def digest_of(secret: str) -> bytes:
    """What is kept of a random secret: it has 256 bits, so a plain hash cannot be searched."""
    return hashlib.sha256(secret.encode()).digest()
