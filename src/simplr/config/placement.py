"""The one place that knows which app's tables lie in which database and schema.

Third-party labels are placed too. A relation never crosses a database; inside one database the
schemas keep services apart and let an operator grant or dump them singly.
"""

from __future__ import annotations

from typing import Final

PLACES: Final[dict[str, tuple[str, str]]] = {
    "base": ("default", "base"),
    "django_cache": ("default", "base"),
    "contenttypes": ("default", "base"),
    "sessions": ("default", "accounts"),
    "auth": ("default", "accounts"),
    "account": ("default", "accounts"),
    "mfa": ("default", "accounts"),
    "axes": ("default", "accounts"),
    "accounts": ("default", "accounts"),
    "licensing": ("default", "licensing"),
    "access": ("default", "access"),
    "oauth2_provider": ("default", "access"),
    "projects": ("default", "projects"),
    "resources": ("default", "resources"),
    "datasets": ("default", "datasets"),
    "sharing": ("default", "sharing"),
    "intake": ("default", "intake"),
    "analysis": ("default", "analysis"),
    "procrastinate": ("default", "jobs"),
    "vault": ("vault", "vault"),
    "audit": ("audit", "audit"),
}
"""app label -> (database alias, schema)"""

APPEND_ONLY: Final[dict[str, tuple[str, ...]]] = {
    "default": ("base.base_event",),
    "audit": ("audit.audit_leaf", "audit.audit_checkpoint"),
}
"""Tables of the ledger: the serving role may INSERT and SELECT, nothing else."""

EXTENSIONS_SCHEMA: Final = "extensions"


def schemas_of(alias: str) -> list[str]:
    """The schemas of one database, in the order of the table above."""
    return list(dict.fromkeys(schema for place, schema in PLACES.values() if place == alias))


def search_path_of(alias: str) -> list[str]:
    """What a serving connection searches: every schema of its database, then extensions."""
    return [*schemas_of(alias), EXTENSIONS_SCHEMA, "public"]
