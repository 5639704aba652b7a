"""Row 21: whoever belongs to another organisation, and was granted nothing, learns nothing.

Two organisations; the stranger asks for every address with every id of the other one, searches
for its words, counts, and reads every error text and header. Nothing of it comes back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from tests.institute import Institute
from tests.web.attack.surface import everything
from tests.web.attack.world import World, plant

ENDS_THE_ATTACK = {"unseal", "sessions-end", "tokens-revoke"}


@pytest.fixture(scope="module")
def world(institute: Institute, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock():
        yield plant(institute)


def _words(world: World) -> list[str]:
    one = world.institute
    people = [
        getattr(one, role)
        for role in ("owner", "steward", "analyst", "viewer", "guest", "administrator", "auditor")
    ]
    return [
        *(person.name for person in people),
        *(person.email for person in people),
        one.streets.name,
        one.project.title,
        one.dataset.title,
        one.file.title,
        world.release.title,
        world.dataset.title,
        "days_open",
        "person_name",
        "complaints.csv",
    ]


def _said(client: Client, method: str, address: str, body: object = None) -> bytes:
    response = client.generic(
        method, address, json.dumps(body) if body else "", content_type="application/json"
    )
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return repr(list(response.items())).encode() + bytes(content)


@pytest.mark.parametrize("every", [24, pytest.param(1, marks=pytest.mark.prove)])
def test_a_stranger_is_told_nothing_of_another_organisation(world: World, every: int) -> None:
    """Each address with each `every`th id; which ones, goes round from address to address."""
    client = Client(raise_request_exception=False)
    client.force_login(world.institute.stranger)
    words = _words(world)

    leaks = []
    for number, endpoint in enumerate(everything()):
        if endpoint.operation in ENDS_THE_ATTACK:
            continue
        for id_ in world.ids[number % every :: every] if endpoint.places else world.ids[:1]:
            values = {place: str(id_) for place in endpoint.places}
            address = endpoint.address(values)
            said = _said(client, endpoint.method, address, {} if endpoint.method != "GET" else None)
            leaks += [f"{endpoint.method} {address}: {w}" for w in words if w.encode() in said]
            leaks += [f"{endpoint.key}: {place}" for place in world.canaries.leaked(said)]

    assert leaks == []


def test_search_and_counts_tell_a_stranger_nothing(world: World) -> None:
    client = Client()
    client.force_login(world.institute.stranger)

    for word in ("", "Sanitation", "days_open", "Clean", "person_name", "Ines", "a"):
        for kind in ("resources", "projects", "people", "groups", "grants", "invitations"):
            found = client.get(f"/api/v1/{kind}", {"q": word}).json()
            assert found["next"] is None
            names = [item.get("name", item.get("title")) for item in found["items"]]
            assert set(names) <= {"Tomas Okafor", "Stan Rossi"}, (kind, word, names)
    events = client.get("/api/v1/ledger?limit=500").json()["items"]
    assert {event["actor"]["id"] for event in events} <= {str(world.institute.stranger.id)}
    assert {event["node"]["name"] for event in events if event["node"]} <= {""}


def test_a_thing_of_others_and_one_that_does_not_exist_answer_the_same(world: World) -> None:
    client = Client()
    client.force_login(world.institute.stranger)
    nothing = "01890000-0000-7000-8000-000000000000"

    for kind, id_ in {
        "projects": world.institute.project.pk,
        "resources": world.dataset.pk,
        "datasets": world.dataset.pk,
        "releases": world.release.pk,
        "uploads": world.ids[-4],
    }.items():
        answers = []
        for asked in (str(id_), nothing):
            response = client.get(f"/api/v1/{kind}/{asked}")
            said = response.json()
            said.pop("request_id")
            answers.append((response.status_code, said, sorted(response.headers)))
        assert answers[0] == answers[1]
        assert answers[0][0] == 404


def test_a_short_name_of_others_and_one_that_nobody_uses_answer_the_same(world: World) -> None:
    client = Client()
    client.force_login(world.institute.stranger)
    slug = world.institute.project.slug

    for address in (
        "/api/v1/projects/{}",
        "/api/v1/projects/{}/resources",
        "/api/v1/trash?project={}",
        "/projects/{}",
        "/projects/{}/trash",
    ):
        answers = []
        for asked in (slug, "nobody-uses-it"):
            response = client.get(address.format(asked), headers={"Accept": "application/json"})
            said = response.json()
            said.pop("request_id")
            answers.append((response.status_code, said))
        assert answers[0] == answers[1], address
        assert answers[0][0] == 404


def test_only_members_and_administrators_see_addresses_of_people(world: World) -> None:
    """Names are for one's organisation and projects; addresses for oneself and administrators."""
    for role in ("colleague", "stranger", "guest", "viewer", "analyst", "steward", "auditor"):
        client = Client()
        client.force_login(getattr(world.institute, role))
        items = client.get("/api/v1/people?limit=500").json()["items"]
        own = getattr(world.institute, role).email
        assert {item["email"] for item in items} <= {None, own}, role
        if role in {"colleague", "stranger"}:
            assert {item["name"] for item in items} <= {"Tomas Okafor", "Stan Rossi"}
