"""What pages say of a scan: a mark beside a version, and a notice where something is to be done."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from simplr.base.actors import Actor
from simplr.resources.models import Version
from simplr.resources.scanning import rules
from simplr_core.access.scans import NotScannedReason, ScanState


def mark_of(version: Version) -> dict[str, Any] | None:
    """{text, icon, tone} of a version; None where there is no scanner and never was one."""
    facts = version.scan_facts
    if facts.state is ScanState.INFECTED:
        return {"text": _("Malware found"), "icon": "stop", "tone": "bad"}
    if facts.state is ScanState.CLEAN:
        return {"text": _("No malware found"), "icon": "ok", "tone": "ok"}
    if facts.state is ScanState.NOT_SCANNED:
        texts = {
            NotScannedReason.TOO_LARGE: _("Not scanned: too large"),
            NotScannedReason.SCANNER_AWAY: _("Not scanned: the scanner is away"),
            NotScannedReason.DAMAGED: _("Not scanned: it cannot be read"),
        }
        return {"text": texts[NotScannedReason(facts.found)], "icon": "warn", "tone": "warn"}
    if rules.is_required():
        return {"text": _("Waits for the malware scan"), "icon": "warn", "tone": "warn"}
    return None


def notice_of(version: Version) -> dict[str, str] | None:
    """{tone, title, text} where a version is held back from others; None where it is not."""
    error = rules.reason_held_back(version)
    if error is None:
        return None
    if error.code == "file-infected":
        return {
            "tone": "bad",
            "title": _("Malware was found in this file: %(name)s")
            % {"name": version.scan_facts.found},
            "text": _(
                "Nobody gets it but whoever put it in and the owners of the project. Put a clean "
                "file as its next version, or put it in the trash."
            ),
        }
    return {"tone": "warn", "title": _("It is not shared yet"), "text": error.message}


def refused(version: Version, *, actor: Actor) -> str:
    """Why the reader does not get what is in a version; empty where he does."""
    error = rules.refusal_of(version, actor=actor)
    return error.message if error else ""
