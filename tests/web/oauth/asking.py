"""A program as a program sees it: it sends a browser to us, and exchanges what comes back."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client

from simplr.access.authentication import of_person
from simplr.access.oauth.programs import Kind, NewProgram, register_program
from simplr.base.actors import SYSTEM

if TYPE_CHECKING:
    from simplr.accounts.models import Person

BACK = "https://program.example.org/back"
BACKEND = "simplr.accounts.adapters.SignInBackend"


def registered(
    kind: Kind = Kind.WEB,
    *,
    name: str = "Street planner",
    scopes: tuple[str, ...] = ("resource:read", "token:read"),
) -> NewProgram:
    """A program that an administrator let in."""
    return register_program(name=name, kind=kind, scopes=scopes, addresses=[BACK], actor=SYSTEM)


def browser_of(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def outcome_of(response: Any) -> dict[str, str]:
    """What the browser carries back to the program."""
    assert response.status_code == 302, response.content
    parts = urlsplit(response["Location"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == BACK
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


@dataclass
class Program:
    """A registered program that has a browser at hand."""

    new: NewProgram
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def client_id(self) -> str:
        return str(self.new.program.client_id)

    def address(self, scope: str = "resource:read", **changed: str | None) -> str:
        """Where the program sends the browser."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": BACK,
            "scope": scope,
            "state": "state-of-the-program",
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            **changed,
        }
        kept = {name: value for name, value in asked.items() if value is not None}
        return "/oauth/authorize?" + urlencode(kept)

    def code_of(
        self, person: Person, scope: str = "resource:read", until: str = "30", **changed: str
    ) -> str:
        """The code that a person's yes makes."""
        allowed = browser_of(person).post(
            self.address(scope, **changed), {"until": until, "allow": "yes"}
        )
        return outcome_of(allowed)["code"]

    def post(self, path: str, /, **sent: str) -> Any:
        """A request of the program itself, which proves itself by its secret if it has one."""
        if self.new.secret:
            pair = f"{self.client_id}:{self.new.secret}".encode()
            headers = {"Authorization": "Basic " + base64.b64encode(pair).decode()}
        else:
            headers = {}
            sent = {"client_id": self.client_id, **sent}
        return Client().post(f"/oauth/{path}", sent, headers=headers)

    def redeem(self, code: str, **changed: str) -> Any:
        return self.post(
            "token",
            **{
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": BACK,
                "code_verifier": self.verifier,
                **changed,
            },
        )

    def renew(self, renewal: str, **more: str) -> Any:
        return self.post("token", grant_type="refresh_token", refresh_token=renewal, **more)

    def tokens_of(self, person: Person, scope: str = "resource:read", until: str = "30") -> Any:
        """What a person's yes is exchanged for."""
        answer = self.redeem(self.code_of(person, scope, until))
        assert answer.status_code == 200, answer.content
        return answer.json()

    def introspect(self, token: str) -> Any:
        return self.post("introspect", token=token).json()


def get(path: str, token: str) -> Any:
    """A request of the API with a token."""
    return Client().get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})


def status_of(token: str) -> int:
    """Whether a token opens anything: what the API says to `GET /me`."""
    return int(get("/me", token).status_code)


def actor(person: Person) -> Any:
    return of_person(person)
