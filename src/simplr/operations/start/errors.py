"""What can go wrong before and around the running services; commands turn it into an exit status."""

from __future__ import annotations

from simplr_core.errors import Conflict, Refused, Unavailable


class StartFailed(Unavailable):
    """A part of the installation did not start. The message names it and shows its last lines."""

    code = "start-failed"


class AlreadyRunning(Conflict):
    """This data folder is in use by a running installation. Stop it with `simplr down`."""

    code = "already-running"


class PortTaken(Conflict):
    """Another program listens on the port. Choose one with `--port`, or 0 for any free one."""

    code = "port-taken"


class FolderUnsuitable(Conflict):
    """The data folder cannot be used as it is. The message says why and how to mend it."""

    code = "data-folder-unsuitable"


class ProductionProtected(Conflict):
    """The installation is marked production: nothing drops its databases."""

    code = "production-protected"


class NotPermitted(Refused):
    """The installation belongs to somebody else. Act as its owner, or as root."""

    code = "not-the-owner"


class NotReplaced(StartFailed):
    """The new processes did not get ready, so the old ones serve on."""

    code = "not-replaced"


class NotRunning(Unavailable):
    """The installation must run for this. Start it with `simplr up --detach`."""

    code = "not-running"
