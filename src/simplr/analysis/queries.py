"""Reading alerts: an administrator sees all, an owner those that reached what is his."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from simplr.access.permissions import nodes_reached
from simplr.analysis import reading
from simplr.analysis.models import Alert, AlertProject
from simplr.base.actors import Actor
from simplr.base.ids import first_id_of
from simplr.base.models import Event
from simplr.sharing import queries as sharing
from simplr_core.access import Action
from simplr_core.errors import NotFound

MOST_SHOWN = 100
_NOWHERE = UUID(int=0)


def alerts_visible_to(actor: Actor, *, state: str = "") -> QuerySet[Alert]:
    """The alerts that the actor may know of, the newest first.

    Administrators and auditors know of all; others of those about what they manage, and about
    their own tokens: a token may be used by somebody else.
    """
    found = Alert.objects.select_related("person", "decided_by").order_by("-id")
    if actor.person_id is None:
        return found.none()
    if not (actor.administrator or actor.auditor):
        managed = nodes_reached(actor, action=Action.MANAGE).filter(kind="project").values("id")
        reached = AlertProject.objects.filter(alert=OuterRef("pk"), project_id__in=managed)
        own = Q(person_id=actor.person_id, token_id__isnull=False)
        found = found.filter(own | Q(Exists(reached)) & ~Q(person_id=actor.person_id))
    return found.filter(state=state) if state else found


def alert_of(alert_id: UUID, *, actor: Actor) -> Alert:
    """One alert. Raises NotFound."""
    alert = alerts_visible_to(actor).filter(pk=alert_id).first()
    if alert is None:
        raise NotFound
    return alert


def manages_all(alert: Alert, *, actor: Actor) -> bool:
    """Whether the actor manages every project of which something was reached, and there is one."""
    wanted = set(alert.projects.values_list("project_id", flat=True))
    managed = nodes_reached(actor, action=Action.MANAGE).filter(id__in=wanted)
    return bool(wanted) and managed.count() == len(wanted)


def readings_of(alert: Alert) -> QuerySet[Event]:
    """The events by which data was reached, from the beginning of an alert to its end."""
    found = Event.objects.filter(
        actor_id=alert.person_id,
        id__gte=first_id_of(alert.begins_at),
        at__gte=alert.begins_at,
        at__lte=alert.last_at,
        code__in=[code.value for code in reading.READINGS],
        outcome="ok",
    )
    return found.filter(token_id=alert.token_id)


def reached_by(alert: Alert, *, reader: Actor) -> dict[str, Any]:
    """What was reached: how much in all, and by title what the reader may know of."""
    rows = readings_of(alert).exclude(node_id=None).order_by().values("node_id")
    counted = list(rows.annotate(count=Count("id"), last=Max("at")).order_by("-count", "node_id"))
    ids = [row["node_id"] for row in counted if row["node_id"] is not None]
    known = set(
        nodes_reached(reader, action=Action.DISCOVER)
        .filter(id__in=ids)
        .values_list("id", flat=True)
    )
    titles = sharing.titles_of(known)
    shown = [row for row in counted if row["node_id"] in titles][:MOST_SHOWN]
    return {
        "readings": sum(row["count"] for row in counted),
        "things": len(counted),
        "hidden": len(counted) - sum(row["node_id"] in titles for row in counted),
        "items": [
            {
                "node": row["node_id"],
                "title": titles.get(row["node_id"] or _NOWHERE, ""),
                "count": row["count"],
                "last_at": row["last"],
            }
            for row in shown
        ],
    }
