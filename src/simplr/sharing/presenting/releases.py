"""Releases as their pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from simplr.base.actors import Actor
from simplr.base.words import number
from simplr.datasets import queries as datasets
from simplr.resources.models import Resource, Version
from simplr.sharing import services
from simplr.sharing.delivery import Sample
from simplr.sharing.forms import COMPARISONS, ReleaseForm
from simplr.sharing.models import Release
from simplr.sharing.presenting import masks
from simplr.sharing.presenting.tables import table_of
from simplr_core.access.scans import HeldBack
from simplr_core.errors import Invalid
from simplr_core.tables.schema import Schema


def line(release: Release, *, grant_count: int) -> dict[str, Any]:
    """One line of the list of releases."""
    return {
        "id": release.pk,
        "title": release.title,
        "field_count": len(release.fields),
        "rows": _("%(n)s rows") % {"n": number(release.row_count)},
        "masked_count": masked_count(release),
        "version": version_words(release),
        "grant_count": grant_count,
        "made_at": release.created_at,
        "made_by": release.node.owner.name,
        "ended": False,
    }


def masked_count(release: Release) -> int:
    """How many of its fields are not shown as they are."""
    return sum(item["mask"]["kind"] != "keep" for item in release.fields)


def version_words(release: Release) -> str:
    """Which version a release serves, in words."""
    given = {"n": release.version.number}
    if release.follows == "this":
        return _("Version %(n)s only") % given
    return _("Each accepted version, now %(n)s") % given


def described(release: Release, *, formula: str | None) -> dict[str, Any]:
    """What the page of one release says of it to those who manage it."""
    resource = release.resource
    return {
        "id": release.pk,
        "title": release.title,
        "dataset": {
            "id": resource.pk,
            "title": resource.title,
            "project": {"slug": resource.project.slug, "title": resource.project.title},
        },
        "version": version_words(release),
        "made_at": release.created_at,
        "made_by": release.node.owner.name,
        "formula": formula or "",
        "ended": False,
        "grant_url": f"{reverse('sharing:grant', args=[resource.pk])}?release={release.pk}",
    }


def editor(
    form: ReleaseForm,
    *,
    resource: Resource,
    version: Version,
    schema: Schema,
    preview: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The page on which a release is written."""
    return {
        "dataset": {
            "id": resource.pk,
            "title": resource.title,
            "project": {"slug": resource.project.slug, "title": resource.project.title},
            "row_count": version.rows_kept or 0,
            "field_count": len(schema.names),
            "version": {"number": version.number},
        },
        "release": {"id": None, "title": form.title},
        "fields": [
            {
                "name": item.name,
                "type": item.type.value,
                "personal": item.personal.value,
                "chosen": item.name in form.masks,
                "masks": masks.offered(
                    item,
                    form.masks.get(item.name, {"kind": form.kinds.get(item.name, "keep")}),
                    form.typed.get(item.name, {}),
                ),
            }
            for item in schema
        ],
        "conditions": form.conditions,
        "comparisons": COMPARISONS,
        "formula": form.formula,
        "written": bool(form.formula.strip()),
        "version_rule": form.follows,
        "errors": [{"text": each.text, "field": each.field} for each in form.problems],
        "preview": preview,
    }


def preview_of(
    form: ReleaseForm, *, resource: Resource, version: Version, actor: Actor, personal: bool
) -> dict[str, Any]:
    """What they will see, made by the delivery itself; or why there is nothing to see."""
    fields = datasets.fields_of(version)
    schema = datasets.schema_of(fields)
    if form.problems:
        return {"problem": form.problems[0].text}
    try:
        definition = form.definition(schema)
        if not form.masks:
            return _preview(None, len(fields), version)
        seen = services.preview(
            dataset_id=resource.pk, definition=definition, actor=actor, personal=personal, limit=10
        )
    except (Invalid, HeldBack) as error:
        return {"problem": error.message}
    shown = [{"name": name, "mask": mask} for name, mask in form.masks.items()]
    return _preview(seen, len(fields), version) | {"changes": masks.changes(shown)}


def seen_as(sample: Sample, release: Release, *, all_fields: int) -> dict[str, Any]:
    """The preview of a release that is there."""
    return _preview(sample, all_fields, release.version) | {
        "row_count": release.row_count,
        "changes": masks.changes(release.fields),
    }


def _preview(sample: Sample | None, all_fields: int, version: Version) -> dict[str, Any]:
    return {
        "problem": "",
        "table": table_of(sample) if sample else {"fields": [], "rows": []},
        "field_count": len(sample.fields) if sample else 0,
        "all_fields": all_fields,
        "row_count": sample.row_count if sample else 0,
        "total": version.rows_kept,
        "changes": [],
    }
