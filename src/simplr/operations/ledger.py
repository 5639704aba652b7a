"""Who may read which events, and how they read for people.

An auditor reads all; whoever may manage a node reads what is about it and everything below it; a
person reads what he did. Names are looked up when shown, never stored in the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from simplr.access.models import AccessToken, Grant, Node
from simplr.access.permissions import nodes_reached
from simplr.accounts.models import Group, Organisation, Person
from simplr.audit import queries as audit
from simplr.base import ledger_queries
from simplr.base.actors import Actor
from simplr.base.events import Event as Code
from simplr.base.models import Event
from simplr.base.paging import USUAL, Page, page_of
from simplr.projects.models import Project
from simplr.resources.models import Resource
from simplr.sharing.models import Release
from simplr_core.access import Action
from simplr_core.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which events are asked for; what is left out does not matter."""

    node: UUID | None = None
    actor: UUID | None = None
    code: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None


def events_visible_to(actor: Actor) -> QuerySet[Event]:
    """Every event that `actor` may know of."""
    if actor.kind != "person":
        return Event.objects.none()
    if actor.auditor:
        return Event.objects.all()
    mine = nodes_reached(actor, action=Action.MANAGE).values("id")
    return Event.objects.filter(
        Q(actor_id=actor.person_id) | Q(node_id__in=mine) | Q(project_id__in=mine)
    )


def events_page(
    *, actor: Actor, wanted: Filter, cursor: str = "", limit: int = USUAL
) -> Page[dict[str, Any]]:
    """A page of events, newest first, with the names that the reader may know.

    Raises NotFound for a node that the actor may not know of.
    """
    node_ids = _node_and_below(actor, wanted.node) if wanted.node else None
    where = ledger_queries.matching(
        node_ids=node_ids,
        actor_id=wanted.actor,
        code=wanted.code,
        outcome=wanted.outcome,
        since=wanted.since,
        until=wanted.until,
    )
    page = page_of(events_visible_to(actor).filter(where), cursor=cursor, limit=limit)
    return Page(shown(page.items, reader=actor), page.next)


def _node_and_below(actor: Actor, node_id: UUID) -> list[UUID]:
    known = Node.objects.all() if actor.auditor else nodes_reached(actor, action=Action.DISCOVER)
    if not known.filter(id=node_id).exists():
        raise NotFound
    return list(Node.objects.filter(path__contains=[node_id]).values_list("id", flat=True))


def shown(events: Sequence[Event], *, reader: Actor) -> list[dict[str, Any]]:
    """Events as the API gives them."""
    seqs = audit.sealed_seqs([event.id for event in events])
    names = _Names(events, reader=reader)
    return [
        {
            "id": event.id,
            "seq": seqs.get(event.id),
            "sealed": event.id in seqs,
            "at": event.at,
            "code": event.code,
            "outcome": event.outcome,
            "actor": names.actor(event),
            "token": names.thing("token", event.token_id),
            "project": names.thing("project", event.project_id),
            "node": names.thing("node", event.node_id),
            "subject": names.thing(event.subject_kind, event.subject_id),
            "request_id": event.request_id,
            "details": event.details,
        }
        for event in events
    ]


class _Names:
    """Looks up, in one query a kind, the names that a reader may know."""

    def __init__(self, events: Sequence[Event], *, reader: Actor) -> None:
        self._names: dict[UUID, str] = {}
        # Whoever may read an event may know the people in it: that is what the ledger is for.
        subjects = {event.subject_id for event in events if event.subject_id}
        people = subjects | {event.actor_id for event in events if event.actor_id}
        self._add(Person.objects.filter(id__in=people), "id", "name")
        self._add(Group.objects.filter(id__in=subjects), "id", "name")
        self._add(Organisation.objects.filter(id__in=subjects), "id", "name")
        tokens = subjects | {event.token_id for event in events if event.token_id}
        self._add(AccessToken.objects.filter(public_id__in=tokens), "public_id", "name")
        self._name_links(Grant.objects.filter(id__in=people, link_digest__isnull=False))
        nodes = subjects | {
            node for event in events for node in (event.node_id, event.project_id) if node
        }
        known = nodes_reached(reader, action=Action.DISCOVER).filter(id__in=nodes).values("id")
        self._add(Project.objects.filter(node_id__in=known), "node_id", "title")
        self._add(Resource.objects.filter(node_id__in=known), "node_id", "title")
        self._add(Release.objects.filter(node_id__in=known), "node_id", "title")

    def _add(self, rows: Any, key: str, name: str) -> None:
        self._names.update(dict(rows.values_list(key, name)))

    def _name_links(self, grants: Iterable[Grant]) -> None:
        for grant in grants:
            self._names[grant.id] = grant.note or str(grant.id)

    def actor(self, event: Event) -> dict[str, Any]:
        return {
            "kind": event.actor_kind,
            "id": event.actor_id,
            "name": self._names.get(event.actor_id, "") if event.actor_id else "",
        }

    def thing(self, kind: str, id_: UUID | None) -> dict[str, Any] | None:
        if id_ is None:
            return None
        return {"kind": kind, "id": id_, "name": self._names.get(id_, "")}


def month_of(*, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """How often what happened in the last thirty days, among the events that the actor may see."""
    rows = (
        events_visible_to(actor)
        .filter(at__gte=now - timedelta(days=30))
        .order_by()
        .values_list("code", "outcome")
        .annotate(count=Count("id"))
    )
    counted: Counter[str] = Counter()
    refused = 0
    for code, outcome, count in rows:
        counted[code] += count
        refused += count if outcome == "refused" else 0
    reads = sum(counted.get(code.value, 0) for code in ledger_queries.USES if "read" in code.value)
    return [
        {"label": _("Reads"), "value": reads},
        {"label": _("Refused"), "value": refused},
        {"label": _("Grants made"), "value": counted.get(Code.GRANT_GIVEN.value, 0)},
        {"label": _("Grants ended"), "value": counted.get(Code.GRANT_REVOKED.value, 0)},
    ]
