"""What the decision needs to know, in two statements: of the thing, and of who asks.

Both are asked several times for each request, so they are written in SQL: put together by the ORM
they were five statements, and most of a decision's time went into writing them again.
`tests/db/access/test_facts.py` holds them to the models.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from simplr.base.actors import Actor
from simplr.licensing.queries import LICENCE_LETS_IN
from simplr_core import access
from simplr_core.access import (
    Action,
    ActorFacts,
    ActorKind,
    GranteeKind,
    GrantFacts,
    NodeFacts,
    NodeKind,
    Role,
    RoleFacts,
    TokenFacts,
)

ANONYMOUS_FACTS = ActorFacts(kind=ActorKind.ANONYMOUS)


@dataclass(frozen=True, slots=True)
class Known:
    """What holds of an actor at one moment: the facts of himself, his roles, what names him."""

    actor: ActorFacts
    roles: tuple[RoleFacts, ...] = ()
    grants: tuple[GrantFacts, ...] = ()


NOBODY = Known(ANONYMOUS_FACTS)

_NODE = """
SELECT node.kind, node.path, node.project_id, node.owner_id, node.classification,
       node.organisation_id, node.restorable_until,
       ARRAY(SELECT above.id FROM access_node above
             WHERE above.id = ANY(node.path) AND above.deleted_at IS NOT NULL)
FROM access_node node WHERE node.id = %(node)s
"""

_GRANT = """
SELECT coalesce(jsonb_agg(jsonb_build_array(
    g.id, g.node_id, g.person_id, g.organisation_id, g.group_id, g.actions, g.release_id,
    g.granted_at, g.until, g.revoked_at, g.conditions)), '[]')::text
FROM access_grant g WHERE {whom}
"""
_TO_LINK = "g.id = %(link)s AND g.link_digest IS NOT NULL"
_TO_PERSON = """(
    g.person_id = person.id
    OR g.organisation_id = person.organisation_id
    OR g.group_id IN (SELECT group_id FROM accounts_groupmembership WHERE person_id = person.id))
"""
_AT_NODE = " AND (g.node_id = ANY(%(path)s) OR g.release_id = %(node)s)"

_PERSON = f"""
SELECT person.is_active, {LICENCE_LETS_IN}, person.is_administrator, person.is_auditor,
       person.organisation_id,
       ARRAY(SELECT group_id FROM accounts_groupmembership WHERE person_id = person.id),
       (SELECT coalesce(jsonb_agg(jsonb_build_array(node_id, role)), '[]')::text
        FROM access_roleassignment WHERE person_id = person.id),
       ({{grants}}),
       token.public_id, token.scope, token.expires, token.revoked_at
FROM accounts_person person
LEFT JOIN access_accesstoken token ON token.public_id = %(token)s
WHERE person.id = %(person)s
"""  # noqa: S608 - put together of constants alone


def _statements(whom: str, around: str) -> tuple[str, str]:
    """The statement for every grant, and for those that may bear upon one node."""
    everywhere, here = (_GRANT.format(whom=whom + at) for at in ("", _AT_NODE))
    return around.format(grants=everywhere), around.format(grants=here)


_PERSON_EVERYWHERE, _PERSON_HERE = _statements(_TO_PERSON, _PERSON)
_LINK_EVERYWHERE, _LINK_HERE = _statements(_TO_LINK, "{grants}")


def node_known(node_id: UUID, *, now: datetime) -> NodeFacts | None:
    """The facts of a node; deleted when anything above it is. None where there is none."""
    row = _one(_NODE, {"node": node_id})
    if row is None:
        return None
    kind, path, project, owner, classification, organisation, until, gone = row
    return NodeFacts(
        id=node_id,
        kind=NodeKind(kind),
        path=tuple(path),
        project_id=project,
        owner_id=owner,
        classification=classification,
        organisation_id=organisation,
        deleted=bool(gone),
        restorable=gone == [node_id] and until is not None and now < until,
    )


def known_of(actor: Actor, *, now: datetime, at: NodeFacts | None = None) -> Known:
    """All that the decision needs to know of an actor, by what holds now.

    With `at` only those grants that may bear upon that node; roles always all.
    """
    if actor.kind == "link" and actor.link_id is not None:
        return _of_link(actor.link_id, at=at)
    if actor.kind == "system":
        return Known(ActorFacts(kind=ActorKind.SYSTEM))
    if actor.kind != "person" or actor.person_id is None:
        return NOBODY
    return known_of_person(actor.person_id, token_id=actor.token_id, now=now, at=at)


def known_of_person(
    person_id: UUID, *, now: datetime, token_id: UUID | None = None, at: NodeFacts | None = None
) -> Known:
    """The same of a person who need not be the one that asks: for "why may he see this?"."""
    values = {"person": person_id, "token": token_id, "now": now, **_here(at)}
    row = _one(_PERSON_EVERYWHERE if at is None else _PERSON_HERE, values)
    if row is None:
        return NOBODY
    active, licensed, administrator, auditor, organisation, groups, roles, grants, *token = row
    if token_id is not None and token[0] is None:
        return NOBODY
    facts = ActorFacts(
        kind=ActorKind.PERSON,
        person_id=person_id,
        active=active,
        licensed=licensed,
        administrator=administrator,
        auditor=auditor,
        organisation_ids=frozenset({organisation} - {None}),
        group_ids=frozenset(groups),
        token=None if token_id is None else _token(*token),
    )
    return Known(facts, _roles(roles), _grants(grants))


def _of_link(link_id: UUID, *, at: NodeFacts | None) -> Known:
    values = {"link": link_id, **_here(at)}
    row = _one(_LINK_EVERYWHERE if at is None else _LINK_HERE, values)
    facts = ActorFacts(kind=ActorKind.LINK, link_id=link_id)
    return Known(facts, grants=_grants(row[0]) if row else ())


def _here(at: NodeFacts | None) -> dict[str, Any]:
    return {} if at is None else {"node": at.id, "path": list(at.path)}


def _one(statement: str, values: dict[str, Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def _token(id_: UUID, scope: str, expires: datetime, revoked_at: datetime | None) -> TokenFacts:
    return TokenFacts(
        id=id_,
        scopes=access.parse_scopes(scope.split()),
        expires_at=expires,
        revoked=revoked_at is not None,
    )


def _roles(text: str) -> tuple[RoleFacts, ...]:
    return tuple(RoleFacts(node_id=UUID(node), role=Role(role)) for node, role in json.loads(text))


def _grants(text: str) -> tuple[GrantFacts, ...]:
    return tuple(_grant(*row) for row in json.loads(text))


def _grant(
    id_: str,
    node: str,
    person: str | None,
    organisation: str | None,
    group: str | None,
    actions: Iterable[str],
    release: str | None,
    granted_at: str,
    until: str | None,
    revoked_at: str | None,
    conditions: Iterable[str],
) -> GrantFacts:
    kind, grantee = (
        (GranteeKind.PERSON, person)
        if person
        else (GranteeKind.ORGANISATION, organisation)
        if organisation
        else (GranteeKind.GROUP, group)
        if group
        else (GranteeKind.LINK, id_)
    )
    return GrantFacts(
        id=UUID(id_),
        node_id=UUID(node),
        grantee_kind=kind,
        grantee_id=UUID(grantee),
        actions=frozenset(Action(action) for action in actions),
        release_id=UUID(release) if release else None,
        starts_at=datetime.fromisoformat(granted_at),
        until=datetime.fromisoformat(until) if until else None,
        revoked_at=datetime.fromisoformat(revoked_at) if revoked_at else None,
        conditions=frozenset(conditions),
    )
