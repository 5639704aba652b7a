"""The sealed store from outside: real installations, real sockets, real kills."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.start.conftest import Simplr, entry_points_path, new_installation
from tests.store.house import House

__all__ = ["Simplr", "entry_points_path", "new_installation"]


@pytest.fixture(scope="session")
def house(new_installation: Callable[[], Simplr]) -> House:
    """One running installation, whose workers count as dead after two seconds.

    Who kills it starts it again.
    """
    return House.opened(new_installation())
