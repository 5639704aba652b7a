"""Resources as pages show them: lists of them, and one file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from simplr.base.actors import Actor, actor_of
from simplr.base.views_frame import may
from simplr.base.words import number
from simplr.resources import content, folder_queries, queries, texts
from simplr.resources.models import Folder, Resource, Version
from simplr.resources.scanning import words as scanning
from simplr.resources.uses import recent_uses


def lines(
    actor: Actor, resources: Iterable[Resource], *, with_places: bool = False
) -> list[dict[str, Any]]:
    """Resources in a list; counts only where the reader may see the description of the whole."""
    rows = list(resources)
    places = queries.titles_of_folders_above([row.pk for row in rows]) if with_places else {}
    whole = queries.describable(actor, [row.pk for row in rows])
    opened = queries.openable(actor, [row.pk for row in rows])
    personal = queries.personal_counts(
        [row.current_id for row in rows if row.pk in whole]  # type: ignore[attr-defined]
    )
    return [
        _line(row, described=row.pk in whole, personal=personal)
        | {"place": places.get(row.pk, ""), "opens": row.pk in opened}
        for row in rows
    ]


def folder_lines(actor: Actor, folders: Iterable[Folder]) -> list[dict[str, Any]]:
    """Folders in a list, each with how much lies in it as far as the reader may know."""
    rows = list(folders)
    counts = folder_queries.counts_of(actor, [row.pk for row in rows])
    return [
        {
            "id": row.pk,
            "title": row.title,
            "url": folder_url(row.pk),
            "text": _inside_words(counts.get(row.pk)),
        }
        for row in rows
    ]


def _inside_words(counts: folder_queries.FolderCounts | None) -> str:
    texts = []
    if counts and counts.folders:
        texts.append(
            ngettext("%(n)s folder", "%(n)s folders", counts.folders)
            % {"n": number(counts.folders)}
        )
    if counts and counts.resources:
        texts.append(
            ngettext("%(n)s thing", "%(n)s things", counts.resources)
            % {"n": number(counts.resources)}
        )
    return ", ".join(texts) or _("empty")


def folder_url(folder_id: UUID) -> str:
    """The page of a folder."""
    return reverse("resources:folder", args=[folder_id])


def resource_url(resource: Resource) -> str:
    """The page of a data set or a file."""
    name = "datasets:dataset" if resource.kind == "dataset" else "resources:file"
    return reverse(name, args=[resource.pk])


def place_link(place: folder_queries.Place) -> dict[str, str]:
    """A project or folder as a way leads to it."""
    if place.kind == "project":
        url = reverse("resources:project", args=[place.slug])
    else:
        url = folder_url(place.id)
    return {"title": place.title, "url": url}


def places_to_move_to(actor: Actor, project_id: UUID, *, here: UUID) -> list[dict[str, Any]]:
    """Where things of a project may be moved to from here: its top, and the folders one may fill."""
    known = folder_queries.places_to_move_to(actor, project_id)
    top = [(project_id, _("the top of the project"))] if here != project_id else []
    return [{"id": id_, "title": title} for id_, title in (*top, *known) if id_ != here]


def _line(row: Any, *, described: bool, personal: dict[UUID, int]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "title": row.title,
        "description": row.description if described else "",
        "classification": row.node.classification,
        "personal_count": personal.get(row.current_id, 0) if described else 0,
        "row_count": row.row_count if described else None,
        "size": row.size if described else None,
        "changed_at": row.changed_at if described else row.created_at,
        "marks": [],
    }


def file_page(request: HttpRequest, resource: Resource) -> dict[str, Any]:
    """One file, with its preview where the reader may see it."""
    version = queries.version_of(resource.pk)
    manages = may(request, "manage", resource.pk)
    verdict = request.verdict  # type: ignore[attr-defined]
    download = may(request, "download", resource.pk)
    if download["allowed"] and not verdict.personal:
        download = {
            "allowed": False,
            "reason": _("The original shows every field; it is for those who may see all of them."),
        }
    asks = not download["allowed"]
    shown = may(request, "read", resource.pk)["allowed"] and verdict.personal
    if shown and (held_back := scanning.refused(version, actor=actor_of(request))):
        shown, download = False, {"allowed": False, "reason": held_back}
    return {
        "file": {
            "id": resource.pk,
            "title": resource.title,
            "name": version.original_name,
            "description": resource.description,
            "project": {"slug": resource.project.slug, "title": resource.project.title},
            "organisation": resource.node.organisation.name,
            "classification": resource.node.classification,
            "size": version.size,
            "media_type": version.media_type,
            "version": {
                "number": version.number,
                "kept_at": version.created_at,
                "kept_by": version.node.owner.name,
            },
            "digests": [],
            "scan": scanning.mark_of(version),
            "held_back": scanning.notice_of(version),
        },
        "preview": _preview(request, version) if shown else _no_preview(download["reason"]),
        "text": texts.beginning(version) if shown else "",
        "versions": [
            {
                "number": row.number,
                "kept_at": row.created_at,
                "kept_by": row.node.owner.name,
                "size": row.size,
                "scan": scanning.mark_of(row),
            }
            for row in queries.versions_for(actor_of(request), resource.pk)
        ],
        "may": {
            "download": download,
            "ask": {"allowed": asks, "reason": ""},
            "grant": manages,
            "describe": may(request, "write", resource.pk),
            "put": may(request, "write", resource.project_id),
            "ledger": manages,
        },
        "grants": queries.grants_on(resource.pk) if manages["allowed"] else [],
        "uses": recent_uses(resource.pk) if manages["allowed"] else [],
    }


def _no_preview(reason: str) -> dict[str, Any]:
    return {"kind": "hidden", "text": reason, "url": "", "alt": "", "pages": 0, "note": ""}


def _preview(request: HttpRequest, version: Version) -> dict[str, Any]:
    """Text stands in the page; images and PDFs are fetched by it from an address of their own."""
    found = content.looked_at(version, actor=actor_of(request))
    address = reverse("resources:preview", args=[version.resource_id])
    page = {"kind": found.kind, "text": "", "url": "", "alt": "", "pages": 0, "note": ""}
    if found.kind == "text":
        page["text"] = found.content.decode()
        page["note"] = "" if found.is_whole else _("its beginning")
    elif found.kind == "image":
        page |= {
            "url": address,
            "alt": _("Preview of %(name)s") % {"name": version.original_name},
            "note": _("%(width)s by %(height)s points")
            % {"width": number(found.width), "height": number(found.height)},
        }
    elif found.kind == "pdf":
        page["url"] = "" if found.is_active else address
        page["text"] = (
            _("It holds scripts or attachments, so it is not opened here. Download it.")
            if found.is_active
            else ""
        )
    else:
        page["text"] = _reasons().get(found.reason, "")
    return page


def guests_words(members: Iterable[Any]) -> str:
    """How many guests a project has; empty for none."""
    count = sum(member.role == "guest" for member in members)
    if not count:
        return ""
    return ngettext("%(n)s guest", "%(n)s guests", count) % {"n": number(count)}


def _reasons() -> dict[str, str]:
    return {
        "empty": _("The file is empty."),
        "too-large": _("It is too large to be shown here. Download it."),
        "cut-off": _("It ends before its end. It is kept byte for byte."),
        "image-unreadable": _("The image cannot be read. It is kept byte for byte."),
        "image-too-large": _("The image is too large to be shown here. Download it."),
    }
