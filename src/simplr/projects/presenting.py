"""A project as every page of it shows it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from simplr.base.views_frame import may
from simplr.projects import queries


def frame_of(request: HttpRequest, project_id: UUID, *, tab: str) -> dict[str, Any]:
    """What every page of one project shares (templates/projects/frame.html)."""
    project = queries.project_of(project_id)
    writes, manages = may(request, "write", project_id), may(request, "manage", project_id)
    return {
        "project": {
            "id": project.pk,
            "slug": project.slug,
            "title": project.title,
            "aims": project.aims if may(request, "describe", project_id)["allowed"] else "",
            "organisation": project.node.organisation.name,
        },
        "tab": tab,
        "may": {
            "know": may(request, "discover", project_id),
            "put": writes,
            "edit": writes,
            "people": manages,
            "members": may(request, "describe", project_id),
            "ledger": manages,
        },
    }
