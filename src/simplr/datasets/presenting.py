"""A data set as its pages show it: names, types and counts, never a cell value.

Whoever may see only a release of it has a page of his own (`sharing:received-one`); these pages
say nothing to him.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from simplr.access.reaching import seen_by_count
from simplr.base.actors import actor_of
from simplr.base.snippets import snippets
from simplr.base.views_frame import may
from simplr.base.words import number
from simplr.datasets import queries, structures
from simplr.datasets.models import Field
from simplr.datasets.words import clear_profile, full_profile
from simplr.resources import queries as resources
from simplr.resources.models import Resource, Version
from simplr.resources.scanning import words as scanning
from simplr.resources.uses import recent_uses
from simplr_core.errors import NotFound

ORDERS: Mapping[str, Callable[[Field], Any]] = {
    "missing": lambda field: -(field.missing_count or 0),
    "name": lambda field: field.name,
}


def to_the_received(request: HttpRequest) -> HttpResponse | None:
    """Where somebody belongs who may see a release only; None for all others."""
    release_id = request.verdict.release_id  # type: ignore[attr-defined]
    return redirect("sharing:received-one", release_id) if release_id else None


def dataset_of(dataset_id: UUID) -> Resource:
    """The data set. Raises NotFound, also for a file."""
    resource = resources.resource_of(dataset_id)
    if resource.kind != "dataset":
        raise NotFound
    return resource


def frame(
    request: HttpRequest, resource: Resource, version: Version, *, tab: str
) -> dict[str, Any]:
    """What every page of one data set shares (templates/datasets/frame.html)."""
    fields = queries.fields_of(version)
    newest = resources.version_of(resource.pk)
    sees_all = may(request, "manage", resource.pk)
    release = dict(sees_all)
    if sees_all["allowed"] and not request.verdict.personal:  # type: ignore[attr-defined]
        release = {
            "allowed": False,
            "reason": _("A release is made by somebody who may see every field."),
        }
    rows = may(request, "read", resource.pk)
    asks = not rows["allowed"]
    if rows["allowed"] and (held_back := scanning.refused(version, actor=actor_of(request))):
        rows = {"allowed": False, "reason": held_back}
    return {
        "dataset": {
            "id": resource.pk,
            "title": resource.title,
            "description": resource.description,
            "project": {"slug": resource.project.slug, "title": resource.project.title},
            "organisation": resource.node.organisation.name,
            "classification": resource.node.classification,
            "field_count": len(fields),
            "row_count": version.rows_kept or 0,
            "personal_count": sum(field.personal == "personal" for field in fields),
            "indirect_count": sum(field.personal == "indirect" for field in fields),
            "seen_by_count": seen_by_count(resource.pk) if sees_all["allowed"] else None,
            "version": {"number": version.number, "kept_at": version.created_at},
            "newest": newest.number,
            "query": query_of(resource, version),
            "held": False,
            "scan": scanning.mark_of(version),
            "held_back": scanning.notice_of(version),
        },
        "tab": tab,
        "may": {
            "rows": rows,
            "ask": {"allowed": asks, "reason": ""},
            "put": may(request, "write", resource.project_id),
            "release": release,
            "grant": sees_all,
            "describe": may(request, "write", resource.pk),
            "ledger": sees_all,
            "erase": sees_all,
        },
    }


def query_of(resource: Resource, version: Version) -> str:
    """What links to an old version carry on, so that its pages stay with it; else nothing."""
    newest = resources.version_of(resource.pk)
    return "" if version.pk == newest.pk else f"?version={version.number}"


def filter_of(request: HttpRequest) -> dict[str, str]:
    """Which fields, in which order: only words that are known."""
    which, order = request.GET.get("which", "all"), request.GET.get("order", "file")
    return {
        "which": which if which in {"personal", "missing"} else "all",
        "order": order if order in ORDERS else "file",
    }


def field_rows(
    version: Version,
    *,
    personal: bool,
    wanted: Mapping[str, str],
    profiles: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """The fields as parts/field_rows.html shows them, with their profiles where there are any."""
    rows = version.rows_kept or 0
    fields: Iterable[Field] = queries.fields_of(version)
    if wanted["which"] == "personal":
        fields = [field for field in fields if field.personal != "none"]
    elif wanted["which"] == "missing":
        fields = [field for field in fields if field.missing_count and (personal or _open(field))]
    if wanted["order"] in ORDERS:
        fields = sorted(fields, key=ORDERS[wanted["order"]])
    return [
        field_row(field, rows=rows, personal=personal, values=(profiles or {}).get(field.name))
        for field in fields
    ]


def _open(field: Field) -> bool:
    return field.personal != "personal"


def said_of(field: Field) -> dict[str, Any]:
    """What people said of a field, as its form shows it."""
    return {
        "title": field.title,
        "meaning": field.meaning,
        "personal": field.personal,
        "unit": field.unit,
        "key": field.is_key,
    }


def field_row(
    field: Field, *, rows: int, personal: bool, values: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """One field; its values only for those who may see them."""
    if not personal and not _open(field):
        profile = clear_profile(field, rows=rows, hidden=_("shown to owners and stewards only"))
    elif values is None:
        profile = clear_profile(field, rows=rows)
    else:
        profile = full_profile(field, values, rows=rows)
    return {
        "name": field.name,
        "source_name": field.source_name,
        "title": field.title,
        "meaning": field.meaning,
        "unit": field.unit,
        "type": field.type,
        "format": field.format,
        "personal": field.personal,
        "missing_codes": ", ".join(code or _("empty") for code in field.missing_codes),
        "kind": field.personal_kind,
        "evidence": field.evidence,
        "profile": profile,
    }


def counts_of(version: Version, *, personal: bool) -> dict[str, int]:
    """Rows in, kept and put aside; cells that were put aside, of fields that the reader may see."""
    return {
        "in": version.rows_in or 0,
        "kept": version.rows_kept or 0,
        "quarantined_rows": version.rows_quarantined or 0,
        "quarantined_cells": queries.cells_aside(version, personal=personal) or 0,
        "made": version.rows_made,
    }


def dataset_page(
    request: HttpRequest,
    resource: Resource,
    version: Version,
    *,
    profiles: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The tab Fields. Without `profiles` the page fetches them where they may be seen."""
    wanted, verdict = filter_of(request), request.verdict  # type: ignore[attr-defined]
    page = frame(request, resource, version, tab="fields")
    given = {**wanted, "version": str(version.number)}
    address = f"{reverse('sharing:profile', args=[resource.pk])}?{urlencode(given)}"
    versions = versions_of(resource)
    personal = verdict.personal
    return page | {
        "fields": field_rows(version, personal=personal, wanted=wanted, profiles=profiles),
        "profile_url": ""
        if profiles is not None or not page["may"]["rows"]["allowed"]
        else address,
        "filter": wanted,
        "snippets": snippets(resource.pk)
        if may(request, "download", resource.pk)["allowed"]
        else [],
        "counts": counts_of(version, personal=personal),
        "structure": _structure(version, personal=personal),
        "versions": versions[:3],
        "uses": recent_uses(resource.pk) if page["may"]["ledger"]["allowed"] else [],
        "original": {"name": version.original_name, "size": version.size}
        if personal
        and may(request, "download", resource.pk)["allowed"]
        and page["may"]["rows"]["allowed"]
        else None,
    }


def _structure(version: Version, *, personal: bool) -> dict[str, Any]:
    """What tells rows apart, and the first fields that follow from others."""
    found = structures.structure_for(version, personal=personal)
    return {
        "is_known": found.is_known,
        "is_whole": found.is_whole,
        "keys": [" + ".join(key) for key in found.keys],
        "dependencies": found.dependencies[:8],
    }


def versions_of(resource: Resource) -> list[dict[str, Any]]:
    """Every version with what changed against the one before, the newest first."""
    rows: list[Any] = queries.versions_with_owners(resource.pk)
    shown = []
    for at, row in enumerate(rows):
        before = rows[at + 1] if at + 1 < len(rows) else None
        shown.append(
            {
                "id": row.pk,
                "number": row.number,
                "kept_at": row.created_at,
                "kept_by": row.node.owner.name,
                "row_count": row.rows_kept,
                "field_count": row.field_count,
                "change": _change(row, before),
                "quarantined_rows": row.rows_quarantined,
                "current": at == 0,
                "size": row.size,
                "scan": scanning.mark_of(row),
            }
        )
    return shown


def version_page(request: HttpRequest, resource: Resource, version: Version) -> dict[str, Any]:
    """One version: how it came, what is in it, and what can be done with it."""
    page = frame(request, resource, version, tab="versions")
    sees_original = (
        request.verdict.personal  # type: ignore[attr-defined]
        and may(request, "download", resource.pk)["allowed"]
        and page["may"]["rows"]["allowed"]
    )
    return page | {
        "version": {
            "id": version.pk,
            "number": version.number,
            "before": version.number - 1,
            "kept_at": version.created_at,
            "kept_by": version.node.owner.name,
            "came": came_words(version, personal=request.verdict.personal),  # type: ignore[attr-defined]
            "earlier": version.earlier.number if version.earlier else None,
            "current": not page["dataset"]["query"],
        },
        "counts": counts_of(version, personal=request.verdict.personal),  # type: ignore[attr-defined]
        "original": {"name": version.original_name, "size": version.size}
        if sees_original
        else None,
        "may_restore": may(request, "write", resource.pk),
    }


def came_words(version: Version, *, personal: bool) -> str:
    """How a version came, in a sentence, to one who does or does not see personal fields."""
    earlier = version.earlier.number if version.earlier else 0
    added = number(version.changes.get("added", 0))
    if version.mode == "append":
        return _("%(added)s rows were added to version %(earlier)s.") % {
            "added": added,
            "earlier": earlier,
        }
    if version.mode == "upsert":
        return _(
            "By %(key)s, %(replaced)s rows of version %(earlier)s were replaced and %(added)s added."
        ) % {
            "key": ", ".join(version.key),
            "replaced": number(version.changes.get("replaced", 0)),
            "earlier": earlier,
            "added": added,
        }
    if version.mode == "restore":
        return _("Version %(earlier)s was brought back.") % {"earlier": earlier}
    if version.mode == "mend":
        words = _("What lay in quarantine of version %(earlier)s was mended: %(what)s came back.")
        if not personal:  # a sum over all fields tells of the hidden ones
            words = _("Some of what lay in quarantine of version %(earlier)s was mended.")
        return words % {"earlier": earlier, "what": mended_words(version.changes)}
    return _("It holds the rows of its file.")


def mended_words(changes: Mapping[str, int]) -> str:
    """How much came back of what lay in quarantine: rows, cells or both."""
    rows, cells = changes.get("mended_rows", 0), changes.get("mended_cells", 0)
    parts = []
    if rows:
        parts.append(ngettext("%(n)s row", "%(n)s rows", rows) % {"n": number(rows)})
    if cells or not rows:
        parts.append(ngettext("%(n)s cell", "%(n)s cells", cells) % {"n": number(cells)})
    return _(" and ").join(parts)


def _change(row: Any, before: Any) -> str:
    if row.mode == "restore" and row.earlier is not None:
        return _("version %(n)s, brought back") % {"n": row.earlier.number}
    if before is None:
        return _("the first one")
    rows = (row.rows_kept or 0) - (before.rows_kept or 0)
    fields = row.field_count - before.field_count
    texts = []
    if rows:
        texts.append(_("%(n)s rows") % {"n": _signed(rows)})
    if fields:
        texts.append(_("%(n)s fields") % {"n": _signed(fields)})
    return ", ".join(texts) or _("as many rows and fields as before")


def _signed(count: int) -> str:
    return f"+{number(count)}" if count > 0 else number(count)
