"""What the tests of uploads that go on after a break share."""

from __future__ import annotations

import pytest


@pytest.fixture
def committed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done after a commit is done at once: a test's own transaction is never committed."""
    from django.db import transaction

    monkeypatch.setattr(transaction, "on_commit", lambda done, **more: done())


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of a size that a small file has several of."""
    from simplr.intake import resuming, services

    monkeypatch.setattr(resuming, "PIECE", 200_000)
    monkeypatch.setattr(resuming, "SMALL_PIECE", 50_000)
    monkeypatch.setattr(services, "CHUNK", 30_000)
