"""What is asked of the databases and of the kernel when Prometheus comes by."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from simplr import VERSION
from simplr.audit import queries as audit
from simplr.base import metrics
from simplr.operations import installation_queries as queries
from simplr.operations.running import running
from simplr.vault import queries as vault

KEPT_SECONDS = 60.0
"""Counting all objects reads a whole index: at most once a minute in each process."""


@dataclass
class _Kept:
    """A figure that is found out again only after a while."""

    find: Callable[[], int]
    value: int = 0
    at: float = float("-inf")

    def __call__(self) -> int:
        if time.monotonic() - self.at > KEPT_SECONDS:
            self.value, self.at = self.find(), time.monotonic()
        return self.value


_object_count = _Kept(lambda: vault.key_counts().data_keys)


def exposition(*, accept: str) -> tuple[bytes, str]:
    """All metrics as a Prometheus server reads them, and the type that it asked for."""
    encode, content_type = choose_encoder(accept)
    return encode(_All()), content_type


class _All(Collector):
    """What was counted, then what is asked now."""

    def collect(self) -> Iterator[Metric]:
        yield from metrics.counted().collect()
        yield _one("simplr_info", "The release that answers", 1, version=VERSION)
        yield from _jobs()
        yield from _databases()
        yield from _stored()
        yield from _ledger()
        yield from _processes()


def _one(name: str, about: str, value: float, **labels: str) -> Gauge:
    gauge = Gauge(name, about, labels=tuple(labels))
    gauge.add_metric(tuple(labels.values()), value)
    return gauge


def _jobs() -> Iterator[Gauge]:
    now = timezone.now()
    waiting = Gauge("simplr_jobs_queued", "Jobs by queue and state", labels=("queue", "state"))
    counts = {("default", "todo"): 0, ("default", "doing"): 0, **queries.waiting_and_running_jobs()}
    for (queue, state), count in counts.items():
        waiting.add_metric((queue, state), count)
    yield waiting
    since = queries.waiting_since(now=now)
    yield _one(
        "simplr_jobs_oldest_waiting_seconds",
        "Age of the job that could be done and waits longest; 0 where none waits",
        (now - since).total_seconds() if since else 0,
    )
    yield _one(
        "simplr_jobs_stalled",
        "Jobs whose worker gives no sign of life",
        queries.stalled_job_count(now=now),
    )
    yield _one("simplr_workers", "Workers that are alive", queries.live_worker_count(now=now))


def _databases() -> Iterator[Gauge]:
    count = Gauge("simplr_database_connections", "Connections now", labels=("database",))
    most = Gauge(
        "simplr_database_connections_most",
        "Connections that its server takes",
        labels=("database",),
    )
    for one in queries.database_connections():
        count.add_metric((one.database,), one.count)
        most.add_metric((one.database,), one.most)
    yield count
    yield most


def _stored() -> Iterator[Gauge]:
    yield _one("simplr_objects", "Sealed objects", _object_count())
    yield _one("simplr_stored_bytes", "Bytes that all projects keep", queries.stored_bytes())
    room = queries.room()
    yield _one("simplr_disk_free_bytes", "Free room below the data folder", room.free)
    yield _one("simplr_disk_bytes", "All room below the data folder", room.total)


def _ledger() -> Iterator[Gauge]:
    yield _one(
        "simplr_ledger_unsealed_events",
        "Events that wait for the sealer",
        audit.unsealed_count(),
    )
    newest = audit.newest_checkpoint()
    yield _one(
        "simplr_ledger_checkpoint_timestamp_seconds",
        "When the newest checkpoint was signed; 0 before the first",
        newest.at.timestamp() if newest else 0,
    )
    yield _one("simplr_ledger_size", "Entries below it", newest.size if newest else 0)
    verified = audit.last_verification()
    if verified is not None:
        yield _one(
            "simplr_ledger_whole",
            "1: the last verification found every entry as it was written; 0: it did not",
            int(verified.whole),
        )


def _processes() -> Iterator[Gauge]:
    found = running(supervisor=settings.ENV.supervisor)
    count = Gauge("simplr_processes", "Processes by part", labels=("part",))
    memory = Gauge(
        "simplr_memory_bytes",
        "Resident memory by part; pages that its processes share count for each of them",
        labels=("part",),
    )
    descriptors = Gauge("simplr_descriptors", "Open descriptors by part", labels=("part",))
    for part, used in sorted(found.parts.items()):
        count.add_metric((part,), used.processes)
        memory.add_metric((part,), used.resident_bytes)
        descriptors.add_metric((part,), used.descriptors)
    yield count
    yield memory
    yield descriptors
    yield _one("simplr_children_running", "Sandboxed processes that work now", found.children)
