"""The data folder: owners, permissions, sockets, the key store and the certificate."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from simplr.operations.doctor.findings import Finding, error, fine, warning
from simplr.operations.start import certificates
from simplr.operations.start.account import service_account
from simplr.operations.start.environment import address_of, key_store_of
from simplr.operations.start.errors import FolderUnsuitable
from simplr.operations.start.folder import LONGEST_SOCKET_FOLDER, DataFolder
from simplr.vault.keystores import key_store_at
from simplr_core.errors import SimplrError

ENDS_SOON = timedelta(days=21)


def examine(folder: DataFolder) -> Iterator[Finding]:
    yield from permissions(folder)
    yield from plaintext(folder)
    yield from sockets(folder)
    yield from key_store(folder)
    yield from certificate(folder)


def permissions(folder: DataFolder) -> Iterator[Finding]:
    """Secrets are 0600, private folders 0700, and all of it belongs to us or the account."""
    account = service_account(create=False)
    owners = {os.geteuid()} | ({account.uid} if account is not None else set())
    wrong = False
    for path in (folder.path, *_worth_a_look(folder)):
        try:
            found = path.lstat()
        except FileNotFoundError:
            continue
        except PermissionError:
            yield error(
                "permissions",
                f"{path} cannot be read.",
                means="It belongs to somebody else.",
                mend=f"Ask as its owner, or mend it: chown -R {os.geteuid()} {path}",
            )
            wrong = True
            continue
        loose = stat.S_IMODE(found.st_mode) & (0o066 if stat.S_ISDIR(found.st_mode) else 0o077)
        if loose and path != folder.path:
            wrong = True
            yield error(
                "permissions",
                f"{path} is open to others (mode {stat.S_IMODE(found.st_mode):04o}).",
                means="Other users of this machine can read or change secrets or what is kept.",
                mend=f"Run: chmod go-rwx {path}",
            )
        if found.st_uid not in owners:
            wrong = True
            yield error(
                "ownership",
                f"{path} belongs to user {found.st_uid}.",
                means="A service cannot write to it, or somebody else can.",
                mend=f"Run: chown -R {account.name if account else os.geteuid()} {path}",
            )
    if not wrong:
        yield fine("permissions", f"{folder.path} and its secrets are private.")


def _worth_a_look(folder: DataFolder) -> Iterator[Path]:
    for name in ("keys", "objects", "tmp", "ledger", "postgres-home", "secret", "logs"):
        yield folder.path / name
    for name in ("secret", "keys", "logs"):
        try:
            yield from sorted((folder.path / name).iterdir())
        except (FileNotFoundError, PermissionError):
            continue
    yield folder.postgres
    yield folder.postgres_sockets
    yield folder.agent_socket.parent


def plaintext(folder: DataFolder) -> Iterator[Finding]:
    """Nothing belongs into tmp: no plaintext ever touches a disk."""
    try:
        left = [path for path in (folder.path / "tmp").rglob("*") if path.is_file()]
    except PermissionError:
        return
    if left:
        yield warning(
            "tmp",
            f"{len(left)} files lie in {folder.path / 'tmp'}.",
            means="Nothing of ours writes there; what lies there may be plaintext.",
            mend="Look who made them, then remove them.",
        )
    else:
        yield fine("tmp", "The folder for temporary files is empty.")


def sockets(folder: DataFolder) -> Iterator[Finding]:
    length = len(os.fsencode(folder.run))
    if length > LONGEST_SOCKET_FOLDER:
        yield error(
            "sockets",
            f"{folder.run} is {length} bytes long.",
            means="The system takes no socket path over 107 bytes.",
            mend="Move the data folder to a shorter path.",
        )
    elif folder.run.parent != folder.path:
        yield fine("sockets", f"Sockets lie in {folder.run}, since the data folder's path is long.")
    else:
        yield fine("sockets", f"Sockets lie in {folder.run}.")


def key_store(folder: DataFolder) -> Iterator[Finding]:
    place = key_store_of(folder)
    try:
        store = key_store_at(place)
        problems = store.doctor()
    except (SimplrError, PermissionError) as found:
        yield error(
            "key-store",
            f"The key store {place} cannot be used: {found}",
            means="The installation starts sealed.",
            mend="Mend it, or unseal by hand with `simplr unseal`.",
        )
        return
    for problem in problems:
        yield error(
            "key-store",
            problem.what,
            means="The installation starts sealed, or others may take the root key.",
            mend=problem.mend,
        )
    if not problems:
        yield fine("key-store", f"The root key rests in {store.describe()}.")


def certificate(folder: DataFolder) -> Iterator[Finding]:
    address = address_of(folder)
    if not address.tls:
        yield fine("tls", f"{address.url} is for this machine only, or behind a proxy.")
        return
    paths = folder.secret / "tls-certificate.pem", folder.secret / "tls-key.pem"
    try:
        found = certificates.read(*paths)
    except FolderUnsuitable as failure:
        yield error(
            "tls",
            failure.message,
            means="The web cannot start.",
            mend="Start it with --host again.",
        )
        return
    ends = f"{found.ends_at:%Y-%m-%d}"
    left = found.ends_at - datetime.now(UTC)
    said = f"The certificate of {address.host} ends on {ends}. SHA-256 {found.fingerprint}"
    if left < timedelta(0):
        yield error(
            "tls",
            said,
            means="It has ended: browsers and clients refuse it.",
            mend="Start again with a new one (--tls-cert, --tls-key); our own is made anew.",
        )
    elif left < ENDS_SOON and not found.self_signed:
        yield warning(
            "tls",
            said,
            means="Callers will refuse it then.",
            mend="Renew it and start again with --tls-cert and --tls-key.",
        )
    else:
        kind = "made here; callers compare the fingerprint" if found.self_signed else "given"
        yield fine("tls", f"{said} ({kind})")
