"""A small real institute for tests: two organisations, their people, one project with real data.

Everything is made through the services that the pages and the API use: files are sealed as they
come, understood and kept by real children, and shared by a real release and a real grant. `NAME`
and `ADDRESS` are values of personal fields, for tests that look for what must not be seen.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from uuid import UUID

from simplr.access import services as access
from simplr.access.authentication import of_person
from simplr.accounts.models import Organisation, Person
from simplr.base.actors import SYSTEM, Actor
from simplr.intake import services as intake
from simplr.intake import tasks
from simplr.intake.models import Upload
from simplr.licensing.services import issue_licence
from simplr.projects.models import Project
from simplr.projects.services import create_project
from simplr.resources.models import Resource
from simplr.sharing import services as sharing
from simplr.sharing.models import Release
from simplr_core.access import Action, Role

NAME = "Zyxwora Quillfeather"
ADDRESS = "zyxwora.quillfeather@mail.example"
ROWS = 60
WARDS = ("06", "17", "21", "48")
NATURES = ("Garbage in alley", "Overflowing carts", "Standing water")


def complaints(rows: int = ROWS) -> bytes:
    """Complaints as a city keeps them: two personal fields, one that hints, one bad cell."""
    lines = ["Request Number,Created On,Nature,Ward,Days Open,Caller Name,Caller Email,ZIP Code"]
    for at in range(rows):
        name, email = f"{_FIRST[at % 7]} {_LAST[at % 11]}", f"caller{at}@mail.example"
        if at == 4:
            name, email = NAME, ADDRESS
        day = f"2012-{at % 12 + 1:02}-{at % 28 + 1:02}"
        open_for = "soon" if at == 9 else str(at % 40)
        lines.append(
            f"12-{at:08},{day},{NATURES[at % 3]},{WARDS[at % 4]},{open_for},{name},{email},606{at % 50:02}"
        )
    return ("\r\n".join(lines) + "\r\n").encode()


_FIRST = ("Maria", "James", "Aisha", "Peter", "Sofia", "David", "Helen")
_LAST = [
    "Novak",
    "Okafor",
    "Lindqvist",
    "Meyer",
    "Rossi",
    "Duarte",
    "Weiss",
    "Brown",
    "Haddad",
    "Silva",
    "Tanaka",
]
CONTRACT = b"Hauling contract 2025\n\nArticle 1. The hauler picks up every Tuesday.\n"


@dataclass(frozen=True, kw_only=True)
class Institute:
    """The people and things of the institute."""

    streets: Organisation
    university: Organisation
    owner: Person
    steward: Person
    analyst: Person
    viewer: Person
    guest: Person
    colleague: Person
    """At the university; the release is granted to this person, and nothing else."""
    stranger: Person
    """At the university; nothing was granted."""
    administrator: Person
    auditor: Person
    project: Project
    dataset: Resource
    file: Resource
    release: Release
    grant_id: UUID

    def actor(self, role: str) -> Actor:
        """The actor of one of the people, by the name of the attribute."""
        return of_person(getattr(self, role))


def person(name: str, organisation: Organisation, **offices: bool) -> Person:
    """Somebody of an organisation, without a password."""
    return Person.objects.create_user(
        email=f"{name.lower().replace(' ', '.')}@lakeside.example",
        name=name,
        organisation=organisation,
        **offices,
    )


def organisation(name: str) -> Organisation:
    """A licensed organisation."""
    made = Organisation.objects.create(name=name)
    issue_licence(actor=SYSTEM, organisation=made)
    return made


def put(
    project: Project,
    actor: Actor,
    *,
    name: str,
    content: bytes,
    resource: Resource | None = None,
    wanted_as: str = "auto",
    **choices: object,
) -> Resource:
    """Put a file and keep it, as a steward and the worker do together."""
    upload = intake.receive(
        project_id=project.pk,
        declared=intake.Declared(
            name=name,
            size=len(content),
            wanted_as=wanted_as,
            resource_id=resource.pk if resource else None,
        ),
        body=io.BytesIO(content),
        actor=actor,
    )
    tasks.understand(str(upload.id))
    understood = Upload.objects.get(pk=upload.pk)
    assert understood.state == "understood", (understood.error_code, understood.error_message)
    intake.keep(upload_id=upload.id, choices={"fields": [], **choices}, actor=actor)
    tasks.keep(str(upload.id), str(actor.person_id))
    kept = Upload.objects.select_related("resource").get(pk=upload.pk)
    assert kept.state == "kept", (kept.error_code, kept.error_message)
    assert kept.resource is not None
    return kept.resource


MARKS = [
    {"name": "caller_name", "personal": "personal"},
    {"name": "caller_email", "personal": "personal"},
    {"name": "days_open", "type": "integer"},
    {"name": "ward", "type": "text"},
]
RELEASED = (
    {"name": "created_on", "mask": {"kind": "truncate-date", "to": "month"}},
    {"name": "nature", "mask": {"kind": "keep"}},
    {"name": "days_open", "mask": {"kind": "top-code", "at": 20}},
)
CONDITION = "ward = '06'"


def build() -> Institute:
    """Make all of it. Takes about two seconds: the children are real."""
    streets, university = organisation("Department of Streets"), organisation("Lakeside University")
    people = {
        "owner": person("Mara Lindqvist", streets),
        "steward": person("Ines Duarte", streets),
        "analyst": person("Jonah Weiss", streets),
        "viewer": person("Vera Brown", streets),
        "guest": person("Gus Meyer", streets),
        "colleague": person("Tomas Okafor", university),
        "stranger": person("Stan Rossi", university),
        "administrator": person("Ada Novak", streets, is_administrator=True),
        "auditor": person("Otto Haddad", streets, is_auditor=True),
    }
    owner = of_person(people["owner"])
    project = create_project(
        title="Clean streets", aims="Which blocks need a second pick-up?", actor=owner
    )
    for role in (Role.STEWARD, Role.ANALYST, Role.VIEWER, Role.GUEST):
        access.give_role(
            project_id=project.pk, person_id=people[role.value].id, role=role, actor=owner
        )
    steward = of_person(people["steward"])
    dataset = put(
        project,
        steward,
        name="complaints.csv",
        content=complaints(),
        title="Sanitation complaints",
        fields=MARKS,
    )
    file = put(
        project,
        steward,
        name="contract.txt",
        content=CONTRACT,
        title="Hauling contract",
        wanted_as="file",
    )
    release = sharing.create_release(
        dataset_id=dataset.pk,
        definition=sharing.Definition(title="Research 2012", fields=RELEASED, where=CONDITION),
        actor=steward,
        personal=True,
    )
    grant = access.give_grant(
        node_id=dataset.pk,
        to=access.Grantee(person_id=people["colleague"].id),
        actions=[Action.DOWNLOAD],
        actor=steward,
        release_id=release.pk,
    )
    return Institute(
        streets=streets,
        university=university,
        project=project,
        dataset=dataset,
        file=file,
        release=release,
        grant_id=grant.grant.id,
        **people,
    )
