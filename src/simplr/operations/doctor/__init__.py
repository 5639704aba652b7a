"""What is wrong with an installation, what that means and how to mend it.

Every check answers with findings; none changes anything. Plain Python: it must work when nothing
else does.

    findings    what a finding is
    machine     interpreter, programs, disk, clock, account
    files       owners and permissions, sockets, keys, certificate
    servers     the three databases: reachable, version, roles, extensions, migrations
    services    the running parts: supervisor, web, worker, stuck jobs
    scanner     the malware scanner, where the settings name one
"""

from simplr.operations.doctor.findings import Finding, Severity
from simplr.operations.doctor.rounds import examine

__all__ = ["Finding", "Severity", "examine"]
