"""Comments on a data set: sealed like cells, since people write cells into them.

Author and time lie in clear; the body is sealed under the project's key, bound to its comment, so
that it opens nowhere else.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from simplr.access.permissions import decide
from simplr.access.queries import is_member
from simplr.accounts.models import NoticeCode
from simplr.accounts.notice_services import notify
from simplr.base import events
from simplr.base.actors import Actor
from simplr.base.entry import ScopeMissing
from simplr.base.ids import new_id
from simplr.datasets.models import Comment
from simplr.resources.models import Resource
from simplr.vault import services as vault
from simplr_core.errors import Invalid, NotFound, Refused

LONGEST = 5000
"""Characters of a comment."""


class NotMember(Refused):
    """Members of the project comment on its data sets. Ask an owner to make you one."""

    code = "not-a-member"


class NotYours(Refused):
    """Only who wrote a comment changes it."""

    code = "not-your-comment"


@transaction.atomic
def add_comment(*, dataset_id: UUID, body: str, actor: Actor) -> Comment:
    """Write a comment. The caller has checked that the actor may see the whole data set's page.

    Raises NotFound, NotMember, ScopeMissing or Invalid.
    """
    known = Resource.objects.select_related("node")
    resource = known.filter(pk=dataset_id, kind="dataset").first()
    if resource is None:
        raise NotFound
    author_id = check_may_comment(actor=actor, dataset_id=dataset_id)
    comment_id = new_id()
    comment = Comment.objects.create(
        id=comment_id,
        resource=resource,
        author_id=author_id,
        body=_sealed(_text(body), comment_id=comment_id, project_id=resource.project_id),
        written_at=timezone.now(),
    )
    _record(events.Event.COMMENT_ADDED, comment, actor=actor)
    notify(
        code=NoticeCode.COMMENTED,
        person_ids=_who_follow(resource),
        node_id=dataset_id,
        by=author_id,
        now=comment.written_at,
    )
    return comment


@transaction.atomic
def change_comment(*, comment_id: UUID, body: str, actor: Actor) -> Comment:
    """Write one's own comment anew. Raises NotFound, NotYours, NotMember or Invalid."""
    comment = _locked(comment_id)
    if comment.author_id != actor.person_id:
        raise NotYours
    check_may_comment(actor=actor, dataset_id=comment.resource_id)
    comment.body = _sealed(
        _text(body), comment_id=comment.id, project_id=comment.resource.project_id
    )
    comment.edited_at = timezone.now()
    comment.save(update_fields=["body", "edited_at"])
    _record(events.Event.COMMENT_CHANGED, comment, actor=actor)
    return comment


@transaction.atomic
def remove_comment(*, comment_id: UUID, actor: Actor) -> None:
    """Take a comment away: its author, or who manages the data set. Raises NotFound or Refused."""
    comment = _locked(comment_id)
    if comment.author_id == actor.person_id:
        check_may_comment(actor=actor, dataset_id=comment.resource_id)
    elif not decide(actor=actor, action="manage", node_id=comment.resource_id).allowed:
        raise NotYours
    _record(events.Event.COMMENT_REMOVED, comment, actor=actor)
    comment.delete()


def _who_follow(resource: Resource) -> set[UUID]:
    """Its owner and all who commented before, as far as they are members still."""
    people = set(
        Comment.objects.filter(resource=resource).values_list("author_id", flat=True).distinct()
    )
    people.add(resource.node.owner_id)
    return {person_id for person_id in people if is_member(person_id, resource.pk)}


def check_may_comment(*, actor: Actor, dataset_id: UUID) -> UUID:
    """The person who may comment: a member of the project. Raises NotMember or ScopeMissing.

    A token must carry `resource:write` as well: it writes, whatever the role of its person.
    """
    if actor.kind != "person" or actor.person_id is None:
        raise NotMember
    if not is_member(actor.person_id, dataset_id):
        raise NotMember
    if decide(actor=actor, action="write", node_id=dataset_id).code == "scope-missing":
        raise ScopeMissing(scope="resource:write")
    return actor.person_id


def _locked(comment_id: UUID) -> Comment:
    comment = (
        Comment.objects.select_for_update(of=("self",))
        .select_related("resource")
        .filter(pk=comment_id)
        .first()
    )
    if comment is None:
        raise NotFound
    return comment


def _text(body: str) -> str:
    text = body.strip()
    if not text or len(text) > LONGEST:
        raise Invalid(f"A comment has 1 to {LONGEST} characters.", field="body")
    return text


def place_of(comment_id: UUID) -> bytes:
    """The context that binds a sealed body to its comment."""
    return b"comment" + comment_id.bytes


def _sealed(text: str, *, comment_id: UUID, project_id: UUID) -> bytes:
    return vault.seal_value(text.encode(), project_id=project_id, context=place_of(comment_id))


def _record(code: events.Event, comment: Comment, *, actor: Actor) -> None:
    events.record(
        code=code,
        actor=actor,
        node_id=comment.resource_id,
        project_id=comment.resource.project_id,
        subject=("comment", comment.id),
        details={},
    )
