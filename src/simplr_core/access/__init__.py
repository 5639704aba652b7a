"""Who may do what: facts in, verdict out.

This package knows roles, grants, releases, tokens and the offices of the installation, and holds
the one decision about them (`decide`) with its query twin (`reach`, `visible`). It refuses to
know where facts are kept, what a clock says, and what a node contains.
"""

from __future__ import annotations

from simplr_core.access.asking import (
    LAPSES_AFTER,
    REMINDED_AFTER,
    RequestState,
    RequestStep,
    after,
    lapses_at,
)
from simplr_core.access.decision import decide
from simplr_core.access.facts import (
    ActorFacts,
    ActorKind,
    GrantFacts,
    NodeFacts,
    Reason,
    RoleFacts,
    TokenFacts,
)
from simplr_core.access.offices import decide_office
from simplr_core.access.reach import Reach, reach, visible
from simplr_core.access.scopes import (
    Scope,
    ScopeInvalid,
    ThingKind,
    parse_scope,
    parse_scopes,
)
from simplr_core.access.verdict import Verdict, Via
from simplr_core.access.words import (
    ALL_ACTIONS,
    INCLUDES,
    RELEASABLE,
    ROLE_ACTIONS,
    ROLE_RIGHTS,
    Action,
    Condition,
    GranteeKind,
    NodeKind,
    Role,
    RoleRights,
    included,
    role_actions,
)

__all__ = [
    "ALL_ACTIONS",
    "INCLUDES",
    "LAPSES_AFTER",
    "RELEASABLE",
    "REMINDED_AFTER",
    "ROLE_ACTIONS",
    "ROLE_RIGHTS",
    "Action",
    "ActorFacts",
    "ActorKind",
    "Condition",
    "GrantFacts",
    "GranteeKind",
    "NodeFacts",
    "NodeKind",
    "Reach",
    "Reason",
    "RequestState",
    "RequestStep",
    "Role",
    "RoleFacts",
    "RoleRights",
    "Scope",
    "ScopeInvalid",
    "ThingKind",
    "TokenFacts",
    "Verdict",
    "Via",
    "after",
    "decide",
    "decide_office",
    "included",
    "lapses_at",
    "parse_scope",
    "parse_scopes",
    "reach",
    "role_actions",
    "visible",
]
