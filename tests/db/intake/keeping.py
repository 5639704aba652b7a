"""Putting and keeping a file of text, as a person and the worker do together."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from simplr.access.authentication import of_person
from simplr.intake import services as intake
from simplr.intake import tasks
from simplr.intake.models import Upload
from simplr.resources.models import Version

if TYPE_CHECKING:
    from uuid import UUID

    from simplr.accounts.models import Person
    from simplr.projects.models import Project


def put(project: Project, person: Person, content: str, into: UUID | None = None) -> Upload:
    """The upload of a file, once it was understood."""
    raw = content.encode()
    upload = intake.receive(
        project_id=project.pk,
        declared=intake.Declared(name="table.csv", size=len(raw), resource_id=into),
        body=io.BytesIO(raw),
        actor=of_person(person),
    )
    tasks.understand(str(upload.id))
    return Upload.objects.get(pk=upload.id)


def kept(upload: Upload, person: Person, **choices: Any) -> Version:
    """The version that an upload became."""
    intake.keep(upload_id=upload.id, choices=choices, actor=of_person(person))
    tasks.keep(str(upload.id), str(person.pk))
    found = Upload.objects.get(pk=upload.id)
    assert (found.state, found.error_code) == ("kept", "")
    return Version.objects.get(pk=found.version_id)
