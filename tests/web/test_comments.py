"""Comments on a data set: sealed, read by who may open its page, and never by a grantee of a release."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from tests.institute import Institute
from tests.xss_corpus import PAYLOADS

from simplr.base.models import Event
from simplr.datasets import comment_queries, comment_services
from simplr.datasets.models import Comment
from simplr_core.errors import Corrupt

As = Callable[[str], Client]
CANARY = "Quillfeather called twice, comment-canary-77"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def write(institute: Institute, role: str = "analyst", body: str = CANARY) -> Comment:
    return comment_services.add_comment(
        dataset_id=institute.dataset.pk, body=body, actor=institute.actor(role)
    )


def api(institute: Institute) -> str:
    return f"/api/v1/datasets/{institute.dataset.pk}/comments"


# ── reading and writing ──────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        ("owner", 200, 201),
        ("steward", 200, 201),
        ("analyst", 200, 201),
        ("viewer", 200, 201),
        ("guest", 200, 201),
        ("colleague", 404, 404),
        ("stranger", 404, 404),
        ("administrator", 404, 404),
        ("auditor", 403, 403),
    ],
)
def test_members_read_and_write_and_nobody_else(
    institute: Institute, as_: As, role: str, reads: int, writes: int
) -> None:
    write(institute)

    listed = as_(role).get(api(institute))
    written = as_(role).post(api(institute), {"body": "I see."}, "application/json")
    page = as_(role).get(reverse("datasets:comments", args=[institute.dataset.pk]))

    assert (listed.status_code, written.status_code) == (reads, writes)
    assert (CANARY in text_of(listed)) is (reads == 200)
    assert (CANARY in text_of(page)) is (reads == 200)


def test_to_whom_the_whole_data_set_was_granted_reads_and_does_not_write(
    institute: Institute, as_: As
) -> None:
    from simplr.access import services as access
    from simplr_core.access import Action

    write(institute)
    access.give_grant(
        node_id=institute.dataset.pk,
        to=access.Grantee(person_id=institute.stranger.id),
        actions=[Action.READ, Action.WRITE],
        actor=institute.actor("owner"),
    )
    stranger = as_("stranger")

    assert stranger.get(api(institute)).json()["items"][0]["body"] == CANARY
    refused = stranger.post(api(institute), {"body": "Me too"}, "application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "not-a-member")
    page = text_of(stranger.get(reverse("datasets:comments", args=[institute.dataset.pk])))
    assert "Members of the project comment on its data sets." in page


def test_a_grantee_of_a_release_learns_of_no_comment_anywhere(
    institute: Institute, as_: As
) -> None:
    comment = write(institute)
    colleague = as_("colleague")

    for address in (
        f"/received/{institute.release.pk}",
        f"/datasets/{institute.dataset.pk}",
        f"/datasets/{institute.dataset.pk}/comments",
        "/received",
        "/",
        "/find?q=quillfeather",
        f"/api/v1/datasets/{institute.dataset.pk}",
        api(institute),
    ):
        assert "canary" not in text_of(colleague.get(address, follow=True))
    for method in (colleague.patch, colleague.delete):
        answer = method(f"/api/v1/comments/{comment.id}", {"body": "x"}, "application/json")
        assert answer.status_code == 404


def test_nobody_finds_a_data_set_by_its_comments(institute: Institute, as_: As) -> None:
    write(institute, body="only-in-a-comment")

    page = text_of(as_("steward").get(reverse("catalogue:find"), {"q": "only-in-a-comment"}))

    assert str(institute.dataset.pk) not in page


# ── changing and removing ────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("role", "changes", "removes"),
    [
        ("analyst", 200, 204),  # who wrote it
        ("steward", 403, 204),
        ("owner", 403, 204),
        ("viewer", 403, 403),
        ("guest", 403, 403),
        ("stranger", 404, 404),
    ],
)
def test_its_author_changes_it_and_a_steward_may_take_it_away(
    institute: Institute, as_: As, role: str, changes: int, removes: int
) -> None:
    comment = write(institute, "analyst")
    address = f"/api/v1/comments/{comment.id}"

    changed = as_(role).patch(address, {"body": "Anew"}, "application/json")
    removed = as_(role).delete(address)

    assert (changed.status_code, removed.status_code) == (changes, removes)
    if changes == 200:
        assert changed.json()["body"] == "Anew"
        assert changed.json()["edited_at"] is not None
    assert Comment.objects.filter(pk=comment.id).exists() is (removes != 204)


def test_who_left_the_project_changes_nothing_any_more(institute: Institute) -> None:
    from simplr.access import services as access

    comment = write(institute, "analyst")
    access.take_role(
        project_id=institute.project.pk,
        person_id=institute.analyst.id,
        actor=institute.actor("owner"),
    )
    for act in (
        lambda: comment_services.change_comment(
            comment_id=comment.id, body="x", actor=institute.actor("analyst")
        ),
        lambda: comment_services.remove_comment(
            comment_id=comment.id, actor=institute.actor("analyst")
        ),
    ):
        with pytest.raises(comment_services.NotMember):
            act()


@pytest.mark.parametrize("body", ["", "  ", "x" * 5001, "a\x00b"])
def test_an_empty_or_endless_comment_is_refused(institute: Institute, as_: As, body: str) -> None:
    answer = as_("steward").post(api(institute), {"body": body}, "application/json")
    assert answer.status_code in {400, 422}
    assert not Comment.objects.exists()


def test_a_token_that_only_reads_does_not_comment(institute: Institute) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from simplr.access.tokens import issue_access_token

    token = issue_access_token(
        name="reads",
        scopes=["resource:read"],
        expires_at=timezone.now() + timedelta(days=1),
        actor=institute.actor("steward"),
    )
    headers = {"Authorization": f"Bearer {token.secret}"}
    client = Client()

    assert client.get(api(institute), headers=headers).status_code == 200
    answer = client.post(api(institute), {"body": "x"}, "application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")


# ── sealed, and only text ────────────────────────────────────────────────


def test_the_body_is_sealed_for_its_place_and_in_no_event(institute: Institute) -> None:
    comment, other = write(institute), write(institute, body="another")

    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT * FROM datasets_comment")
        rows = repr([[bytes(v) if isinstance(v, memoryview) else v for v in r] for r in cursor])
    assert "canary" not in rows
    events = Event.objects.filter(subject_id__in=[comment.id, other.id])
    assert events.count() == 2
    assert "canary" not in repr(list(events.values()))
    assert "canary" not in repr(comment_queries.opened([comment]))

    Comment.objects.filter(pk=other.id).update(body=comment.body)
    with pytest.raises(Corrupt):
        comment_queries.opened([comment_queries.comment_of(other.id)])


@pytest.mark.parametrize("payload", PAYLOADS[:12])
def test_what_is_typed_is_shown_and_not_run(institute: Institute, as_: As, payload: str) -> None:
    write(institute, body=f"{payload}\nsecond line")

    page = text_of(as_("viewer").get(reverse("datasets:comments", args=[institute.dataset.pk])))

    assert payload not in page or "<" not in payload
    assert "second line" in page


def test_comments_go_with_what_is_erased(institute: Institute) -> None:
    from simplr.resources import trash_services

    write(institute)
    trash_services.put_in_trash(node_id=institute.dataset.pk, actor=institute.actor("steward"))
    trash_services.order_erasure(node_id=institute.dataset.pk, actor=institute.actor("owner"))
    trash_services.erase(node_id=institute.dataset.pk)

    assert not Comment.objects.exists()


# ── pages and many ───────────────────────────────────────────────────────


def test_a_comment_is_written_changed_and_removed_on_the_page(
    institute: Institute, as_: As
) -> None:
    analyst, address = as_("analyst"), reverse("datasets:comments", args=[institute.dataset.pk])

    analyst.post(address, {"body": "June looks low."})
    comment = Comment.objects.get()
    edit = reverse("datasets:comment-edit", args=[comment.id])
    assert "June looks low." in text_of(analyst.get(edit))
    analyst.post(edit, {"body": "July looks low."})
    page = text_of(analyst.get(address))
    assert "July looks low." in page
    assert "changed" in page
    gone = analyst.post(reverse("datasets:comment-remove", args=[comment.id]), follow=True)

    assert "The comment is gone." in text_of(gone)
    assert as_("viewer").post(address, {"body": ""}).status_code == 422


def test_a_page_of_comments_takes_few_queries(
    institute: Institute, as_: As, django_assert_max_num_queries: Any
) -> None:
    for at in range(60):
        write(institute, body=f"number {at}")
    client = as_("viewer")
    client.get(api(institute))

    with (
        django_assert_max_num_queries(24),
        django_assert_max_num_queries(3, connection=connections["vault"]),
    ):
        page = client.get(api(institute), {"limit": 50}).json()

    assert len(page["items"]) == 50
    assert page["next"]
