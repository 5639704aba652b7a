"""What the decision needs to know, in one statement: of the thing, and of who asks.

It is asked several times for each request, so it is written in SQL: put together by the ORM it was
five statements, and most of a decision's time went into writing them again.
`tests/db/access/test_facts.py` holds it to the models.
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
from simplr_core.access.scopes import opening

ANONYMOUS_FACTS = ActorFacts(kind=ActorKind.ANONYMOUS)


@dataclass(frozen=True, slots=True)
class Known:
    """What holds of an actor at one moment: the facts of himself, his roles, what names him."""

    actor: ActorFacts
    roles: tuple[RoleFacts, ...] = ()
    grants: tuple[GrantFacts, ...] = ()


NOBODY = Known(ANONYMOUS_FACTS)

_NODE_COLUMNS = """
node.id, node.kind, node.path, node.project_id, node.owner_id, node.classification,
node.organisation_id, node.restorable_until,
ARRAY(SELECT above.id FROM access_node above
      WHERE above.id = ANY(node.path) AND above.deleted_at IS NOT NULL) AS gone
"""
_NODE = f"SELECT {_NODE_COLUMNS} FROM access_node node WHERE node.id = %(node)s"  # noqa: S608 - put together of constants alone, as all below

_ALL = "true"
_ON_PATH = "at.node_id = ANY(%(path)s::uuid[])"
_ON_PATH_OF_NODE = "at.node_id = ANY(node.path)"
"""What bears upon a node was given on it or above it; a grant under a release, on its resource."""

_ROLES = """
SELECT coalesce(jsonb_agg(jsonb_build_array(at.node_id, at.role)), '[]')::text
FROM access_roleassignment at WHERE at.person_id = person.id AND {where}
"""
# Three looks by an index each: one condition made of three is a walk over all grants.
_TO_PERSON = """
SELECT at.* FROM access_grant at WHERE at.person_id = person.id AND {where}
UNION ALL
SELECT at.* FROM access_grant at WHERE at.organisation_id = person.organisation_id AND {where}
UNION ALL
SELECT at.* FROM accounts_groupmembership member JOIN access_grant at USING (group_id)
WHERE member.person_id = person.id AND {where}
"""
_TO_LINK = "SELECT at.* FROM access_grant at WHERE at.id = %(link)s AND at.link_digest IS NOT NULL AND {where}"
_GRANTS = """
SELECT coalesce(jsonb_agg(jsonb_build_array(
    g.id, g.node_id, g.person_id, g.organisation_id, g.group_id, g.actions, g.release_id,
    g.granted_at, g.until, g.revoked_at, g.conditions)), '[]')::text
FROM ({to}) g
"""
_PERSON_COLUMNS = f"""
person.id, person.is_active, {LICENCE_LETS_IN}, person.is_administrator, person.is_auditor,
person.organisation_id,
ARRAY(SELECT group_id FROM accounts_groupmembership WHERE person_id = person.id),
({_ROLES}), ({_GRANTS.format(to=_TO_PERSON)}),
token.public_id, token.scope, token.expires, token.revoked_at
"""  # noqa: S608
_PERSON = """accounts_person person
LEFT JOIN access_accesstoken token ON token.public_id = %(token)s"""

_PERSON_THERE = "SELECT {columns} FROM {person} WHERE person.id = %(person)s"
_PERSON_EVERYWHERE, _PERSON_HERE = (
    _PERSON_THERE.format(columns=_PERSON_COLUMNS.format(where=where), person=_PERSON)
    for where in (_ALL, _ON_PATH)
)
_PEOPLE_HERE = (
    f"SELECT {_PERSON_COLUMNS.format(where=_ON_PATH)} FROM {_PERSON} "  # noqa: S608
    "WHERE person.id = ANY(%(people)s)"
)
_LINK_EVERYWHERE = _GRANTS.format(to=_TO_LINK.format(where=_ALL))

_NODE_AND_PERSON = f"""
WITH node AS MATERIALIZED ({_NODE})
SELECT node.*, {_PERSON_COLUMNS.format(where=_ON_PATH_OF_NODE)}
FROM node LEFT JOIN ({_PERSON}) ON person.id = %(person)s
"""  # noqa: S608
_NODE_AND_LINK = f"""
WITH node AS MATERIALIZED ({_NODE})
SELECT node.*, ({_GRANTS.format(to=_TO_LINK.format(where=_ON_PATH_OF_NODE))}) FROM node
"""  # noqa: S608
_NODE_WIDTH = 9


def node_known(node_id: UUID, *, now: datetime) -> NodeFacts | None:
    """The facts of a node; deleted when anything above it is. None where there is none."""
    row = _one(_NODE, {"node": node_id})
    return None if row is None else _node(*row, now=now)


def node_and_known(actor: Actor, node_id: UUID, *, now: datetime) -> tuple[NodeFacts, Known] | None:
    """A node, and all of an actor that may bear upon it, read at once. None where no node is."""
    values = {"node": node_id, "now": now}
    if actor.kind == "link" and actor.link_id is not None:
        row = _one(_NODE_AND_LINK, {**values, "link": actor.link_id})
        if row is None:
            return None
        return _node(*row[:_NODE_WIDTH], now=now), _link(actor.link_id, row[_NODE_WIDTH])
    if actor.kind == "person" and actor.person_id is not None:
        row = _one(_NODE_AND_PERSON, {**values, "person": actor.person_id, "token": actor.token_id})
        if row is None:
            return None
        known = _person(row[_NODE_WIDTH:], token_id=actor.token_id)
        return _node(*row[:_NODE_WIDTH], now=now), known
    node = node_known(node_id, now=now)
    return None if node is None else (node, known_of(actor, now=now))


def known_of(actor: Actor, *, now: datetime) -> Known:
    """All that the decision needs to know of an actor wherever he asks, by what holds now."""
    if actor.kind == "link" and actor.link_id is not None:
        row = _one(_LINK_EVERYWHERE, {"link": actor.link_id})
        return _link(actor.link_id, row[0] if row else "[]")
    if actor.kind == "system":
        return Known(ActorFacts(kind=ActorKind.SYSTEM))
    if actor.kind != "person" or actor.person_id is None:
        return NOBODY
    return known_of_person(actor.person_id, token_id=actor.token_id, now=now)


def known_of_person(
    person_id: UUID, *, now: datetime, token_id: UUID | None = None, at: NodeFacts | None = None
) -> Known:
    """The same of a person who need not be the one that asks: for "why may he see this?".

    With `at` only the roles and grants that may bear upon that node.
    """
    values: dict[str, Any] = {"person": person_id, "token": token_id, "now": now}
    if at is not None:
        values["path"] = list(at.path)
    row = _one(_PERSON_EVERYWHERE if at is None else _PERSON_HERE, values)
    return NOBODY if row is None else _person(row, token_id=token_id)


def known_of_people(
    person_ids: Iterable[UUID], *, now: datetime, at: NodeFacts
) -> dict[UUID, Known]:
    """What may bear upon one node, of several people at once."""
    values = {"people": list(person_ids), "token": None, "now": now, "path": list(at.path)}
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE_HERE, values)
        return {row[0]: _person(row, token_id=None) for row in cursor.fetchall()}


def _node(
    id_: UUID,
    kind: str,
    path: list[UUID],
    project: UUID | None,
    owner: UUID,
    classification: str,
    organisation: UUID,
    until: datetime | None,
    gone: list[UUID],
    *,
    now: datetime,
) -> NodeFacts:
    return NodeFacts(
        id=id_,
        kind=NodeKind(kind),
        path=tuple(path),
        project_id=project,
        owner_id=owner,
        classification=classification,
        organisation_id=organisation,
        deleted=bool(gone),
        restorable=gone == [id_] and until is not None and now < until,
    )


def _person(row: tuple[Any, ...], *, token_id: UUID | None) -> Known:
    person_id, active, licensed, administrator, auditor, organisation, groups, *more = row
    roles, grants, *token = more
    if person_id is None or (token_id is not None and token[0] is None):
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


def _link(link_id: UUID, grants: str) -> Known:
    return Known(ActorFacts(kind=ActorKind.LINK, link_id=link_id), grants=_grants(grants))


def _one(statement: str, values: dict[str, Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def _token(id_: UUID, scope: str, expires: datetime, revoked_at: datetime | None) -> TokenFacts:
    return TokenFacts(
        id=id_,
        scopes=frozenset(access.parse_scope(each) for each in opening(scope.split())),
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
