"""Every deliberate error of the client: the six kinds that the server answers, and its own.

    SimplrError
    ├── Refused        403  you may know of the thing, but not do this
    │   └── NotSignedIn  401  no token, or one that is spent, revoked or unknown
    ├── NotFound       404  it does not exist, or you may not know of it
    ├── Conflict       409  the state of the thing does not allow it
    ├── Invalid        422  what was sent cannot be right
    ├── Corrupt        500  stored bytes are not what was stored
    │   └── TransferBroken   the answer ended before it was complete
    ├── Unavailable    503  sealed, or the ledger cannot record
    │   ├── NoServer         nothing answers at this address
    │   └── TooManyRequests 429  slow down
    └── ServerFault    500  a fault of the installation, not of the caller

`code` never changes and is what a program matches on; `detail` is a sentence for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class SimplrError(Exception):
    """A deliberate answer. `code` is for programs, `detail` for people."""

    default_code: ClassVar[str] = "error"
    default_status: ClassVar[int] = 500

    def __init__(
        self,
        detail: str = "",
        *,
        code: str = "",
        status: int = 0,
        problem: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail or (self.__doc__ or "").strip().splitlines()[0])
        self.code = code or self.default_code
        self.status = status or self.default_status
        self.problem: dict[str, Any] = dict(problem or {})
        """The whole answer of the server (RFC 9457), empty for an error of the client's own."""

    @property
    def detail(self) -> str:
        return str(self.args[0])

    @property
    def errors(self) -> list[Any]:
        """What is wrong with each field that was sent, where the server says so."""
        found = self.problem.get("errors")
        return list(found) if isinstance(found, list) else []


class Refused(SimplrError):
    """You may not do this. Ask the owner for a grant."""

    default_code = "refused"
    default_status = 403


class NotSignedIn(Refused):
    """You are not signed in. Run `simplr signin URL`, or set SIMPLR_TOKEN."""

    default_code = "not-signed-in"
    default_status = 401


class NotFound(SimplrError):
    """There is nothing here that you may know of."""

    default_code = "not-found"
    default_status = 404


class Conflict(SimplrError):
    """It cannot be done in its present state."""

    default_code = "conflict"
    default_status = 409


class Invalid(SimplrError):
    """What was sent cannot be right. Correct it and send it again."""

    default_code = "invalid"
    default_status = 422


class Corrupt(SimplrError):
    """Stored bytes are not what was stored. Tell whoever runs the installation."""

    default_code = "corrupt"
    default_status = 500


class TransferBroken(Corrupt):
    """The answer ended before it was complete. Nothing of it was kept; ask again."""

    default_code = "transfer-broken"


class Unavailable(SimplrError):
    """This cannot be done now. Try again later."""

    default_code = "unavailable"
    default_status = 503


class NoServer(Unavailable):
    """Nothing answers at this address. Start the installation, or correct the address."""

    default_code = "no-server"


class TooManyRequests(Unavailable):
    """Too many requests in a short time. Wait a little and ask again."""

    default_code = "too-many-requests"
    default_status = 429


class ServerFault(SimplrError):
    """The installation failed at something that should have worked. Tell whoever runs it."""

    default_code = "fault"
    default_status = 500


class MissingPackage(SimplrError):
    """A package that this needs is not installed."""

    default_code = "missing-package"
    default_status = 0


_KINDS: dict[int, type[SimplrError]] = {
    401: NotSignedIn,
    403: Refused,
    404: NotFound,
    405: Invalid,
    409: Conflict,
    423: Unavailable,
    429: TooManyRequests,
    500: Corrupt,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}
_FAULT_CODES = frozenset({"", "error", "fault", "internal", "internal-error", "server-error"})


def error_from(status: int, problem: Mapping[str, Any] | None) -> SimplrError:
    """The error that an answer with this status and body means.

    A 500 with the code of a deliberate error is `Corrupt`; without one it is a `ServerFault`.
    A body that is not a problem document still gives the kind, from the status alone.
    """
    problem = problem or {}
    code = str(problem.get("code") or "")
    detail = str(problem.get("detail") or problem.get("title") or "")
    kind = _KINDS.get(status)
    if status == 500 and code in _FAULT_CODES:
        kind = ServerFault
    if kind is None:
        kind = Invalid if status < 500 else ServerFault
    if not detail and kind in (Invalid, ServerFault, Unavailable):
        detail = f"The server answered {status}."
    return kind(detail, code=code, status=status, problem=problem)
