"""Sends each app's queries and migrations to the database that `config.placement` names."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from simplr.config.placement import PLACES


class PlacementRouter:
    """Django's router protocol over the placement table. An unplaced app is refused loudly."""

    def _alias(self, app_label: str) -> str:
        return PLACES[app_label][0]

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return self._alias(model._meta.app_label)

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return self._alias(model._meta.app_label)

    def allow_relation(self, first: Model, second: Model, **hints: Any) -> bool:
        return self._alias(first._meta.app_label) == self._alias(second._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        if app_label not in PLACES:
            # Apps without tables (messages, staticfiles …) have no place and no migration.
            return False
        return self._alias(app_label) == db
