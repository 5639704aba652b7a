"""What the decision is told of people and nodes is what the tables say, in one statement."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from simplr.access.authentication import actor_for
from simplr.access.facts import NOBODY, known_of, known_of_person, node_and_known, node_known
from simplr.access.models import AccessToken, Grant, Node, RoleAssignment
from simplr.access.permissions import decide
from simplr.access.tokens import issue_access_token
from simplr.accounts.models import Group, GroupMembership, Organisation, Person
from simplr.base.actors import ANONYMOUS, SYSTEM, Actor
from simplr.base.ids import new_id
from simplr.licensing.models import Licence
from simplr.licensing.queries import is_licensed
from simplr_core.access import Action, GranteeKind, Role

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = timezone.now()
DAY = timedelta(days=1)


@pytest.fixture
def home(db: None) -> Organisation:
    return Organisation.objects.create(name="Home")


@pytest.fixture
def person(home: Organisation) -> Person:
    return Person.objects.create_user(email="p@x.example", name="P", organisation=home)


@pytest.fixture
def node(home: Organisation, person: Person) -> Node:
    return _node("project", home, person, above=None)


def _node(kind: str, home: Organisation, owner: Person, *, above: Node | None) -> Node:
    id_ = new_id()
    path = [*(above.path if above else []), id_]
    return Node.objects.create(
        id=id_, kind=kind, organisation=home, owner=owner, parent=above, path=path
    )


def _grant(node: Node, by: Person, **to: object) -> Grant:
    return Grant.objects.create(
        node=node, granted_by=by, granted_at=NOW, actions=["read", "discover"], **to
    )


@pytest.mark.parametrize("holder", ["person", "organisation", "another"])
@pytest.mark.parametrize(
    ("expires", "revoked", "holds"),
    [(None, None, True), (DAY, None, True), (-DAY, None, False), (DAY, -DAY, False)],
)
def test_a_person_is_licensed_by_a_live_licence_of_his_own_or_of_his_organisation(
    home: Organisation,
    person: Person,
    holder: str,
    expires: timedelta | None,
    revoked: timedelta | None,
    holds: bool,
) -> None:
    other = Person.objects.create_user(email="o@x.example", name="O")
    to = {"person": {"person": person}, "organisation": {"organisation": home}}
    Licence.objects.create(
        issued_at=NOW - 2 * DAY,
        expires_at=None if expires is None else NOW + expires,
        revoked_at=None if revoked is None else NOW + revoked,
        **to.get(holder, {"person": other}),
    )
    expected = holds and holder != "another"

    assert known_of_person(person.id, now=NOW).actor.licensed is expected
    assert is_licensed(person, now=NOW) is expected


def test_somebody_of_no_organisation_is_named_by_no_grant_and_no_licence_of_one(
    home: Organisation, node: Node, person: Person
) -> None:
    alone = Person.objects.create_user(email="a@x.example", name="A")
    Licence.objects.create(issued_at=NOW, organisation=home)
    _grant(node, person, organisation=home)

    known = known_of_person(alone.id, now=NOW)

    assert not known.actor.licensed
    assert known.actor.organisation_ids == frozenset()
    assert known.grants == ()


def test_roles_groups_and_grants_are_those_of_the_person(
    home: Organisation, person: Person, node: Node
) -> None:
    other = Person.objects.create_user(email="o@x.example", name="O", organisation=home)
    mine, theirs = (Group.objects.create(name=name, organisation=home) for name in ("M", "T"))
    GroupMembership.objects.create(group=mine, person=person)
    GroupMembership.objects.create(group=theirs, person=other)
    for who in (person, other):
        RoleAssignment.objects.create(node=node, person=who, role="steward", given_by=other)
    to_me = [
        _grant(node, other, person=person),
        _grant(node, other, organisation=home, until=NOW + DAY),
        _grant(node, other, group=mine, revoked_at=NOW, revoked_by=other, conditions=["x"]),
    ]
    _grant(node, other, person=other)
    _grant(node, other, group=theirs)
    _grant(node, other, link_digest=b"1" * 32)

    known = known_of_person(person.id, now=NOW)

    assert known.actor.group_ids == {mine.id}
    assert [(role.node_id, role.role) for role in known.roles] == [(node.id, Role.STEWARD)]
    found = {grant.id: grant for grant in known.grants}
    assert set(found) == {grant.id for grant in to_me}
    named = [(GranteeKind.PERSON, person.id), (GranteeKind.ORGANISATION, home.id)]
    for row, (kind, id_) in zip(to_me, [*named, (GranteeKind.GROUP, mine.id)], strict=True):
        grant = found[row.id]
        assert (grant.grantee_kind, grant.grantee_id) == (kind, id_)
        assert (grant.node_id, grant.release_id) == (node.id, None)
        assert grant.actions == {Action.READ, Action.DISCOVER}
        assert (grant.starts_at, grant.until) == (row.granted_at, row.until)
        assert (grant.revoked_at, grant.conditions) == (row.revoked_at, set(row.conditions))


def test_at_a_node_only_what_may_bear_upon_it_is_fetched(
    home: Organisation, person: Person, node: Node
) -> None:
    resource = _node("resource", home, person, above=node)
    release = _node("release", home, person, above=resource)
    elsewhere = _node("project", home, person, above=None)
    above = _grant(node, person, person=person)
    through = _grant(resource, person, person=person, release=release)
    _grant(elsewhere, person, person=person)

    def at(place: Node) -> set[object]:
        facts = node_known(place.id, now=NOW)
        return {grant.id for grant in known_of_person(person.id, now=NOW, at=facts).grants}

    assert at(node) == {above.id}
    assert at(resource) == {above.id, through.id}
    assert at(release) == {above.id, through.id}


def test_a_visitor_by_a_link_has_its_grant_and_nothing_else(person: Person, node: Node) -> None:
    link = _grant(node, person, link_digest=b"1" * 32)
    to_person = _grant(node, person, person=person)

    known = known_of(Actor(kind="link", link_id=link.id), now=NOW)
    assert [grant.id for grant in known.grants] == [link.id]
    assert [grant.grantee_kind for grant in known.grants] == [GranteeKind.LINK]
    assert known_of(Actor(kind="link", link_id=to_person.id), now=NOW).grants == ()


def test_a_token_that_is_none_makes_nobody(person: Person) -> None:
    row = AccessToken.objects.create(
        user=person, token="", token_checksum="0" * 64, scope="project:read", expires=NOW + DAY
    )
    token = known_of_person(person.id, token_id=row.public_id, now=NOW).actor.token
    assert token is not None
    assert (token.id, token.expires_at, token.revoked) == (row.public_id, row.expires, False)
    assert len(token.scopes) == 1

    AccessToken.objects.update(revoked_at=NOW)
    token = known_of_person(person.id, token_id=row.public_id, now=NOW).actor.token
    assert token is not None
    assert token.revoked

    assert known_of_person(person.id, token_id=new_id(), now=NOW).actor.person_id is None
    assert known_of_person(new_id(), now=NOW).actor.person_id is None


def test_a_node_is_deleted_with_anything_above_it_and_restored_by_itself_alone(
    home: Organisation, person: Person, node: Node
) -> None:
    resource = _node("resource", home, person, above=node)
    Node.objects.filter(pk=resource.pk).update(deleted_at=NOW, restorable_until=NOW + DAY)
    facts = node_known(resource.id, now=NOW)
    assert facts is not None
    assert (facts.deleted, facts.restorable, facts.path) == (True, True, (node.id, resource.id))
    late = node_known(resource.id, now=NOW + 2 * DAY)
    assert late is not None
    assert not late.restorable

    Node.objects.filter(pk=node.pk).update(deleted_at=NOW)
    below = node_known(resource.id, now=NOW)
    assert below is not None
    assert (below.deleted, below.restorable) == (True, False)
    assert node_known(new_id(), now=NOW) is None


def test_what_is_read_at_once_is_what_is_read_apart(
    home: Organisation, person: Person, node: Node
) -> None:
    resource = _node("resource", home, person, above=node)
    Node.objects.filter(pk=node.pk).update(deleted_at=NOW)
    elsewhere = _node("project", home, person, above=None)
    for place in (node, elsewhere):
        RoleAssignment.objects.create(node=place, person=person, role="guest", given_by=person)
        _grant(place, person, person=person)
    link = _grant(resource, person, link_digest=b"1" * 32)
    token = AccessToken.objects.create(
        user=person, token="", token_checksum="0" * 64, scope="project:read", expires=NOW + DAY
    )
    facts = node_known(resource.id, now=NOW)

    for token_id in (None, token.public_id, new_id()):
        actor = Actor(kind="person", person_id=person.id, token_id=token_id)
        apart = known_of_person(person.id, token_id=token_id, now=NOW, at=facts)
        assert node_and_known(actor, resource.id, now=NOW) == (facts, apart)
        assert token_id is not None or [role.node_id for role in apart.roles] == [node.id]
    for actor in (ANONYMOUS, SYSTEM, Actor(kind="link", link_id=link.id)):
        assert node_and_known(actor, resource.id, now=NOW) == (facts, known_of(actor, now=NOW))
    stranger = Actor(kind="person", person_id=new_id())
    assert node_and_known(stranger, resource.id, now=NOW) == (facts, NOBODY)
    for actor in (ANONYMOUS, Actor(kind="person", person_id=person.id)):
        assert node_and_known(actor, new_id(), now=NOW) is None


def test_a_decision_asks_one_question(person: Person, node: Node) -> None:
    actor = Actor(kind="person", person_id=person.id)
    with CaptureQueriesContext(connection) as asked:
        decide(actor=actor, action="read", node_id=node.id)
    assert len(asked) == 1


def test_a_request_with_a_token_is_let_in_and_decided_in_two_questions(
    home: Organisation, person: Person, node: Node
) -> None:
    Licence.objects.create(issued_at=NOW, organisation=home)
    _grant(node, person, person=person)
    token = issue_access_token(
        name="t",
        scopes=["project:describe"],
        expires_at=timezone.now() + DAY,
        actor=Actor(kind="person", person_id=person.id),
    )
    request = RequestFactory().get("/api/v1/x", headers={"Authorization": f"Bearer {token.secret}"})
    assert actor_for(request).token_id == token.token.public_id  # notes, once a minute, its use

    with CaptureQueriesContext(connection) as asked:
        verdict = decide(actor=actor_for(request), action="describe", node_id=node.id)

    assert verdict.allowed
    assert len(asked) == 2
