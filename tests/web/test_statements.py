"""How many statements a page asks: few, and as many for two hundred things as for one.

The numbers are budgets: a page may ask fewer. What a page asks for each of its rows shows here.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.institute import Institute

from simplr.access.models import Grant, Node, RoleAssignment
from simplr.accounts.models import Person
from simplr.base import once
from simplr.base.ids import new_id
from simplr.projects.models import Project
from simplr.resources.models import Resource, Version

As = Callable[[str], Client]
MANY = 200
BUDGETS = (
    ("steward", "/", 44),
    ("steward", "/projects", 14),
    ("steward", "/projects/clean-streets", 30),
    ("steward", "/projects/clean-streets/people", 20),
    ("steward", "/find", 20),
    ("steward", "/find?q=photo", 24),
    ("steward", "/datasets/DATASET", 40),
    ("steward", "/datasets/DATASET/access", 50),
    ("steward", "/datasets/DATASET/releases", 34),
    ("steward", "/why/DATASET", 30),
    ("steward", "/received", 20),
    ("steward", "/ledger", 34),
    ("steward", "/notices", 20),
    ("administrator", "/installation/people", 16),
    ("administrator", "/installation/organisations", 16),
    ("administrator", "/installation/licences", 14),
    ("steward", "/api/v1/projects", 8),
    ("steward", "/api/v1/resources", 10),
    ("steward", "/api/v1/resources?q=photo", 12),
    ("steward", "/api/v1/grants", 12),
    ("administrator", "/api/v1/people", 10),
)


def _asked(client: Client, address: str) -> tuple[int, list[str]]:
    with ExitStack() as stack:
        logs = [
            stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in connections
        ]
        status = client.get(address).status_code
    return status, [query["sql"] for log in logs for query in log.captured_queries]


def _more(institute: Institute) -> None:
    """Two hundred people with roles and grants, as many files, projects with the steward in them."""
    now = timezone.now()
    project = Node.objects.get(pk=institute.project.pk)
    people = Person.objects.bulk_create(
        Person(email=f"m{at}@x.example", name=f"M {at}", organisation=institute.streets)
        for at in range(MANY)
    )

    def nodes(kind: str, parent: Node | None) -> list[Node]:
        ids = [new_id() for _ in range(MANY)]
        return Node.objects.bulk_create(
            Node(
                id=id_,
                kind=kind,
                parent=parent,
                organisation=institute.streets,
                project=parent,
                path=[*([parent.pk] if parent else []), id_],
                owner=institute.owner,
            )
            for id_ in ids
        )

    files, projects = nodes("resource", project), nodes("project", None)
    Resource.objects.bulk_create(
        Resource(node=node, project_id=project.pk, kind="file", title=f"Photo {at}")
        for at, node in enumerate(files)
    )
    versions = nodes("version", project)
    Version.objects.bulk_create(
        Version(
            node=version,
            resource_id=file.pk,
            number=1,
            original_id=new_id(),
            size=1,
            media_type="x/y",
        )
        for version, file in zip(versions, files, strict=True)
    )
    Project.objects.bulk_create(
        Project(node=node, slug=f"more-{at}", title=f"More {at}", quota_bytes=1)
        for at, node in enumerate(projects)
    )
    RoleAssignment.objects.bulk_create(
        [
            *(
                RoleAssignment(
                    node=node, person=institute.steward, role="viewer", given_by=institute.owner
                )
                for node in projects
            ),
            *(
                RoleAssignment(node=project, person=who, role="guest", given_by=institute.owner)
                for who in people[:100]
            ),
        ]
    )
    Grant.objects.bulk_create(
        Grant(
            node_id=institute.dataset.pk,
            person=who,
            granted_by=institute.owner,
            granted_at=now,
            until=now + timedelta(days=3),
            actions=["read"],
        )
        for who in people[100:]
    )


def test_a_page_asks_as_many_statements_for_two_hundred_things_as_for_one(
    institute: Institute, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A machine that does other work takes longer than that for a page, and reads some things anew.
    monkeypatch.setattr(once, "SECONDS", 60.0)
    clients = {who: as_(who) for who in ("steward", "administrator")}
    ways = [(who, a.replace("DATASET", str(institute.dataset.pk)), m) for who, a, m in BUDGETS]
    for client in clients.values():
        client.get("/")  # what is kept for some seconds for the frame
    few = {(who, a): len(_asked(clients[who], a)[1]) for who, a, _ in ways}

    _more(institute)

    for who, address, most in ways:
        status, asked = _asked(clients[who], address)
        assert status == 200, address
        assert len(asked) <= most, f"{who} {address} asks {len(asked)}:\n" + "\n".join(
            sql[:160] for sql in asked
        )
        # A few follow from there being any at all: a word found, somebody else's grant.
        assert len(asked) <= few[who, address] + 8, f"{who} {address}: {few[who, address]} before"


def test_what_an_answer_reads_once_is_forgotten_with_it_with_a_change_and_with_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[int] = []

    def reading() -> int:
        read.append(1)
        return len(read)

    assert [once.read_once("k", reading) for _ in range(2)] == [1, 2]
    with once.one_answer():
        assert [once.read_once("k", reading) for _ in range(2)] == [3, 3]
        once.forget()
        assert once.read_once("k", reading) == 4
        monkeypatch.setattr(once, "SECONDS", 0)
        assert once.read_once("k", reading) == 5
    assert once.read_once("k", reading) == 6
