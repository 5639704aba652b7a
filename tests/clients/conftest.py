"""The command line and the Python client against one real installation, on real files."""

from __future__ import annotations

import pytest
from tests.installation import installation

__all__ = ["installation"]

ALONE = pytest.mark.xdist_group("installation")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here shares the installation, so it belongs to one process."""
    for item in items:
        if "clients" in item.path.parts:
            item.add_marker(ALONE)
