"""Laws of the decision, whatever the facts: nothing taken away ever widens, and the twins agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

from simplr_core.access import (
    Action,
    ActorFacts,
    ActorKind,
    Condition,
    GranteeKind,
    GrantFacts,
    NodeFacts,
    NodeKind,
    Role,
    RoleFacts,
    Scope,
    ThingKind,
    TokenFacts,
    Verdict,
    decide,
    visible,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PEOPLE = [UUID(int=n) for n in range(1, 4)]
P1, P2, F1, D1, D2, V1, R1, R2, R3 = (UUID(int=n) for n in range(10, 19))


def _node(node_id: UUID, kind: NodeKind, *above: UUID) -> NodeFacts:
    return NodeFacts(node_id, kind, (*above, node_id), above[0] if above else node_id)


HOUSE = (
    _node(P1, NodeKind.PROJECT),
    _node(P2, NodeKind.PROJECT),
    _node(F1, NodeKind.FOLDER, P1),
    _node(D1, NodeKind.RESOURCE, P1, F1),
    _node(D2, NodeKind.RESOURCE, P2),
    _node(V1, NodeKind.VERSION, P1, F1, D1),
    _node(R1, NodeKind.RELEASE, P1, F1, D1),
    _node(R2, NodeKind.RELEASE, P1, F1, D1),
    _node(R3, NodeKind.RELEASE, P2, D2),
)
IDS = [node.id for node in HOUSE]
TIMES = st.none() | st.sampled_from([NOON + timedelta(hours=h) for h in (-1, 0, 1)])

scopes = st.builds(
    Scope,
    st.sampled_from([*NodeKind, ThingKind.GRANT]),
    st.sampled_from(Action),
    st.none() | st.sampled_from(IDS),
)
tokens = st.builds(
    TokenFacts,
    st.just(UUID(int=99)),
    st.frozensets(scopes, min_size=1, max_size=4),
    st.sampled_from([NOON - timedelta(hours=1), NOON, NOON + timedelta(hours=1)]),
    st.booleans(),
)
actors = st.builds(
    ActorFacts,
    kind=st.sampled_from([ActorKind.PERSON] * 5 + list(ActorKind)),
    person_id=st.sampled_from(PEOPLE),
    active=st.sampled_from([True, True, True, False]),
    licensed=st.sampled_from([True, True, True, False]),
    administrator=st.booleans(),
    auditor=st.sampled_from([False, False, False, True]),
    organisation_ids=st.frozensets(st.sampled_from(PEOPLE), max_size=2),
    group_ids=st.frozensets(st.sampled_from(PEOPLE), max_size=2),
    link_id=st.sampled_from(PEOPLE),
    token=st.none() | tokens,
)
conditions = st.frozensets(st.sampled_from([*Condition, "later"]), max_size=2)
grants = st.builds(
    GrantFacts,
    id=st.uuids(),
    node_id=st.sampled_from(IDS),
    grantee_kind=st.sampled_from(GranteeKind),
    grantee_id=st.sampled_from(PEOPLE),
    actions=st.frozensets(st.sampled_from(Action), min_size=1, max_size=3),
    release_id=st.none() | st.sampled_from([R1, R2, R3]),
    starts_at=TIMES,
    until=TIMES,
    revoked_at=st.sampled_from([None, None, None, NOON]),
    conditions=st.just(frozenset()) | conditions,
    met=conditions,
)
nodes = st.builds(
    lambda node, owner, state: replace(
        node, owner_id=owner, deleted=state != "there", restorable=state == "in the trash"
    ),
    st.sampled_from(HOUSE),
    st.none() | st.sampled_from(PEOPLE),
    st.sampled_from(["there"] * 4 + ["gone", "in the trash"]),
)


class Question(NamedTuple):
    action: Action
    actor: ActorFacts
    node: NodeFacts
    roles: tuple[RoleFacts, ...]
    grants: tuple[GrantFacts, ...]
    touching: ThingKind | None

    def answer(self) -> Verdict:
        return decide(now=NOON, **self._asdict())


questions = st.builds(
    Question,
    st.sampled_from(Action),
    actors,
    nodes,
    st.lists(
        st.builds(RoleFacts, st.sampled_from([P1, P2, F1]), st.sampled_from(Role)), max_size=2
    ).map(tuple),
    st.lists(grants, max_size=4).map(tuple),
    st.sampled_from([None, None, ThingKind.GRANT]),
)


def width(question: Question) -> tuple[bool, ...]:
    verdict = question.answer()
    whole = verdict.allowed and verdict.release_id is None
    return (
        verdict.allowed,
        verdict.known,
        whole,
        verdict.allowed and verdict.personal and verdict.release_id is None,
    )


def assert_not_wider(after: Question, before: Question) -> None:
    assert all(
        not now_open or was_open
        for now_open, was_open in zip(width(after), width(before), strict=True)
    )


@settings(max_examples=examples(400))
@given(questions)
def test_the_query_twin_gives_the_same_answer_for_every_node(question: Question) -> None:
    seen = visible(
        action=question.action,
        actor=question.actor,
        nodes=[question.node],
        roles=question.roles,
        grants=question.grants,
        now=NOON,
        touching=question.touching,
    )
    assert bool(seen) is question.answer().allowed


@settings(max_examples=examples(400))
@given(questions)
def test_the_twin_of_the_trash_gives_the_same_answer_for_every_node(question: Question) -> None:
    seen = visible(
        action=question.action,
        actor=question.actor,
        nodes=[question.node],
        roles=question.roles,
        grants=question.grants,
        now=NOON,
        touching=question.touching,
        in_trash=True,
    )
    assert bool(seen) is decide(now=NOON, in_trash=True, **question._asdict()).allowed


@settings(max_examples=examples(400))
@given(questions)
def test_the_trash_opens_just_what_managing_would_and_nothing_that_is_there(
    question: Question,
) -> None:
    verdict = decide(now=NOON, in_trash=True, **question._asdict())
    there = question._replace(node=replace(question.node, deleted=False, restorable=False))
    if verdict.allowed:
        assert question.node.restorable
        assert question.action is Action.MANAGE
        assert there.answer().allowed
    assert verdict.known is verdict.allowed
    assert not question.answer().allowed or not question.node.deleted


@settings(max_examples=examples(300))
@given(questions)
def test_who_may_anything_may_know_of_it(question: Question) -> None:
    verdict = question.answer()
    assert verdict.known or not verdict.allowed
    discovery = question._replace(action=Action.DISCOVER).answer()
    assert verdict.known is discovery.allowed


@settings(max_examples=examples(300))
@given(questions, st.data())
def test_revoking_expiring_or_unmeeting_never_widens(
    question: Question, data: st.DataObject
) -> None:
    if not question.grants:
        return
    chosen = data.draw(st.sampled_from(question.grants))
    change = data.draw(
        st.sampled_from(
            [
                {"revoked_at": NOON},
                {"until": NOON},
                {"starts_at": NOON + timedelta(seconds=1)},
                {"met": frozenset()},
                {"conditions": chosen.conditions | {"approval"}},
                {"actions": chosen.actions - {min(chosen.actions)}},
                {"release_id": chosen.release_id or R1},
            ]
        )
    )
    fewer = tuple(
        replace(grant, **change) if grant is chosen else grant  # type: ignore[arg-type]
        for grant in question.grants
    )
    assert_not_wider(question._replace(grants=fewer), question)


@settings(max_examples=examples(300))
@given(questions, st.data())
def test_taking_a_grant_a_role_or_a_scope_away_never_widens(
    question: Question, data: st.DataObject
) -> None:
    assert_not_wider(question._replace(grants=question.grants[1:]), question)
    assert_not_wider(question._replace(roles=question.roles[1:]), question)
    token = question.actor.token
    if token is not None:
        gone = data.draw(st.sampled_from(sorted(token.scopes, key=str)))
        fewer = replace(question.actor, token=replace(token, scopes=token.scopes - {gone}))
        assert_not_wider(question._replace(actor=fewer), question)


@settings(max_examples=examples(300))
@given(questions, tokens)
def test_a_token_never_exceeds_its_person(question: Question, token: TokenFacts) -> None:
    person = question._replace(actor=replace(question.actor, token=None))
    with_token = question._replace(actor=replace(question.actor, token=token))
    if question.actor.kind is ActorKind.PERSON:
        assert_not_wider(with_token, person)


@settings(max_examples=examples(300))
@given(questions)
def test_under_a_release_no_other_view_opens(question: Question) -> None:
    """With release grants alone, rows come from those release nodes and from nowhere else."""
    only = tuple(grant for grant in question.grants if grant.release_id is not None)
    verdict = question._replace(
        grants=only, roles=(), actor=replace(question.actor, auditor=False, administrator=False)
    ).answer()
    if verdict.allowed:
        assert verdict.release_id is not None
        assert question.action in (Action.DISCOVER, Action.DESCRIBE) or (
            question.node.kind is NodeKind.RELEASE and verdict.release_id == question.node.id
        )


@settings(max_examples=examples(200))
@given(questions)
def test_the_order_of_facts_does_not_matter(question: Question) -> None:
    turned = question._replace(grants=question.grants[::-1], roles=question.roles[::-1])
    assert turned.answer() == question.answer()
