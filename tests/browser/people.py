"""The installation that journeys happen on, and the people who are in it.

They are let in as anybody is: the first administrator by the link that `simplr up` prints, the
others by invitations, which they accept on the page that any browser gets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

PASSWORD = "a slow green ferry at dusk"
HOME = "City of Elm"
ELSEWHERE = "University of Riverton"
STEWARD, COLLEAGUE, AUDITOR = "Mara Lindqvist", "Ines Duarte", "Tom Okafor"
_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Institute:
    """A running installation; who is in it; a way to ask its API."""

    url: str
    token: str
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Who is signed in: what a browser would keep of them."""

    def api(self, asked: str, body: Any = None, *, token: str = "") -> Any:
        """Ask the API as the administrator, or as whoever a token belongs to."""
        method, _, path = asked.partition(" ")
        answer = httpx.request(
            method,
            f"{self.url}/api/v1{path}",
            json=body,
            headers={"Authorization": f"Bearer {token or self.token}"},
            timeout=60,
        )
        assert answer.is_success, f"{asked}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def as_(self, name: str) -> httpx.Client:
        """The API as this person's browser would ask it: with her session."""
        cookies = {kept["name"]: kept["value"] for kept in self.people[name]["cookies"]}
        csrf = next(value for key, value in cookies.items() if "csrf" in key)
        return httpx.Client(
            base_url=f"{self.url}/api/v1",
            cookies=cookies,
            headers={"X-CSRFToken": csrf, "Origin": self.url, "Referer": f"{self.url}/"},
            timeout=60,
        )

    def organisation(self, name: str) -> str:
        """The id of an organisation, made if there is none of that name."""
        for known in self.api("GET /organisations")["items"]:
            if known["name"] == name:
                return str(known["id"])
        return str(self.api("POST /organisations", {"name": name})["id"])

    def invite(self, name: str, *, organisation: str, email: str = "") -> str:
        """Invite somebody; the one-time link."""
        body = {
            "email": email or address_of(name),
            "name": name,
            "organisation": self.organisation(organisation),
        }
        return str(self.api("POST /invitations", body)["url"])

    def let_in(self, name: str, *, organisation: str, email: str = "") -> None:
        """Somebody who has accepted his invitation and is signed in."""
        link = self.invite(name, organisation=organisation, email=email)
        with httpx.Client(follow_redirects=False, timeout=60) as client:
            found = _CSRF.search(client.get(link).text)
            assert found, "the page of the invitation holds no form"
            answer = client.post(
                link,
                data={
                    "csrfmiddlewaretoken": found[1],
                    "name": name,
                    "password": PASSWORD,
                    "then": "password",
                },
                headers={"Origin": self.url},
            )
            assert answer.status_code == 302, answer.text
            self.people[name] = self._kept_by_a_browser(client.cookies)

    def give_office(self, name: str, office: str) -> None:
        """Make somebody administrator or auditor, who signs in again: that ends all sessions."""
        found = self.api(f"GET /people?q={quote(name)}")["items"]
        assert len(found) == 1, found
        self.api(f"PATCH /people/{found[0]['id']}", {office: True})
        self.sign_in(name)

    def sign_in(self, name: str) -> None:
        """Sign somebody in by address and password, in a browser of his own."""
        address = f"{self.url}/account/login/"
        with httpx.Client(follow_redirects=False, timeout=60) as client:
            form = _CSRF.search(client.get(address).text)
            assert form, "the page for signing in holds no form"
            said = {"login": address_of(name), "password": PASSWORD}
            answer = client.post(
                address,
                data={"csrfmiddlewaretoken": form[1], **said},
                headers={"Origin": self.url},
            )
            assert answer.status_code == 302, answer.text
            self.people[name] = self._kept_by_a_browser(client.cookies)

    def _kept_by_a_browser(self, cookies: httpx.Cookies) -> dict[str, Any]:
        host = urlsplit(self.url).hostname
        return {
            "cookies": [
                {
                    "name": cookie.name,
                    "value": cookie.value,
                    "domain": host,
                    "path": "/",
                    "expires": -1,
                    "httpOnly": "csrf" not in cookie.name,
                    "secure": False,
                    "sameSite": "Strict" if "csrf" in cookie.name else "Lax",
                }
                for cookie in cookies.jar
            ],
            "origins": [],
        }


def address_of(name: str) -> str:
    """The e-mail address of a person of the tests."""
    return name.lower().replace(" ", ".") + "@example.org"
