"""What every thing of the installation has in common, as a client sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simplr_client.transport import Json

if TYPE_CHECKING:
    from simplr_client.session import Session


class Record:
    """One thing of the installation: its `id`, its `title`, and `data`, all that was sent."""

    def __init__(self, session: Session, data: Json) -> None:
        self._session = session
        self.data = data

    @property
    def id(self) -> str:
        return str(self.data["id"])

    @property
    def title(self) -> str:
        return str(self.data.get("title") or self.data.get("name") or "")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} “{self.title}”>"

    def _ask(self, method: str, path: str, **sent: Any) -> Any:
        return self._session.transport.request(method, path, **sent)


def given(**values: object) -> Json:
    """A body of what was given; what was left out stays as it is at the server."""
    return {name: value for name, value in values.items() if value is not None}
