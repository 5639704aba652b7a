"""The running parts: the supervisor, the address, the key agent, the worker and its jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg

from simplr.operations.doctor.findings import Finding, error, fine, note, warning
from simplr.operations.start import control, databases
from simplr.operations.start.environment import address_of, environment
from simplr.operations.start.errors import NotPermitted, PortTaken
from simplr.operations.start.folder import DataFolder
from simplr.operations.start.network import listen
from simplr.operations.start.services import health

HEARTBEAT_SECONDS = 60
STUCK_MINUTES = 60


def examine(folder: DataFolder, state: dict[str, Any]) -> Iterator[Finding]:
    yield from parts(state)
    yield from address(folder, state)
    if state["state"] != "stopped":
        yield from jobs(folder)


def state_of(folder: DataFolder) -> tuple[dict[str, Any], list[Finding]]:
    """What runs, and what keeps us from knowing."""
    try:
        return control.state_of(folder), []
    except NotPermitted as failure:
        finding = error(
            "services",
            failure.message,
            means="Only its owner may look at it.",
            mend="Run `simplr doctor` as the owner of the data folder, or as root.",
        )
        return {"state": "unknown", "parts": {}}, [finding]


def parts(state: dict[str, Any]) -> Iterator[Finding]:
    if state["state"] == "stopped":
        yield note("services", "The installation does not run: start it with `simplr up`.")
        return
    for name, part in state["parts"].items():
        if part["state"] not in ("ready", "starting"):
            yield error(
                "services",
                f"{name} is {part['state']} after {part['restarts']} new starts.",
                means="It dies again and again.",
                mend=f"Read the end of logs/{name}.log in the data folder.",
            )
        elif part["restarts"] > 3:
            yield warning(
                "services",
                f"{name} was started again {part['restarts']} times.",
                means="Something ends it now and then: the machine's memory, or a fault of ours.",
                mend=f"Read logs/{name}.log in the data folder, and the system's log.",
            )
        else:
            yield fine("services", f"{name} runs as process {part['pid']}.")
    for text in state.get("notes", []):
        yield note("services", text)


def address(folder: DataFolder, state: dict[str, Any]) -> Iterator[Finding]:
    """Whether the web answers; when it does not run, whether its port is free."""
    found = address_of(folder)
    if "web" in state["parts"]:
        said = health(found, seconds=10)
        if said == "sealed":
            yield error(
                "web",
                "The installation is sealed.",
                means="The root key is not at hand: nothing that is kept can be read.",
                mend="Give it with `simplr unseal`, or mend the key store and start again.",
            )
        elif said is None:
            yield error(
                "web",
                f"Nothing answers at {found.url}.",
                means="Nobody can use Simplr.",
                mend="Read logs/web.log in the data folder.",
            )
        else:
            yield fine("web", f"{found.url} answers.")
        return
    if state["state"] != "stopped":
        return
    try:
        listen(found.host, found.port).close()
    except PortTaken as taken:
        yield warning(
            "port",
            taken.message,
            means="The next `simplr up` cannot listen there.",
            mend="End the other program, or start with `--port`.",
        )
    else:
        yield fine("port", f"Port {found.port} is free.")


def jobs(folder: DataFolder) -> Iterator[Finding]:
    """Whether a worker is alive, as its heartbeat in the job queue shows, and no job is stuck."""
    url = environment(folder).get(databases.DATABASES[0].variable, "")
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            alive = _one_number(
                connection,
                "SELECT count(*) FROM procrastinate_workers"
                " WHERE last_heartbeat > now() - make_interval(secs => %s)",
                HEARTBEAT_SECONDS,
            )
            stuck = _one_number(
                connection,
                "SELECT count(*) FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w"
                " ON w.id = j.worker_id WHERE j.status = 'doing' AND (w.id IS NULL OR"
                " w.last_heartbeat < now() - make_interval(secs => %s))",
                HEARTBEAT_SECONDS * 5,
            )
            late = _one_number(
                connection,
                "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND"
                " coalesce(scheduled_at, now() - interval '1 day')"
                " < now() - make_interval(mins => %s) AND id IN (SELECT job_id FROM"
                " procrastinate_events WHERE type = 'deferred'"
                " AND at < now() - make_interval(mins => %s))",
                STUCK_MINUTES,
                STUCK_MINUTES,
            )
    except psycopg.Error as failure:
        yield error(
            "jobs",
            f"The job queue cannot be read: {str(failure).strip().splitlines()[0]}",
            means="Nothing is known of running work.",
            mend="Mend the databases first.",
        )
        return
    if alive:
        yield fine("worker", f"{alive} workers are alive." if alive > 1 else "1 worker is alive.")
    else:
        yield error(
            "worker",
            f"No worker gave a sign of life in the last {HEARTBEAT_SECONDS} s.",
            means="Files that are sent in are not understood, and the ledger is not sealed.",
            mend="Read logs/worker.log in the data folder.",
        )
    if stuck:
        yield warning(
            "jobs",
            f"{stuck} jobs belong to workers that are gone.",
            means="Their work waits until it is taken up again.",
            mend="A running worker takes them up by itself; if it does not, restart.",
        )
    if late:
        yield warning(
            "jobs",
            f"{late} jobs wait for more than {STUCK_MINUTES} minutes.",
            means="There is more work than one worker does, or none does any.",
            mend="Start another one: `simplr up --only worker` on another machine.",
        )
    if not stuck and not late:
        yield fine("jobs", "No job is stuck.")


def _one_number(
    connection: psycopg.Connection[tuple[object, ...]], query: str, *values: int
) -> int:
    row = connection.execute(query.encode(), values).fetchone()
    return int(str(row[0])) if row else 0
