"""The machine: interpreter, PostgreSQL's programs, room, time, and whom the services run as."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version

from simplr.operations.doctor.findings import Finding, error, fine, note, warning
from simplr.operations.start import binaries, reach
from simplr.operations.start.account import service_account
from simplr.operations.start.environment import uses_own_postgres
from simplr.operations.start.errors import StartFailed
from simplr.operations.start.folder import DataFolder

LEAST_FREE = 2 * 2**30
TIGHT = 10 * 2**30


def examine(folder: DataFolder) -> Iterator[Finding]:
    yield from interpreter()
    yield from programs()
    yield from room(folder)
    yield from clock(folder)
    yield from account()


def interpreter() -> Iterator[Finding]:
    number = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] < (3, 11) or sys.version_info[:2] > (3, 14):
        yield warning(
            "python",
            f"Python {number} runs Simplr.",
            means="It was tested with 3.11 to 3.14 only.",
            mend="Make the virtual environment with one of those.",
        )
    else:
        yield fine("python", f"Python {number}")
    try:
        yield fine("simplr", f"Simplr {version('simplr-irm')}")
    except PackageNotFoundError:
        yield note("simplr", f"Simplr runs from its source in {reach.SOURCES}.")


def programs() -> Iterator[Finding]:
    if not uses_own_postgres():
        yield note("postgres-programs", "PostgreSQL runs elsewhere; its programs are not needed.")
        return
    try:
        found = binaries.find()
    except StartFailed as failure:
        yield error(
            "postgres-programs",
            "PostgreSQL's programs are missing.",
            means="The databases cannot start.",
            mend=failure.message,
        )
        return
    yield fine("postgres-programs", f"PostgreSQL {found.version} in {found.root}")


def room(folder: DataFolder) -> Iterator[Finding]:
    existing = folder.path
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free
    shown = f"{free / 2**30:.1f} GiB free in {folder.path}"
    mend = "Make room, or move the data folder to a larger disk and start with --data."
    if free < LEAST_FREE:
        yield error(
            "disk",
            shown,
            means="Uploads and PostgreSQL are about to fail for lack of room.",
            mend=mend,
        )
    elif free < TIGHT:
        yield warning("disk", shown, means="A few large uploads fill it.", mend=mend)
    else:
        yield fine("disk", shown)


def clock(folder: DataFolder) -> Iterator[Finding]:
    now = datetime.now(UTC)
    if folder.exists():
        created = datetime.fromisoformat(folder.installation().created_at)
        if now < created - timedelta(minutes=5):
            yield error(
                "clock",
                f"The clock says {now:%Y-%m-%d %H:%M} UTC, before this installation was made.",
                means="Grants, tokens and one-time codes end at the wrong time; the ledger's times"
                " go backwards.",
                mend="Set the clock, and keep it right with an NTP service.",
            )
            return
    yield fine("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def account() -> Iterator[Finding]:
    if os.geteuid() != 0:
        yield fine("account", f"Everything runs as user {os.geteuid()}.")
        return
    who = service_account(create=False)
    if who is None:
        return
    if who.is_shared:
        yield warning(
            "account",
            "The services run as 'nobody'.",
            means="Other programs that run as 'nobody' can read what Simplr keeps.",
            mend="Make an account with `useradd --system simplr`, give it the data folder's parts"
            " and start again.",
        )
    reached = reach.reach_for(who)
    if reached.kept_root_because:
        yield warning(
            "account",
            f"Web, worker and key agent keep root: {reached.kept_root_because}.",
            means="A fault in a parser or a page would act with root's rights.",
            mend="Install Simplr where everybody may read it, for example in /opt/simplr.",
        )
    elif reached.enter is not None:
        yield note(
            "account",
            f"The services run as '{who.name}', with a private, read-only view of the code, which"
            " lies under a closed folder.",
        )
    else:
        yield fine("account", f"The services run as '{who.name}'.")
