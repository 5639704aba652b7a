"""Lists of a project with ten thousand resources: few queries, and none that grows with them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from tests.institute import Institute

from simplr.access.models import Node
from simplr.base.ids import new_id
from simplr.resources.models import Folder, Resource, Trashed

As = Callable[[str], Client]
MANY = 10_000
SLOWEST = 2.0
"""Seconds for one page on a busy machine with two cores; alone it is a tenth."""


@pytest.fixture(scope="module")
def many(institute: Institute, django_db_blocker: Any) -> Institute:
    """Ten thousand files in a folder, five hundred folders beside it, five hundred in the trash."""
    with django_db_blocker.unblock():
        _fill(institute)
        with connection.cursor() as cursor:
            # As a commit would do; else each test would check these rows again when it ends.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            cursor.execute("ANALYZE")  # the server does so by itself within a minute
    return institute


def _fill(institute: Institute) -> None:
    project = Node.objects.get(pk=institute.project.pk)

    def nodes(kind: str, count: int, parent: Node, **more: Any) -> list[Node]:
        ids = [new_id() for _ in range(count)]
        return Node.objects.bulk_create(
            (
                Node(
                    id=id_,
                    kind=kind,
                    parent=parent,
                    organisation_id=project.organisation_id,
                    project=project,
                    path=[*parent.path, id_],
                    owner_id=project.owner_id,
                    **more,
                )
                for id_ in ids
            ),
            batch_size=2000,
        )

    folders = nodes("folder", 500, project)
    Folder.objects.bulk_create(
        Folder(node=node, project_id=project.pk, title=f"Folder {at}")
        for at, node in enumerate(folders)
    )
    now = timezone.now()
    until = now + timedelta(days=9)
    gone = nodes("resource", 500, folders[0], deleted_at=now, restorable_until=until)
    there = nodes("resource", MANY, folders[0])
    Resource.objects.bulk_create(
        (
            Resource(node=node, project_id=project.pk, kind="file", title=f"Photo {at}")
            for at, node in enumerate([*there, *gone])
        ),
        batch_size=2000,
    )
    Trashed.objects.bulk_create(
        Trashed(
            node=node,
            project_id=project.pk,
            trashed_by=institute.steward,
            trashed_at=now,
            until=until,
        )
        for node in gone
    )


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/api/v1/resources?limit=500", 24),
        ("/api/v1/projects/clean-streets/resources?limit=500", 32),
        ("/api/v1/places/clean-streets/contents?limit=500", 32),
        ("/api/v1/places/FOLDER/contents?limit=500", 32),
        ("/api/v1/trash?limit=500", 16),
        ("/projects/clean-streets", 90),
        ("/projects/clean-streets?q=photo+77", 90),
        ("/projects/clean-streets/trash", 70),
        ("/folders/FOLDER", 110),
    ],
)
@pytest.mark.parametrize("role", ["steward", "guest"])
def test_a_list_of_ten_thousand_takes_few_queries_and_a_moment(
    many: Institute,
    as_: As,
    django_assert_max_num_queries: Any,
    address: str,
    most: int,
    role: str,
) -> None:
    place = Folder.objects.get(title="Folder 0")
    client = as_(role)
    client.get("/projects")

    with django_assert_max_num_queries(most):
        began = time.monotonic()
        answer = client.get(address.replace("FOLDER", str(place.pk)))
        took = time.monotonic() - began

    assert answer.status_code == 200
    assert took < SLOWEST, f"{address}: {took:.2f} s"


def test_moving_a_folder_of_ten_thousand_is_one_update(
    many: Institute, django_assert_max_num_queries: Any
) -> None:
    from simplr.resources.folder_services import move

    first, second = (Folder.objects.get(title=f"Folder {at}") for at in range(2))
    with django_assert_max_num_queries(40):
        move(node_id=first.pk, place_id=second.pk, actor=many.actor("steward"))

    below = Node.objects.filter(path__contains=[first.pk], kind="resource")
    assert below.count() == MANY + 500
    assert set(map(len, below.values_list("path", flat=True))) == {4}
