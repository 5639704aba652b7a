"""Who is who: two organisations and people in every role. All of them are made up."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import simplr_client
from devdata.browser import Browser

CITY = "City of Lakeside"
UNIVERSITY = "Lakeside University"

SCOPES = (
    *("project:manage", "project:write", "project:download"),
    *("resource:manage", "resource:write", "resource:download"),
    *("release:manage", "release:download"),
    *("grant:read", "grant:manage", "person:read", "group:read", "organisation:read"),
    *("invitation:read", "invitation:manage", "token:read", "token:manage", "ledger:read"),
)
ADMINISTRATOR_SCOPES = (
    *SCOPES,
    *("person:manage", "group:manage", "organisation:manage"),
    *("licence:read", "licence:manage", "installation:read", "installation:manage"),
)


@dataclass(frozen=True)
class Role:
    """One part in the story."""

    key: str
    name: str
    email: str
    organisation: str
    what: str


CAST = (
    Role("administrator", "Ida Berg", "ida.berg@lakeside.example", CITY, "runs the installation"),
    Role("owner", "Ruth Adeyemi", "ruth.adeyemi@lakeside.example", CITY, "owns the projects"),
    Role("steward", "Mara Lind", "mara.lind@lakeside.example", CITY, "looks after the data"),
    Role("analyst", "Tomas Ek", "tomas.ek@lakeside.example", CITY, "analyses, sees no names"),
    Role("viewer", "Nadia Roy", "nadia.roy@lakeside.example", CITY, "reads"),
    Role("guest", "Leo Park", "leo.park@lakeside.example", CITY, "knows what there is"),
    Role("auditor", "Anna Weiss", "anna.weiss@lakeside.example", CITY, "reads the ledger, no data"),
    Role("colleague", "Ben Okafor", "ben.okafor@university.example", UNIVERSITY, "gets a release"),
    Role("researcher", "Chen Li", "chen.li@university.example", UNIVERSITY, "from outside"),
)


def role(key: str) -> Role:
    """The part with this key."""
    return next(one for one in CAST if one.key == key)


@dataclass
class Record:
    """What has to be known to play the story again: addresses and passwords, in one 0600 file."""

    url: str
    passwords: dict[str, str] = field(default_factory=dict, repr=False)
    projects: dict[str, str] = field(default_factory=dict)
    resources: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, *, url: str) -> Record:
        """The record of an earlier filling; the address may have changed since."""
        kept = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            url=url,
            passwords={one["role"]: one["password"] for one in kept["people"]},
            projects=kept["projects"],
            resources=kept["resources"],
        )

    def write(self, path: Path) -> None:
        """Keep it where its owner alone can read it."""
        people = [
            {"role": key, **_shown(key), "password": password}
            for key, password in self.passwords.items()
        ]
        content = {
            "url": self.url,
            "people": people,
            "projects": self.projects,
            "resources": self.resources,
        }
        temporary = path.with_suffix(".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.write("\n")
        temporary.replace(path)

    def new_password(self, key: str) -> str:
        """A random password for a part, remembered."""
        self.passwords[key] = secrets.token_urlsafe(18)
        return self.passwords[key]

    def browser(self, key: str) -> Browser:
        """A browser in which this person has signed in with address and password."""
        browser = Browser(self.url)
        browser.sign_in(role(key).email, self.passwords[key])
        return browser

    def session(self, key: str, name: str) -> Playing:
        """Python client of this person, with a token that ends tomorrow."""
        with self.browser(key) as browser:
            ends = (datetime.now(UTC) + timedelta(days=1)).isoformat()
            wide = ADMINISTRATOR_SCOPES if key == "administrator" else SCOPES
            token = browser.new_token(name, wide, expires_at=ends)
        return Playing(token=token, session=simplr_client.connect(self.url, token))


@dataclass
class Playing:
    """A person at a program: the client's session and the token behind it."""

    token: str = field(repr=False)
    session: simplr_client.Session


def _shown(key: str) -> dict[str, Any]:
    found = asdict(role(key))
    del found["key"]
    return found
