"""The environment of a server process, read once and typed.

Every variable is described in docs/reference/settings.md; a test compares the two. Secrets never
show in the `repr` of an `Env`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

from simplr.resources.scanning.clamd import address_of
from simplr.resources.scanning.port import ScannerUnknown

Network = IPv4Network | IPv6Network


class SettingMissing(Exception):
    """A variable that the server cannot run without is not set."""


class SettingUnclear(Exception):
    """A variable is set to something that it cannot be."""


@dataclass(frozen=True, kw_only=True)
class DatabaseAddress:
    """One PostgreSQL database and the role that enters it, from a `postgresql://` URL."""

    name: str
    user: str
    password: str = field(repr=False)
    host: str
    port: str

    @classmethod
    def from_url(cls, url: str) -> DatabaseAddress:
        """Read `postgresql://user:password@host:port/name`; a socket folder may be `?host=/dir`."""
        parts = urlsplit(url)
        if parts.scheme not in {"postgresql", "postgres"}:
            raise SettingMissing(f"a database URL starts with postgresql://, not {parts.scheme}://")
        query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
        return cls(
            name=unquote(parts.path.lstrip("/")),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            host=unquote(query.get("host", "")) or unquote(parts.hostname or ""),
            port=query.get("port", "") or str(parts.port or ""),
        )


@dataclass(frozen=True, kw_only=True)
class Env:
    """What the process was told by its surroundings."""

    data: Path
    environment: str
    base_url: str
    allowed_hosts: tuple[str, ...]
    secret_key: str = field(repr=False)
    databases: Mapping[str, DatabaseAddress]
    owners: Mapping[str, DatabaseAddress]
    as_owner: bool
    objects_url: str
    object_cache_bytes: int
    fixity_days: int
    scanner_url: str
    key_agent: Path
    ledger_copy: str
    organisation_name: str
    mail_url: str
    trusted_proxy: bool
    metrics_from: tuple[Network, ...]
    supervisor: int
    debug: bool
    upload_limit_bytes: int
    quota_bytes: int
    stalled_seconds: float
    upload_silent_seconds: float
    trash_days: int
    session_idle_minutes: int
    unusual_access: str
    unusual_method: str
    upload_waits_seconds: float
    language: str
    time_zone: str


DATABASES = {
    "default": "SIMPLR_DATABASE",
    "vault": "SIMPLR_VAULT_DATABASE",
    "audit": "SIMPLR_AUDIT_DATABASE",
}


def _networks(text: str) -> tuple[Network, ...]:
    """Networks and single addresses, written with commas. Raises SettingUnclear."""
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise SettingUnclear(
            f"SIMPLR_METRICS_FROM names addresses or networks such as 10.0.0.7,10.1.0.0/16: {error}."
        ) from error


UNUSUAL_ACCESS = ("notify", "slow", "step-up", "suspend", "off")
UNUSUAL_METHOD = ("robust", "forest")


def _one_of(words: tuple[str, ...], *, name: str, text: str) -> str:
    """A word that says what is wanted. Raises SettingUnclear."""
    if text not in words:
        raise SettingUnclear(f"{name} is one of {', '.join(words)}, not {text[:40]!r}.")
    return text


def _scanner(url: str) -> str:
    """The address of the malware scanner; empty where there is none. Raises SettingUnclear."""
    if url:
        try:
            address_of(url)
        except ScannerUnknown as error:
            raise SettingUnclear(f"SIMPLR_SCANNER_URL: {error.message}") from error
    return url


def read_env(environ: Mapping[str, str] | None = None) -> Env:
    """Read every `SIMPLR_*` variable. Raises SettingMissing with the name and a hint."""
    source = os.environ if environ is None else environ

    def needed(name: str, hint: str) -> str:
        value = source.get(name, "")
        if not value:
            raise SettingMissing(f"{name} is not set. {hint}")
        return value

    data = Path(source.get("SIMPLR_DATA", "simplr-data")).absolute()
    databases = {
        alias: DatabaseAddress.from_url(
            needed(f"{stem}_URL", "`simplr up` sets it; on your own servers see docs/how-to.")
        )
        for alias, stem in DATABASES.items()
    }
    owners = {
        alias: DatabaseAddress.from_url(source[f"{stem}_OWNER_URL"])
        for alias, stem in DATABASES.items()
        if source.get(f"{stem}_OWNER_URL")
    }
    base_url = source.get("SIMPLR_BASE_URL", "http://localhost:8000").rstrip("/")
    host = urlsplit(base_url).hostname or "localhost"
    return Env(
        data=data,
        environment=source.get("SIMPLR_ENVIRONMENT", "production"),
        base_url=base_url,
        allowed_hosts=tuple(
            sorted({host, *filter(None, source.get("SIMPLR_ALLOWED_HOSTS", "").split(","))})
        ),
        secret_key=needed("SIMPLR_SECRET_KEY", "`simplr up` makes one and keeps it in DIR/secret."),
        databases=databases,
        owners=owners,
        as_owner=source.get("SIMPLR_AS_OWNER") == "1",
        objects_url=source.get("SIMPLR_OBJECTS_URL", (data / "objects").as_uri()),
        object_cache_bytes=int(source.get("SIMPLR_OBJECT_CACHE_BYTES", str(10 * 2**30))),
        fixity_days=int(source.get("SIMPLR_FIXITY_DAYS", "30")),
        scanner_url=_scanner(source.get("SIMPLR_SCANNER_URL", "")),
        key_agent=Path(source.get("SIMPLR_KEY_AGENT", str(data / "run" / "vault.sock"))),
        ledger_copy=source.get("SIMPLR_LEDGER_COPY", ""),
        organisation_name=source.get("SIMPLR_NAME", ""),
        mail_url=source.get("SIMPLR_MAIL_URL", ""),
        trusted_proxy=source.get("SIMPLR_TRUSTED_PROXY") == "1",
        metrics_from=_networks(source.get("SIMPLR_METRICS_FROM", "")),
        supervisor=int(source.get("SIMPLR_SUPERVISOR", "0")),
        debug=source.get("SIMPLR_DEBUG") == "1",
        upload_limit_bytes=int(source.get("SIMPLR_UPLOAD_LIMIT_BYTES", str(20 * 2**30))),
        quota_bytes=int(source.get("SIMPLR_QUOTA_BYTES", str(200 * 2**30))),
        stalled_seconds=float(source.get("SIMPLR_STALLED_SECONDS", "30")),
        upload_silent_seconds=float(source.get("SIMPLR_UPLOAD_SILENT_SECONDS", "900")),
        trash_days=int(source.get("SIMPLR_TRASH_DAYS", "30")),
        session_idle_minutes=int(source.get("SIMPLR_SESSION_IDLE_MINUTES", "60")),
        unusual_access=_one_of(
            UNUSUAL_ACCESS,
            name="SIMPLR_UNUSUAL_ACCESS",
            text=source.get("SIMPLR_UNUSUAL_ACCESS", "notify"),
        ),
        unusual_method=_one_of(
            UNUSUAL_METHOD,
            name="SIMPLR_UNUSUAL_METHOD",
            text=source.get("SIMPLR_UNUSUAL_METHOD", "robust"),
        ),
        upload_waits_seconds=float(source.get("SIMPLR_UPLOAD_WAITS_SECONDS", "86400")),
        language=source.get("SIMPLR_LANGUAGE", "en-gb"),
        time_zone=source.get("SIMPLR_TIME_ZONE", "UTC"),
    )
