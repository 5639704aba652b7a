"""Wide to long in what is kept: rows in, made, kept and put aside add up, in the database too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction
from tests.db.intake.keeping import kept, put

from simplr.access.authentication import of_person
from simplr.datasets import queries as datasets
from simplr.datasets import restoring
from simplr.intake import adding
from simplr.projects.models import Project
from simplr.projects.services import create_project
from simplr.resources.models import Version
from simplr.sharing import delivery
from simplr.sharing.recipes import recipe_of
from simplr.sharing.views_of_data import whole_view

if TYPE_CHECKING:
    from tests.conftest import MakePerson

    from simplr.accounts.models import Person

WIDE = (
    "School,2019,2020,2021,Kind\n"
    + "".join(f"S{n},{n},{n + 1},,primary\n" for n in range(60))
    + "Hill,x,2,3,primary\nMill,1,2,3,4,5\n"
)
COUNTS = ("rows_in", "rows_made", "rows_kept", "rows_quarantined", "cells_quarantined", "rows_each")


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada")


@pytest.fixture
def project(ada: Person) -> Project:
    return create_project(title="Schools", actor=of_person(ada))


@pytest.fixture
def long(project: Project, ada: Person) -> Version:
    upload = put(project, ada, WIDE)
    text = (
        "version: 1\nsteps:\n- kind: unpivot\n"
        '  fields: ["column_2019", "column_2020", "column_2021"]\n  name: year\n  value: pupils\n'
    )
    return kept(upload, ada, recipe=text)


def counts(version: Version) -> tuple[int, ...]:
    return tuple(getattr(version, name) for name in COUNTS)


def rows_of(version: Version, limit: int = 1000) -> list[list[str | None]]:
    return delivery.rows_of(whole_view(version.resource, version, personal=True), limit=limit).rows


def test_every_row_is_made_and_counted(long: Version, ada: Person) -> None:
    assert counts(long) == (62, 122, 183, 1, 1, 3)
    names = [field.name for field in datasets.fields_of(long)]
    assert names == ["school", "year", "pupils", "kind"]
    rows = rows_of(long)
    assert rows[:3] == [
        ["S0", "2019", "0", "primary"],
        ["S0", "2020", "1", "primary"],
        ["S0", "2021", None, "primary"],
    ]
    assert rows[-3:] == [
        ["Hill", "2019", None, "primary"],
        ["Hill", "2020", "2", "primary"],
        ["Hill", "2021", "3", "primary"],
    ]
    assert len(rows) == 183
    steps = recipe_of(dataset_id=long.resource_id, version="", actor=of_person(ada))["steps"]
    assert [s["changes"] for s in steps if s["kind"] == "unpivot"] == [122]


@pytest.mark.parametrize("change", [{"rows_made": 121}, {"rows_each": 2}, {"rows_kept": 182}])
def test_the_database_refuses_rows_that_do_not_add_up(
    long: Version, change: dict[str, int]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.filter(pk=long.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():  # nor both wrong together
        Version.objects.filter(pk=long.pk).update(rows_made=121, rows_kept=182)


def test_the_next_file_is_made_long_too_and_rows_are_added_to_rows(
    long: Version, project: Project, ada: Person
) -> None:
    more = WIDE.replace("\nS", "\nT")

    added = kept(put(project, ada, more, long.resource_id), ada, mode="append")
    replaced = kept(put(project, ada, more, long.resource_id), ada)

    assert counts(added) == (124, 244, 366, 2, 2, 3)
    assert counts(replaced) == counts(long)
    assert len(rows_of(added)) == 366


def test_a_restored_version_counts_as_the_old_one(
    long: Version, project: Project, ada: Person
) -> None:
    kept(put(project, ada, WIDE.replace("\nS", "\nT"), long.resource_id), ada)

    restored = restoring.restore_version(
        resource_id=long.resource_id, version="1", actor=of_person(ada)
    )

    assert counts(restored) == counts(long)


def test_rows_made_take_no_places_by_a_key(long: Version, project: Project, ada: Person) -> None:
    upload = put(project, ada, WIDE, long.resource_id)

    with pytest.raises(adding.UnpivotedByKey):
        kept(upload, ada, mode="upsert", key=["school"])


def test_a_mark_of_the_value_is_that_of_the_fields_of_the_next_file(
    long: Version, project: Project, ada: Person
) -> None:
    field = next(f for f in datasets.fields_of(long) if f.name == "pupils")
    field.personal = "personal"
    field.save(update_fields=["personal"])

    upload = put(project, ada, WIDE, long.resource_id)

    marks = {one["name"]: one["personal"] for one in upload.understanding["fields"]}
    assert marks["column_2019"] == marks["column_2021"] == "personal"
    version = kept(upload, ada)
    assert {f.name: f.personal for f in datasets.fields_of(version)}["pupils"] == "personal"
