"""Projects as a client sees them: their resources, their members."""

from __future__ import annotations

from simplr_client.folders import Place
from simplr_client.resources import Resource, given, record
from simplr_client.transport import Json, address
from simplr_client.upload import Upload


class Project(Place):
    """Where people work on resources together, each in a role."""

    @property
    def slug(self) -> str:
        return str(self.data.get("slug", ""))

    def resources(self) -> list[Resource]:
        """Everything of this project that you may know of."""
        path = address("/projects/{}/resources", self.id)
        return [record(self._session, item) for item in self._session.transport.items(path)]

    def uploads(self) -> list[Upload]:
        """Files on their way in, and what became of them, the newest first."""
        path = address("/projects/{}/uploads", self.id)
        return [Upload(self._session, item) for item in self._session.transport.items(path)]

    def change(self, *, title: str | None = None, aims: str | None = None) -> Project:
        """Change title or aims."""
        body = given(title=title, aims=aims)
        return Project(
            self._session, self._ask("PATCH", address("/projects/{}", self.id), json=body)
        )

    def members(self) -> list[Json]:
        """Who is a member, in which role."""
        return list(self._session.transport.items(address("/projects/{}/members", self.id)))

    def add_member(self, person: str, *, role: str) -> list[Json]:
        """Make a person (email or id) a member: owner, steward, analyst, viewer or guest.

        Returns all members.
        """
        body = {("email" if "@" in person else "person"): person, "role": role}
        members: Json = self._ask("POST", address("/projects/{}/members", self.id), json=body)
        return list(members["items"])

    def remove_member(self, person: str) -> None:
        """End a membership, and with it what the role allowed."""
        self._ask("DELETE", address("/projects/{}/members/{}", self.id, person))
