"""The environment that every process of the server is given: addresses, and only the secrets it needs.

What the caller's own environment says of Simplr (`SIMPLR_NAME`, `SIMPLR_MAIL_URL` …) is passed on;
nothing else of it is, so that what runs as a service does not depend on who started it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from simplr.operations.start import databases, reach
from simplr.operations.start.folder import DataFolder, locate
from simplr.operations.start.network import Address

ONLY_OF_CLIENTS = frozenset({"SIMPLR_URL", "SIMPLR_TOKEN"})
CREDENTIALS = ("AWS_", "GOOGLE_", "AZURE_")
"""How variables begin that object stores take their address and credentials from."""
OWNER_VARIABLES = frozenset(database.owner_variable for database in databases.DATABASES)


def uses_own_postgres(environ: Mapping[str, str] | None = None) -> bool:
    """Whether PostgreSQL is ours to run: it is, unless a server is named."""
    surroundings = os.environ if environ is None else environ
    return not any(surroundings.get(database.variable) for database in databases.DATABASES)


def address_of(folder: DataFolder) -> Address:
    """Where the installation is reached, as it was last started."""
    installation = folder.installation()
    address = Address(host=installation.host, port=installation.port, tls=False)
    return address if address.is_local else Address(address.host, address.port, tls=True)


def environment(
    data: Path | DataFolder | None = None,
    *,
    owner: bool = False,
    address: Address | None = None,
    environ: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The environment for a process of the installation in `data`, complete.

    With `owner` it carries the URLs of the roles that own the databases, too: for migrations and
    `db rebuild`. The services never get those.
    """
    surroundings = os.environ if environ is None else environ
    folder = data if isinstance(data, DataFolder) else locate(data, environ=surroundings)
    installation = folder.installation()
    reached = address or address_of(folder)
    found = {
        name: value
        for name, value in surroundings.items()
        if name.startswith("SIMPLR_") and name not in ONLY_OF_CLIENTS
    }
    if uses_own_postgres(surroundings):
        passwords = databases.load_passwords(folder.secret / "databases.json")
        found.update(databases.urls(passwords, sockets=folder.postgres_sockets))
    if not owner:
        found = {name: value for name, value in found.items() if name not in OWNER_VARIABLES}
    found.update(
        {
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "PYTHONPATH": str(reach.SOURCES),
            "PYTHONUNBUFFERED": "1",
            "PYTHONSAFEPATH": "1",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            # No process of ours computes with matrices; the threads for it would wait by turning round.
            "OPENBLAS_NUM_THREADS": "1",
            "HOME": str(folder.path / "tmp"),
            "TMPDIR": str(folder.path / "tmp"),
            "DJANGO_SETTINGS_MODULE": "simplr.config.settings",
            "SIMPLR_DATA": str(folder.path),
            "SIMPLR_ENVIRONMENT": installation.environment,
            "SIMPLR_KEY_AGENT": str(folder.agent_socket),
            "SIMPLR_KEY_STORE": key_store_of(folder, surroundings),
            "SIMPLR_SECRET_KEY": surroundings.get("SIMPLR_SECRET_KEY")
            or folder.secret_text("django-key"),
            "SIMPLR_BASE_URL": surroundings.get("SIMPLR_BASE_URL") or reached.url,
        }
    )
    if installation.is_production:
        # To the command line it means tracebacks; a page must never show one to strangers.
        found.pop("SIMPLR_DEBUG", None)
    if owner:
        found["SIMPLR_AS_OWNER"] = "1"
    if reached.is_local:
        hosts = {"localhost", "127.0.0.1", *found.get("SIMPLR_ALLOWED_HOSTS", "").split(",")}
        found["SIMPLR_ALLOWED_HOSTS"] = ",".join(sorted(filter(None, hosts)))
    objects = objects_url_of(folder, surroundings)
    found["SIMPLR_OBJECTS_URL"] = objects
    if not objects.startswith("file:"):
        found.update(
            {name: value for name, value in surroundings.items() if name.startswith(CREDENTIALS)}
        )
    for name in ("GNUPGHOME", "SSL_CERT_FILE"):
        if name in surroundings:
            found[name] = surroundings[name]
    return found


def objects_url_of(folder: DataFolder, environ: Mapping[str, str] | None = None) -> str:
    """Where objects lie: SIMPLR_OBJECTS_URL, else what is remembered, else a folder in DIR."""
    surroundings = os.environ if environ is None else environ
    return (
        surroundings.get("SIMPLR_OBJECTS_URL")
        or folder.installation().objects_url
        or (folder.path / "objects").as_uri()
    )


def key_store_of(folder: DataFolder, environ: Mapping[str, str] | None = None) -> str:
    """Where the root key rests: SIMPLR_KEY_STORE, else what is remembered, else a file in DIR."""
    surroundings = os.environ if environ is None else environ
    return (
        surroundings.get("SIMPLR_KEY_STORE")
        or folder.installation().key_store
        or f"file:{folder.path / 'keys' / 'root.key'}"
    )
