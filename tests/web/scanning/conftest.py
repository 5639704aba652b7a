"""A scanner on a real socket, and things that others were granted before it was there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from tests.clamd import Daemon, clamd

if TYPE_CHECKING:
    from django.test import Client
    from tests.institute import Institute
    from tests.web.scanning.files import Shared


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """A scanner that runs and that the settings name."""
    from tests.web.scanning.files import named

    with clamd() as running:
        named(running.url, monkeypatch)
        yield running


@pytest.fixture
def shared(institute: Institute, as_: Callable[[str], Client]) -> Shared:
    """A file and a data set that others were granted before they were scanned."""
    from tests.web.scanning.files import share

    return share(institute, as_("steward"))
