"""What must be done before web and worker are started, at the first start and at each restart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from simplr.operations.start import databases, prepared, stores
from simplr.operations.start.certificates import Certificate, certificate_for
from simplr.operations.start.postgres import Cluster
from simplr.operations.start.services import Services


class RunOnce(Protocol):
    """Runs one management command to its end, as the owners of the databases if `owner`."""

    def __call__(self, services: Services, *words: str, owner: bool = False) -> str: ...


@dataclass(frozen=True)
class Preparation:
    """Roles, migrations, static files and certificate of one installation."""

    services: Services
    run_once: RunOnce
    tell: Callable[..., None]
    environ: Mapping[str, str]
    only: str = ""

    def databases_here(self, cluster: Cluster) -> None:
        """Roles, databases and extensions of our own PostgreSQL, and its migrations."""
        folder = self.services.folder
        passwords = databases.load_passwords(folder.secret / "databases.json")
        databases.ensure(cluster, passwords)
        if not prepared.is_migrated(cluster):
            self.tell("migrating the databases")
            # On a first start both are wanted, and each process that loads us takes a second.
            static = self._wants_static_files()
            self.run_once(self.services, "migrate_all", *["--static"] * static, owner=True)
            prepared.note_migrated(cluster)
            if static:
                prepared.note_static_files_collected(folder)

    def databases_elsewhere(self) -> None:
        """Migrate databases on other servers, where we were told their owners; else only look."""
        if all(self.environ.get(database.owner_variable) for database in databases.DATABASES):
            self.run_once(self.services, "migrate_all", owner=True)
        else:
            self.run_once(self.services, "migrate_all", "--check")

    def store(self) -> str:
        """Try a store of objects elsewhere; what to note of it, empty when all is well."""
        if self.only or not stores.is_elsewhere(self.services.folder, self.environ):
            return ""
        return stores.tried(self.run_once(self.services, "check_store"))

    def static_files(self) -> None:
        """Collect the static files, if those of this code are not collected yet."""
        if self._wants_static_files():
            self.tell("collecting static files")
            self.run_once(self.services, "collectstatic", "--noinput", "--clear", "--verbosity=0")
            prepared.note_static_files_collected(self.services.folder)

    def certificate(self) -> Certificate | None:
        """The certificate that the web shows, copied or made anew where that is due."""
        installation = self.services.folder.installation()
        if not self.services.address.tls or not self._serves:
            return None
        given = installation.tls_certificate, installation.tls_key
        return certificate_for(
            installation.host,
            self.services.folder,
            given=(Path(given[0]), Path(given[1])) if given[0] else None,
            account=self.services.reached.web_account,
            now=datetime.now(UTC),
        )

    @property
    def _serves(self) -> bool:
        return self.only in ("", "web")

    def _wants_static_files(self) -> bool:
        return self._serves and not prepared.are_static_files_collected(self.services.folder)
