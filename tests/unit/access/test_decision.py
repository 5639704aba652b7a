"""Truth tables of the one decision, row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from simplr_core.access import (
    ROLE_ACTIONS,
    Action,
    ActorFacts,
    ActorKind,
    GranteeKind,
    GrantFacts,
    NodeFacts,
    NodeKind,
    Role,
    RoleFacts,
    ThingKind,
    TokenFacts,
    Verdict,
    Via,
    decide,
    decide_office,
    parse_scopes,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PARKS, TREES, ONE, OPEN_TREES, OTHER = (UUID(int=n) for n in range(1, 6))
ADA, BOB, CITY, CREW, VISIT = (UUID(int=n) for n in range(11, 16))
FIRST, SECOND = UUID(int=21), UUID(int=22)

PROJECT = NodeFacts(PARKS, NodeKind.PROJECT, (PARKS,), PARKS)
DATASET = NodeFacts(TREES, NodeKind.RESOURCE, (PARKS, TREES), PARKS)
VERSION = NodeFacts(ONE, NodeKind.VERSION, (PARKS, TREES, ONE), PARKS)
RELEASE = NodeFacts(OPEN_TREES, NodeKind.RELEASE, (PARKS, TREES, OPEN_TREES), PARKS)
OTHER_RELEASE = NodeFacts(OTHER, NodeKind.RELEASE, (PARKS, TREES, OTHER), PARKS)

PERSON = ActorFacts(
    ActorKind.PERSON,
    person_id=ADA,
    active=True,
    licensed=True,
    organisation_ids=frozenset({CITY}),
    group_ids=frozenset({CREW}),
)
LINK = ActorFacts(ActorKind.LINK, link_id=VISIT)
NOBODY = ActorFacts(ActorKind.ANONYMOUS)


def grant(**changes: object) -> GrantFacts:
    plain = GrantFacts(
        id=FIRST,
        node_id=TREES,
        grantee_kind=GranteeKind.PERSON,
        grantee_id=ADA,
        actions=frozenset({Action.READ, Action.DOWNLOAD}),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def ask(
    action: Action,
    node: NodeFacts = DATASET,
    actor: ActorFacts = PERSON,
    *,
    role: Role | None = None,
    grants: tuple[GrantFacts, ...] = (),
    touching: ThingKind | None = None,
) -> Verdict:
    roles = (RoleFacts(PARKS, role),) if role else ()
    return decide(
        action=action,
        actor=actor,
        node=node,
        roles=roles,
        grants=grants,
        now=NOON,
        touching=touching,
    )


def token(*scopes: str, **changes: object) -> TokenFacts:
    plain = TokenFacts(UUID(int=31), parse_scopes(scopes), NOON + timedelta(hours=1))
    return replace(plain, **changes)  # type: ignore[arg-type]


#             discover describe read download write manage personal
ROLE_TABLE = """
owner      |     y        y      y      y       y     y       y
steward    |     y        y      y      y       y     y       y
analyst    |     y        y      y      y       n     n       n
viewer     |     y        y      y      n       n     n       n
guest      |     y        y      n      n       n     n       n
"""


@pytest.mark.parametrize("line", ROLE_TABLE.strip().splitlines(), ids=lambda text: text.split()[0])
def test_a_role_may_in_its_project_exactly_what_the_table_says(line: str) -> None:
    name, cells = line.split("|")
    role = Role(name.strip())
    *expected, personal = [cell == "y" for cell in cells.split()]
    for node in (DATASET, VERSION):
        answers = [ask(action, node, role=role) for action in Action]
        assert [answer.allowed for answer in answers] == expected
        assert all(answer.known for answer in answers)
        assert {answer.personal for answer in answers if answer.allowed} == {personal}
    assert ROLE_ACTIONS[role] == {a for a, yes in zip(Action, expected, strict=True) if yes}


def test_people_and_the_end_of_a_project_are_the_owners() -> None:
    assert ask(Action.MANAGE, PROJECT, role=Role.OWNER).allowed
    assert not ask(Action.MANAGE, PROJECT, role=Role.STEWARD).allowed
    assert ask(Action.WRITE, PROJECT, role=Role.STEWARD).allowed
    assert ask(Action.MANAGE, DATASET, role=Role.STEWARD).allowed


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("node", [PROJECT, DATASET, VERSION, RELEASE], ids=lambda n: n.kind)
@pytest.mark.parametrize("actor", [PERSON, LINK, NOBODY, ActorFacts(ActorKind.SYSTEM)])
def test_everything_is_denied_and_unknown_unless_given(
    action: Action, node: NodeFacts, actor: ActorFacts
) -> None:
    verdict = ask(action, node, actor)
    assert not verdict.allowed
    assert not verdict.known


@pytest.mark.parametrize("action", [a for a in Action if a is not Action.DISCOVER])
@pytest.mark.parametrize("node", [PROJECT, DATASET, VERSION, RELEASE], ids=lambda n: n.kind)
def test_neither_office_opens_anything(action: Action, node: NodeFacts) -> None:
    both = replace(PERSON, administrator=True, auditor=True)
    assert not ask(action, node, both).allowed


def test_an_auditor_can_name_everything_and_an_administrator_projects() -> None:
    auditor = replace(PERSON, auditor=True)
    administrator = replace(PERSON, administrator=True)
    assert ask(Action.DISCOVER, DATASET, auditor).via is Via.AUDITOR
    assert ask(Action.DISCOVER, PROJECT, administrator).via is Via.ADMINISTRATOR
    assert not ask(Action.DISCOVER, DATASET, administrator).known


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"active": False}, "inactive"),
        ({"licensed": False}, "unlicensed"),
        ({"token": token("resource:read", revoked=True)}, "token-ended"),
        ({"token": token("resource:read", expires_at=NOON)}, "token-ended"),
        ({"kind": ActorKind.SYSTEM}, "system-has-no-rights"),
    ],
)
def test_whoever_is_barred_may_nothing_even_as_owner(changes: dict[str, object], code: str) -> None:
    actor = replace(PERSON, **changes)  # type: ignore[arg-type]
    verdict = ask(Action.DISCOVER, DATASET, actor, role=Role.OWNER, grants=(grant(),))
    assert (verdict.allowed, verdict.known, verdict.code) == (False, False, code)


@pytest.mark.parametrize(
    ("changes", "open_"),
    [
        ({}, True),
        ({"revoked_at": NOON - timedelta(days=1)}, False),
        ({"revoked_at": NOON + timedelta(days=1)}, False),
        ({"until": NOON}, False),
        ({"until": NOON + timedelta(microseconds=1)}, True),
        ({"starts_at": NOON}, True),
        ({"starts_at": NOON + timedelta(microseconds=1)}, False),
        ({"grantee_id": BOB}, False),
        ({"grantee_id": None}, False),
        ({"grantee_kind": GranteeKind.GROUP, "grantee_id": CREW}, True),
        ({"grantee_kind": GranteeKind.GROUP, "grantee_id": CITY}, False),
        ({"grantee_kind": GranteeKind.ORGANISATION, "grantee_id": CITY}, True),
        ({"grantee_kind": GranteeKind.LINK, "grantee_id": ADA}, False),
        ({"grantee_kind": GranteeKind.PUBLIC, "grantee_id": None}, True),
        ({"node_id": PARKS}, True),
        ({"node_id": ONE}, False),
        ({"conditions": frozenset({"code"})}, False),
        ({"conditions": frozenset({"code"}), "met": frozenset({"code"})}, True),
        ({"conditions": frozenset({"code", "approval"}), "met": frozenset({"code"})}, False),
        ({"conditions": frozenset({"a-later-idea"})}, False),
        ({"conditions": frozenset({"a-later-idea"}), "met": frozenset({"a-later-idea"})}, False),
    ],
)
def test_a_grant_opens_only_while_all_of_it_holds(changes: dict[str, object], open_: bool) -> None:
    verdict = ask(Action.READ, grants=(grant(**changes),))
    assert verdict.allowed is open_
    assert verdict.grant_id == FIRST or not open_


def test_an_unmet_condition_lets_the_thing_be_known_and_no_more() -> None:
    asked = grant(conditions=frozenset({"agreement"}))
    assert ask(Action.DISCOVER, grants=(asked,)).allowed
    verdict = ask(Action.DESCRIBE, grants=(asked,))
    assert (verdict.allowed, verdict.known, verdict.code) == (False, True, "conditions-missing")
    assert verdict.conditions_missing == {"agreement"}
    assert not ask(Action.DISCOVER, grants=(grant(conditions=frozenset({"odd"})),)).known


def test_a_grant_under_a_release_never_reaches_the_whole_resource() -> None:
    under = grant(release_id=OPEN_TREES)
    verdict = ask(Action.READ, DATASET, grants=(under,))
    assert (verdict.allowed, verdict.known, verdict.code) == (False, True, "release-only")
    assert verdict.releases == {OPEN_TREES}
    assert not ask(Action.READ, VERSION, grants=(under,)).known
    assert not ask(Action.READ, PROJECT, grants=(under,)).known
    assert not ask(Action.READ, OTHER_RELEASE, grants=(under,)).known

    through = ask(Action.DOWNLOAD, RELEASE, grants=(under,))
    assert through.allowed
    assert (through.release_id, through.grant_id, through.via) == (OPEN_TREES, FIRST, Via.GRANT)
    described = ask(Action.DESCRIBE, DATASET, grants=(under,))
    assert (described.allowed, described.release_id) == (True, OPEN_TREES)


def test_a_grant_under_a_release_never_writes_or_manages() -> None:
    greedy = grant(release_id=OPEN_TREES, actions=frozenset(Action))
    for node in (DATASET, RELEASE):
        assert not ask(Action.WRITE, node, grants=(greedy,)).allowed
        assert not ask(Action.MANAGE, node, grants=(greedy,)).allowed


def test_a_release_grant_of_one_resource_does_not_open_a_release_of_another() -> None:
    elsewhere = grant(node_id=OTHER, release_id=OPEN_TREES)
    assert not ask(Action.READ, RELEASE, grants=(elsewhere,)).known


def test_of_several_grants_the_widest_is_named() -> None:
    narrow = grant(id=FIRST, release_id=OPEN_TREES)
    whole = grant(id=SECOND)
    verdict = ask(Action.READ, DATASET, grants=(narrow, whole))
    assert (verdict.grant_id, verdict.release_id, verdict.personal) == (SECOND, None, True)
    assert ask(Action.READ, DATASET, role=Role.STEWARD, grants=(whole,)).via is Via.ROLE
    assert ask(Action.READ, DATASET, role=Role.VIEWER, grants=(whole,)).personal


@pytest.mark.parametrize(
    ("changes", "personal"),
    [
        ({}, True),
        ({"node_id": PARKS}, False),
        ({"grantee_kind": GranteeKind.ORGANISATION, "grantee_id": CITY}, True),
        ({"grantee_kind": GranteeKind.PUBLIC, "grantee_id": None}, False),
    ],
)
def test_only_a_grant_of_the_very_resource_shows_personal_fields(
    changes: dict[str, object], personal: bool
) -> None:
    assert ask(Action.READ, DATASET, grants=(grant(**changes),)).personal is personal
    assert ask(Action.READ, VERSION, grants=(grant(**changes),)).personal is personal


def test_a_member_reads_a_release_as_that_release() -> None:
    verdict = ask(Action.READ, RELEASE, role=Role.VIEWER)
    assert (verdict.release_id, verdict.personal) == (OPEN_TREES, False)
    granted = ask(Action.READ, RELEASE, role=Role.VIEWER, grants=(grant(release_id=OPEN_TREES),))
    assert (granted.release_id, granted.personal) == (OPEN_TREES, True)


def test_owning_a_thing_ends_with_membership() -> None:
    mine = replace(DATASET, owner_id=ADA)
    assert ask(Action.MANAGE, mine, role=Role.GUEST).via is Via.OWNER
    assert not ask(Action.DISCOVER, mine).known


def test_a_link_reads_what_it_was_given_and_never_manages() -> None:
    given = grant(grantee_kind=GranteeKind.LINK, grantee_id=VISIT, actions=frozenset(Action))
    assert ask(Action.READ, DATASET, LINK, grants=(given,)).via is Via.LINK
    assert not ask(Action.READ, DATASET, LINK, grants=(given,)).personal
    assert not ask(Action.WRITE, DATASET, LINK, grants=(given,)).allowed
    assert not ask(Action.MANAGE, DATASET, LINK, grants=(given,)).allowed
    other = replace(LINK, link_id=OTHER)
    assert not ask(Action.READ, DATASET, other, grants=(given,)).known


def test_roles_belong_to_persons_only() -> None:
    assert not ask(Action.DISCOVER, DATASET, LINK, role=Role.OWNER).known
    assert not ask(Action.DISCOVER, DATASET, NOBODY, role=Role.OWNER).known


@pytest.mark.parametrize(
    ("scope", "node", "action", "allowed", "known"),
    [
        ("resource:read", DATASET, Action.READ, True, True),
        ("resource:read", VERSION, Action.READ, True, True),
        ("resource:read", RELEASE, Action.READ, True, True),
        ("resource:read", DATASET, Action.DOWNLOAD, False, True),
        ("resource:read", PROJECT, Action.DISCOVER, False, False),
        (f"resource:{TREES}:read", DATASET, Action.READ, True, True),
        (f"resource:{TREES}:read", VERSION, Action.READ, True, True),
        (f"resource:{OTHER}:read", DATASET, Action.READ, False, False),
        (f"release:{OPEN_TREES}:download", RELEASE, Action.DOWNLOAD, True, True),
        (f"release:{OPEN_TREES}:download", RELEASE, Action.READ, True, True),
        (f"release:{OPEN_TREES}:download", DATASET, Action.DOWNLOAD, False, False),
        (f"release:{OPEN_TREES}:download", OTHER_RELEASE, Action.DOWNLOAD, False, False),
        (f"project:{PARKS}:write", DATASET, Action.WRITE, True, True),
        (f"project:{PARKS}:write", DATASET, Action.READ, False, True),
        (f"resource:{PARKS}:write", PROJECT, Action.WRITE, False, False),
        (f"release:{TREES}:read", DATASET, Action.READ, False, False),
        ("folder:read", DATASET, Action.READ, False, False),
        ("resource:discover", DATASET, Action.DISCOVER, True, True),
    ],
)
def test_a_token_is_an_upper_bound(
    scope: str, node: NodeFacts, action: Action, allowed: bool, known: bool
) -> None:
    actor = replace(PERSON, token=token(scope))
    verdict = ask(action, node, actor, role=Role.OWNER)
    assert (verdict.allowed, verdict.known) == (allowed, known)
    assert allowed or verdict.code == "scope-missing"
    assert not ask(action, node, actor).allowed, "a scope gives nothing by itself"


def test_a_scope_for_grants_serves_the_grants_of_a_node_and_nothing_else() -> None:
    actor = replace(PERSON, token=token("grant:manage"))
    assert ask(Action.MANAGE, DATASET, actor, role=Role.STEWARD, touching=ThingKind.GRANT).allowed
    assert not ask(Action.MANAGE, DATASET, actor, role=Role.STEWARD).allowed
    assert not ask(Action.READ, DATASET, actor, role=Role.STEWARD, touching=ThingKind.GRANT).allowed
    assert not ask(Action.MANAGE, DATASET, actor, touching=ThingKind.GRANT).allowed


def test_what_is_deleted_is_not_known() -> None:
    gone = replace(DATASET, deleted=True)
    assert not ask(Action.DISCOVER, gone, role=Role.OWNER, grants=(grant(),)).known


def test_an_action_brings_the_knowledge_it_needs() -> None:
    assert ask(Action.DESCRIBE, grants=(grant(actions=frozenset({Action.READ})),)).allowed
    dropbox = grant(actions=frozenset({Action.WRITE}))
    assert ask(Action.WRITE, grants=(dropbox,)).allowed
    assert not ask(Action.READ, grants=(dropbox,)).allowed


def test_a_naive_time_is_a_bug() -> None:
    with pytest.raises(ValueError, match="aware"):
        decide(
            action=Action.READ,
            actor=PERSON,
            node=DATASET,
            roles=(),
            grants=(),
            now=NOON.replace(tzinfo=None),
        )


def test_a_verdict_cannot_be_mistaken_for_a_boolean() -> None:
    with pytest.raises(TypeError):
        bool(ask(Action.READ))


@pytest.mark.parametrize(
    ("office", "action", "changes", "allowed"),
    [
        (Via.ADMINISTRATOR, Action.MANAGE, {"administrator": True}, True),
        (Via.ADMINISTRATOR, Action.MANAGE, {"auditor": True}, False),
        (Via.AUDITOR, Action.READ, {"auditor": True}, True),
        (Via.AUDITOR, Action.MANAGE, {"auditor": True}, False),
        (Via.AUDITOR, Action.READ, {"administrator": True}, False),
        (Via.ADMINISTRATOR, Action.MANAGE, {"administrator": True, "active": False}, False),
        (Via.ADMINISTRATOR, Action.MANAGE, {"administrator": True, "licensed": False}, False),
        (Via.OWNER, Action.READ, {"administrator": True, "auditor": True}, False),
        (
            Via.ADMINISTRATOR,
            Action.MANAGE,
            {"administrator": True, "token": token("installation:manage")},
            True,
        ),
        (
            Via.ADMINISTRATOR,
            Action.MANAGE,
            {"administrator": True, "token": token("ledger:read")},
            False,
        ),
        (
            Via.ADMINISTRATOR,
            Action.MANAGE,
            {"administrator": True, "token": token("installation:manage", revoked=True)},
            False,
        ),
    ],
)
def test_the_offices_run_and_audit_and_no_more(
    office: Via, action: Action, changes: dict[str, object], allowed: bool
) -> None:
    actor = replace(PERSON, **changes)  # type: ignore[arg-type]
    verdict = decide_office(
        office=office, action=action, actor=actor, thing=ThingKind.INSTALLATION, now=NOON
    )
    assert verdict.allowed is allowed


def test_an_office_is_not_narrowed_by_a_grant_under_a_release() -> None:
    auditor = replace(PERSON, auditor=True)
    known = ask(Action.DISCOVER, actor=auditor, grants=(grant(release_id=OPEN_TREES),))
    assert (known.via, known.release_id, known.releases) == (Via.AUDITOR, None, {OPEN_TREES})
