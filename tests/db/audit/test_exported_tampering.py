"""A log that a superuser tampered with, taken away: openssl and sha256sum name the first bad entry."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from simplr.audit import services
from simplr.audit.export import export_stream
from simplr.audit.models import Leaf

Superuser = Callable[[str], Any]
Write = Callable[[int], None]

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


@pytest.fixture(autouse=True)
def sealed_ledger(no_second_copy: None, transactional_db: None, write_events: Write) -> None:
    for _ in range(2):
        write_events(4)
        services.seal_now()


def event_at(seq: int) -> str:
    return str(Leaf.objects.get(seq=seq).event_id)


def checked(folder: Path, *arguments: str) -> tuple[int, str]:
    zipfile.ZipFile(io.BytesIO(b"".join(export_stream()))).extractall(folder)
    done = subprocess.run(
        ["sh", str(folder / "simplr-ledger" / "verify.sh"), *arguments],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin"},
    )
    return done.returncode, done.stdout + done.stderr


def test_an_untouched_export_is_whole(tmp_path: Path) -> None:
    status, said = checked(tmp_path)

    assert status == 0, said


def test_an_edited_event_is_named(superuser: Superuser, tmp_path: Path) -> None:
    superuser("default").execute(
        f"UPDATE base.base_event SET outcome = 'refused' WHERE id = '{event_at(5)}'"
    )

    status, said = checked(tmp_path)

    assert status == 1, said
    assert "entry 5 is the first that is not what was written" in said


def test_a_deleted_event_is_named(superuser: Superuser, tmp_path: Path) -> None:
    superuser("default").execute(f"DELETE FROM base.base_event WHERE id = '{event_at(3)}'")

    status, said = checked(tmp_path)

    assert status == 1, said
    assert "entry 3 is the first that is not what was written" in said


def test_entries_that_changed_places_are_found(superuser: Superuser, tmp_path: Path) -> None:
    audit = superuser("audit")
    for old, new in ((1, -1), (6, 1), (-1, 6)):
        audit.execute("UPDATE audit.audit_leaf SET seq = %s WHERE seq = %s", [new, old])

    status, said = checked(tmp_path)

    assert status == 1, said
    assert "an entry from 0 to 3 is not what was written" in said


def test_a_log_cut_with_its_checkpoints_is_found_by_a_checkpoint_that_was_kept(
    superuser: Superuser, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.txt"
    shutil.copy(settings.ENV.data / "ledger" / "checkpoints.txt", kept)
    audit = superuser("audit")
    audit.execute("DELETE FROM audit.audit_leaf WHERE seq >= 4")
    audit.execute("DELETE FROM audit.audit_checkpoint WHERE size > 4")

    status, said = checked(tmp_path, "--checkpoint", str(kept))

    assert status == 1, said
    assert "has 4 entries, but a signed checkpoint covers 8" in said
