"""No request makes an address of ours lead elsewhere, or speaks of another host as if it were ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.test import Client

if TYPE_CHECKING:
    from tests.conftest import MakePerson

PASSWORD = "a sentence nobody would guess"
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "https:evil.example",
    "https:///evil.example/",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "javascript:alert(1)",
    "\t//evil.example/",
    " https://evil.example/",
)


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_signing_in_leads_nowhere_else(make_person: MakePerson, elsewhere: str) -> None:
    make_person("Ada")
    browser = Client()
    page = browser.get("/account/login/", {"next": elsewhere})
    said = {"login": "ada@example.org", "password": PASSWORD, "next": elsewhere}

    answer = browser.post("/account/login/", said)

    assert page.status_code == 200
    assert answer.status_code == 302
    assert answer["Location"].startswith("/")
    assert not answer["Location"].startswith(("//", "/\\"))
    assert "evil" not in answer["Location"]
    out = browser.post("/account/logout/", {"next": elsewhere})
    assert "evil" not in out.get("Location", "")


@pytest.mark.parametrize("path", ["/account/login/", "/api/v1/health", "/", "/l/x", "/nowhere"])
def test_another_host_is_refused(path: str) -> None:
    for host in ("evil.example", "testserver.evil.example", "testserver@evil.example", "[::1"):
        answer = Client(raise_request_exception=False).get(path, headers={"Host": host})
        assert answer.status_code in {400, 422}, (path, host)
        assert "evil" not in answer.content.decode()


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL"])
def test_what_a_proxy_might_say_changes_no_address(make_person: MakePerson, header: str) -> None:
    make_person("Ada")
    browser = Client(
        headers={header: "host=evil.example" if header == "Forwarded" else "evil.example"}
    )
    browser.post("/account/login/", {"login": "ada@example.org", "password": PASSWORD})
    project = browser.post(
        "/api/v1/projects", {"title": "Mine"}, content_type="application/json"
    ).json()["id"]
    invited = browser.post(
        "/api/v1/invitations",
        {"email": "bob@example.org", "project": project, "role": "viewer"},
        content_type="application/json",
    )

    for answer in (browser.get("/"), browser.get("/account/login/"), invited):
        assert "evil.example" not in answer.content.decode() + str(answer.headers)
