"""Data sets that a journey is not about: put and kept by the API, as a person's browser would."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import httpx


@dataclass(frozen=True)
class Kept:
    """A project and the data set in it."""

    project: str
    slug: str
    dataset: str


def answer(response: httpx.Response) -> Any:
    assert response.is_success, f"{response.request.url}: {response.status_code} {response.text}"
    return response.json()


def put_and_keep(
    client: httpx.Client, *, project: str, name: str, content: bytes, title: str, slug: str = ""
) -> Kept:
    """Make a project, put one file into it and keep it as it was understood."""
    made = answer(
        client.post("/projects", json={"title": project, **({"slug": slug} if slug else {})})
    )
    made_in = Kept(project=made["id"], slug=made["slug"], dataset="")
    return put_more(client, made_in, name=name, content=content, title=title)


def put_more(client: httpx.Client, kept: Kept, *, name: str, content: bytes, title: str) -> Kept:
    """Put one more file into a project and keep it as it was understood."""
    upload = answer(
        client.post(f"/projects/{kept.project}/uploads", params={"name": name}, content=content)
    )
    upload = _wait(client, upload["id"], "understood")
    answer(client.post(f"/uploads/{upload['id']}/keep", json={"title": title}))
    done = _wait(client, upload["id"], "kept")
    return replace(kept, dataset=str(done["resource"]))


def _wait(client: httpx.Client, upload: str, state: str) -> Any:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        found = answer(client.get(f"/uploads/{upload}"))
        assert found["state"] != "failed", found
        if found["state"] == state:
            return found
        time.sleep(0.2)
    raise AssertionError(f"{upload} is not {state} after two minutes")
