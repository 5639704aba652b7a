"""Who used a resource lately, as its page tells those who manage it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from simplr.accounts.models import Person
from simplr.base.events import Event as Code
from simplr.base.models import Event


@dataclass(frozen=True, kw_only=True)
class RecentUse:
    """One use in words."""

    who: str
    text: str
    at: datetime


def recent_uses(node_id: UUID, *, limit: int = 5) -> list[RecentUse]:
    """The newest uses of a resource. The caller has checked that the reader may know them."""
    texts = {
        Code.ROWS_READ.value: _("took rows"),
        Code.SAMPLE_READ.value: _("looked at rows"),
        Code.PROFILE_READ.value: _("looked at the profile"),
        Code.CONTENT_READ.value: _("downloaded the original"),
        Code.PREVIEW_READ.value: _("looked at the preview"),
        Code.VERSIONS_COMPARED.value: _("compared two versions"),
        Code.QUARANTINE_READ.value: _("looked at the quarantine"),
        Code.QUARANTINE_EXPORTED.value: _("took the quarantine along"),
        Code.RECIPE_READ.value: _("looked at the recipe"),
        Code.ROWS_CUT_OFF.value: _("was cut off: the right ended"),
    }
    rows = list(
        Event.objects.filter(node_id=node_id, code__in=texts).order_by("-id")[: max(1, limit)]
    )
    people = {row.actor_id for row in rows if row.actor_kind == "person" and row.actor_id}
    names = dict(Person.objects.filter(id__in=people).values_list("id", "name"))
    return [
        RecentUse(
            who=(names.get(row.actor_id, "") if row.actor_id else "")
            or (_("A link’s visitor") if row.actor_kind == "link" else _("Somebody")),
            text=texts[row.code],
            at=row.at,
        )
        for row in rows
    ]
