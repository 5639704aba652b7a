"""All checks, in the order in which one would mend things."""

from __future__ import annotations

from simplr.operations.doctor import files, kept, machine, scanner, servers, services
from simplr.operations.doctor.findings import Finding
from simplr.operations.start.folder import DataFolder


def examine(folder: DataFolder) -> list[Finding]:
    """Everything that can be said of an installation; of the machine alone where there is none."""
    found = list(machine.examine(folder))
    if not folder.exists():
        return found
    state, kept_out = services.state_of(folder)
    found += kept_out
    if kept_out:
        return found
    found += files.examine(folder)
    found += servers.examine(folder, running=state["state"] not in ("stopped", "starting"))
    found += services.examine(folder, state)
    found += scanner.examine(folder)
    if state["state"] not in ("stopped", "starting"):
        found += kept.examine(folder)
    return found
