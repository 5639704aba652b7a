"""The decision about one node, and the query for all nodes, agree in the database."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.examples import examples

from simplr.access.models import AccessToken, Grant, Node, RoleAssignment
from simplr.access.permissions import decide, is_reached, nodes_reached, standing
from simplr.accounts.models import Group, GroupMembership, Organisation, Person
from simplr.base.actors import SYSTEM, Actor
from simplr.base.ids import new_id
from simplr.licensing.services import issue_licence
from simplr_core.access import Action, Role

SCOPES = (
    "project:discover",
    "resource:read",
    "project:manage",
    "release:download",
    "resource:describe",
)
KINDS = ("resource", "release", "version")


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, object]:
    """A small world in plain words; indexes stand for things that are made in the database."""
    index = st.integers(0, 8)
    return {
        "roles": draw(st.lists(st.tuples(index, st.sampled_from(list(Role))), max_size=3)),
        "grants": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "node": index,
                        "to": st.sampled_from(["person", "other", "organisation", "group"]),
                        "release": st.booleans(),
                        "actions": st.lists(
                            st.sampled_from(list(Action)), min_size=1, max_size=3, unique=True
                        ),
                        "live": st.sampled_from(["yes", "ended", "revoked"]),
                        "condition": st.booleans(),
                    }
                ),
                max_size=5,
            )
        ),
        "deleted": draw(st.sets(index, max_size=2)),
        "trashed": draw(st.dictionaries(index, st.sampled_from([-1, 1]), max_size=2)),
        "owned": draw(st.sets(index, max_size=2)),
        "administrator": draw(st.booleans()),
        "auditor": draw(st.booleans()),
        "active": draw(st.sampled_from([True, True, True, False])),
        "licensed": draw(st.sampled_from([True, True, True, False])),
        "scopes": draw(st.none() | st.lists(st.sampled_from(SCOPES), min_size=1, max_size=2)),
    }


def _tree(owner: Person, home: Organisation) -> list[Node]:
    """Two projects; in each a resource with a version and two releases."""
    nodes: list[Node] = []
    for _ in range(2):
        project_id = new_id()
        project = Node.objects.create(
            id=project_id, kind="project", organisation=home, path=[project_id], owner=owner
        )
        nodes.append(project)
        for kind in ("resource", "version", "release", "release"):
            above = project if kind == "resource" else nodes[-1 if kind == "version" else 0]
            if kind != "resource":
                above = next(n for n in reversed(nodes) if n.kind == "resource")
            id_ = new_id()
            nodes.append(
                Node.objects.create(
                    id=id_,
                    kind=kind,
                    parent=above,
                    organisation=home,
                    project=project,
                    path=[*above.path, id_],
                    owner=owner,
                )
            )
    return nodes


def _build(world: dict) -> tuple[Actor, list[Node]]:  # type: ignore[type-arg]
    home = Organisation.objects.create(name="Home")
    other = Person.objects.create_user(email="other@x.example", name="Other", organisation=home)
    person = Person.objects.create_user(
        email="person@x.example",
        name="Person",
        organisation=home,
        is_administrator=world["administrator"],
        is_auditor=world["auditor"],
    )
    if world["licensed"]:
        issue_licence(actor=SYSTEM, person=person)
    group = Group.objects.create(name="Group", organisation=home)
    GroupMembership.objects.create(group=group, person=person)
    nodes = _tree(other, home)
    for at in world["owned"]:
        Node.objects.filter(pk=nodes[at].pk).update(owner=person)
    for at, role in world["roles"]:
        project = nodes[0 if at % 2 else 5]
        RoleAssignment.objects.update_or_create(
            node=project, person=person, defaults={"role": role.value, "given_by": other}
        )
    for grant in world["grants"]:
        _grant(grant, nodes, {"person": person, "other": other}, home, group)
    for at in world["deleted"]:
        Node.objects.filter(pk=nodes[at].pk).update(deleted_at=timezone.now())
    for at, days in world["trashed"].items():
        until = timezone.now() + timedelta(days=days)
        Node.objects.filter(pk=nodes[at].pk).update(
            deleted_at=timezone.now(), restorable_until=until
        )
    Person.objects.filter(pk=person.pk).update(is_active=world["active"])
    token: UUID | None = None
    if world["scopes"] is not None:
        row = AccessToken.objects.create(
            user=person,
            name="t",
            token="",
            token_checksum="0" * 64,
            scope=" ".join(world["scopes"]),
            expires=timezone.now() + timedelta(days=1),
        )
        token = row.public_id
    actor = Actor(
        kind="person",
        person_id=person.pk,
        token_id=token,
        scopes=None if world["scopes"] is None else frozenset(world["scopes"]),
    )
    return actor, nodes


def _grant(
    grant: dict,  # type: ignore[type-arg]
    nodes: list[Node],
    people: dict[str, Person],
    home: Organisation,
    group: Group,
) -> None:
    now = timezone.now()
    node = nodes[grant["node"] % 9]
    if node.kind not in {"project", "resource"}:
        node = next(n for n in nodes if n.kind == "resource" and n.pk in node.path)
    release = None
    if grant["release"] and node.kind == "resource":
        release = next(n for n in nodes if n.kind == "release" and node.pk in n.path)
    named = {
        "person": {"person": people["person"]},
        "other": {"person": people["other"]},
        "organisation": {"organisation": home},
        "group": {"group": group},
    }[grant["to"]]
    Grant.objects.create(
        node=node,
        release=release,
        actions=sorted(action.value for action in grant["actions"]),
        conditions=["approval"] if grant["condition"] else [],
        granted_by=people["other"],
        granted_at=now - timedelta(days=2),
        until=now - timedelta(days=1) if grant["live"] == "ended" else None,
        revoked_at=now if grant["live"] == "revoked" else None,
        revoked_by=people["other"] if grant["live"] == "revoked" else None,
        **named,
    )


EXAMPLES = 8
EXAMPLES_IN_PROVE = 400
_SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=_SLOW)
@given(world=worlds())
def test_the_query_finds_exactly_what_the_decision_allows(world: dict[str, object]) -> None:
    _compare(world)


@pytest.mark.prove
@settings(max_examples=EXAMPLES_IN_PROVE, deadline=None, suppress_health_check=_SLOW)
@given(world=worlds())
def test_in_hundreds_of_worlds_the_query_finds_what_the_decision_allows(
    world: dict[str, object],
) -> None:
    _compare(world)


def _compare(world: dict[str, object]) -> None:
    with transaction.atomic():
        actor, nodes = _build(world)
        for action in Action:
            asked = {
                node.pk
                for node in nodes
                if decide(actor=actor, action=action.value, node_id=node.pk).allowed
            }
            found = set(
                nodes_reached(actor, action=action)
                .filter(pk__in=[node.pk for node in nodes])
                .values_list("pk", flat=True)
            )
            assert found == asked, action
            # The same as a condition on rows whose node is known to be there: here, on children.
            below = is_reached(actor, action=action, at="parent__")
            there = Node.objects.filter(below, parent__in=standing()).values_list("parent_id")
            parents = {node.parent_id for node in nodes if node.parent_id}
            assert {pk for (pk,) in there.distinct()} == asked & parents, action
        in_trash = {
            node.pk
            for node in nodes
            if decide(actor=actor, action="manage", node_id=node.pk, in_trash=True).allowed
        }
        found = set(
            nodes_reached(actor, action=Action.MANAGE, in_trash=True)
            .filter(pk__in=[node.pk for node in nodes])
            .values_list("pk", flat=True)
        )
        assert found == in_trash
        transaction.set_rollback(True)


@settings(max_examples=examples(20), deadline=None)
@given(world=worlds())
def test_as_a_whole_nothing_is_reached_that_only_a_release_opens(world: dict[str, object]) -> None:
    with transaction.atomic():
        actor, nodes = _build(world)
        whole = nodes_reached(actor, action=Action.DESCRIBE, as_whole=True)
        for node in whole.filter(pk__in=[node.pk for node in nodes], kind="resource"):
            verdict = decide(actor=actor, action="describe", node_id=node.pk)
            assert verdict.allowed
            assert verdict.release_id is None
        transaction.set_rollback(True)
