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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep those that share the installation in one process, where tests run in several."""
    for item in items:
        if "house" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("store"))
