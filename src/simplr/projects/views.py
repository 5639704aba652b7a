"""Pages about projects and their members."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from simplr.access import services as access
from simplr.accounts import queries as accounts
from simplr.base.actors import actor_of
from simplr.base.entry import needs, signed_in, verdict_on
from simplr.base.paging import page_of
from simplr.base.views_frame import foot
from simplr.projects import queries, services
from simplr.projects.forms import MemberForm, ProjectForm
from simplr.projects.presenting import frame_of
from simplr.projects.words import ROLES, role_word
from simplr_core.access import Role
from simplr_core.errors import SimplrError


def _may_make(request: HttpRequest) -> dict[str, Any]:
    belongs = bool(queries.organisation_of(actor_of(request)))
    return {
        "allowed": belongs,
        "reason": "" if belongs else _("Only a member of an organisation can make a project."),
    }


@require_GET
@signed_in
def list_(request: HttpRequest) -> HttpResponse:
    """Every project that the reader may know of."""
    actor = actor_of(request)
    words, cursor = request.GET.get("q", "")[:200], request.GET.get("cursor", "")
    page = page_of(queries.projects_visible_to(actor, words=words), cursor=cursor, key="node_id")
    facts = queries.facts_of(actor, [project.pk for project in page.items])
    return render(
        request,
        "projects/list.html",
        {
            "projects": [
                {
                    "slug": project.slug,
                    "title": project.title,
                    "aims": queries.aims_of(project),
                    "organisation": project.node.organisation.name,
                    "role": role_word(facts[project.pk].role) or _("not a member"),
                    "dataset_count": facts[project.pk].dataset_count,
                    "file_count": facts[project.pk].file_count,
                    "changed_at": facts[project.pk].changed_at or project.created_at,
                }
                for project in page.items
            ],
            "filter": {"q": words},
            "page": foot(page, cursor=cursor),
            "may": {"make": _may_make(request)},
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def make(request: HttpRequest) -> HttpResponse:
    """Make a project."""
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            project = services.create_project(**form.cleaned_data, actor=actor_of(request))
        except SimplrError as error:
            form.add_error(str(error.details.get("field") or "") or None, error.message)
        else:
            return redirect("resources:project", project.slug)
    return render(
        request,
        "projects/edit.html",
        {
            "form": form,
            "project": None,
            "organisation": queries.organisation_of(actor_of(request)),
        },
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs("write", node="project")
def edit(request: HttpRequest, project: str) -> HttpResponse:
    """Change title and aims."""
    row = queries.project_of(UUID(project))
    form = ProjectForm(
        request.POST or None, initial={"title": row.title, "aims": row.aims, "slug": row.slug}
    )
    del form.fields["slug"]
    if request.method == "POST" and form.is_valid():
        services.change_project(
            project_id=row.pk, changes=form.cleaned_data, actor=actor_of(request)
        )
        return redirect("resources:project", row.slug)
    return render(
        request,
        "projects/edit.html",
        {
            "form": form,
            "project": {"slug": row.slug, "title": row.title},
            "organisation": row.node.organisation.name,
        },
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs("describe", node="project")
def members(request: HttpRequest, project: str) -> HttpResponse:
    """Who belongs to the project; adding somebody needs the right to manage it."""
    project_id = UUID(project)
    form = MemberForm(request.POST or None)
    status = 200
    if request.method == "POST":
        verdict_on(request, "manage", project_id)
        if form.is_valid():
            try:
                access.give_role(
                    project_id=project_id,
                    person_id=accounts.person_id_by_email(form.cleaned_data["email"]),
                    role=Role(form.cleaned_data["role"]),
                    actor=actor_of(request),
                )
            except SimplrError as error:
                form.add_error("email", error.message)
            else:
                return redirect("projects:members", queries.project_of(project_id).slug)
        status = 422
    frame = frame_of(request, project_id, tab="people")
    manages = frame["may"]["people"]["allowed"]
    rows = queries.members_of(project_id)
    owners = sum(row.role == "owner" for row in rows)
    return render(
        request,
        "projects/members.html",
        {
            **frame,
            "members": [
                {
                    "id": row.person_id,
                    "name": row.name,
                    "email": row.email if manages else "",
                    "organisation": row.organisation,
                    "role": row.role,
                    "since": row.since,
                    "may_change": {
                        "allowed": not (row.role == "owner" and owners == 1),
                        "reason": _("the only owner")
                        if row.role == "owner" and owners == 1
                        else "",
                    },
                }
                for row in rows
            ],
            "roles": ROLES,
            "form": form,
            "invited": queries.invited_to(project_id) if manages else [],
            "page": {
                "shown": len(rows),
                "total": len(rows),
                "about": False,
                "next": None,
                "first": True,
            },
        },
        status=status,
    )


@require_POST
@needs("manage", node="project")
def member_role(request: HttpRequest, project: str, person: UUID) -> HttpResponse:
    """Change what somebody is in the project."""
    wanted = request.POST.get("role", "")
    if wanted in {role.value for role in Role}:
        access.give_role(
            project_id=UUID(project), person_id=person, role=Role(wanted), actor=actor_of(request)
        )
    return redirect("projects:members", queries.project_of(UUID(project)).slug)


@require_POST
@needs("manage", node="project")
def member_remove(request: HttpRequest, project: str, person: UUID) -> HttpResponse:
    """Take somebody out of the project."""
    access.take_role(project_id=UUID(project), person_id=person, actor=actor_of(request))
    return redirect("projects:members", queries.project_of(UUID(project)).slug)
