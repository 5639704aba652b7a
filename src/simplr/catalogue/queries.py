"""Finding by words of titles, descriptions and names of fields, through the query twins alone."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from simplr.base.actors import Actor
from simplr.base.paging import Page, page_of
from simplr.projects import queries as projects
from simplr.resources import presenting as resources
from simplr.resources import queries as resource_queries

MOST_PROJECTS = 20


def found(actor: Actor, *, words: str, kind: str, cursor: str) -> Page[dict[str, Any]]:
    """What the actor may know of and the words speak of: projects first, then the newest."""
    shown: list[dict[str, Any]] = []
    if kind == "project" or (not kind and not cursor):
        asked = projects.projects_visible_to(actor, words=words)
        page = page_of(asked, cursor=cursor, key="node_id")
        if kind == "project":
            return page.map(_project)
        shown += [_project(row) for row in page.items[:MOST_PROJECTS]]
    rows = resource_queries.resources_visible_to(actor, words=words, kind=kind)
    things = page_of(rows, cursor=cursor, key="node_id")
    lines = resources.lines(actor, things.items)
    whole = resource_queries.describable(actor, [row.pk for row in things.items])
    opened = resource_queries.openable(actor, [row.pk for row in things.items])
    fields = resource_queries.fields_named(whole, words)
    for row, line in zip(things.items, lines, strict=True):
        described, shared = row.pk in whole, row.pk in opened - whole
        found_in = fields.get(row.pk)
        shown.append(_resource(row, line, described=described, shared=shared, fields=found_in))
    return Page(shown, things.next)


def _project(row: Any) -> dict[str, Any]:
    return {
        "kind": "project",
        "id_or_slug": row.slug,
        "url": reverse("resources:project", args=[row.slug]),
        "title": row.title,
        "project": row.node.organisation.name,
        "description": projects.aims_of(row),
        "found_in": "",
        "classification": "",
        "row_count": None,
        "size": None,
        "changed_at": row.created_at,
        "shared": False,
    }


def _resource(
    row: Any, line: dict[str, Any], *, described: bool, shared: bool, fields: list[str] | None
) -> dict[str, Any]:
    name = "datasets:dataset" if row.kind == "dataset" else "resources:file"
    return {
        "kind": row.kind,
        "id_or_slug": row.pk,
        "url": reverse(name, args=[row.pk]) if line["opens"] else "",
        "title": row.title,
        "project": row.project.title if described else "",
        "description": line["description"],
        "found_in": _("field %(names)s") % {"names": ", ".join(fields)} if fields else "",
        "classification": line["classification"],
        "row_count": line["row_count"],
        "size": line["size"],
        "changed_at": line["changed_at"],
        "shared": shared,
    }
