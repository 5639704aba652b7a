"""A browser without a screen: opens pages, fills in their forms, keeps their cookies."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Any, Self

import httpx

from devdata.telling import WrongOutcome


@dataclass
class Form:
    """A form of a page that is sent by POST: where to, and what stands in it already."""

    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)


class _Page(HTMLParser):
    """Forms and tables of a page, as a person would find them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.tables: list[list[list[str]]] = []
        self._form: Form | None = None
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attributes}
        if tag == "form" and said.get("method", "").lower() == "post":
            self._form = Form(action=said.get("action", ""))
            self.forms.append(self._form)
        elif tag == "input" and self._form is not None and said.get("name"):
            if said.get("type") not in {"checkbox", "radio", "submit"}:
                self._form.fields[said["name"]] = said.get("value", "")
        elif tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in {"td", "th"} and self.tables and self.tables[-1]:
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag in {"td", "th"} and self._cell is not None:
            self.tables[-1][-1].append(" ".join("".join(self._cell).split()))
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)


def read(page: str) -> _Page:
    """The forms and tables of a page."""
    found = _Page()
    found.feed(page)
    return found


class Browser:
    """One person's browser on one installation."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(
            base_url=url, timeout=120.0, follow_redirects=True, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def open(self, address: str) -> httpx.Response:
        """Open a page, whatever it answers."""
        return self._client.get(address, headers={"Accept": "text/html"})

    def send(self, address: str, **said: str) -> httpx.Response:
        """Open a page, fill in its form and send it. Raises WrongOutcome when it is refused."""
        page = self.open(address)
        names = set(said) - {"then"}
        forms = [one for one in read(page.text).forms if names <= set(one.fields)]
        if not forms:
            raise WrongOutcome(f"{page.url.path} answered {page.status_code}, without the form")
        sent = self._client.post(
            str(page.url.join(forms[0].action)) if forms[0].action else str(page.url),
            data={**forms[0].fields, **said},
            headers={"Referer": str(page.url), "Origin": self.url, "Accept": "text/html"},
        )
        if sent.status_code >= 400:
            raise WrongOutcome(f"the form of {page.url.path} was answered {sent.status_code}")
        return sent

    def sign_in(self, email: str, password: str) -> None:
        """Sign in on the page."""
        self.send("/account/login/", login=email, password=password)

    def new_token(self, name: str, scopes: tuple[str, ...], *, expires_at: str) -> str:
        """A token for programs, by the API, with the cookies of the session."""
        answer = self._client.post(
            "/api/v1/tokens",
            json={"name": name, "scopes": list(scopes), "expires_at": expires_at},
            headers={
                "Referer": self.url + "/",
                "Origin": self.url,
                "X-CSRFToken": self._csrf(),
            },
        )
        if answer.status_code != 201:
            raise WrongOutcome(f"a token was answered {answer.status_code}: {answer.text[:200]}")
        made: dict[str, Any] = answer.json()
        return str(made["token"])

    def _csrf(self) -> str:
        for form in read(self.open("/account/").text).forms:
            if "csrfmiddlewaretoken" in form.fields:
                return form.fields["csrfmiddlewaretoken"]
        raise WrongOutcome("the page of the account holds no form")
