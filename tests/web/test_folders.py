"""Folders: making, renaming and moving; who sees what by where it lies."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.institute import Institute

from simplr.access import services as access
from simplr.access.models import Node
from simplr.access.permissions import decide
from simplr.base.models import Event
from simplr.resources import folder_services, trash_services
from simplr.resources.folder_services import make_folder, move
from simplr.resources.models import Folder, Resource
from simplr_core.access import Action
from simplr_core.errors import NotFound

As = Callable[[str], Client]


def text_of(response: Any) -> str:
    return str(response.content.decode())


def folder(institute: Institute, title: str, inside: Folder | None = None) -> Folder:
    place = inside.pk if inside else institute.project.pk
    return make_folder(place_id=place, title=title, actor=institute.actor("steward"))


def put_into(institute: Institute, node: Any, place: Any, **how: bool) -> None:
    move(node_id=node.pk, place_id=place.pk, actor=institute.actor("steward"), **how)


def grant(institute: Institute, node: Any, *, to: str, actions: list[Action]) -> Any:
    return access.give_grant(
        node_id=node.pk,
        to=access.Grantee(person_id=getattr(institute, to).id),
        actions=actions,
        actor=institute.actor("owner"),
    ).grant


def may(institute: Institute, role: str, action: str, node: Any) -> bool:
    return bool(decide(actor=institute.actor(role), action=action, node_id=node.pk).allowed)


# ── making and naming ────────────────────────────────────────────────────


def test_a_folder_is_made_shown_renamed_and_in_the_ledger(institute: Institute, as_: As) -> None:
    steward = as_("steward")
    made = steward.post(
        "/api/v1/places/clean-streets/folders", {"title": " Reports "}, "application/json"
    )
    assert made.status_code == 201
    id_ = made.json()["id"]
    inner = steward.post(f"/api/v1/places/{id_}/folders", {"title": "2024"}, "application/json")
    changed = steward.patch(
        f"/api/v1/folders/{id_}", {"title": "Yearly", "description": "One each"}, "application/json"
    )

    assert changed.json()["title"] == "Yearly"
    way = steward.get(f"/api/v1/folders/{inner.json()['id']}").json()["way"]
    assert [one["title"] for one in way] == ["Clean streets", "Yearly"]
    codes = list(Event.objects.filter(node_id=id_).order_by("id").values_list("code", flat=True))
    assert codes == ["resources:folder:added", "resources:folder:changed"]


@pytest.mark.parametrize("title", ["../../etc", "a/b", "..", "C:\\x", "con", ".", "x" * 200])
def test_a_name_is_a_name_and_no_path(institute: Institute, as_: As, title: str) -> None:
    made = folder(institute, title)

    page = text_of(as_("steward").get(reverse("resources:folder", args=[made.pk])))

    assert made.title == title
    assert str(made.pk) in reverse("resources:folder", args=[made.pk])
    assert "Nothing is in it yet" in page


@pytest.mark.parametrize("title", ["", "   ", "x" * 201])
def test_a_folder_without_a_name_or_with_an_endless_one_is_refused(
    institute: Institute, as_: As, title: str
) -> None:
    answer = as_("steward").post(
        "/api/v1/places/clean-streets/folders", {"title": title}, "application/json"
    )
    assert answer.status_code == 422


def test_two_folders_of_one_name_do_not_lie_side_by_side(institute: Institute) -> None:
    reports = folder(institute, "Reports")
    other = folder(institute, "Other")
    inner = folder(institute, "reports", other)

    with pytest.raises(folder_services.FolderExists):
        folder(institute, "REPORTS")
    with pytest.raises(folder_services.FolderExists):
        put_into(institute, inner, institute.project)
    with pytest.raises(folder_services.FolderExists):
        folder_services.change_folder(
            folder_id=other.pk, changes={"title": "Reports"}, actor=institute.actor("steward")
        )
    assert Folder.objects.get(pk=reports.pk).title == "Reports"


def test_folders_end_at_some_depth(institute: Institute) -> None:
    place: Folder | None = None
    for at in range(folder_services.DEEPEST):
        place = folder(institute, f"level {at}", place)

    with pytest.raises(folder_services.TooDeep):
        folder(institute, "one more", place)
    single = folder(institute, "single")
    pair = folder(institute, "pair")
    folder(institute, "inner", pair)
    assert place is not None
    above = Folder.objects.get(title=f"level {folder_services.DEEPEST - 2}")
    put_into(institute, single, above)
    with pytest.raises(folder_services.TooDeep):
        put_into(institute, pair, above)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        *(("owner", 201), ("steward", 201), ("analyst", 403), ("viewer", 403), ("guest", 403)),
        *(("colleague", 404), ("stranger", 404), ("administrator", 403), ("auditor", 403)),
    ],
)
def test_who_writes_to_a_place_makes_folders_in_it(
    institute: Institute, as_: As, role: str, status: int
) -> None:
    answer = as_(role).post(
        "/api/v1/places/clean-streets/folders", {"title": "Mine"}, "application/json"
    )
    assert answer.status_code == status


# ── what is seen ─────────────────────────────────────────────────────────


def test_a_place_shows_its_folders_first_and_what_lies_directly_in_it(
    institute: Institute, as_: As
) -> None:
    reports = folder(institute, "Reports")
    put_into(institute, institute.file, reports)
    viewer = as_("viewer")

    top = viewer.get("/api/v1/places/clean-streets/contents").json()["items"]
    inside = viewer.get(f"/api/v1/places/{reports.pk}/contents").json()["items"]
    page = text_of(viewer.get("/projects/clean-streets"))
    inner = text_of(viewer.get(reverse("resources:folder", args=[reports.pk])))

    assert [(one["kind"], one["title"]) for one in top] == [
        ("folder", "Reports"),
        ("dataset", "Sanitation complaints"),
    ]
    assert top[0]["resource_count"] == 1
    assert [one["title"] for one in inside] == ["Hauling contract"]
    assert "Reports" in page
    assert "Hauling contract" not in page
    assert "Hauling contract" in inner
    assert "Clean streets" in inner


def test_words_find_what_lies_deep_and_say_where(institute: Institute, as_: As) -> None:
    reports = folder(institute, "Reports")
    put_into(institute, institute.file, reports)

    found = text_of(as_("viewer").get("/projects/clean-streets", {"q": "hauling"}))
    below = text_of(
        as_("viewer").get(reverse("resources:folder", args=[reports.pk]), {"q": "sanitation"})
    )

    assert "in Reports" in found
    assert "Sanitation complaints" not in below


def test_contents_are_paged_by_key_without_a_gap_or_a_double(institute: Institute, as_: As) -> None:
    for at in range(5):
        folder(institute, f"Folder {at}")
    viewer, seen, cursor = as_("viewer"), [], ""
    for _ in range(20):
        page = viewer.get(
            "/api/v1/places/clean-streets/contents", {"limit": 2, "cursor": cursor}
        ).json()
        seen += [one["title"] for one in page["items"]]
        cursor = page["next"]
        if not cursor:
            break

    assert len(seen) == len(set(seen)) == 7
    assert set(seen[5:]) == {"Sanitation complaints", "Hauling contract"}


def test_to_whom_a_folder_was_granted_it_is_open_and_the_project_is_not_told(
    institute: Institute, as_: As
) -> None:
    secret, shared = folder(institute, "Secret plans"), None
    shared = folder(institute, "Shared", secret)
    put_into(institute, institute.file, shared)
    grant(institute, shared, to="stranger", actions=[Action.DOWNLOAD])
    stranger = as_("stranger")

    page = stranger.get(reverse("resources:folder", args=[shared.pk]))
    received = text_of(stranger.get("/received"))

    assert page.status_code == 200
    assert "Hauling contract" in text_of(page)
    assert "Secret plans" not in text_of(page)
    assert "Clean streets" not in text_of(page)
    assert stranger.get(f"/api/v1/folders/{shared.pk}").json()["way"] == []
    assert "Shared" in received
    assert stranger.get(f"/received/{shared.pk}").status_code == 302
    assert stranger.get(reverse("resources:folder", args=[secret.pk])).status_code == 404


def test_a_file_is_put_into_a_folder(institute: Institute) -> None:
    from simplr.intake import services as intake
    from simplr.intake import tasks

    place = folder(institute, "Reports")
    for gone, content in ((False, b"one"), (True, b"two")):
        upload = intake.receive(
            project_id=institute.project.pk,
            declared=intake.Declared(
                name=f"{gone}.txt", size=3, wanted_as="file", folder_id=place.pk
            ),
            body=io.BytesIO(content),
            actor=institute.actor("steward"),
        )
        tasks.understand(str(upload.id))
        if gone:
            trash_services.put_in_trash(node_id=place.pk, actor=institute.actor("steward"))
        intake.keep(upload_id=upload.id, choices={"fields": []}, actor=institute.actor("steward"))
        tasks.keep(str(upload.id), str(institute.steward.id))
        upload.refresh_from_db()
        kept = Resource.objects.get(pk=upload.resource_id)
        assert kept.node.parent_id == (institute.project.pk if gone else place.pk)


def test_a_folder_of_another_project_takes_no_file(institute: Institute, as_: As) -> None:
    from simplr.projects.services import create_project

    other = create_project(title="Parks", actor=institute.actor("steward"))
    place = make_folder(place_id=other.pk, title="Trees", actor=institute.actor("steward"))

    answer = as_("steward").post(
        f"/api/v1/projects/clean-streets/uploads?name=a.txt&folder={place.pk}",
        b"abc",
        content_type="application/octet-stream",
    )

    assert answer.status_code == 404


# ── the trash ────────────────────────────────────────────────────────────


def test_a_folder_goes_into_the_trash_with_all_in_it_and_comes_back(
    institute: Institute, as_: As
) -> None:
    outer = folder(institute, "Outer")
    inner = folder(institute, "Inner", outer)
    put_into(institute, institute.dataset, inner)
    trash_services.put_in_trash(node_id=outer.pk, actor=institute.actor("steward"))

    assert not may(institute, "owner", "discover", institute.dataset)
    assert not may(institute, "colleague", "download", institute.release)
    assert as_("colleague").get("/api/v1/grants").json()["items"] == []
    assert as_("owner").get("/api/v1/projects").json()["items"][0]["resource_count"] == 1
    (line,) = as_("owner").get("/api/v1/trash").json()["items"]
    assert (line["kind"], line["title"]) == ("folder", "Outer")
    with pytest.raises(NotFound):
        make_folder(place_id=inner.pk, title="x", actor=institute.actor("steward"))
    with pytest.raises(NotFound):
        put_into(institute, institute.file, inner)

    trash_services.bring_back(node_id=outer.pk, actor=institute.actor("owner"))
    assert may(institute, "colleague", "download", institute.release)


def test_what_was_thrown_away_before_its_folder_waits_for_the_folder(
    institute: Institute, as_: As
) -> None:
    outer = folder(institute, "Outer")
    put_into(institute, institute.file, outer)
    for node in (institute.file, outer):
        trash_services.put_in_trash(node_id=node.pk, actor=institute.actor("steward"))

    assert [one["title"] for one in as_("owner").get("/api/v1/trash").json()["items"]] == ["Outer"]
    trash_services.bring_back(node_id=outer.pk, actor=institute.actor("owner"))
    listed = as_("owner").get("/api/v1/trash").json()["items"]
    assert [one["title"] for one in listed] == ["Hauling contract"]


def test_a_folder_is_erased_with_all_in_it(institute: Institute) -> None:
    outer = folder(institute, "Outer")
    folder(institute, "Inner", outer)
    put_into(institute, institute.dataset, outer)
    trash_services.put_in_trash(node_id=outer.pk, actor=institute.actor("steward"))
    trash_services.order_erasure(node_id=outer.pk, actor=institute.actor("owner"))
    trash_services.erase(node_id=outer.pk)

    assert not Folder.objects.exists()
    assert not Resource.objects.filter(pk=institute.dataset.pk).exists()
    assert Resource.objects.filter(pk=institute.file.pk).exists()


def test_a_folder_that_holds_what_one_may_not_manage_is_not_thrown_away(
    institute: Institute, as_: As
) -> None:
    place = folder(institute, "Reports")
    put_into(institute, institute.file, place)
    Node.objects.filter(pk=place.pk).update(owner=institute.viewer)

    outcome = as_("viewer").post(
        "/api/v1/acts", {"act": "trash", "ids": [str(place.pk)]}, "application/json"
    )

    assert outcome.json()["items"][0]["code"] == "holds-others"


# ── pages ────────────────────────────────────────────────────────────────


def test_a_resource_and_a_folder_are_renamed_on_their_pages(institute: Institute, as_: As) -> None:
    steward, place = as_("steward"), folder(institute, "Reports")

    steward.post(
        reverse("resources:resource-edit", args=[institute.file.pk]),
        {"title": "Contract 2025", "description": "Signed", "classification": "confidential"},
    )
    renamed = steward.post(
        reverse("resources:folder-edit", args=[place.pk]), {"title": "Yearly"}, follow=True
    )
    folder(institute, "Taken")
    refused = steward.post(reverse("resources:folder-edit", args=[place.pk]), {"title": "taken"})

    assert "Contract 2025" in text_of(steward.get(f"/files/{institute.file.pk}"))
    assert "Yearly" in text_of(renamed)
    assert refused.status_code == 422
    assert "A folder of this name is there already" in text_of(refused)
    viewer = as_("viewer")
    assert viewer.get(reverse("resources:folder-edit", args=[place.pk])).status_code == 403


def test_a_folder_is_made_on_the_page(institute: Institute, as_: As) -> None:
    address = reverse("resources:folder-make", args=["clean-streets"])

    made = as_("steward").post(address, {"title": "Reports"}, follow=True)
    again = as_("steward").post(address, {"title": "Reports"}, follow=True)

    assert "Nothing is in it yet" in text_of(made)
    assert "A folder of this name is there already" in text_of(again)
