"""Projects and their members, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from simplr.access import services as access
from simplr.access.permissions import decide
from simplr.accounts import queries as accounts
from simplr.base.actors import actor_of
from simplr.base.entry import needs, signed_in
from simplr.base.paging import USUAL, Page, page_of
from simplr.base.schemas import PROBLEMS, Answer, LongText, Strict, Title
from simplr.projects import queries, services
from simplr_core.access import Role
from simplr_core.errors import Invalid

router = Router(tags=["projects"])


class NewProject(Strict):
    title: Title
    slug: str = ""
    aims: LongText = ""


class ProjectChanges(Strict):
    title: Title | None = None
    aims: LongText | None = None
    status: str | None = None


class NewMember(Strict):
    person: UUID | None = None
    email: str | None = None
    role: Literal["owner", "steward", "analyst", "viewer", "guest"]


class ProjectAnswer(Answer):
    id: UUID
    slug: str
    title: str
    aims: str
    status: str
    organisation: str
    owner: str
    resource_count: int | None = None
    used_bytes: int | None
    quota_bytes: int | None
    created_at: datetime


class ProjectPage(Answer):
    items: list[ProjectAnswer]
    next: str | None


class MemberAnswer(Answer):
    person: UUID
    name: str
    organisation: str
    role: str


class MemberPage(Answer):
    items: list[MemberAnswer]
    next: str | None = None


def _answer(project: Any, *, described: bool = True) -> dict[str, Any]:
    """A project as the API shows it; who may only know of it sees its title and no counts."""
    return {
        "id": project.node_id,
        "slug": project.slug,
        "title": project.title,
        "aims": project.aims if described else "",
        "status": project.status,
        "organisation": project.node.organisation.name,
        "owner": project.node.owner.name,
        "resource_count": getattr(project, "resource_count", None) if described else None,
        "used_bytes": project.used_bytes if described else None,
        "quota_bytes": project.quota_bytes if described else None,
        "created_at": project.created_at,
    }


@router.get("/projects", response={200: ProjectPage, **PROBLEMS}, operation_id="list_projects")
@signed_in(scope="")
def list_projects(
    request: HttpRequest, q: str = "", cursor: str = "", limit: int = USUAL
) -> dict[str, Any]:
    """Projects that you may know of, the newest first."""
    found = queries.projects_visible_to(actor_of(request), words=q)
    rows: Page[Any] = page_of(found, cursor=cursor, limit=limit, key="node_id")
    return rows.map(lambda row: _answer(row, described=row.is_described)).answer()


@router.post("/projects", response={201: ProjectAnswer, **PROBLEMS}, operation_id="create_project")
@signed_in(scope="project:manage")
def create_project(request: HttpRequest, body: NewProject) -> tuple[int, dict[str, Any]]:
    """Make a project of your organisation. You become its owner."""
    project = services.create_project(
        title=body.title, slug=body.slug, aims=body.aims, actor=actor_of(request)
    )
    return 201, _answer(queries.project_of(project.node_id))


@router.get(
    "/projects/{project}", response={200: ProjectAnswer, **PROBLEMS}, operation_id="show_project"
)
@needs("discover", node="project")
def show_project(request: HttpRequest, project: str) -> dict[str, Any]:
    """One project, by id or short name."""
    described = decide(actor=actor_of(request), action="describe", node_id=UUID(project)).allowed
    return _answer(queries.project_of(UUID(project)), described=described)


@router.patch(
    "/projects/{project}", response={200: ProjectAnswer, **PROBLEMS}, operation_id="change_project"
)
@needs("write", node="project")
def change_project(request: HttpRequest, project: str, body: ProjectChanges) -> dict[str, Any]:
    """Change title, aims or status."""
    services.change_project(project_id=UUID(project), changes=body.dict(), actor=actor_of(request))
    return _answer(queries.project_of(UUID(project)))


@router.get(
    "/projects/{project}/members",
    response={200: MemberPage, **PROBLEMS},
    operation_id="list_members",
)
@needs("describe", node="project")
def list_members(request: HttpRequest, project: str) -> dict[str, Any]:
    """Who belongs to the project."""
    return {"items": [_member(row) for row in queries.members_of(UUID(project))]}


def _member(row: queries.Member) -> dict[str, Any]:
    return {
        "person": row.person_id,
        "name": row.name,
        "organisation": row.organisation,
        "role": row.role,
    }


@router.post(
    "/projects/{project}/members",
    response={200: MemberPage, **PROBLEMS},
    operation_id="give_role",
)
@needs("manage", node="project")
def give_role(request: HttpRequest, project: str, body: NewMember) -> dict[str, Any]:
    """Make somebody a member, or change what he is here."""
    if (body.person is None) == (body.email is None):
        raise Invalid("Name a person by id or by address.", field="person")
    person_id = body.person or accounts.person_id_by_email(body.email or "")
    access.give_role(
        project_id=UUID(project),
        person_id=person_id,
        role=Role(body.role),
        actor=actor_of(request),
    )
    return {"items": [_member(row) for row in queries.members_of(UUID(project))]}


@router.delete(
    "/projects/{project}/members/{person}",
    response={204: None, **PROBLEMS},
    operation_id="take_role",
)
@needs("manage", node="project")
def take_role(request: HttpRequest, project: str, person: UUID) -> tuple[int, None]:
    """End a membership. It takes effect at once."""
    access.take_role(project_id=UUID(project), person_id=person, actor=actor_of(request))
    return 204, None
