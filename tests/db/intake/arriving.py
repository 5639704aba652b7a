"""Files on their way by several requests, and lines that break."""

from __future__ import annotations

import base64
import io
import random
from typing import Any

from simplr.access.authentication import of_person
from simplr.accounts.models import Person
from simplr.intake import resuming
from simplr.intake.models import Upload
from simplr.projects.models import Project
from simplr.vault import services as vault

CONTENT = random.Random(7).randbytes(700_001)


class Line:
    """A body that says what it is asked for; `ends_at` is where the connection breaks."""

    def __init__(
        self, content: bytes, ends_at: int | None = None, how: type[BaseException] | None = None
    ):
        self._file = io.BytesIO(content[:ends_at])
        self._how = how

    def read(self, size: int, /) -> bytes:
        chunk = self._file.read(size)
        if not chunk and self._how is not None:
            raise self._how
        return chunk


class Killed(BaseException):
    """Stands for a process that ends here."""


def header(**words: str) -> str:
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in words.items())


def begin(project: Project, person: Person, size: int = len(CONTENT), **words: str) -> Upload:
    said = header(**{"name": "a.bin", "as": "file", **words})
    return resuming.begin(project_id=project.pk, size=size, header=said, actor=of_person(person))


def append(upload: Upload, person: Person, offset: int, content: bytes, **more: Any) -> Upload:
    body = more.pop("body", None) or io.BytesIO(content)
    return resuming.append(
        upload_id=upload.id,
        offset=offset,
        length=len(content),
        body=body,
        actor=of_person(person),
        **more,
    )


def arrived(upload: Upload) -> int:
    return Upload.objects.get(pk=upload.pk).received_bytes


def used(project: Project) -> int:
    return Project.objects.get(pk=project.pk).used_bytes


def whole(upload: Upload) -> bytes:
    row = Upload.objects.get(pk=upload.pk)
    assert row.object_id is not None
    return vault.open_object(row.object_id).reader().read()
