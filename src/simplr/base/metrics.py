"""What is counted while the installation works, for Prometheus: kinds of things, never a thing.

A label is the name of an operation, a task, a state or an ending: a closed list of ours. No id, no
name of a person or a resource and no part of an address is ever one. Under the supervisor each
process counts in files of its own in the runtime folder, and whoever is asked adds them up.
"""

from __future__ import annotations

import os

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The library's own variable: where the processes of one installation count together."""

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
LONG_SECONDS = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600)

disable_created_metrics()  # type: ignore[no-untyped-call]
_counted = CollectorRegistry()

REQUESTS = Counter(
    "simplr_requests",
    "Requests by operation, method and status of the answer",
    ("operation", "method", "status"),
    registry=_counted,
)
REQUEST_SECONDS = Histogram(
    "simplr_request_seconds",
    "Time until an answer begins, by operation and method",
    ("operation", "method"),
    buckets=SECONDS,
    registry=_counted,
)
STREAMS = Gauge(
    "simplr_streams_running",
    "Answers that are being sent as streams: downloads, rows, exports",
    multiprocess_mode="livesum",
    registry=_counted,
)
STREAMED = Counter("simplr_streamed_bytes", "Bytes sent as streams", registry=_counted)
JOBS = Counter(
    "simplr_jobs",
    "Runs of background jobs by task and ending: succeeded, retried, failed, stopped",
    ("task", "ending"),
    registry=_counted,
)
JOB_SECONDS = Histogram(
    "simplr_job_seconds",
    "How long runs of background jobs took, by task",
    ("task",),
    buckets=LONG_SECONDS,
    registry=_counted,
)
JOBS_PUT_BACK = Counter(
    "simplr_jobs_put_back", "Jobs of dead workers that were put back", registry=_counted
)
CHILDREN = Counter(
    "simplr_children_started",
    "Sandboxed processes that were started to read, mask or write",
    registry=_counted,
)
CHILDREN_ENDED = Counter(
    "simplr_children_ended_badly",
    "Sandboxed processes that ended without a result: by a limit, on a file, from outside, by a fault",
    ("ending",),
    registry=_counted,
)


def counted() -> CollectorRegistry:
    """What all processes of this machine counted; without a supervisor, what this one did."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return _counted
    together = CollectorRegistry()
    MultiProcessCollector(together, path=folder)  # type: ignore[no-untyped-call]
    return together


def forget_process(pid: int) -> None:
    """What a process that ended was doing is not being done any more. What it did stays counted."""
    if os.environ.get(FOLDER):
        mark_process_dead(pid)  # type: ignore[no-untyped-call]


class OfChildren:
    """Counts sandboxed processes (an observer of `children`)."""

    def started(self) -> None:
        CHILDREN.inc()

    def ended_badly(self, ending: str) -> None:
        CHILDREN_ENDED.labels(ending).inc()
