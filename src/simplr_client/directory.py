"""People, organisations, groups, licences, invitations, tokens and programs, as a session reaches them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from simplr_client.resources import given
from simplr_client.transport import Json, Transport, address


class Directory:
    """Whom the installation knows, and who may come in. Every `Session` is one."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def tokens(self) -> list[Json]:
        """Your access tokens, without their secrets."""
        return list(self.transport.items("/tokens"))

    def create_token(self, name: str, *, scopes: Sequence[str], expires_at: datetime) -> Json:
        """A new access token with these scopes (`kind[:id]:action`). `token` is told this once."""
        body = {"name": name, "scopes": list(scopes), "expires_at": expires_at.isoformat()}
        return dict(self.transport.request("POST", "/tokens", json=body))

    def revoke_token(self, token: str) -> None:
        """Revoke an access token by its id."""
        self.transport.request("DELETE", address("/tokens/{}", token))

    def programs(self) -> list[Json]:
        """Every program that may ask people to act for them (administrators)."""
        return list(self.transport.items("/programs"))

    def create_program(
        self,
        name: str,
        *,
        kind: str,
        scopes: Sequence[str],
        addresses: Sequence[str] = (),
        acts_for: str | None = None,
    ) -> Json:
        """Register a program (OAuth client); `client_secret` is told this once (administrators).

        `kind` is `web` (keeps a secret) or `native` (cannot), of which both come back to one of
        `addresses`, `device` (without a browser), or `service`, which acts by itself for the
        person of the id `acts_for`, once he has allowed it.
        """
        body = {
            **{"name": name, "kind": kind, "scopes": list(scopes), "addresses": list(addresses)},
            **given(acts_for=acts_for),
        }
        return dict(self.transport.request("POST", "/programs", json=body))

    def revoke_program(self, program: str) -> None:
        """End a program, and every token that people allowed it (administrators)."""
        self.transport.request("DELETE", address("/programs/{}", program))

    def program_tokens(self, program: str) -> list[Json]:
        """Who allows a program what at present (administrators)."""
        return list(self.transport.items(address("/programs/{}/tokens", program)))

    def people(self, q: str | None = None) -> list[Json]:
        """People that you may know of."""
        return list(self.transport.items("/people", {"q": q}))

    def change_person(
        self,
        person: str,
        *,
        active: bool | None = None,
        administrator: bool | None = None,
        auditor: bool | None = None,
    ) -> Json:
        """Shut a person out or let them in; give or take an office (administrators)."""
        body = given(active=active, administrator=administrator, auditor=auditor)
        return dict(self.transport.request("PATCH", address("/people/{}", person), json=body))

    def departure(self, person: str) -> Json:
        """What would be handed over and what would end if this person (an id) left now."""
        return dict(self.transport.request("GET", address("/people/{}/departure", person)))

    def let_go(self, person: str, *, heir: str | None = None) -> Json:
        """Hand over what a person owns and end all their access, in one act (administrators).

        `heir` owns from then on the projects that the person alone owned.
        """
        path = address("/people/{}/departure", person)
        return dict(self.transport.request("POST", path, json=given(heir=heir)))

    def notices(self, *, unread: bool = False) -> list[Json]:
        """What you were told, the newest first; with `unread` only what you have not read."""
        return list(self.transport.items("/notices", {"unread": unread or None}))

    def read_notices(self, ids: Sequence[str] | None = None) -> int:
        """Mark notices as read, all without `ids`; returns how many were unread."""
        body = given(ids=list(ids) if ids is not None else None)
        return int(self.transport.request("POST", "/notices/read", json=body)["read_count"])

    def alerts(self, *, state: str | None = None) -> list[Json]:
        """Unusual access that you may know of, the newest first; `state`: open, dismissed, confirmed."""
        return list(self.transport.items("/alerts", {"state": state}))

    def alert(self, alert: str) -> Json:
        """One alert by its id: `why` in words, what was done, and what was `reached`."""
        return dict(self.transport.request("GET", address("/alerts/{}", alert)))

    def decide_alert(self, alert: str, decision: str) -> Json:
        """Say that an alert was a false alarm ("dismissed", it is learned from) or "confirmed"."""
        path = address("/alerts/{}/decision", alert)
        return dict(self.transport.request("POST", path, json={"decision": decision}))

    def set_digest(self, wanted: bool) -> bool:
        """Choose whether a mail says once a day what you have not read."""
        answer: Json = self.transport.request("POST", "/notices/digest", json={"wanted": wanted})
        return bool(answer["wanted"])

    def licences(self) -> list[Json]:
        """Every licence, ended ones too (administrators)."""
        return list(self.transport.items("/licences"))

    def issue_licence(
        self,
        *,
        person: str | None = None,
        organisation: str | None = None,
        expires_at: datetime | None = None,
    ) -> Json:
        """Let one person, or everyone of an organisation, into the installation."""
        body = given(
            person=person,
            organisation=organisation,
            expires_at=expires_at.isoformat() if expires_at else None,
        )
        return dict(self.transport.request("POST", "/licences", json=body))

    def revoke_licence(self, licence: str) -> None:
        """End a licence. Whom no other licence lets in is out within a second."""
        self.transport.request("DELETE", address("/licences/{}", licence))

    def invitations(self) -> list[Json]:
        """Your open invitations, without their links; every open one for an administrator."""
        return list(self.transport.items("/invitations"))

    def revoke_invitation(self, invitation: str) -> None:
        """Withdraw an invitation that nobody has accepted yet."""
        self.transport.request("DELETE", address("/invitations/{}", invitation))

    def invite(
        self,
        email: str,
        *,
        organisation: str | None = None,
        project: str | None = None,
        role: str | None = None,
        name: str | None = None,
    ) -> Json:
        """Invite a person, of your organisation unless another is named.

        `url` is the one-time link to pass on, told this once.
        """
        body = given(email=email, organisation=organisation, project=project, role=role, name=name)
        return dict(self.transport.request("POST", "/invitations", json=body))

    def organisations(self) -> list[Json]:
        """Organisations that you may know of."""
        return list(self.transport.items("/organisations"))

    def create_organisation(self, name: str) -> Json:
        """A new organisation (administrators)."""
        return dict(self.transport.request("POST", "/organisations", json={"name": name}))

    def groups(self) -> list[Json]:
        """Groups that you may know of."""
        return list(self.transport.items("/groups"))

    def create_group(self, name: str, *, organisation: str | None = None) -> Json:
        """A new group, to grant to several people at once."""
        body = given(name=name, organisation=organisation)
        return dict(self.transport.request("POST", "/groups", json=body))

    def add_to_group(self, group: str, person: str) -> Json:
        """Add a person (email or id) to a group."""
        body = {("email" if "@" in person else "person"): person}
        path = address("/groups/{}/members", group)
        return dict(self.transport.request("POST", path, json=body))

    def remove_from_group(self, group: str, person: str) -> None:
        """Take a person out of a group."""
        self.transport.request("DELETE", address("/groups/{}/members/{}", group, person))
