"""What was understood of a file, with the rows that show it, for those who may see them."""

from __future__ import annotations

import json
from typing import Any

from simplr.intake.models import Upload, UploadState
from simplr.intake.services import NotReady
from simplr.vault import services as vault


def understanding_of(upload: Upload, *, personal: bool) -> dict[str, Any]:
    """The understanding; sample rows and examples only for those who see personal fields.

    Raises NotReady while the file is not understood.
    """
    if upload.state not in {UploadState.UNDERSTOOD, UploadState.KEEPING, UploadState.KEPT}:
        raise NotReady(state=upload.state)
    known = dict(upload.understanding)
    if not personal or upload.report_id is None:
        return known
    with vault.open_object(upload.report_id).reader() as reader:
        report = json.loads(reader.read())
    return {**known, "sample": report.get("sample"), "examples": report.get("examples")}
