"""One management command of a running installation, waited for, and what it answered."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from simplr.operations.start import control, reach
from simplr.operations.start.account import Account, service_account
from simplr.operations.start.environment import address_of, environment
from simplr.operations.start.errors import NotRunning, StartFailed
from simplr.operations.start.folder import DataFolder
from simplr.operations.start.services import Services
from simplr_core.errors import (
    Conflict,
    Corrupt,
    Invalid,
    NotFound,
    Refused,
    SimplrError,
    Unavailable,
)

KINDS: dict[int, type[SimplrError]] = {
    kind.status: kind for kind in (Refused, NotFound, Conflict, Invalid, Corrupt, Unavailable)
}


def services_of(folder: DataFolder) -> Services:
    """What starts processes as the services of this installation."""
    return Services(
        folder, reach.reach_for(service_account()), address_of(folder), dict(os.environ)
    )


def accounts() -> tuple[Account | None, Account | None]:
    """Whom PostgreSQL drops to, and whom web, worker and key agent drop to."""
    reached = reach.reach_for(service_account())
    return reached.account, reached.web_account


def load_settings(folder: DataFolder) -> None:
    """Let this process work as one of the installation's own, with the rights that it has."""
    import django

    os.environ.update(environment(folder))
    django.setup()


def own_tree(folder: Path) -> None:
    """Give a folder and all in it to the account of the services, where there is one."""
    account = reach.reach_for(service_account()).web_account
    if account is not None:
        for path in (folder, *folder.rglob("*")):
            account.own(path)


def check_running(folder: DataFolder) -> None:
    """Return quietly while the installation runs; NotRunning if it does not."""
    if not control.holders(folder):
        raise NotRunning(f"{folder.path} is not running. Start it with `simplr up --detach`.")


def answer_of(folder: DataFolder, *words: str) -> dict[str, Any]:
    """The JSON document that a management command prints last.

    Raises NotRunning, the error that the command says it `failed` with, or StartFailed.
    """
    check_running(folder)
    process = services_of(folder).manage(*words)
    status = process.wait()
    said = folder.log(words[0]).read_text(errors="replace").strip().splitlines()
    try:
        found = dict(json.loads(said[-1]))
    except (IndexError, ValueError):
        raise StartFailed(
            f"`{words[0]}` ended with status {status}:\n" + "\n".join(said[-30:])
        ) from None
    if "failed" in found:
        failure = found["failed"]
        kind = KINDS.get(failure["status"], SimplrError)
        raise type(kind.__name__, (kind,), {"code": failure["code"]})(failure["message"])
    return found
