"""The six kinds of deliberate error; anything else that is raised is a bug.

    SimplrError
    ├── Refused       403  the actor may know of the thing, but not do this
    ├── NotFound      404  it does not exist, or the actor may not know of it
    ├── Conflict      409  the state of the thing does not allow it
    ├── Invalid       422  what was sent cannot be right
    ├── Corrupt       500  stored bytes are not what was stored
    └── Unavailable   503  sealed, or the ledger cannot record

A specific error is a small subclass with a `code` that never changes: clients match on it. Its
docstring tells the reader what to do; its message is a sentence for people and holds no secret
and no cell value.
"""

from __future__ import annotations

from typing import ClassVar


class SimplrError(Exception):
    """A deliberate answer to a caller. Raise one of the six kinds, or a subclass of one."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, message: str = "", **details: object) -> None:
        super().__init__(message or (self.__doc__ or "").strip().splitlines()[0])
        self.details = details
        """Facts a program can use: ids, names of fields, counts. Never cell values."""

    @property
    def message(self) -> str:
        return str(self.args[0])


class Refused(SimplrError):
    """You may not do this. Ask the owner for a grant."""

    code = "refused"
    status = 403


class NotFound(SimplrError):
    """There is nothing here that you may know of."""

    code = "not-found"
    status = 404


class Conflict(SimplrError):
    """It cannot be done in its present state."""

    code = "conflict"
    status = 409


class Invalid(SimplrError):
    """What was sent cannot be right. Correct it and send it again."""

    code = "invalid"
    status = 422


class Corrupt(SimplrError):
    """Stored bytes are not what was stored. Restore them from a backup."""

    code = "corrupt"
    status = 500


class Unavailable(SimplrError):
    """This cannot be done now. Try again when the installation is ready."""

    code = "unavailable"
    status = 503
