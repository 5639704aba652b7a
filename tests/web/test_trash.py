"""The trash: out of everybody's sight at once, back as it was, and erased for good after its time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.institute import CONTRACT, Institute, put

from simplr.access.models import Node
from simplr.access.permissions import decide
from simplr.base.models import Event
from simplr.resources import erasing, tasks, trash_queries, trash_services
from simplr.resources.models import Resource, Trashed, Version
from simplr.vault.models import SealedObject
from simplr.vault.services import store

As = Callable[[str], Client]
EVERYBODY = ("owner", "steward", "analyst", "viewer", "guest", "colleague", "auditor")


def text_of(response: Any) -> str:
    return str(response.content.decode())


def trash(institute: Institute, *, by: str = "steward") -> Trashed:
    return trash_services.put_in_trash(node_id=institute.dataset.pk, actor=institute.actor(by))


def newest(institute: Institute) -> Any:
    return Version.objects.filter(resource=institute.dataset).values_list("pk", flat=True)[0]


def act(client: Client, act: str, *ids: Any) -> dict[str, Any]:
    answer = client.post(
        "/api/v1/acts", {"act": act, "ids": [str(id_) for id_ in ids]}, "application/json"
    )
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


# ── out of sight ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", EVERYBODY)
@pytest.mark.parametrize("action", ["discover", "describe", "read", "download", "write", "manage"])
def test_nobody_may_anything_with_what_lies_in_the_trash(
    institute: Institute, role: str, action: str
) -> None:
    trash(institute)

    for node_id in (institute.dataset.pk, institute.release.pk, newest(institute)):
        verdict = decide(actor=institute.actor(role), action=action, node_id=node_id)
        assert (verdict.allowed, verdict.known) == (False, False)


def test_it_is_gone_from_lists_search_what_was_shared_and_grants(
    institute: Institute, as_: As
) -> None:
    trash(institute)

    project = reverse("resources:project", args=[institute.project.slug])
    assert "Sanitation complaints" not in text_of(as_("steward").get(project))
    found = as_("viewer").get(reverse("catalogue:find"), {"q": "sanitation"})
    assert str(institute.dataset.pk) not in text_of(found)
    assert "Sanitation complaints" not in text_of(as_("colleague").get("/received"))
    assert as_("colleague").get("/api/v1/grants").json()["items"] == []
    assert as_("steward").get("/api/v1/resources").json()["items"][0]["kind"] == "file"
    assert as_("colleague").get(f"/received/{institute.release.pk}").status_code == 404


def test_a_new_version_cannot_be_sent_to_it(institute: Institute, as_: As) -> None:
    trash(institute)

    answer = as_("steward").post(
        f"/api/v1/projects/clean-streets/uploads?name=a.csv&resource={institute.dataset.pk}",
        b"a,b\n1,2\n",
        content_type="application/octet-stream",
    )

    assert answer.status_code == 404


# ── who may ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("owner", True),
        ("steward", True),
        ("analyst", False),
        ("viewer", False),
        ("guest", False),
        ("colleague", False),
        ("stranger", False),
        ("administrator", False),
        ("auditor", False),
    ],
)
def test_who_manages_it_sees_it_in_the_trash_and_brings_it_back(
    institute: Institute, as_: As, role: str, may: bool
) -> None:
    trash(institute, by="owner")
    address = reverse("resources:trash", args=[institute.project.slug])

    page, listed = as_(role).get(address), as_(role).get("/api/v1/trash").json()["items"]
    assert ("Sanitation complaints" in text_of(page)) is may
    assert [one["title"] for one in listed] == (["Sanitation complaints"] if may else [])
    outcome = act(as_(role), "bring-back", institute.dataset.pk)["items"][0]

    assert outcome["done"] is may
    assert outcome["status"] == (200 if may else 404)
    assert outcome["title"] == ("Sanitation complaints" if may else "")


def test_the_trash_says_who_when_and_until_when(institute: Institute, as_: As) -> None:
    trashed = trash(institute)

    (line,) = as_("owner").get("/api/v1/trash?project=clean-streets").json()["items"]

    assert line["trashed_by"] == "Ines Duarte"
    assert trashed.until - trashed.trashed_at == timedelta(days=30)
    page = text_of(as_("owner").get(reverse("resources:trash", args=["clean-streets"])))
    assert "by Ines Duarte" in page
    assert f"{trashed.until.year}" in page


# ── back ─────────────────────────────────────────────────────────────────


def test_it_comes_back_as_it_was_grants_included(institute: Institute, as_: As) -> None:
    before = as_("colleague").get(f"/received/{institute.release.pk}").status_code
    trash(institute)

    act(as_("steward"), "bring-back", institute.dataset.pk)

    assert before == as_("colleague").get(f"/received/{institute.release.pk}").status_code == 200
    page = as_("steward").get(reverse("datasets:dataset", args=[institute.dataset.pk]))
    assert "Sanitation complaints" in text_of(page)
    assert not Trashed.objects.filter(pk=institute.dataset.pk).exists()
    codes = set(Event.objects.filter(node_id=institute.dataset.pk).values_list("code", flat=True))
    assert {"resources:resource:trashed", "resources:resource:brought-back"} <= codes


def test_after_its_time_nothing_is_brought_back(institute: Institute, as_: As) -> None:
    trash(institute)
    Trashed.objects.update(until=timezone.now(), trashed_at=timezone.now() - timedelta(days=30))
    Node.objects.filter(pk=institute.dataset.pk).update(restorable_until=timezone.now())

    outcome = act(as_("owner"), "bring-back", institute.dataset.pk)["items"][0]

    assert outcome["code"] == "not-found"
    with pytest.raises(trash_services.NotRestorable):
        trash_services.bring_back(node_id=institute.dataset.pk, actor=institute.actor("owner"))


# ── several at once ──────────────────────────────────────────────────────


def test_each_of_several_has_its_own_outcome(institute: Institute, as_: As) -> None:
    unknown = "01890000-0000-7000-8000-000000000000"

    answer = act(as_("steward"), "trash", institute.dataset.pk, unknown, institute.file.pk)

    assert [one["done"] for one in answer["items"]] == [True, False, True]
    assert (answer["done_count"], answer["failed_count"]) == (2, 1)
    assert answer["items"][1]["title"] == ""
    assert Trashed.objects.count() == 2


def test_a_list_of_none_or_of_too_many_is_refused(institute: Institute, as_: As) -> None:
    for ids in ([], [str(institute.file.pk)] * 501):
        answer = as_("steward").post(
            "/api/v1/acts", {"act": "trash", "ids": ids}, "application/json"
        )
        assert answer.status_code == 422


def test_what_was_ticked_on_the_page_goes_and_comes_back(institute: Institute, as_: As) -> None:
    steward, address = as_("steward"), reverse("resources:acts", args=["clean-streets"])
    both = [str(institute.dataset.pk), str(institute.file.pk)]

    gone = steward.post(address, {"act": "trash", "id": both}, follow=True)
    assert "2 things are in the trash" in text_of(gone)
    back = steward.post(address, {"act": "bring-back", "id": both[:1]}, follow=True)
    assert "1 thing is back in its place" in text_of(back)
    some = steward.post(address, {"act": "bring-back", "id": both})

    assert "1 done, 1 not" in text_of(some)
    assert "Something that you may not know of" in text_of(some)
    nothing = steward.post(address, {"act": "trash"}, follow=True)
    assert "Nothing was chosen" in text_of(nothing)


@pytest.mark.parametrize(("role", "status"), [("steward", 302), ("viewer", 403), ("stranger", 404)])
def test_one_goes_by_its_own_page(institute: Institute, as_: As, role: str, status: int) -> None:
    address = reverse("resources:trash-one", args=[institute.dataset.pk])

    page, answer = as_(role).get(address), as_(role).post(address)

    assert answer.status_code == status
    assert ("1 grant stands on it" in text_of(page)) is (role == "steward")
    assert Trashed.objects.exists() is (role == "steward")


# ── erased ───────────────────────────────────────────────────────────────


def erase(institute: Institute) -> set[Any]:
    """Order the erasure as the owner and do it; the objects that were kept before."""
    objects = erasing.objects_of([institute.dataset.pk])
    trash(institute)
    trash_services.order_erasure(node_id=institute.dataset.pk, actor=institute.actor("owner"))
    tasks.erase(str(institute.dataset.pk))
    return objects


def test_an_owner_erases_it_keys_rows_and_bytes(institute: Institute) -> None:
    objects = erase(institute)

    assert len(objects) > 10
    rows = SealedObject.objects.filter(id__in=objects)
    assert rows.count() == len(objects)
    assert not rows.filter(wrapped__isnull=False).exists()
    assert not objects & set(store().ids())
    assert not Resource.objects.filter(pk=institute.dataset.pk).exists()
    assert not Version.objects.filter(resource_id=institute.dataset.pk).exists()
    assert not Trashed.objects.exists()
    assert Node.objects.get(pk=institute.dataset.pk).deleted_at is not None
    codes = list(
        Event.objects.filter(node_id=institute.dataset.pk)
        .order_by("id")
        .values_list("code", flat=True)
    )
    assert codes[-3:] == [
        "resources:resource:trashed",
        "resources:erasure:ordered",
        "resources:resource:erased",
    ]


def test_what_else_the_project_keeps_stays(institute: Institute, as_: As) -> None:
    erase(institute)

    answer = as_("steward").get(reverse("resources:content", args=[institute.file.pk]))
    assert b"".join(answer) == CONTRACT
    home = as_("steward").get("/")
    assert "Sanitation complaints" not in text_of(home)


def test_erasing_asks_first_and_only_owners_may(institute: Institute, as_: As) -> None:
    trash(institute)
    address = reverse("resources:acts", args=["clean-streets"])
    asked = {"act": "erase", "id": [str(institute.dataset.pk)]}

    page = text_of(as_("steward").get(reverse("resources:trash", args=["clean-streets"])))
    refused = as_("steward").post(address, {**asked, "sure": "yes"})
    warning = as_("owner").post(address, asked)

    assert "Only an owner of the project erases something." in page
    assert "0 done, 1 not" in text_of(refused)
    assert "Nobody can undo this." in text_of(warning)
    assert Trashed.objects.get().erasing_at is None
    done = as_("owner").post(address, {**asked, "sure": "yes"}, follow=True)
    assert "1 thing is being erased" in text_of(done)
    assert Trashed.objects.get().erasing_at is not None
    again = act(as_("owner"), "bring-back", institute.dataset.pk)["items"][0]
    assert again["code"] == "not-found"


def test_what_lay_there_long_enough_is_erased_by_itself(institute: Institute) -> None:
    trash(institute)
    assert trash_services.end_the_overdue(now=timezone.now() + timedelta(days=29)) == 0

    ended = trash_services.end_the_overdue(now=timezone.now() + timedelta(days=31))
    again = trash_services.end_the_overdue(now=timezone.now() + timedelta(days=31))
    tasks.erase(str(institute.dataset.pk))

    assert (ended, again) == (1, 0)
    assert not Resource.objects.filter(pk=institute.dataset.pk).exists()
    ordered = Event.objects.get(code="resources:erasure:ordered")
    assert (ordered.actor_kind, ordered.details["reason"]) == ("system", "time-over")


@pytest.mark.parametrize("cut_off_after", ["destroy_keys", "release", "discard"])
def test_an_erasure_that_is_cut_off_is_finished_by_the_next_round(
    institute: Institute, monkeypatch: pytest.MonkeyPatch, cut_off_after: str
) -> None:
    from simplr.vault import services as vault

    objects = erasing.objects_of([institute.dataset.pk])
    trash(institute)
    trash_services.order_erasure(node_id=institute.dataset.pk, actor=institute.actor("owner"))
    whole = getattr(vault, cut_off_after)

    def dies(ids: Any) -> None:
        if cut_off_after != "discard":
            whole(ids)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(vault, cut_off_after, dies)
        with pytest.raises(KeyboardInterrupt):
            trash_services.erase(node_id=institute.dataset.pk)
    trash_services.erase(node_id=institute.dataset.pk)
    vault.sweep(claimed=lambda ids: set(), now=timezone.now() - timedelta(days=365))

    assert not SealedObject.objects.filter(id__in=objects, wrapped__isnull=False).exists()
    assert not Resource.objects.filter(pk=institute.dataset.pk).exists()


def test_a_version_on_its_way_ends_with_what_it_would_renew(institute: Institute) -> None:
    import io

    from simplr.intake import services as intake
    from simplr.intake.models import Upload
    from simplr.intake.tasks import understand

    content = b"a,b\n1,2\n"
    steward = institute.actor("steward")
    first = put(institute.project, steward, name="first.csv", content=content)
    upload = intake.receive(
        project_id=institute.project.pk,
        declared=intake.Declared(name="next.csv", size=len(content), resource_id=first.pk),
        body=io.BytesIO(content),
        actor=steward,
    )
    understand(str(upload.id))
    trash_services.put_in_trash(node_id=first.pk, actor=steward)
    trash_services.order_erasure(node_id=first.pk, actor=institute.actor("owner"))
    tasks.erase(str(first.pk))

    ended = Upload.objects.get(pk=upload.pk)
    assert (ended.state, ended.resource_id) == ("cancelled", None)


def test_two_files_of_one_name_are_told_apart_by_id(institute: Institute, as_: As) -> None:
    second = put(
        institute.project,
        institute.actor("steward"),
        name="contract.txt",
        content=b"another",
        title="Hauling contract",
        wanted_as="file",
    )

    act(as_("steward"), "trash", second.pk)

    rows = trash_queries.in_trash_of(institute.actor("owner"))
    assert [row.pk for row in rows] == [second.pk]
    assert as_("steward").get(f"/api/v1/resources/{institute.file.pk}").status_code == 200
