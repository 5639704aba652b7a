"""What was understood of a file, with the rows that show it, for those who may see them."""

from __future__ import annotations

import os
from typing import Any

from simplr.base import children
from simplr.base.actors import Actor
from simplr.intake.models import Upload, UploadState
from simplr.intake.queries import concerns
from simplr.intake.services import NotReady
from simplr.vault import services as vault


def understanding_of(upload: Upload, *, personal: bool, actor: Actor) -> dict[str, Any]:
    """The understanding, with sample rows; marked fields only for those who see personal ones.

    Who may only put files into a project sees the rows of his own. The child that unseals the sample leaves out what may not be seen. Raises NotReady while the
    file is not understood.
    """
    if upload.state not in {UploadState.UNDERSTOOD, UploadState.KEEPING, UploadState.KEPT}:
        raise NotReady(state=upload.state)
    known = {key: value for key, value in upload.understanding.items() if key != "careful"}
    if upload.report_id is None or not concerns(upload, actor):
        return known
    report = vault.open_object(upload.report_id)
    descriptor = report.open()
    try:
        with children.start(
            job="simplr_core.tidy.jobs:open_report",
            arguments={"report": report.for_child(), "show_personal": personal},
            files={"report": descriptor},
        ) as child:
            shown = child.finish()
    finally:
        os.close(descriptor)
    return {
        **known,
        "sample": {"fields": shown["fields"], "rows": shown["rows"], "hidden": shown["hidden"]},
        "examples": shown["examples"],
    }
