"""Who the services run as: never root when there is a choice.

An ordinary user's installation runs as that user. Root's installation drops PostgreSQL, web,
worker and key agent to one service account, because PostgreSQL refuses to run as root and
because a parser of strangers' files has no business with root's rights.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from simplr.operations.start.errors import StartFailed

SERVICE_NAME = "simplr"
FALLBACK_NAME = "nobody"


@dataclass(frozen=True)
class Account:
    """A user of this machine, by number: what a child process drops to."""

    uid: int
    gid: int
    name: str

    @property
    def is_shared(self) -> bool:
        """Whether other programs of this machine may run as the same user."""
        return self.name == FALLBACK_NAME

    def own(self, path: Path) -> None:
        """Give `path` to this account; root only."""
        os.chown(path, self.uid, self.gid, follow_symlinks=False)


def service_account(*, create: bool = True) -> Account | None:
    """The account that services drop to, or None for an ordinary user, who runs them himself.

    The account is `simplr`; root makes it with useradd (or busybox adduser) when it is missing.
    Where neither exists, `nobody` is used and doctor says that it is shared. A number without an
    entry in the user database would not do: initdb refuses it.
    """
    if os.geteuid() != 0:
        return None
    for name in (SERVICE_NAME, None, FALLBACK_NAME):
        if name is None:
            if not create or not _create():
                continue
            name = SERVICE_NAME
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(uid=entry.pw_uid, gid=entry.pw_gid, name=entry.pw_name)
    raise StartFailed(
        f"Root needs an ordinary account for the services: make one with"
        f" 'useradd --system {SERVICE_NAME}', or start Simplr as an ordinary user."
    )


def _create() -> bool:
    shell = "/usr/sbin/nologin" if Path("/usr/sbin/nologin").exists() else "/bin/false"
    attempts = (
        ("useradd", "--system", "--user-group", "--no-create-home", "--shell", shell),
        ("adduser", "-S", "-D", "-H", "-s", shell),
    )
    for program, *arguments in attempts:
        found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if found is None:
            continue
        done = subprocess.run(
            [found, *arguments, SERVICE_NAME], capture_output=True, check=False, timeout=30
        )
        if done.returncode == 0:
            return True
    return False
