"""Places as a client sees them: a project or a folder, and what lies directly in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from simplr_client.errors import Conflict, NotFound
from simplr_client.resources import Record, Resource, record
from simplr_client.transport import Json, address

if TYPE_CHECKING:
    from simplr_client.session import Session

_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


class Place(Record):
    """A project or a folder: things lie in it."""

    def contents(self) -> list[Folder | Resource]:
        """What lies directly here and you may know of: folders first, then data sets and files."""
        found = self._session.transport.items(address("/places/{}/contents", self.id))
        return [
            Folder(self._session, item)
            if item["kind"] == "folder"
            else record(self._session, item["resource"])
            for item in found
        ]

    def create_folder(self, title: str, *, description: str = "") -> Folder:
        """Make a folder here. Raises Conflict where one of this name lies already."""
        body: Json = {"title": title, "description": description}
        path = address("/places/{}/folders", self.id)
        return Folder(self._session, self._ask("POST", path, json=body))

    def folder(self, way: str) -> Folder:
        """The folder with this id, or at the end of this way from here, as in "Reports/2024".

        Raises NotFound, or Conflict where two folders have the name.
        """
        if _UUID.fullmatch(way):
            return Folder(self._session, self._ask("GET", address("/folders/{}", way)))
        here: Place = self
        for name in filter(None, way.split("/")):
            here = here._folder_called(name)
        if not isinstance(here, Folder):
            raise NotFound(f"“{way}” names no folder.")
        return here

    def _folder_called(self, name: str) -> Folder:
        said = name.strip().casefold()
        same = []
        for item in self._session.transport.items(address("/places/{}/contents", self.id)):
            if item["kind"] != "folder":
                break  # folders come first
            if str(item["title"]).casefold() == said:
                same.append(Folder(self._session, item))
        if not same:
            raise NotFound(f"There is no folder “{name}” in “{self.title}” that you may know of.")
        if len(same) > 1:
            ids = ", ".join(one.id for one in same)
            raise Conflict(f"Several folders are called “{name}”: {ids}.", code="title-ambiguous")
        return same[0]


class Folder(Place):
    """A place inside a project."""

    def change(self, *, title: str | None = None, description: str | None = None) -> Folder:
        """Rename or describe the folder."""
        body = {
            name: value
            for name, value in (("title", title), ("description", description))
            if value is not None
        }
        return Folder(self._session, self._ask("PATCH", address("/folders/{}", self.id), json=body))


def folder_of(session: Session, folder: str) -> Folder:
    """The folder with this id."""
    return Folder(session, session.transport.request("GET", address("/folders/{}", folder)))
