"""Roles as people read them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ROLES: tuple[tuple[str, Promise, Promise], ...] = (
    ("owner", _("Owner"), _("everything, people included")),
    ("steward", _("Steward"), _("all data, personal fields, releases and grants")),
    ("analyst", _("Analyst"), _("reads and downloads, without personal fields")),
    ("viewer", _("Viewer"), _("reads on the page, without personal fields")),
    ("guest", _("Guest"), _("sees titles and descriptions")),
)
"""(value, label, what it may)"""


def role_choices() -> list[tuple[str, Promise]]:
    """Roles for a select, the weakest last."""
    return [(value, label) for value, label, _help in ROLES]


def role_word(role: str) -> Promise | str:
    """The label of a role."""
    return next((label for value, label, _help in ROLES if value == role), role)
