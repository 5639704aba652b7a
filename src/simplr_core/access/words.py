"""The closed words of the decision: actions, node kinds, roles and what each role carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Action(StrEnum):
    """What somebody may do to a node. There are six; nothing else can be granted."""

    DISCOVER = "discover"
    """Know that it exists, and its title."""
    DESCRIBE = "describe"
    """See its description: fields, types, counts, versions. No cell value."""
    READ = "read"
    """See rows, samples, profiles, content."""
    DOWNLOAD = "download"
    """Take rows or content away as a file or a stream."""
    WRITE = "write"
    """Add to it or change it."""
    MANAGE = "manage"
    """Decide about it: releases, grants, deletion; on a project also its people."""


class NodeKind(StrEnum):
    """Every kind of node that a role, a grant or a token may point at."""

    PROJECT = "project"
    FOLDER = "folder"
    RESOURCE = "resource"
    VERSION = "version"
    RELEASE = "release"
    PIPELINE = "pipeline"
    SURVEY = "survey"
    STREAM = "stream"
    CONNECTION = "connection"
    ANALYSIS = "analysis"
    MODEL = "model"
    DASHBOARD = "dashboard"
    POST = "post"


class Role(StrEnum):
    """What a member is in a project."""

    OWNER = "owner"
    STEWARD = "steward"
    ANALYST = "analyst"
    VIEWER = "viewer"
    GUEST = "guest"


class GranteeKind(StrEnum):
    """Whom a grant may name. `public` is everybody, signed in or not."""

    PERSON = "person"
    GROUP = "group"
    ORGANISATION = "organisation"
    LINK = "link"
    PUBLIC = "public"


class Condition(StrEnum):
    """What must have happened before a grant opens. A condition not listed here never opens."""

    AGREEMENT = "agreement"
    CODE = "code"
    APPROVAL = "approval"
    SECOND_APPROVER = "second-approver"


_KNOW = frozenset({Action.DISCOVER, Action.DESCRIBE})
ALL_ACTIONS = frozenset(Action)

INCLUDES: Mapping[Action, frozenset[Action]] = MappingProxyType(
    {
        Action.DISCOVER: frozenset({Action.DISCOVER}),
        Action.DESCRIBE: _KNOW,
        Action.READ: _KNOW | {Action.READ},
        Action.DOWNLOAD: _KNOW | {Action.READ, Action.DOWNLOAD},
        # Not read: something may be dropped into a box that the giver cannot look into.
        Action.WRITE: _KNOW | {Action.WRITE},
        Action.MANAGE: _KNOW | {Action.MANAGE},
    }
)
"""What a granted or scoped action brings with it: nobody can read what he may not know of."""

RELEASABLE = frozenset({Action.DISCOVER, Action.DESCRIBE, Action.READ, Action.DOWNLOAD})
"""All that a grant under a release, a link or a public grant can ever carry."""


@dataclass(frozen=True, slots=True)
class RoleRights:
    """What one role carries: on the project itself, on what lies in it, and in the clear."""

    on_project: frozenset[Action]
    inside: frozenset[Action]
    personal: bool
    """Whether fields marked personal are shown in the clear."""


ROLE_RIGHTS: Mapping[Role, RoleRights] = MappingProxyType(
    {
        Role.OWNER: RoleRights(on_project=ALL_ACTIONS, inside=ALL_ACTIONS, personal=True),
        # A steward looks after the data: people and the end of the project are the owner's.
        Role.STEWARD: RoleRights(
            on_project=ALL_ACTIONS - {Action.MANAGE}, inside=ALL_ACTIONS, personal=True
        ),
        Role.ANALYST: RoleRights(on_project=RELEASABLE, inside=RELEASABLE, personal=False),
        Role.VIEWER: RoleRights(
            on_project=_KNOW | {Action.READ}, inside=_KNOW | {Action.READ}, personal=False
        ),
        Role.GUEST: RoleRights(on_project=_KNOW, inside=_KNOW, personal=False),
    }
)
"""The one table of roles. Pages, manual and tests read it; no other place knows what a role may."""

ROLE_ACTIONS: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {role: rights.inside for role, rights in ROLE_RIGHTS.items()}
)
"""What a role may do to what lies in its project (see `ROLE_RIGHTS` for the project itself)."""


def role_actions(role: Role, kind: NodeKind) -> frozenset[Action]:
    """What this role may do to a node of this kind."""
    rights = ROLE_RIGHTS[role]
    return rights.on_project if kind is NodeKind.PROJECT else rights.inside


def included(actions: frozenset[Action]) -> frozenset[Action]:
    """The named actions and what they bring with them."""
    return frozenset(each for action in actions for each in INCLUDES[action])
