"""The malware scanner that the settings name: whether it answers, and how new its signatures are."""

from __future__ import annotations

from collections.abc import Iterator

from simplr.operations.doctor.findings import Finding, error, fine
from simplr.operations.start.environment import environment
from simplr.operations.start.folder import DataFolder
from simplr.resources.scanning.port import ScannerAway, ScannerUnknown, TimeLimits, scanner_at

PATIENCE = TimeLimits(connect_seconds=5, send_seconds=5, answer_seconds=10)


def examine(folder: DataFolder) -> Iterator[Finding]:
    """Nothing where no scanner is named."""
    url = environment(folder).get("SIMPLR_SCANNER_URL", "")
    if not url:
        return
    try:
        version = scanner_at(url, limits=PATIENCE).version()
    except ScannerUnknown as unknown:
        yield error(
            "scanner",
            "SIMPLR_SCANNER_URL is no address of a scanner.",
            means="Web server and worker do not start.",
            mend=unknown.message,
        )
    except ScannerAway as away:
        cause = f" ({away.__cause__})" if away.__cause__ else ""
        yield error(
            "scanner",
            f"The malware scanner does not answer as it should{cause}.",
            means="Nothing that was put since is scanned, so nothing of it is shared.",
            mend="Start it, and look at its log and at SIMPLR_SCANNER_URL. What waits is scanned "
            "by itself then.",
        )
    else:
        yield fine("scanner", f"The malware scanner answers: {version}")
