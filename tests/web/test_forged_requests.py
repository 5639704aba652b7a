"""No request changes anything only because a browser was lured into sending it (row 33).

Written over the whole table of addresses and the whole API, so that what is added later is
covered without being named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from simplr.access.authentication import of_person
from simplr.access.tokens import issue_access_token

if TYPE_CHECKING:
    from tests.conftest import MakePerson

    from simplr.accounts.models import Person

BACKEND = "simplr.accounts.adapters.SignInBackend"
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
ANY_ID = "11111111-1111-4111-8111-111111111111"
WITHOUT_COOKIES = (
    *("/oauth/device", "/oauth/introspect", "/oauth/revoke", "/oauth/token"),
    "/oauth/userinfo",
)
"""Asked by programs, which prove themselves by what they send."""
_SAMPLES = {"int": "1", "slug": "clean-streets", "str": "a-word", "path": "a/path"}


def _sample(route: str) -> str:
    """An address that the route matches."""
    route = re.sub(r"\(\?P<uidb36>.*", "1-set-password/", route)
    route = re.sub(r"<uuid:\w+>", ANY_ID, route)
    route = re.sub(r"<(\w+):\w+>", lambda found: _SAMPLES[found[1]], route)
    route = re.sub(r"<\w+>", ANY_ID, route)
    return route.replace("^", "").replace("$", "").replace("\\Z", "")


def _patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern, route)
        else:
            yield route, pattern


def pages() -> list[str]:
    """An address of every page; the API's come from its own document."""
    routes = (route for route, _ in _patterns(get_resolver()))
    return sorted({"/" + _sample(route) for route in routes if not route.startswith("api/")})


def operations() -> list[tuple[str, str]]:
    """Every operation of the API that may change something, from its OpenAPI document."""
    from simplr.api.endpoints import api

    found = []
    for path, item in api.get_openapi_schema()["paths"].items():
        for method in item:
            if method.upper() in UNSAFE:
                found.append((method.upper(), re.sub(r"{\w+}", ANY_ID, path)))
    return sorted(found)


def _code(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    found = re.search(rb'"code": ?"([a-z-]+)"', content)
    return found[1].decode() if found else ""


def _send(client: Client, method: str, path: str, **headers: str) -> Any:
    return client.generic(
        method,
        path,
        b"{}",
        content_type="application/json",
        headers={"Accept": "application/json", **headers},
    )


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada", administrator=True)


@pytest.fixture
def browser(ada: Person) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada, backend=BACKEND)
    return client


def test_the_table_of_addresses_was_found() -> None:
    assert "/account/login/" in pages()
    assert ("POST", "/api/v1/tokens") in operations()


def test_no_page_takes_a_change_without_the_pages_token(browser: Client) -> None:
    taken = []
    for path in sorted({*pages()} - {*WITHOUT_COOKIES}):
        answer = _send(browser, "POST", path)
        if answer.status_code not in {403, 405} or (
            answer.status_code == 403 and _code(answer) != "forged-request"
        ):
            taken.append((path, answer.status_code, _code(answer)))

    assert taken == []


def test_addresses_that_take_no_pages_token_use_no_cookie(browser: Client) -> None:
    for path in WITHOUT_COOKIES:
        signed_in, stranger = _send(browser, "POST", path), _send(Client(), "POST", path)
        assert signed_in.status_code == stranger.status_code in {400, 401}, path
        assert signed_in.content == stranger.content


def test_no_operation_takes_a_change_of_a_session_without_the_token(browser: Client) -> None:
    taken = []
    for method, path in operations():
        answer = _send(browser, method, path)
        if (answer.status_code, _code(answer)) != (403, "forged-request"):
            taken.append((method, path, answer.status_code, _code(answer)))

    # Unsealing is for somebody who has the root key and no session.
    assert [one for one in taken if one[1] != "/api/v1/unseal"] == []


def test_no_operation_takes_the_token_from_a_foreign_origin(browser: Client) -> None:
    browser.get("/account/login/?next=/")
    browser.cookies["simplr-csrf"] = "a" * 32
    taken = []
    for method, path in operations():
        answer = _send(
            browser,
            method,
            path,
            **{"X-CSRFToken": "a" * 32, "Origin": "https://elsewhere.example.org"},
        )
        if (answer.status_code, _code(answer)) != (403, "forged-request"):
            taken.append((method, path, answer.status_code, _code(answer)))

    assert [one for one in taken if one[1] != "/api/v1/unseal"] == []


def test_the_right_token_from_the_right_origin_is_taken(browser: Client) -> None:
    browser.cookies["simplr-csrf"] = "a" * 32
    answer = _send(
        browser,
        "POST",
        "/api/v1/organisations",
        **{"X-CSRFToken": "a" * 32, "Origin": "http://testserver"},
    )

    assert (answer.status_code, _code(answer)) == (422, "input-invalid")


def test_with_a_token_in_the_header_cookies_count_for_nothing(
    browser: Client, make_person: MakePerson
) -> None:
    from datetime import timedelta

    from django.utils import timezone

    bob = make_person("Bob")
    secret = issue_access_token(
        name="his",
        scopes=["token:read"],
        expires_at=timezone.now() + timedelta(hours=1),
        actor=of_person(bob),
    ).secret

    me = _send(browser, "GET", "/api/v1/me", Authorization=f"Bearer {secret}").json()
    assert UUID(me["id"]) == bob.id
    for method, path in operations():
        if path == "/api/v1/unseal":
            continue
        answer = _send(browser, method, path, Authorization="Bearer smp_no-such-token")
        assert (answer.status_code, _code(answer)) == (401, "not-signed-in"), (method, path)
