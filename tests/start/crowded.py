"""A migration with company: others read and write the big tables, and look how long they wait."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import psycopg

from simplr.operations.start.postgres import Cluster

BIG = {
    "access_grant": ("simplr", "note = note"),
    "access_node": ("simplr", "classification = classification"),
    "datasets_field": ("simplr", "unit = unit"),
    "resources_version": ("simplr", "media_type = media_type"),
    "base_event": ("simplr", ""),
    "vault_sealedobject": ("simplr_vault", "kind = kind"),
    "audit_leaf": ("simplr_audit", ""),
}
"""table -> its database, and a change of a row that changes nothing; of the ledger none is allowed."""
SHUTS_OUT = ("AccessExclusiveLock", "ExclusiveLock", "ShareRowExclusiveLock", "ShareLock")
"""What keeps writers out; the first keeps readers out as well."""


@dataclass
class Waits:
    """How long the others waited, and how long the big tables were held."""

    took: dict[tuple[str, str], float] = field(default_factory=dict)
    """(table, read or write) -> seconds of the longest."""
    held: dict[tuple[str, str], float] = field(default_factory=dict)
    """(table, lock) -> seconds that one transaction was seen to hold it at most."""
    done: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def note(self, table: str, act: str, seconds: float) -> None:
        self.took[table, act] = max(seconds, self.took.get((table, act), 0.0))
        self.done[act] += 1

    def longest(self, lock: str) -> float:
        return max((s for (_, found), s in self.held.items() if found == lock), default=0.0)

    def __str__(self) -> str:
        waited = ", ".join(
            f"{act} {table} {seconds:.2f} s"
            for (table, act), seconds in sorted(self.took.items(), key=lambda one: -one[1])[:4]
        )
        held = ", ".join(
            f"{lock} on {table} {seconds:.2f} s"
            for (table, lock), seconds in sorted(self.held.items())
        )
        return (
            f"{self.done['read']} readings and {self.done['write']} writings beside it;"
            f" longest: {waited}; held: {held or 'nothing that was seen'}"
        )


@contextmanager
def company(cluster: Cluster, urls: Mapping[str, str]) -> Iterator[Waits]:
    """Read and write every big table as the serving roles do, as long as the block lasts."""
    waits, over = Waits(), threading.Event()
    serving = {
        "simplr": urls["SIMPLR_DATABASE_URL"],
        "simplr_vault": urls["SIMPLR_VAULT_DATABASE_URL"],
        "simplr_audit": urls["SIMPLR_AUDIT_DATABASE_URL"],
    }
    threads = [
        threading.Thread(target=_use, args=(table, serving[database], change, waits, over))
        for table, (database, change) in BIG.items()
    ]
    threads += [
        threading.Thread(target=_watch, args=(cluster, database, waits, over))
        for database in serving
    ]
    with ExitStack() as stack:
        for thread in threads:
            thread.start()
            stack.callback(thread.join)
        stack.callback(over.set)
        yield waits


def _use(table: str, url: str, change: str, waits: Waits, over: threading.Event) -> None:
    key = {"resources_version": "node_id", "audit_leaf": "seq"}.get(table, "id")
    acts = {"read": f"SELECT {key} FROM {table} ORDER BY {key} DESC LIMIT 5"}
    if change:
        of_one = f"{key} = (SELECT {key} FROM {table} ORDER BY {key} LIMIT 1)"
        acts["write"] = f"UPDATE {table} SET {change} WHERE {of_one}"
    elif table == "base_event":
        acts["write"] = (
            "INSERT INTO base_event (id, at, code, outcome, actor_kind, subject_kind, details)"
            " VALUES (uuidv7(), now(), 'sharing:rows:read', 'ok', 'system', '', '{}')"
        )
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            while not over.is_set():
                for act, statement in acts.items():
                    began = time.monotonic()
                    connection.execute(statement)
                    waits.note(table, act, time.monotonic() - began)
                time.sleep(0.02)
    except psycopg.Error as error:
        waits.faults.append(f"{table}: {error}")


def _watch(cluster: Cluster, database: str, waits: Waits, over: threading.Event) -> None:
    """See, as the superuser, who holds a big table so that others cannot write, and for how long."""
    since: dict[tuple[str, str, int], float] = {}
    try:
        with cluster.connect(database) as connection:
            while not over.is_set():
                rows = connection.execute(
                    "SELECT c.relname, l.mode, l.pid FROM pg_locks l JOIN pg_class c"
                    " ON c.oid = l.relation WHERE l.granted AND c.relname = ANY(%s)"
                    " AND l.mode = ANY(%s)",
                    [list(BIG), list(SHUTS_OUT)],
                ).fetchall()
                now = time.monotonic()
                holding = {(str(table), str(mode), int(str(pid))) for table, mode, pid in rows}
                since = {one: since.get(one, now) for one in holding}
                for (table, mode, _), began in since.items():
                    seconds = max(now - began, waits.held.get((table, mode), 0.0))
                    waits.held[table, mode] = seconds
                time.sleep(0.01)
    except psycopg.Error as error:
        waits.faults.append(f"watching {database}: {error}")
