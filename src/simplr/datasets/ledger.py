"""Events about a data set, day by day, in the words of base.event_words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from simplr.base.event_words import words_of
from simplr.base.models import Event
from simplr.datasets import queries


def days(rows: Sequence[Event]) -> list[dict[str, Any]]:
    """What simplr/parts/events.html shows."""
    names = queries.names_of_people(row.actor_id for row in rows if row.actor_id)
    today = timezone.localdate()
    found = []
    for day, inside in groupby(rows, key=lambda row: timezone.localtime(row.at).date()):
        label = (
            _("Today")
            if day == today
            else _("Yesterday")
            if (today - day).days == 1
            else date_format(day, "l j F Y")
        )
        found.append({"label": label, "entries": [_entry(row, names) for row in inside]})
    return found


def _entry(row: Event, names: dict[Any, str]) -> dict[str, Any]:
    said = words_of(row.code)
    return {
        "at": row.at,
        "icon": said.icon,
        "outcome": row.outcome,
        "actor": _actor(row, names),
        "text": said.phrase,
        "url": "",
        "code": row.code,
        "detail": "",
    }


def _actor(row: Event, names: dict[Any, str]) -> str:
    if row.actor_kind == "person":
        return names.get(row.actor_id, _("Somebody"))
    return {
        "link": _("A link’s visitor"),
        "system": _("The installation"),
    }.get(row.actor_kind, _("Somebody not signed in"))


def zone() -> str:
    """The zone in which the times are written, named once a page."""
    return _("times in %(zone)s") % {"zone": timezone.get_current_timezone_name()}
