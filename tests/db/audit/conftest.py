"""A ledger to tamper with: events, committed, and the rights of a database superuser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The sealer waits for every open transaction of the server, those of other tests too."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.alone)


@pytest.fixture
def write_events() -> Callable[[int], None]:
    """Write facts as requests do, each in a transaction of its own."""
    from simplr.base import events
    from simplr.base.actors import SYSTEM
    from simplr.base.ids import new_id

    def write(count: int) -> None:
        for number in range(count):
            events.record(
                code=events.Event.ROWS_READ,
                actor=SYSTEM,
                node_id=new_id(),
                details={"rows": number, "share": 0.25},
            )

    return write


@pytest.fixture
def superuser(database_folder: Path) -> Iterator[Callable[[str], Any]]:
    """Open a database as PostgreSQL's superuser, with every trigger off."""
    from django.db import connections

    from simplr.operations.start import temporary

    cluster = temporary.cluster_in(database_folder)
    opened: list[Any] = []

    def connect(alias: str) -> Any:
        connection = cluster.connect(str(connections[alias].settings_dict["NAME"]))
        connection.execute("SET session_replication_role = replica")
        opened.append(connection)
        return connection

    yield connect
    for connection in opened:
        connection.close()
