"""PostgreSQL and the key agent for a while, of an installation that does not serve."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from simplr.operations.start import databases
from simplr.operations.start.errors import StartFailed
from simplr.operations.start.parts import Part
from simplr.operations.start.postgres import Cluster
from simplr.operations.start.services import Services


@contextmanager
def keys_and_databases(services: Services, *, new: bool = False) -> Iterator[Cluster]:
    """Both run until the block ends; `new` makes a cluster with empty databases.

    Call from the main thread, with the folder locked.
    """
    cluster = services.cluster()
    if new:
        cluster.create()
    server = cluster.start()
    vault = services.vault()
    try:
        cluster.wait_until_ready(server)
        if new:
            passwords = databases.load_passwords(services.folder.secret / "databases.json")
            databases.ensure_empty(cluster, passwords)
        vault.begin()
        _await(vault)
        yield cluster
    finally:
        vault.stop()
        cluster.stop(server)


def _await(part: Part) -> None:
    deadline = time.monotonic() + 60
    while part.state != "ready":
        part.watch()
        if part.state == "waiting" or time.monotonic() > deadline:
            raise StartFailed(f"The {part.name} did not start; see {part.log}.")
        time.sleep(0.02)
