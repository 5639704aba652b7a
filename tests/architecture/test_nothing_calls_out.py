"""Row 41: the server opens no connection to an address that somebody else chose.

No feature fetches an address yet, so there is nothing to check an address with. Whoever adds one
(a connection, a webhook) names its module here and brings the check along: resolve once, refuse
what is not public, connect to what was checked, follow no redirect unseen.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from tests.architecture.sources import TOGETHER, modules

pytestmark = TOGETHER
CLIENTS = {
    *("aiohttp", "ftplib", "http.client", "httpx", "imaplib", "poplib", "requests", "smtplib"),
    *("socket", "telnetlib", "urllib.request", "urllib3", "websockets", "xmlrpc", "paramiko"),
    *("fsspec", "obstore", "boto3", "botocore", "psycopg", "asyncio"),
}
MAY_CONNECT = {
    "simplr/audit": "psycopg: the ledger's database, of the settings",
    "simplr/base": "psycopg's errors; sockets between our own processes",
    "simplr/operations": "health of our own address; the databases and servers of the settings",
    "simplr/resources": "the malware scanner of the settings",
    "simplr/vault": "the key agent's Unix socket; the object store of the settings",
}
"""Packages that open connections: to where, and who said so (the operator, never a reader)."""


@cache
def users() -> dict[str, set[str]]:
    """module -> what it imports of libraries that connect."""
    found: dict[str, set[str]] = {}
    for place, tree in modules():
        if not place.startswith(("simplr/", "simplr_core/")):
            continue
        names: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        used = {
            client
            for client in CLIENTS
            if any(name == client or name.startswith(client + ".") for name in names)
        }
        if used:
            found[place] = used
    return found


def test_only_the_listed_packages_open_connections() -> None:
    packages = {"/".join(Path(place).parts[:2]) for place in users()}

    assert packages == set(MAY_CONNECT)


def test_what_reads_files_of_strangers_connects_to_nothing() -> None:
    assert [place for place in users() if place.startswith("simplr_core/")] == []


@pytest.mark.parametrize(
    "library", ["httpx", "requests", "urllib.request", "aiohttp", "urllib3", "fsspec", "ftplib"]
)
def test_no_library_that_follows_addresses_is_used(library: str) -> None:
    """These resolve names, follow redirects and read proxies from the environment by themselves."""
    assert [place for place, used in users().items() if library in used] == []
