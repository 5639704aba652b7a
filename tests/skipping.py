"""Where everything can be installed, a test is skipped only if `tests/SKIPS` says so.

Elsewhere (an ordinary user's machine, no data beside the checkout) a skip costs nothing and shows
its reason. A test of data that is not part of the project names the setting it is found by.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

LIST = Path(__file__).with_name("SKIPS")
DATA = "SIMPLR_TEST_DATA"


def lines() -> list[tuple[str, str]]:
    """What may be skipped (path::name, or `any` test), and why."""
    written = LIST.read_text(encoding="utf-8").splitlines()
    found = [line.partition("  ") for line in written if line and not line.startswith("#")]
    return [(name, reason.strip()) for name, _, reason in found]


def name_of(node: str) -> str:
    """path::name of a test, without its parameters and the group that it is in."""
    path, _, name = node.partition("::")
    return f"{path}::{name.split('[')[0].split('@')[0]}"


def unexpected(skipped: list[tuple[str, str]]) -> list[str]:
    """Of tests that were skipped and why, those that nobody allowed, with the reason."""
    names = {name for name, _ in lines()}
    reasons = [DATA, *(reason for name, reason in lines() if name == "any")]
    return [
        f"{name_of(node)}: {reason}"
        for node, reason in skipped
        if name_of(node) not in names and not any(known in reason for known in reasons)
    ]


class Skips:
    """Lets a run fail that left out what should have run."""

    def __init__(self) -> None:
        self.skipped: list[tuple[str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            long: Any = report.longrepr
            self.skipped.append((report.nodeid, str(long[2] if isinstance(long, tuple) else long)))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if unexpected(self.skipped) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        for line in unexpected(self.skipped):
            terminalreporter.write_line(f"skipped, and not in tests/SKIPS: {line}", red=True)


def register(config: pytest.Config) -> None:
    """Hold the run to the list; in the processes that xdist starts, the first one does."""
    if os.environ.get("CI") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Skips(), "skips")
