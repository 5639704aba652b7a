"""Files made to break their readers end with a clear error and harm nobody (row 38).

Each goes the whole way: received, sealed, read by a child. The child may be killed for what it
uses; the process that serves people neither grows nor ends, and the error says what to do.
"""

from __future__ import annotations

import io
import json
import re
import resource
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.web.store import hostile_files

from simplr.base import children
from simplr.intake import services as intake
from simplr.intake import tasks
from simplr.intake.models import Upload
from simplr.resources.models import Version

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from tests.institute import Institute

MEBIBYTE = 1 << 20
GROWTH = 200 * MEBIBYTE
"""How much the serving process may grow by anything that a stranger's file says."""


def own_memory() -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def taken_in(institute: Institute, name: str, content: bytes, wanted_as: str = "table") -> Upload:
    """Received and understood, by the services that the API and the worker use."""
    upload = intake.receive(
        project_id=institute.project.pk,
        declared=intake.Declared(name=name, size=len(content), wanted_as=wanted_as),
        body=io.BytesIO(content),
        actor=institute.actor("steward"),
    )
    tasks.understand(str(upload.id))
    return Upload.objects.get(pk=upload.pk)


@pytest.mark.parametrize(
    ("name", "content"),
    [pytest.param(name, content, id=name) for name, content in hostile_files.tables()],
)
def test_a_hostile_table_is_understood_or_refused_with_a_reason(
    institute: Institute, name: str, content: bytes
) -> None:
    before, started = own_memory(), time.monotonic()

    upload = taken_in(institute, name, content)

    assert upload.state in {"understood", "failed"}
    if upload.state == "failed":
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", upload.error_code)
        assert upload.error_code != "child-fault"
        assert len(upload.error_message) > 20
        assert upload.object_id is None
    else:
        intake.keep(upload_id=upload.id, choices={"fields": []}, actor=institute.actor("steward"))
        tasks.keep(str(upload.id), str(institute.steward.pk))
        assert Upload.objects.get(pk=upload.pk).state in {"kept", "failed"}
    assert own_memory() - before < GROWTH
    assert time.monotonic() - started < 60


def test_a_table_that_unpacks_to_four_hundred_megabytes_stays_within_bounds(
    institute: Institute,
) -> None:
    content = hostile_files.parquet_of_zeros()
    assert len(content) < MEBIBYTE
    before = own_memory()

    upload = taken_in(institute, "zeros.parquet", content)

    assert upload.state in {"understood", "failed"}
    assert own_memory() - before < GROWTH


@pytest.mark.parametrize(
    ("name", "content"),
    [pytest.param(name, content, id=name) for name, content in hostile_files.shown()],
)
def test_a_hostile_image_or_document_is_not_shown(
    institute: Institute, as_: Callable[[str], Client], name: str, content: bytes
) -> None:
    upload = taken_in(institute, name, content, "file")
    assert upload.state == "understood"
    intake.keep(upload_id=upload.id, choices={"fields": []}, actor=institute.actor("steward"))
    tasks.keep(str(upload.id), str(institute.steward.pk))
    resource_id = Upload.objects.get(pk=upload.pk).resource_id

    answer = as_("steward").get(f"/api/v1/resources/{resource_id}/preview")

    assert answer.status_code in {200, 415, 422}
    if answer.status_code == 200:  # a PDF is left to the reader's own sandbox, never parsed here
        assert answer["Content-Type"] in {"application/pdf", "text/plain; charset=utf-8"}
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
    else:
        assert json.loads(answer.content)["code"] != "internal"


def test_a_reader_that_is_killed_takes_nothing_along(institute: Institute) -> None:
    """A child ends by a signal in the middle; the next one works in the same process."""
    with pytest.raises(children.FileTooDemanding):
        run_job("eat_memory", limits=children.Limits(memory_bytes=64 * MEBIBYTE))

    assert taken_in(institute, "fine.csv", b"a,b\n1,2\n").state == "understood"


def run_job(name: str, limits: children.Limits) -> Any:
    job = f"tests.web.store.hungry_jobs:{name}"
    return children.start(job=job, arguments={}, files={}, limits=limits).finish()


def test_no_reader_of_the_serving_process_has_seen_a_file(institute: Institute) -> None:
    """What was understood says how it was read; what is kept was read by children alone."""
    version = Version.objects.get(resource_id=institute.dataset.pk)

    assert version.rows_kept == 60
    loaded = loaded_by_serving()
    readers = {"duckdb", "pypdf", "python_calamine", "fastavro", "ijson"}
    assert not readers & {module.split(".")[0] for module in loaded}
    # What serves has loaded all there is before it forks: nobody waits for it, and nothing comes later.
    assert {"simplr.api.urls", "simplr.sharing.urls", "simplr.sharing.endpoints"} <= set(loaded)


def loaded_by_serving() -> list[str]:
    """Modules that a web process has loaded after everything it does was imported."""
    import subprocess
    import sys

    script = "import sys, simplr.config.wsgi, simplr.intake.tasks;print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()
