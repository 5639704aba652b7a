"""No address of the real server is a way to a file, however it is written (row 36)."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from tests.store.house import House

UP = "../" * 12
WAYS = (
    "/static/{up}{path}",
    "/static/..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2f{path}",
    "/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/{path}",
    "/static/..%5c..%5c..%5c..%5c{path}",
    "/static/%252e%252e%252f%252e%252e%252f%252e%252e%252f{path}",
    "/static//{path}",
    "/static/simplr/{up}{path}",
    "/{up}{path}",
    "//{path}",
    "/client/{up}{path}",
    "/client/..%2f..%2f..%2f..%2f{path}",
    "/api/v1/resources/{up}{path}/content",
    "/projects/{up}{path}",
    "/static/{path}%00.css",
)


@pytest.mark.parametrize("way", WAYS)
def test_no_address_leads_to_a_file(house: House, way: str) -> None:
    secret = house.data / "secret" / "django-key"
    content = secret.read_bytes().strip()
    assert len(content) > 20

    for path in (str(secret).lstrip("/"), "etc/passwd", "proc/self/environ"):
        target = way.format(up=UP, path=path)
        answer = house.send(
            f"GET {target} HTTP/1.1\nHost: {urlsplit(house.url).netloc}\nConnection: close\n"
        )
        assert answer.split(b" ", 2)[1] in {b"302", b"400", b"401", b"404", b"422"}, (
            target,
            answer[:200],
        )
        assert content not in answer
        assert b"root:" not in answer
        assert b"SIMPLR_SECRET_KEY" not in answer
