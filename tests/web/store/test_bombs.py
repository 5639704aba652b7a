"""A file that unpacks to far more than itself ends with a clear error within its bounds (row 37).

Each goes the whole way: received, sealed, unpacked by a real child. What comes out is counted,
whatever headers claim; neither the child nor the process that serves people holds it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.web.store import bombs
from tests.web.store.test_hostile_files import GROWTH, own_memory, taken_in

from simplr.base.children import Limits
from simplr.intake import services as intake
from simplr.intake import tasks
from simplr.resources.models import Version

if TYPE_CHECKING:
    from tests.institute import Institute

LIBRARIES = 300 << 20
MOST = Limits().memory_bytes + LIBRARIES


class Watch:
    """The most memory that any process below this one has held while it was watched."""

    def __init__(self) -> None:
        self.most = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._over.wait(0.02):
            for status in Path("/proc").glob("[0-9]*/status"):
                try:
                    facts = dict(
                        line.split(":", 1)
                        for line in status.read_text().splitlines()
                        if ":" in line
                    )
                except OSError:  # it ended meanwhile
                    continue
                if "VmHWM" in facts and facts["PPid"].strip() in self._nurseries():
                    self.most = max(self.most, int(facts["VmHWM"].split()[0]) << 10)

    def _nurseries(self) -> set[str]:
        children = Path(f"/proc/self/task/{threading.main_thread().native_id}/children")
        return set(children.read_text().split())

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


@contextmanager
def within_bounds() -> Iterator[None]:
    before, started = own_memory(), time.monotonic()
    with Watch() as watch:
        yield
    assert own_memory() - before < GROWTH
    assert watch.most < MOST
    assert time.monotonic() - started < 120


def refused(institute: Institute, name: str, content: bytes, code: str) -> None:
    """It ends by that error, whose sentence says what to do, and nothing of it is kept."""
    with within_bounds():
        upload = taken_in(institute, name, content)

    assert (upload.state, upload.error_code) == ("failed", code)
    assert len(upload.error_message) > 40
    assert upload.object_id is None


@pytest.mark.parametrize("name", bombs.QUICK)
def test_what_unpacks_to_gibibytes_is_refused(institute: Institute, name: str) -> None:
    make, code = bombs.QUICK[name]

    refused(institute, name, make(), code)


@pytest.mark.prove
@pytest.mark.parametrize("name", bombs.DOCUMENTS)
def test_a_document_that_unpacks_to_gibibytes_is_kept_without_its_text(
    institute: Institute, name: str
) -> None:
    make, code = bombs.DOCUMENTS[name]

    with within_bounds():
        upload = taken_in(institute, name, make(), "file")
        intake.keep(upload_id=upload.id, choices={"fields": []}, actor=institute.actor("steward"))
        tasks.keep(str(upload.id), str(institute.steward.pk))

    upload.refresh_from_db()
    assert upload.state == "kept"
    assert Version.objects.get(resource_id=upload.resource_id).text_refusal["code"] == code


@pytest.mark.prove
@pytest.mark.parametrize("name", bombs.SLOW)
def test_what_takes_longer_is_refused_as_well(institute: Institute, name: str) -> None:
    make, code = bombs.SLOW[name]

    refused(institute, name, make(), code)
